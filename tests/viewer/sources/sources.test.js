// Where logs come from: each source, opened as a person opens it.

import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";

import { append, encode } from "skill-log";

import { undrivable } from "../../browser/browsers.js";
import { drop } from "../../browser/disk.js";
import { temporaryFolder } from "../../js/support/temporary-folder.js";
import { browsers, openPage } from "../pages.js";
import { choose, found, fragment, inside, SESSION, texts, until } from "../parts.js";
import { writeSampleLogs } from "../sample-logs.js";
import { view } from "../view-server.js";

const HEADING = inside("session-header", "h2");
const FACTS = inside("session-header", ".facts");
const PROBLEM = inside(".problem div");
const LIVE = inside(".badge.live");
const COPY = inside("pop-up .badge");
const SOURCE = inside(".source");

for (const name of browsers) {
  test(`opens one chosen file in ${name}`, { skip: undrivable }, async (t) => {
    const tab = await openPage(t, name);
    const [path] = writeSampleLogs(temporaryFolder(t), 1);
    await choose(tab, path);
    await until(tab, FACTS, ([facts]) => facts === "3 entries 1.6 KB");
    assert.deepEqual(await texts(tab, SOURCE), [basename(path)]);
    assert.deepEqual(await texts(tab, SESSION), [await sessionText(tab)]);
    // The page says that a copy does not grow, and how to see what does.
    await tab.page.click(COPY);
    const note = await until(tab, inside("pop-up .note"), ([text]) => text !== undefined);
    assert.match(note[0], /npx skill-log view FOLDER/);
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`opens a log of its own origin by ?log in ${name}`, { skip: undrivable }, async (t) => {
    const [path] = writeSampleLogs(temporaryFolder(t), 1);
    const routes = { "/logs/a b.jsonl": "", "/logs/a%20b.jsonl": readFileSync(path) };
    const tab = await openPage(t, name, { search: "?log=/logs/a%20b.jsonl", routes });
    await until(tab, FACTS, ([facts]) => facts === "3 entries 1.6 KB");
    assert.deepEqual(await texts(tab, HEADING), ["a b"]);
    // The log grows: the page notices it by itself.
    const more = encode({
      session_id: "x",
      timestamp: new Date(),
      skill: "tdd",
      final_status: "ok",
    });
    tab.server.routes["/logs/a%20b.jsonl"] = Buffer.concat([readFileSync(path), more]);
    await until(tab, FACTS, ([facts]) => facts?.startsWith("4 entries"));
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`shows a log by ?log that its worker scans, of over 1 MiB, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const entry = { session_id: "x", timestamp: new Date(), skill: "tdd", input: "x".repeat(2000) };
    const log = Buffer.concat(Array(600).fill(encode({ ...entry, final_status: "ok" })));
    const routes = { "/logs/long.jsonl": log };
    const tab = await openPage(t, name, { search: "?log=/logs/long.jsonl", routes });
    await until(tab, FACTS, ([facts]) => facts?.startsWith("600 entries 1.3 MB"));
    assert.ok(tab.server.requests.includes("/dist/viewer/skill-log-worker.js"));
    assert.deepEqual(await tab.takeErrors(), []);
  });

  /** @type {[string, RegExp][]} */
  const refused = [
    ["https://example.com/a.jsonl", /cannot open https:\/\/example\.com\/a\.jsonl\. “log” must be/],
    ["javascript:alert(1)", /cannot open javascript:alert\(1\)/],
    ["data:text/plain,x", /cannot open data:text\/plain,x/],
    ["//example.com/a", /cannot open \/\/example\.com\/a/],
    ["/missing.jsonl", /cannot be opened\..*missing\.jsonl/],
  ];
  test(`says why when ?log names no log of its origin in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    for (const [word, message] of refused) {
      const tab = await openPage(t, name, { search: `?log=${encodeURIComponent(word)}` });
      const [said] = await until(tab, PROBLEM, ({ length }) => length === 1);
      assert.match(said, message);
      assert.ok((await texts(tab, inside(".welcome h2"))).length === 1);
    }
  });

  test(`opens what skill-log view serves, live, in ${name}`, { skip: undrivable }, async (t) => {
    const folder = temporaryFolder(t);
    writeSampleLogs(folder, 5);
    const url = await view(t, folder);
    const tab = await openPage(t, name);
    await tab.page.goto(`${url}&session=mobile-write-docs-997`);
    await until(tab, HEADING, ([heading]) => heading === "mobile-write-docs-997");
    await until(tab, LIVE, ({ length }) => length === 1);
    // The token is not in the address, where it would be copied with a link.
    assert.equal(await fragment(tab), "#session=mobile-write-docs-997");
    await until(tab, FACTS, ([facts]) => facts?.startsWith("114 entries"));
    await append(folder, "mobile-write-docs-997", { skill: "tdd", final_status: "arrived" });
    await until(tab, FACTS, ([facts]) => facts?.startsWith("115 entries"));
    const rows = await until(tab, SESSION, (shown) => /^live mobile/.test(shown[1]));
    assert.match(rows[1], /^live mobile-write-docs-997 now arrived tdd 115 entries/);
    await append(folder, "brand-new", { skill: "tdd", final_status: "ok" });
    await until(tab, SESSION, (shown) => /brand-new/.test(shown[1]));
    // The cookie stays: a reload shows the same.
    await tab.reload();
    await until(tab, HEADING, ([heading]) => heading === "mobile-write-docs-997");
    await until(tab, SESSION, ({ length }) => length === 7);
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`says what to do when the token is wrong in ${name}`, { skip: undrivable }, async (t) => {
    const url = await view(t, temporaryFolder(t));
    const tab = await openPage(t, name);
    await tab.page.goto(url.replace(/token=.*/, "token=wrong"));
    const [said] = await until(tab, PROBLEM, ({ length }) => length === 1);
    assert.match(said, /does not know this address\. Open the address that skill-log view printed/);
  });
}

for (const name of browsers) {
  test(`opens logs that are kept in the browser, live, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const tab = await openPage(t, name);
    await keep(tab, "logs", "kept-1");
    await tab.reload();
    const button = inside(".welcome open-logs", ".ways button:nth-of-type(3)");
    await found(tab, button);
    assert.deepEqual(await texts(tab, button), ["Logs kept in this browser"]);
    await tab.page.click(button);
    await until(tab, HEADING, ([heading]) => heading === "logs/kept-1");
    assert.deepEqual(await texts(tab, SOURCE), ["this browser"]);
    await keep(tab, "logs", "kept-2");
    await until(tab, SESSION, (rows) => rows.some((row) => row.includes("logs/kept-2")));
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`remembers a picked folder in ${name}`, { skip: undrivable }, async (t) => {
    const tab = await openPage(t, name);
    await keep(tab, "picked", "one");
    // No program can answer the browser's own dialog.
    await tab.page.evaluateOnNewDocument(() => {
      window.showDirectoryPicker = async () =>
        (await navigator.storage.getDirectory()).getDirectoryHandle("picked");
    });
    await tab.reload();
    await found(tab, inside(".welcome open-logs", "button.primary"));
    await tab.page.click(inside(".welcome open-logs", "button.primary"));
    await until(tab, HEADING, ([heading]) => heading === "one");
    assert.deepEqual(await texts(tab, SOURCE), ["picked"]);
    await tab.page.evaluate(() => (location.hash = ""));
    await tab.reload();
    const again = inside(".welcome open-logs", ".again button");
    await found(tab, again);
    assert.deepEqual(await texts(tab, again), ["picked"]);
    await tab.page.click(again);
    await until(tab, HEADING, ([heading]) => heading === "one");
    assert.deepEqual(await tab.takeErrors(), []);
  });
}

test("opens a dropped folder where browsers have no handles", { skip: undrivable }, async (t) => {
  const tab = await openPage(t, "Chromium");
  await tab.page.evaluateOnNewDocument(() => {
    Reflect.deleteProperty(DataTransferItem.prototype, "getAsFileSystemHandle");
  });
  await tab.reload();
  const folder = join(temporaryFolder(t), "my logs");
  writeSampleLogs(join(folder, "deep", "deeper"), 130);
  writeFileSync(join(folder, "notes.txt"), "no log");
  await found(tab, inside(".welcome"));
  await drop(tab, folder);
  await until(tab, inside("session-list", ".foot span"), ([text]) =>
    /^130 sessions, [^…]*$/.test(text ?? ""),
  );
  await until(tab, COPY, ({ length }) => length === 1);
});

test("opens a folder by an input where browsers let no one pick one", {
  skip: undrivable,
}, async (t) => {
  const tab = await openPage(t, "Chromium");
  const folder = join(temporaryFolder(t), "my logs");
  writeSampleLogs(join(folder, "deep"), 3);
  await found(tab, inside(".welcome"));
  await tab.setFiles(inside(".welcome open-logs", "#folder"), folder);
  const rows = await until(tab, SESSION, ({ length }) => length === 4);
  assert.match(rows[1], /^deep\/checkout-tdd-1000 /);
});

test("says what to do when a chosen file changed on the disk", { skip: undrivable }, async (t) => {
  const tab = await openPage(t, "Chromium");
  const paths = writeSampleLogs(temporaryFolder(t), 2);
  // What a page has read of small files stays as it was for a moment.
  const { mtimeMs } = statSync(paths[1]);
  writeFileSync(paths[1], Buffer.concat(Array(20).fill(readFileSync(paths[1]))));
  utimesSync(paths[1], mtimeMs / 1000, mtimeMs / 1000);
  await choose(tab, ...paths);
  await until(tab, HEADING, ([heading]) => heading === "checkout-tdd-1000");
  // A file that changes while it is listed fails in the list, and the key needs both sessions.
  await until(tab, inside("session-list", ".foot span"), ([text]) =>
    /^2 sessions, [^…]*$/.test(text ?? ""),
  );
  appendFileSync(paths[1], "more\n");
  await tab.page.keyboard.press("]");
  const [said] = await until(tab, PROBLEM, ({ length }) => length === 1);
  assert.match(said, /^The log search-write-docs-999 cannot be read\. .* choose it again\. /);
});

test("opens a dropped folder, live", { skip: undrivable }, async (t) => {
  const tab = await openPage(t, "Chromium");
  const folder = join(temporaryFolder(t), "my logs");
  writeSampleLogs(join(folder, "deep"), 3);
  writeFileSync(join(folder, "notes.txt"), "no log");
  await found(tab, inside(".welcome"));
  await drop(tab, folder);
  await until(tab, SESSION, ({ length }) => length === 4);
  assert.deepEqual(await texts(tab, SOURCE), ["my logs"]);
  await until(tab, HEADING, ([heading]) => heading === "deep/checkout-tdd-1000");
  const more = encode({ session_id: "x", timestamp: new Date(), skill: "tdd", final_status: "ok" });
  appendFileSync(join(folder, "deep", "checkout-tdd-1000.jsonl"), more);
  await until(tab, FACTS, ([facts]) => facts?.startsWith("4 entries"));
  assert.deepEqual(await tab.takeErrors(), []);
});

test("opens dropped files and folders together", { skip: undrivable }, async (t) => {
  const tab = await openPage(t, "Chromium");
  const folder = temporaryFolder(t);
  const [path] = writeSampleLogs(join(folder, "one"), 1);
  writeSampleLogs(join(folder, "two"), 2);
  const other = join(folder, "other name.log");
  renameSync(path, other);
  await found(tab, inside(".welcome"));
  await drop(tab, other, join(folder, "two"));
  const rows = await until(tab, SESSION, ({ length }) => length === 4);
  assert.ok(rows.some((row) => row.includes("other name.log")));
  // It is read where it is, and grows.
  const more = encode({ session_id: "x", timestamp: new Date(), skill: "tdd", final_status: "ok" });
  await tab.page.keyboard.press("s");
  await tab.page.keyboard.type("other\n");
  await until(tab, FACTS, ([facts]) => facts?.startsWith("3 entries"));
  appendFileSync(other, more);
  await until(tab, FACTS, ([facts]) => facts?.startsWith("4 entries"));
});

test("says what a log is when a dropped folder has none", { skip: undrivable }, async (t) => {
  const tab = await openPage(t, "Chromium");
  const folder = join(temporaryFolder(t), "empty");
  mkdirSync(folder);
  await found(tab, inside(".welcome"));
  await drop(tab, folder);
  const hint = await until(tab, inside(".middle .hint"), ([text]) => /no log/.test(text ?? ""));
  assert.equal(hint[0], "There is no log in empty. Logs are .jsonl files.");
});

/**
 * Writes a log of one entry into OPFS.
 *
 * @param {import("../../browser/browsers.js").Tab} tab
 * @param {string} folder
 * @param {string} id
 */
function keep(tab, folder, id) {
  const text = Buffer.from(encode({ session_id: id, skill: "tdd", final_status: "ok" })).toString();
  const write = async (
    /** @type {string} */ into,
    /** @type {string} */ name,
    /** @type {string} */ line,
  ) => {
    const root = await navigator.storage.getDirectory();
    const directory = await root.getDirectoryHandle(into, { create: true });
    const file = await directory.getFileHandle(name, { create: true });
    const stream = await file.createWritable();
    await stream.write(line);
    await stream.close();
  };
  return tab.evaluate(write, folder, `${id}.jsonl`, text);
}

/** @param {import("../../browser/browsers.js").Tab} tab */
async function sessionText(tab) {
  const [row] = await until(tab, SESSION, ({ length }) => length === 1);
  assert.match(row, /pass tdd 3 entries · 1\.6 KB$/);
  return row;
}
