// The licences of the packages that are bundled into dist/.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { Failure, root } from "./command.js";

/**
 * Packages that contain compiled code of others: package → the file with the licence of that code.
 *
 * @type {Record<string, string>}
 */
const compiledIn = { "@hpcc-js/wasm-zstd": "scripts/licenses/zstd" };

/**
 * Returns the licences of the packages that files belong to.
 *
 * @param {string[]} files
 */
export function licenses(files) {
  const folders = new Set(
    files.flatMap((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[0] ?? []),
  );
  // The same version of a package may be installed in several folders.
  return [...new Set([...folders].map(licenseOf))].sort().join(`\n${"-".repeat(72)}\n\n`);
}

/** @param {string} folder of a package */
function licenseOf(folder) {
  const { name, version, license, author } = JSON.parse(
    readFileSync(join(root, folder, "package.json"), "utf8"),
  );
  const file = readdirSync(join(root, folder)).find((file) => /^licen[cs]e/i.test(file));
  // Some packages name the MIT licence without its text.
  if (!file && license !== "MIT")
    throw new Failure(
      `${name} is bundled, and has no file with its licence, ${license}: ` +
        "add the text in scripts/bundled-licenses.js",
    );
  const text = file
    ? readFileSync(join(root, folder, file), "utf8").trim()
    : `Copyright (c) ${author.name ?? author}\n\n${mitTerms()}`;
  const more = compiledIn[name] ? `\n${readFileSync(join(root, compiledIn[name]), "utf8")}` : "";
  return `${name} ${version} (${license})\n\n${text}\n${more}`;
}

/** Returns the terms of the MIT licence, without the copyright line. */
function mitTerms() {
  return readFileSync(join(root, "LICENSE-MIT"), "utf8")
    .replace(/^.*(?=^Permission)/ms, "")
    .trim();
}
