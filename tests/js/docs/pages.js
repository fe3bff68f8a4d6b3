// The pages of documentation, and the blocks of code in them.
//
//   ```js           a program for Node, which runs; the programs of a page run in order, in one folder
//   ```text         directly after a program: what the program prints
//   ```js browser   a module for a page, which is type-checked; so is one for ```js electron
//   ```html         a page of its own; its module is type-checked
//   ```console      commands and what they print, which tests/cli runs
//   ```sh, ```json  what is only shown

import fs from "node:fs";
import { fileURLToPath } from "node:url";

/** The folder of the project. */
export const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The languages that a block may have. */
export const languages = [
  "js",
  "js browser",
  "js electron",
  "text",
  "html",
  "console",
  "sh",
  "json",
];

/** @typedef {{ language: string, text: string, line: number }} Block `line` is the first one of its text */

/** The pages, as paths below `root`. */
export const pages = [
  "README.md",
  "FORMAT.md",
  ...fs
    .readdirSync(`${root}/docs`)
    .filter((name) => name.endsWith(".md"))
    .sort()
    .map((name) => `docs/${name}`),
];

/** @param {string} page */
export function textOf(page) {
  return fs.readFileSync(`${root}/${page}`, "utf8");
}

/**
 * @param {string} page
 * @returns {Block[]}
 */
export function blocksOf(page) {
  const text = textOf(page);
  return [...text.matchAll(/^```(.*)\n([^]*?)^```$/gm)].map(({ 1: language, 2: block, index }) => {
    return { language, text: block, line: text.slice(0, index).split("\n").length + 1 };
  });
}

/**
 * Returns the programs of a page, each with what it is to print.
 *
 * @param {string} page
 */
export function programsOf(page) {
  const blocks = blocksOf(page);
  return blocks.flatMap(({ language, text, line }, i) => {
    const next = blocks[i + 1];
    const printed = next?.language === "text" ? next.text : undefined;
    return language === "js" ? [{ text, line, printed }] : [];
  });
}

/**
 * Returns the modules of a page, for Node and for browsers, as they are type-checked.
 *
 * @param {string} page
 */
export function modulesOf(page) {
  return blocksOf(page).flatMap(({ language, text, line }) => {
    if (language === "html")
      return [{ line, text: /<script type="module">\n([^]*?)<\/script>/.exec(text)?.[1] ?? "" }];
    return /^js\b/.test(language) ? [{ line, text }] : [];
  });
}
