// Two sessions that are compared, as a person does it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { append, encode } from "skill-log";

import { undrivable } from "../../browser/browsers.js";
import { temporaryFolder } from "../../js/support/temporary-folder.js";
import { axeFaults } from "../accessibility.js";
import { mainTasks } from "../main-tasks.js";
import { browsers, openPage } from "../pages.js";
import { choose, found, fragment, inside, SESSION, texts, until } from "../parts.js";
import { openServed } from "../served-page.js";

/** @import { EntryInput } from "skill-log" */
/** @import { Tab } from "../../browser/browsers.js" */

const part = (/** @type {string[]} */ ...parts) => inside("session-comparison", ...parts);
const NAMES = part("h2 .name");
const FIGURES = part(".figures tbody tr");
const ROWS = part("virtual-list", ".row");
const KINDS = part(".kinds button");
const PAIR = part("entry-pair", ".fact");
const LIST = inside("session-list", "virtual-list", ".scroller");

/**
 * @param {number} at in minutes
 * @param {string} skill
 * @param {string} status
 * @param {number} duration_ms
 * @param {string[]} outputs of the attempts; the last one is verified where the status is `pass`
 * @returns {EntryInput}
 */
const entry = (at, skill, status, duration_ms, ...outputs) => ({
  session_id: "s",
  timestamp: new Date(Date.parse("2026-03-01T09:00:00Z") + at * 60_000),
  skill,
  phase: "implement",
  final_status: status,
  duration_ms,
  input: { goal: `Fix ${skill}` },
  attempts: outputs.map((output, attempt) => ({
    attempt: attempt + 1,
    model: "m",
    runner_output: output,
    verified: attempt + 1 === outputs.length && status === "pass",
  })),
});

const monday = [
  entry(0, "tdd", "pass", 10_000, "1 failed\nsame", "0 failed\nsame"),
  entry(1, "refactor", "pass", 60_000, "ok"),
  entry(2, "release", "failed", 5000, "no token"),
  entry(3, "old-skill", "pass", 1000, "ok"),
];
const tuesday = [
  entry(0, "tdd", "pass", 10_100, "0 failed\nsame"),
  entry(1, "refactor", "pass", 20_000, "ok"),
  entry(2, "<b>new</b>", "pass", 1000, "ok"),
  entry(3, "release", "pass", 5000, "released"),
];

/**
 * Writes the logs of both days, and one more.
 *
 * @param {import("node:test").TestContext} t
 * @returns {string[]} paths: monday.jsonl, tuesday.jsonl, wednesday.jsonl
 */
function writeDays(t) {
  const folder = temporaryFolder(t);
  mkdirSync(folder, { recursive: true });
  const days = { monday, tuesday, wednesday: [monday[0]] };
  return Object.entries(days).map(([day, entries]) => {
    const path = join(folder, `${day}.jsonl`);
    writeFileSync(path, Buffer.concat(entries.map((one) => Buffer.from(encode(one)))));
    return path;
  });
}

/** @param {Tab} tab @param {string[]} names */
const compares = (tab, ...names) =>
  until(tab, NAMES, (shown) => shown.join("|") === names.join("|"));

const rowTexts = [
  "tdd · implement 1 pass 2 ✓ attempts, verified 10 s 1 pass 1 ✓ attempt, verified 10 s = +100 ms alike",
  "refactor · implement 2 pass 1 ✓ attempt, verified 1 min 2 pass 1 ✓ attempt, verified 20 s ↓ −40 s (−67 %) shorter",
  "<b>new</b> · implement no entry 3 pass 1 ✓ attempt, verified 1.0 s + only right",
  "release · implement 3 failed 1 · attempt, not verified 5.0 s 4 pass 1 ✓ attempt, verified 5.0 s ≠ other status",
  "old-skill · implement 4 pass 1 ✓ attempt, verified 1.0 s no entry − only left",
];

