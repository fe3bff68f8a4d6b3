// Two directories that have a port one after the other.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { encode } from "skill-log";

import { undrivable } from "../../browser/browsers.js";
import { temporaryFolder } from "../../js/support/temporary-folder.js";
import { openPage } from "../pages.js";
import { inside, SESSION, until } from "../parts.js";
import { sampleEntries } from "../sample-logs.js";

const SOURCE = inside(".source");
const STAR = inside("session-list", "virtual-list", ".favourite");
const END = Date.parse("2026-11-29T18:00:00Z");

/**
 * Starts `skill-log view` at a port.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} folder
 * @param {string} port
 */
async function viewAt(t, folder, port) {
  const program = fileURLToPath(new URL("../../../dist/cli/skill-log.js", import.meta.url));
  const args = [program, "view", folder, "--no-open", "--no-cache", "--port", port];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill());
  const [line] = await once(createInterface(child.stdout), "line");
  const end = async () => {
    child.kill();
    await once(child, "close");
  };
  return { url: new URL(line), end };
}

test("remembers for each directory of a port, and names it", { skip: undrivable }, async (t) => {
  const [one, two] = ["one logs", "two logs"].map((name) => {
    const folder = join(temporaryFolder(t), name);
    mkdirSync(folder);
    const entries = sampleEntries("build", 3, 3, END);
    writeFileSync(
      join(folder, "build.jsonl"),
      Buffer.concat(entries.map((entry) => Buffer.from(encode(entry)))),
    );
    return folder;
  });
  const tab = await openPage(t, "Chromium");
  const { page } = tab;
  let port = "0";
  const stars = async () => (await page.$$(STAR)).length;
  /** @param {string} folder @param {string} name */
  const open = async (folder, name) => {
    const viewer = await viewAt(t, folder, port);
    port = viewer.url.port;
    await page.goto("about:blank");
    await page.goto(viewer.url.href);
    await until(tab, SESSION, ({ length }) => length === 1);
    await until(tab, SOURCE, ([text]) => text === name);
    return viewer;
  };
  const first = await open(one, "one logs");
  assert.equal(await stars(), 0);
  await page.click(SESSION);
  await page.keyboard.press("f");
  for (let left = 50; (await stars()) === 0 && left > 0; left -= 1)
    await new Promise((done) => setTimeout(done, 50));
  assert.equal(await stars(), 1);
  await first.end();
  const second = await open(two, "two logs");
  assert.equal(await stars(), 0);
  await second.end();
  const again = await open(one, "one logs");
  assert.equal(await stars(), 1);
  await page.reload();
  await until(tab, SOURCE, ([text]) => text === "one logs");
  await again.end();
});
