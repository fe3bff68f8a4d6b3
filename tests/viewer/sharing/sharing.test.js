// What goes out of the page: the step before it, and what is saved, opened from a disk.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { encode } from "skill-log";

import { temporaryFolder } from "../../js/support/temporary-folder.js";
import { undrivable } from "../../browser/browsers.js";
import { browsers, openPage } from "../pages.js";
import { choose, fragment, inside, texts, until } from "../parts.js";
import { NOW, sampleEntries, writeSampleLogs } from "../sample-logs.js";
import {
  decodedParts,
  hostile,
  inDialog,
  openDialog,
  openSaved,
  planted,
  saved,
  writeHostileLog,
} from "./shared.js";

const ROW = inside("entry-list", "virtual-list", "[role='row'][aria-rowindex]");
const FAMILY = inDialog(".family label span:first-of-type");

/** Returns the rows that a page shows, each as its offset in the file or its message. */
const shownEntries = (/** @type {import("../../browser/browsers.js").Tab} */ { page }) =>
  page.$eval(inside("entry-list"), async (/** @type {any} */ { index, shown }) => {
    /** @type {unknown[]} */
    const all = [];
    for (const row of shown) {
      const { session_id, timestamp } = await index.entry(row);
      all.push(`${session_id} ${timestamp}`);
    }
    return all;
  });