/**
 * Compares Monday with Tuesday, by the button of a session.
 *
 * @param {import("node:test").TestContext} t
 * @param {Tab} tab
 */
async function compareByButton(t, tab) {
  await choose(tab, ...writeDays(t));
  const click = async (/** @type {string} */ day) => {
    const order = await until(tab, SESSION, ({ length }) => length === 4);
    const at = order.findIndex((text) => text.startsWith(day));
    await tab.page.click(inside("session-list", "virtual-list", `#row-${at}`));
  };
  await click("monday");
  await until(tab, inside("session-header", "h2"), ([heading]) => heading === "monday");
  await tab.page.click(inside("session-header", "button.compare"));
  await click("tuesday");
  await compares(tab, "monday", "tuesday");
  await until(tab, ROWS, ({ length }) => length === 5);
}

for (const name of browsers) {
  test(`compares two sessions that are marked by keys in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const tab = await openPage(t, name);
    const { keyboard } = tab.page;
    await choose(tab, ...writeDays(t));
    await until(tab, SESSION, ({ length }) => length === 4);
    const order = await texts(tab, SESSION);
    const at = (/** @type {string} */ day) => order.findIndex((text) => text.startsWith(day));
    await tab.page.focus(LIST);
    const goTo = async (/** @type {string} */ day) => {
      await keyboard.press("Home");
      for (let step = 0; step < at(day); step += 1) await keyboard.press("j");
    };
    await goTo("monday");
    await keyboard.press("v");
    const marking = inside("session-list", ".marking span");
    await until(tab, marking, ([text]) => text === "Choose a session to compare monday with");
    // Escape unmarks it.
    await keyboard.press("Escape");
    await until(tab, marking, ({ length }) => length === 0);
    await keyboard.press("v");
    await goTo("tuesday");
    await keyboard.press("v");
    await compares(tab, "monday", "tuesday");
    assert.equal(await fragment(tab), "#session=monday&with=tuesday");
    assert.deepEqual(await until(tab, FIGURES, ({ length }) => length === 3), [
      "left 4 75 % 50 % 1 min 16 s 5.0 s",
      "right 4 100 % 100 % 36 s 5.0 s",
      "Difference ±0 +25 points +50 points −40 s (−53 %) ±0",
    ]);
    assert.deepEqual(await until(tab, ROWS, ({ length }) => length === 5), rowTexts);
    const sides = (await texts(tab, SESSION)).map((text) => text.split(" ").slice(0, 2).join(" "));
    assert.ok(sides.includes("monday left") && sides.includes("tuesday right"), sides.join());

    // What a person has seen of a session is not the bytes of both.
    const seen = await tab.page.evaluate(() => {
      const kept = Object.keys(localStorage).find((key) => key.startsWith("skill-log viewer: "));
      return JSON.parse(localStorage.getItem(kept ?? "") ?? "{}").seen;
    });
    for (const [day, entries] of Object.entries({ monday, tuesday }))
      if (day in seen) assert.ok(seen[day] <= Buffer.concat(entries.map(encode)).length, day);

    // In a comparison, another session replaces the right one.
    await goTo("wednesday");
    await keyboard.press("v");
    await compares(tab, "monday", "wednesday");
    await tab.page.goBack();
    await compares(tab, "monday", "tuesday");
    await keyboard.press("x");
    await compares(tab, "tuesday", "monday");
    assert.equal(await fragment(tab), "#session=tuesday&with=monday");
    await keyboard.press("Escape");
    await until(tab, inside("session-header", "h2"), ([heading]) => heading === "tuesday");
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`goes to differences, and shows a pair of attempts, by keys in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const tab = await openPage(t, name, { search: "#session=monday&with=tuesday" });
    const { keyboard } = tab.page;
    await choose(tab, ...writeDays(t));
    await until(tab, ROWS, ({ length }) => length === 5);
    const active = () =>
      tab.page.$eval(part("virtual-list", ".scroller"), (/** @type {Element} */ list) =>
        list.getAttribute("aria-activedescendant"),
      );
    await keyboard.press("n");
    assert.equal(await active(), "row-1");
    await keyboard.press("n");
    await keyboard.press("n");
    assert.equal(await active(), "row-3");
    await keyboard.down("Shift");
    await keyboard.press("N");
    await keyboard.up("Shift");
    assert.equal(await active(), "row-2");
    await keyboard.press("j");
    await keyboard.press("Enter");
    const facts = await until(tab, PAIR, ({ length }) => length > 3);
    assert.match(facts[1], /^Status differs failed pass$/);
    assert.match(facts[2], /^Duration 5 s 5 s ±0$/);
    assert.match(await fragment(tab), /^#session=monday&with=tuesday&left=\d+&right=\d+$/);
    const changes = () =>
      texts(tab, part("entry-pair", "output-diff", "td.text")).then((all) => all.join("|"));
    await until(tab, part("entry-pair", "output-diff", "td.text"), ({ length }) => length === 2);
    assert.equal(await changes(), "no token|released");
    // The first pair has two attempts at the left.
    for (let step = 0; step < 3; step += 1) await keyboard.press("k");
    await until(tab, part(".steps span"), ([text]) => text === "Row 1 of 5");
    const choice = part("entry-pair", "select");
    await found(tab, choice);
    await tab.page.select(choice, "0");
    await until(tab, part("entry-pair", "output-diff", "ins"), ([text]) => text === "0");
    assert.equal(await changes(), "1 failed|0 failed|same|same");
    // From pair to pair is no step back.
    await tab.page.goBack();
    await until(tab, ROWS, ({ length }) => length === 5);
    assert.equal(await active(), "row-0");
    await tab.page.goForward();
    await until(tab, part(".steps span"), ([text]) => text === "Row 1 of 5");
    await keyboard.press("Escape");
    await until(tab, ROWS, ({ length }) => length === 5);
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`opens a pair by its link, and an entry in its session, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const offset = [monday, tuesday].map((day) =>
      day.slice(0, 1).reduce((sum, one) => sum + encode(one).length, 0),
    );
    const link = `#session=monday&with=tuesday&left=${offset[0]}&right=${offset[1]}`;
    const tab = await openPage(t, name, { search: link });
    await choose(tab, ...writeDays(t));
    await until(tab, part("entry-pair", "h3"), ([text]) => text === "refactor · implement");
    assert.equal(await fragment(tab), link);
    await tab.page.keyboard.press("j");
    await until(tab, part(".steps span"), ([text]) => text === "Row 3 of 5");
    await tab.page.keyboard.press("k");
    await until(tab, part("entry-pair", "h3"), ([text]) => text === "refactor · implement");
    assert.equal(await fragment(tab), link);
    await tab.page.click(part("entry-pair", ".session + .session button"));
    await until(tab, inside(".one h2"), ([text]) => text === "Entry 2 of 4");
    assert.equal(await fragment(tab), `#session=tuesday&entry=tuesday@${offset[1]}`);
    await tab.page.evaluate((/** @type {string} */ hash) => (location.hash = hash), `${link}1`);
    await until(tab, part(".hint"), ([text]) => /no entry at this place/.test(text ?? ""));
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`compares from the button of a session, and shows some kinds of rows, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const tab = await openPage(t, name);
    const { page } = tab;
    await compareByButton(t, tab);
    const kinds = ["All", "Other outcome 1", "Shorter 1", "Only left 1", "Only right 1", "Alike 1"];
    assert.deepEqual(await texts(tab, KINDS), kinds);
    await page.click(`${KINDS}:nth-of-type(4)`);
    await page.click(`${KINDS}:nth-of-type(5)`);
    assert.deepEqual(await until(tab, ROWS, ({ length }) => length === 2), [
      rowTexts[2],
      rowTexts[4],
    ]);
    await page.click(part(".segments button:last-child"));
    const groups = await until(tab, part(".groups tbody tr"), ({ length }) => length === 7);
    assert.match(groups[0], /^refactor 1→1 ±0 100 %→100 % ±0 100 %→100 % ±0 1 min→20 s −40 s/);
    assert.ok(groups.some((text) => /^<b>new<\/b> 0→1 \+1 /.test(text)));
    assert.ok(groups.some((text) => /^failed 1→0 −1 25 %→0 % −25 points/.test(text)));
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`puts the sides above each other on a phone in ${name}`, { skip: undrivable }, async (t) => {
    const tab = await openPage(t, name, { width: 360, height: 740 });
    const { page } = tab;
    await compareByButton(t, tab);
    const boxes = await page.$$eval(
      part("virtual-list", "#row-0 .entry"),
      (/** @type {Element[]} */ all) =>
        all.map((each) => {
          const { left, top, right } = each.getBoundingClientRect();
          return { left, top, right };
        }),
    );
    assert.equal(boxes[0].left, boxes[1].left);
    assert.ok(boxes[1].top > boxes[0].top && boxes[0].right <= 360);
    assert.equal((await texts(tab, FIGURES))[3], "Time in all 1 min 16 s 36 s −40 s");
    const isWide = (/** @type {string} */ selector) =>
      page.$eval(
        selector,
        (/** @type {Element} */ element) => element.scrollWidth > element.clientWidth,
      );
    assert.equal(await isWide("html"), false);
    assert.equal(await isWide(part(".figures")), false);
    await page.click(part("virtual-list", "#row-0"));
    await until(tab, part("entry-pair", "h3"), ([text]) => text === "tdd · implement");
    assert.equal(await isWide(part("entry-pair")), false);
    await page.click(part("header button[aria-label=Back]"));
    await until(tab, ROWS, ({ length }) => length === 5);
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`compares what the filter leaves, and leads to damage, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const [left, right] = writeDays(t);
    const lines = monday.map((one) => Buffer.from(encode(one)));
    writeFileSync(left, Buffer.concat([lines[0], Buffer.from("{torn\n"), ...lines.slice(1)]));
    appendFileSync(right, '{"session_id":');
    utimesSync(right, 1_770_000_000, 1_770_000_000);
    const words = "#session=monday&with=tuesday&status=failed&since=2026-03-01T09:02:00.000Z";
    const tab = await openPage(t, name, { search: `${words}&until=2026-03-01T09:03:00.000Z` });
    await choose(tab, left, right);
    const only = part(".only");
    const said = await until(tab, only, ([text]) => text?.includes("tuesday") === true);
    assert.match(said[0], /^Compares only: status failed ✕ .+ to .+ ✕ Compare whole sessions/);
    assert.match(said[0], /tuesday has no such entry\.$/);
    assert.equal((await texts(tab, ROWS)).length, 1);
    assert.deepEqual((await texts(tab, FIGURES)).slice(0, 3), [
      "left 1 0 % 0 % 5.0 s 5.0 s",
      "right 0 – – – –",
      "Difference −1 – – – –",
    ]);
    await tab.page.click(part(".only button:not(.condition)"));
    assert.deepEqual(await until(tab, ROWS, ({ length }) => length === 5), rowTexts);
    assert.equal((await texts(tab, only)).length, 0);
    assert.deepEqual(await texts(tab, part(".faults p")), [
      "left 1 damaged line What could not be read is not compared.",
      "right unfinished last line What could not be read is not compared.",
    ]);
    for (const [at, heading, band] of /** @type {const} */ ([
      [1, "monday", "{torn"],
      [2, "tuesday", '{"session_id":'],
    ])) {
      await tab.page.click(part(`.faults p:nth-of-type(${at}) button`));
      await until(tab, inside("session-header", "h2"), ([text]) => text === heading);
      await until(tab, inside("entry-list", "damage-view", ".bytes"), ([text]) =>
        text?.includes(band),
      );
      await tab.page.goBack();
      await until(tab, ROWS, ({ length }) => length === 5);
    }
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`says so when a session is missing, or is compared with itself, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const tab = await openPage(t, name, { search: "#session=monday&with=elsewhere" });
    await choose(tab, ...writeDays(t));
    const [said] = await until(tab, inside(".problem div"), ({ length }) => length === 1);
    assert.match(said, /^There is no session elsewhere here\./);
    await tab.page.evaluate(() => (location.hash = "#session=monday&with=monday"));
    await until(tab, part(".hint"), ([text]) => /^This is one session/.test(text ?? ""));
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`compares sessions that a server has, live, in ${name}`, { skip: undrivable }, async (t) => {
    const [path] = writeDays(t);
    const folder = join(path, "..");
    const program = fileURLToPath(new URL("../../../dist/cli/skill-log.js", import.meta.url));
    const child = spawn(process.execPath, [program, "view", folder, "--no-open", "--no-cache"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    t.after(() => child.kill());
    const [url] = await once(createInterface(child.stdout), "line");
    const tab = await openPage(t, name);
    await tab.page.goto(`${url}&session=monday&with=tuesday`);
    assert.deepEqual(await until(tab, ROWS, ({ length }) => length === 5), rowTexts);
    await until(tab, inside(".badge.live"), ({ length }) => length === 1);
    const { session_id: _, ...more } = entry(9, "old-skill", "failed", 9000);
    await append(folder, "tuesday", more);
    const rows = await until(tab, ROWS, ([, , , , last]) => /other status/.test(last));
    assert.equal(rows.length, 5);
    assert.match(rows[4], /^old-skill · implement 4 pass .+ 5 failed 9\.0 s ≠ other status$/);
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`says so when a log was replaced whose pair is shown, live, in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const [path] = writeDays(t);
    const tab = await openServed(t, name, join(path, ".."), {
      words: "session=monday&with=tuesday&left=0&right=0",
    });
    await until(tab, part(".steps span"), ([text]) => text === "Row 1 of 5");
    await until(tab, inside(".badge.live"), ({ length }) => length === 1);
    // The first entry of the new log is longer than all of the old one.
    const other = entry(9, "release", "failed", 9000, "no token".repeat(5000));
    writeFileSync(path, Buffer.concat([Buffer.from("#\n"), encode(other)]));
    await until(tab, part(".hint"), ([text]) => /may have been replaced/.test(text ?? ""));
    await tab.page.keyboard.press("j");
    await tab.page.keyboard.press("Escape");
    await until(tab, ROWS, (rows) => rows.length > 0 && !rows.includes("removed"));
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`compares sessions that are kept in the browser in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const tab = await openPage(t, name);
    for (const path of writeDays(t))
      await tab.evaluate(
        async (file, text) => {
          const root = await navigator.storage.getDirectory();
          const handle = await root.getFileHandle(file, { create: true });
          const stream = await handle.createWritable();
          await stream.write(text);
          await stream.close();
        },
        path.slice(path.lastIndexOf("/") + 1),
        readFileSync(path, "utf8"),
      );
    await tab.page.evaluate(() => (location.hash = "#session=monday&with=tuesday"));
    await tab.reload();
    const button = inside(".welcome open-logs", ".ways button:nth-of-type(3)");
    await found(tab, button);
    await tab.page.click(button);
    assert.deepEqual(await until(tab, ROWS, ({ length }) => length === 5), rowTexts);
    assert.deepEqual(await tab.takeErrors(), []);
  });
}

test("aligns 200,000 entries without a task that a person feels", {
  skip: undrivable,
}, async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(folder, { recursive: true });
  const skills = ["tdd", "refactor", "review", "release", "docs", "triage"];
  const paths = [1, 2].map((seed) => {
    const lines = Array.from({ length: 200_000 }, (_, at) => {
      // Unlike each other, so that the alignment meets its bound.
      const pick = (Math.imul(at * seed + 7, 2654435761) >>> 9) % 18;
      return `{"session_id":"s","timestamp":"2026-01-01T00:00:00Z","skill":"${skills[pick % 6]}","phase":"p${pick % 3}","final_status":"pass","duration_ms":${1 + (at % 999)}}\n`;
    });
    const path = join(folder, `long-${seed}.jsonl`);
    writeFileSync(path, lines.join(""));
    return path;
  });
  const tab = await openPage(t, "Chromium");
  const { page } = tab;
  await choose(tab, ...paths);
  await until(tab, SESSION, ({ length }) => length === 3);
  await page.evaluate(() => (location.hash = "#session=long-1"));
  const facts = inside("session-header", ".facts");
  await until(tab, facts, ([text]) => text?.startsWith("200,000 entries") ?? false);
  await page.tracing.start({ categories: ["toplevel", "disabled-by-default-devtools.timeline"] });
  const start = performance.now();
  await page.evaluate(() => (location.hash = "#session=long-1&with=long-2"));
  await until(tab, ROWS, ({ length }) => length > 10);
  const time = Math.round(performance.now() - start);
  const { traceEvents } = JSON.parse(new TextDecoder().decode(await page.tracing.stop()));
  const tasks = mainTasks(traceEvents);
  t.diagnostic(`rows after ${time} ms; the longest tasks: ${tasks.slice(0, 5).join(", ")} ms`);
  const [note] = await texts(tab, part(".note"));
  assert.match(note, /paired in sections/);
  await page.focus(part("virtual-list", ".scroller"));
  await page.keyboard.press("End");
  const rows = await texts(tab, ROWS);
  assert.match(rows.at(-1) ?? "", /200,000/);
  assert.ok(tasks[0] > 0 && tasks[0] <= 50, `a task took ${tasks[0]} ms`);
});

for (const theme of /** @type {const} */ (["light", "dark"])) {
  test(`has nothing that axe finds in the theme ${theme}`, { skip: undrivable }, async (t) => {
    const search = "#session=monday&with=tuesday";
    const tab = await openPage(t, "Chromium", { theme, search });
    const { page } = tab;
    await choose(tab, ...writeDays(t));
    await until(tab, ROWS, ({ length }) => length === 5);
    await page.keyboard.press("n");
    const check = async (/** @type {string} */ view) =>
      assert.deepEqual(await axeFaults(tab), [], view);
    await check("entries");
    await page.keyboard.press("Enter");
    await until(tab, part("entry-pair", "output-diff", ".message"), ([text]) =>
      /the same/.test(text ?? ""),
    );
    await check("a pair");
    await page.keyboard.press("Escape");
    await found(tab, part(".segments button:last-child"));
    await page.click(part(".segments button:last-child"));
    await until(tab, part(".groups tbody tr"), ({ length }) => length > 3);
    await check("groups");
    await page.setViewport({ width: 360, height: 740, deviceScaleFactor: 1 });
    await until(tab, part(".groups-pane h4"), ({ length }) => length > 3);
    await check("groups on a phone");
    await page.click(part(".segments button:first-child"));
    await until(tab, part("virtual-list", ".card"), ({ length }) => length === 5);
    await check("entries on a phone");
    await page.click(part("virtual-list", "#row-1"));
    await until(tab, PAIR, ({ length }) => length > 3);
    await check("a pair on a phone");
    await page.click(part("header button[aria-label='Close the comparison']"));
    await until(tab, inside("session-header", "h2"), ([heading]) => heading === "monday");
    await page.click(inside("session-header", "button.compare"));
    await found(tab, inside("session-list", ".marking"));
    await check("a marked session");
  });
}
