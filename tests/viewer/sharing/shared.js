// Logs with planted secrets and hostile texts, what the page saves of them, and what was saved,
// opened from a disk.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { encode } from "skill-log";

import { exampleOf, SHAPES } from "../../../js/secrets/shapes.js";
import { opened } from "../../browser/browsers.js";
import { inside, until } from "../parts.js";
import { NOW, sampleEntries } from "../sample-logs.js";

/** @import { Tab } from "../../browser/browsers.js" */

/** The dialog's parts. */
export const inDialog = (/** @type {string} */ part) => inside("share-dialog", part);

/** What is planted: a key, a token in an escaped text, a private key, and a value known by its name. */
export const planted = {
  slack: exampleOf(shapeOf("Slack token")),
  gitHub: exampleOf(shapeOf("GitHub personal access token")),
  key: exampleOf(shapeOf("private key")),
  named: "hunter2hunter2",
};

/** @param {string} wanted */
function shapeOf(wanted) {
  const shape = SHAPES.find(({ name }) => name === wanted);
  if (!shape) throw new Error(`no shape is named ${wanted}`);
  return shape;
}

/** What a page must show as text. */
export const hostile = [
  `<img src=x onerror="document.title='run'"><script>document.title='run'</script>`,
  `</script></template><script>document.title='run'</script>--><!-- javascript:alert(1)`,
  "\u202eevil\u2066 \x1b]8;;javascript:alert(1)\x07link\x1b]8;;\x07 \x1b[2J",
];

/**
 * Writes a log with secrets and hostile texts.
 *
 * @param {string} folder
 * @param {string} id
 * @param {number} [count] of its entries
 * @param {number} [seed]
 * @returns {string} its path
 */
export function writeHostileLog(folder, id, count = 12, seed = 3) {
  const entries = sampleEntries(id, seed, count, NOW);
  entries[1].message = hostile[0];
  entries[2].message = `Posted with ${planted.slack} to #ops`;
  entries[3].attempts = [
    {
      attempt: 1,
      model: "gpt-5",
      runner_output: `{"env":"A=1\\nGH=${planted.gitHub}\\n"} <b>&`,
      verified: true,
    },
  ];
  entries[4].input = { [hostile[1]]: hostile[1], DB_PASSWORD: planted.named, big: 1, __proto__: 1 };
  entries[5].attempts = [
    { attempt: 1, model: "x", runner_output: `cat key\n${planted.key}\n`, verified: false },
    { attempt: 2, model: "x", runner_output: hostile[2], verified: true },
  ];
  const path = join(folder, `${id}.jsonl`);
  writeFileSync(path, Buffer.concat(entries.map((entry) => Buffer.from(encode(entry)))));
  return path;
}

/**
 * Opens the dialog, and waits until everything was looked at.
 *
 * @param {Tab} tab
 */
export async function openDialog(tab) {
  await tab.page.click(inside("header button[aria-label='Share']"));
  await until(tab, inDialog(".fields"), ({ length }) => length === 1);
}

/**
 * Saves in a format, and returns the files.
 *
 * @param {Tab} tab with its dialog open
 * @param {"Page" | "Markdown" | "JSON lines"} format
 * @returns {Promise<{ name: string, bytes: Buffer }[]>}
 */
export async function saved(tab, format) {
  const { page } = tab;
  // Browsers draw nothing of a tab in the background.
  await page.bringToFront();
  await page.evaluate(() => {
    /** @type {any[]} */
    const files = [];
    Object.assign(globalThis, { files });
    HTMLAnchorElement.prototype.click = function () {
      files.push(fetchless(this.href, this.download));
    };
    const { createObjectURL } = URL;
    /** @type {Map<string, Blob>} */
    const blobs = new Map();
    URL.createObjectURL = (/** @type {Blob} */ blob) => {
      const url = createObjectURL.call(URL, blob);
      blobs.set(url, blob);
      return url;
    };
    /** @param {string} url @param {string} name */
    function fetchless(url, name) {
      return { name, blob: blobs.get(url) };
    }
  });
  const labels = await page.$$(inDialog(".formats label"));
  for (const label of labels)
    if (
      (await label.evaluate((/** @type {HTMLElement} */ { innerText }) => innerText)).startsWith(
        format,
      )
    )
      await label.click();
  await page.click(inDialog(".bottom .primary"));
  const [outcome] = await until(tab, inDialog(".bottom p"), ([text]) =>
    /^(?:Saved|Nothing was)/.test(text),
  );
  if (!outcome.startsWith("Saved")) throw new Error(outcome);
  const files = await page.evaluate(() =>
    Promise.all(
      /** @type {any} */ (globalThis).files.map(async (/** @type {any} */ { name, blob }) => {
        const bytes = new Uint8Array(await blob.arrayBuffer());
        let text = "";
        for (let at = 0; at < bytes.length; at += 8192)
          text += String.fromCharCode(...bytes.subarray(at, at + 8192));
        return { name, text: btoa(text) };
      }),
    ),
  );
  return files.map((/** @type {{ name: string, text: string }} */ { name, text }) => ({
    name,
    bytes: Buffer.from(text, "base64"),
  }));
}

/**
 * Opens a saved page from a file, and counts what its policy refuses.
 *
 * @param {import("node:test").TestContext} t
 * @param {Tab} tab of the browser to open it in
 * @param {string} folder
 * @param {{ name: string, bytes: Buffer }} file
 * @param {string} [hash]
 * @returns {Promise<Tab & { violations: () => Promise<string[]> }>}
 */
export async function openSaved(t, tab, folder, { name, bytes }, hash = "") {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const page = await tab.page.browser().newPage();
  await page.setViewport({ width: 1400, height: 900 });
  await page.evaluateOnNewDocument(() => {
    /** @type {string[]} */
    const violations = [];
    Object.assign(globalThis, { violations });
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
      violations.push(`${violatedDirective} ${blockedURI}`),
    );
  });
  const saved = await opened(page, `${pathToFileURL(path).href}${hash}`);
  t.after(() => saved.close());
  return {
    ...saved,
    violations: () => page.evaluate(() => /** @type {any} */ (globalThis).violations),
  };
}

/**
 * Returns what a saved page holds in base64, decoded.
 *
 * @param {Buffer} page
 */
export function decodedParts(page) {
  return [...page.toString().matchAll(/<script type="text\/plain"[^>]*>([^<]*)<\/script>/g)].map(
    ([, text]) => Buffer.from(text, "base64").toString(),
  );
}