for (const name of browsers) {
  test(`saves a page without secrets that opens from a disk in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const folder = temporaryFolder(t);
    const tab = await openPage(t, name);
    await choose(tab, writeHostileLog(folder, "deploy-7"));
    await openDialog(tab);
    assert.deepEqual((await texts(tab, FAMILY)).sort(), [
      "GitHub personal access token",
      "Slack token",
      "private key",
      "secret in a variable",
    ]);
    // Each can be looked at, where it stands.
    await tab.page.click(inDialog("button[aria-label='Look at secret in a variable']"));
    const [place] = await until(tab, inDialog(".places"), ({ length }) => length === 1);
    assert.match(place, /^entry 5 input\.DB_PASSWORD Show the entry hunter2hunter2$/);
    const [file] = await saved(tab, "Page");
    assert.equal(file.name, "deploy-7.html");
    const decoded = decodedParts(file.bytes);
    assert.equal(decoded.length, 2);
    for (const secret of Object.values(planted)) {
      const spelled = JSON.stringify(secret).slice(1, -1);
      for (const text of [file.bytes.toString(), ...decoded])
        assert.ok(!text.includes(secret) && !text.includes(spelled), secret);
    }
    assert.equal(decoded.join("").match(/\[masked: /g)?.length, 4);

    const page = await openSaved(t, tab, folder, file);
    await until(page, inside("session-header", "h2"), ([text]) => text === "deploy-7");
    await until(page, ROW, ({ length }) => length >= 12);
    assert.equal(await fragment(page), "#session=deploy-7");
    // What the page is.
    await page.page.click(inside("pop-up .badge"));
    const [note] = await until(page, inside("pop-up .note"), ([text]) => text !== undefined);
    assert.match(note, /^This page was shared on \d{4}-\d\d-\d\d at \d\d:\d\d \(.+\)\./);
    assert.match(note, /It holds 12 entries and gets no new ones/);
    assert.match(note, /4 secrets were masked: .*\bprivate key \(1\)/);
    assert.doesNotMatch(note, /opened|FOLDER/);
    await page.page.keyboard.press("Escape");
    // Its search, and an entry in full.
    await page.page.keyboard.press("/");
    await page.page.keyboard.type("masked: Slack");
    await until(page, inside("entry-list", "entry-tools", "[role='status']"), (shown) =>
      shown.some((text) => /\b1\b/.test(text)),
    );
    await page.page.keyboard.press("Escape");
    await page.page.click(inside("entry-list", "virtual-list", "#row-5"));
    await until(page, inside(".one h2.number"), ([text]) => /of 12$/.test(text ?? ""));
    // A worker compares outputs.
    const diff = inside("entry-view", "attempts-view", "output-diff", "table");
    await until(page, diff, ([text]) => /masked: private key/.test(text ?? ""));
    await page.page.evaluate(() => (location.hash = "#session=deploy-7&entry=deploy-7@0"));
    await until(page, inside(".one h2.number"), ([text]) => text === "Entry 1 of 12");
    // Hostile texts stay texts.
    for (let at = 0; at < 5; at += 1) {
      await page.page.click(inside(".one button[aria-label='Next entry']"));
      await until(page, inside(".one h2.number"), ([text]) => text === `Entry ${at + 2} of 12`);
    }
    assert.match(await page.page.title(), /deploy-7/);
    assert.deepEqual(await page.violations(), []);
    assert.deepEqual(await page.takeErrors(), []);
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`saves what is shown in its order when entries are filtered and sorted in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const folder = temporaryFolder(t);
    const link = "#session=*&not.status=pass&sort=-duration_ms&find=cache";
    const tab = await openPage(t, name, { search: link });
    await choose(tab, ...writeSampleLogs(folder, 4));
    await until(tab, ROW, ({ length }) => length > 3);
    const entries = await shownEntries(tab);
    await openDialog(tab);
    const [file] = await saved(tab, "Page");
    assert.equal(file.name, "all-sessions.html");
    const page = await openSaved(t, tab, folder, file);
    await until(page, ROW, ({ length }) => length > 3);
    assert.deepEqual(await shownEntries(page), entries);
    assert.equal(await fragment(page), "#session=*&find=cache&sort=-duration_ms");
    assert.deepEqual(await page.takeErrors(), []);
    // The other formats have the same order.
    const lines = (await saved(tab, "JSON lines"))[0].bytes.toString().trimEnd().split("\n");
    const ofLine = (/** @type {string} */ line) => {
      const { session_id, timestamp } = JSON.parse(line);
      return `${session_id} ${timestamp}`;
    };
    assert.deepEqual(lines.map(ofLine), entries);
    const [markdown] = await saved(tab, "Markdown");
    assert.equal(markdown.name, "all-sessions.md");
    assert.equal(markdown.bytes.toString().match(/^## \d+\. /gm)?.length, entries.length);
  });

  test(`lets out what a person chose when fields and families are unticked in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const folder = temporaryFolder(t);
    const tab = await openPage(t, name, { width: 360, height: 740, search: "#session=deploy-8" });
    await choose(tab, writeHostileLog(folder, "deploy-8"), ...writeSampleLogs(folder, 2)).catch(
      () => {},
    );
    await openDialog(tab);
    const isWide = await tab.page.$eval(
      inDialog("dialog"),
      (/** @type {HTMLElement} */ dialog) =>
        dialog.getBoundingClientRect().right > innerWidth ||
        dialog.scrollWidth > dialog.clientWidth,
    );
    assert.equal(isWide, false);
    for (const part of [".family label", ".fields label"])
      for (const label of await tab.page.$$(inDialog(part))) {
        const text = await label.evaluate((/** @type {HTMLElement} */ { innerText }) => innerText);
        if (/^(?:private key|project_root|attempts\.output_summary)/.test(text.trim()))
          await label.evaluate((/** @type {HTMLElement} */ element) => element.click());
      }
    await until(tab, inDialog(".bottom .bad"), ([text]) =>
      /1 family of secrets goes out/.test(text ?? ""),
    );
    const [file] = await saved(tab, "JSON lines");
    const text = file.bytes.toString();
    assert.ok(text.includes(JSON.stringify(planted.key).slice(1, -1)));
    assert.ok(!text.includes(planted.slack));
    for (const line of text.trimEnd().split("\n")) {
      const entry = JSON.parse(line);
      assert.equal(entry.project_root, undefined);
      for (const attempt of entry.attempts) assert.equal(attempt.output_summary, undefined);
    }
    assert.deepEqual(await tab.takeErrors(), []);
  });
}

test("has a policy that allows its own program alone", () => {
  const html = readFileSync(
    new URL("../../../dist/viewer/shared-page.html", import.meta.url),
    "utf8",
  );
  const policy = /Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? "";
  assert.match(policy, /^default-src 'none'; script-src 'sha256-[\w+/]{43}=' 'wasm-unsafe-eval';/);
  assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|https?:|'self'|\*/);
  assert.match(policy, /require-trusted-types-for 'script'/);
  assert.equal(html.match(/<script/g)?.length, 1);
  assert.doesNotMatch(html.replace(/<script[^]*<\/script>/, ""), /\b(?:src|href|style|on\w+)=/);
  assert.ok(hostile.length > 0);
});

test("saves a page and a log when a page cannot hold the entries", {
  skip: undrivable,
}, async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, "large-1.jsonl");
  const [entry] = sampleEntries("large-1", 1, 1, NOW);
  const line = Buffer.from(
    encode({ ...entry, message: `${planted.gitHub} ${"words ".repeat(90_000)}` }),
  );
  writeFileSync(path, Buffer.concat(Array.from({ length: 40 }, () => line)));
  const tab = await openPage(t, "Chromium");
  await choose(tab, path);
  await openDialog(tab);
  const [said] = await until(tab, inDialog(".too-much"), ({ length }) => length === 1);
  assert.match(said, /^A page holds 20\.0 MB, and these are 21\.\d MB: a page and a log are saved/);
  const [log, page] = await saved(tab, "Page");
  assert.deepEqual([log.name, page.name], ["large-1.jsonl", "large-1.html"]);
  assert.ok(!log.bytes.includes(planted.gitHub) && log.bytes.length > 20e6);
  // The page opens the log.
  const other = temporaryFolder(t);
  const opened = await openSaved(t, tab, other, page);
  writeFileSync(join(other, log.name), log.bytes);
  await choose(opened, join(other, log.name));
  await until(opened, inside("session-header", ".facts"), ([facts]) =>
    /40 entries/.test(facts ?? ""),
  );
  assert.deepEqual(await opened.violations(), []);
});
