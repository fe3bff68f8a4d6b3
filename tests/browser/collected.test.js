// A reading must hold the stream that it waits for. Chromium collects a stream that only a waiting
// read holds, and then the reading would never end.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { encode } from "skill-log";

import { launch, undrivable } from "./browsers.js";
import { serve } from "./server.js";

const page = `<!doctype html><title>collected</title><input id="file" type="file">
<script type="module">import * as log from "/dist/browser.js"; globalThis.log = log;</script>`;

/** Enough entries that reading them takes a while: 96 MB. */
const entries = 9_600;

test("reads a file to its end when garbage is collected meanwhile", {
  skip: undrivable,
  timeout: 120_000,
}, async (t) => {
  const server = await serve({ "/": page });
  t.after(server.close);
  const browser = await launch.Chromium();
  t.after(browser.close);
  const tab = await browser.open(server.url);
  const folder = mkdtempSync(join(tmpdir(), "skill-log-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "log.jsonl");
  const line = encode({
    session_id: "s",
    skill: "tdd",
    final_status: "pass",
    message: "m".repeat(10_000),
  });
  writeFileSync(path, Buffer.concat(Array(entries).fill(line)));
  await tab.setFiles("#file", path);
  const session = await tab.page.createCDPSession();
  let collections = 0;
  const count = tab.evaluate(async () => {
    const input = /** @type {HTMLInputElement} */ (globalThis.document.querySelector("#file"));
    const [file] = /** @type {FileList} */ (input.files);
    const log = await globalThis.log.SessionLog.from(file);
    let found = 0;
    for await (const { skill } of log.entries()) found += Number(skill === "tdd");
    return found;
  });
  let isOver = false;
  const over = count.finally(() => (isOver = true));
  over.catch(() => {});
  for (const end = Date.now() + 60_000; !isOver && Date.now() < end; collections += 1) {
    await session.send("HeapProfiler.collectGarbage");
    await pause(1);
  }
  assert(isOver, `the reading did not end in ${collections} collections`);
  assert.equal(await over, entries);
  assert(collections > 0);
});
