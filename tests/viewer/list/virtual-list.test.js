// Lists of a million and of ten million rows, scrolled as people do, in real browsers.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { launch, undrivable } from "../../browser/browsers.js";
import { bundle } from "../../browser/bundle.js";
import { serve } from "../../browser/server.js";

/** @import { Browser } from "../../browser/browsers.js" */

/** As the page of the viewer has it. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'";

/** Browsers with one and with two pixels of the screen for a pixel of the page. */
const kinds = [
  { name: "Chromium", scale: 1, options: { args: ["--window-size=1000,1000"] } },
  {
    name: "Chromium",
    scale: 2,
    options: { args: ["--force-device-scale-factor=2", "--window-size=1000,1000"] },
  },
  { name: "Firefox", scale: 1, options: { prefs: {} } },
  { name: "Firefox", scale: 2, options: { prefs: { "layout.css.devPixelsPerPx": "2" } } },
];
for (const { options } of kinds)
  if ("prefs" in options)
    Object.assign(options.prefs ?? {}, { "widget.gtk.overlay-scrollbars.enabled": false });

const script = undrivable
  ? ""
  : (await bundle(fileURLToPath(new URL("page/many-rows.js", import.meta.url)))).code;
const server = await serve({
  "/many-rows.js": script,
  "/list": {
    body: '<!doctype html><title>list</title><script type="module" src="/many-rows.js"></script>',
    headers: { "content-security-policy": policy },
  },
});
after(server.close);

/**
 * @param {Browser} browser
 * @param {number} count
 */
async function openList(browser, count) {
  const tab = await browser.open("about:blank");
  await tab.page.setViewport(browser.name === "Chromium" ? null : { width: 900, height: 760 });
  await tab.page.goto(`${server.url}/list?count=${count}`);
  await tab.page.waitForFunction(() =>
    document.querySelector("virtual-list")?.shadowRoot?.querySelector(".row"),
  );
  return {
    ...tab,
    /** Waits until nothing is scrolled, and says what a person sees, by the places of pixels. */
    async seen() {
      return tab.evaluate(async () => {
        const root = /** @type {any} */ (document.querySelector("virtual-list")).shadowRoot;
        const scroller = root.querySelector(".scroller");
        const frame = () => new Promise(requestAnimationFrame);
        let same = 0;
        for (let last = scroller.scrollTop; same < 8; same += 1) {
          await frame();
          if (scroller.scrollTop !== last) same = 0;
          last = scroller.scrollTop;
        }
        const areInOrder = () =>
          [...root.querySelectorAll(".row:not([hidden])")].every(
            (row, i, all) =>
              i === 0 || parseInt(row.id.slice(4)) === parseInt(all[i - 1].id.slice(4)) + 1,
          );
        // Nodes are moved once no wheel turns.
        for (let frames = 0; frames < 300 && !areInOrder(); frames += 1) await frame();
        const { top, left, height } = scroller.getBoundingClientRect();
        /** @type {{ at: number, whole: boolean }[]} */
        const rows = [];
        let gaps = 0;
        for (let y = top + 1; y < top + scroller.clientHeight; y += 10) {
          const row = root.elementFromPoint(left + 200, y)?.closest(".row");
          if (!row) {
            gaps += 1;
            continue;
          }
          const at = Number(/\d+/.exec(row.textContent)?.[0]);
          if (rows.at(-1)?.at === at) continue;
          const box = row.getBoundingClientRect();
          rows.push({ at, whole: box.top >= top - 1 && box.bottom <= top + height + 1 });
        }
        return {
          first: rows[0]?.at,
          last: rows.at(-1)?.at,
          whole: rows.filter(({ whole }) => whole).map(({ at }) => at),
          inOrder: rows.every(({ at }, i) => i === 0 || at === rows[i - 1].at + 1),
          gaps,
          nodes: root.querySelectorAll(".row").length,
          order: areInOrder(),
          active: scroller.getAttribute("aria-activedescendant"),
          said: root.querySelector(".said").textContent,
          scale: devicePixelRatio,
        };
      });
    },
  };
}

for (const { name, scale, options } of kinds) {
  test(`scrolls lists of any length in ${name} when a pixel is ${scale}`, {
    skip: undrivable,
    timeout: 240_000,
  }, async (t) => {
    const browser = await launch[/** @type {"Chromium" | "Firefox"} */ (name)](options);
    t.after(browser.close);
    for (const count of [1_000_000, 10_000_000]) {
      const tab = await openList(browser, count);
      const { page } = tab;
      /** @param {Awaited<ReturnType<typeof tab.seen>>} seen */
      const isSound = (seen, what = "") => {
        assert.ok(seen.inOrder, `${what}: ${JSON.stringify(seen)}`);
        assert.ok(seen.order, `${what}: the nodes are in the order of the rows`);
        assert.equal(seen.gaps, 0, `${what}: ${JSON.stringify(seen)}`);
        assert.ok(seen.nodes < 80, `${what}: ${seen.nodes} nodes`);
        return seen;
      };
      const first = isSound(await tab.seen(), "first");
      const drawn = await tab.evaluate(() => /** @type {any} */ (globalThis).drawn());
      assert.equal(drawn, first.nodes, "each row is drawn once");
      assert.equal(first.scale, scale);
      assert.equal(first.first, 0);

      await t.test(`${count}: the wheel`, async () => {
        await page.mouse.move(300, 300);
        for (let turns = 0; turns < 20; turns += 1) await page.mouse.wheel({ deltaY: 300 });
        const down = isSound(await tab.seen(), "down");
        assert.ok(down.first > 50 && down.first <= 200, `6,000 pixels: row ${down.first}`);
        await page.mouse.wheel({ deltaY: -300 });
        const up = isSound(await tab.seen(), "up");
        assert.ok(up.first < down.first && up.first >= down.first - 11);
      });

      await t.test(`${count}: the scroll bar`, async () => {
        const { x, thumb } = await tab.evaluate(() => {
          const root = /** @type {any} */ (document.querySelector("virtual-list")).shadowRoot;
          const scroller = root.querySelector(".scroller");
          const { left, top, width } = scroller.getBoundingClientRect();
          const bar = width - scroller.clientWidth;
          return { x: left + width - bar / 2, thumb: top + bar + 6 };
        });
        await page.evaluate(() => /** @type {any} */ (globalThis).list.reveal(0));
        await tab.seen();
        await page.mouse.move(x, thumb);
        await page.mouse.down();
        let last = -1;
        for (let y = thumb; y < thumb + 400; y += 80) {
          await page.mouse.move(x, y);
          const { first } = isSound(await tab.seen(), "dragged");
          assert.ok(first >= last, `row ${first} after row ${last}`);
          last = first;
        }
        assert.ok(last > count / 3, `dragged to row ${last}`);
        await page.mouse.move(x, 740);
        const end = isSound(await tab.seen(), "the end");
        assert.equal(end.whole.at(-1), count - 1);
        await page.mouse.move(x, 1);
        await page.mouse.up();
        assert.equal(isSound(await tab.seen(), "the start").first, 0);
      });

      await t.test(`${count}: links`, async () => {
        for (const row of [count - 1, 0, count / 2, 799_999, 13_334, count - 13_334, 777_777]) {
          await page.evaluate((/** @type {number} */ row) => {
            /** @type {any} */ (globalThis).list.reveal(row, "center");
          }, row);
          const seen = isSound(await tab.seen(), `row ${row}`);
          assert.ok(seen.whole.includes(row), `row ${row}: ${seen.first} to ${seen.last}`);
          // The wheel moves by pixels from there.
          await page.mouse.move(300, 300);
          const by = row < count / 2 ? 90 : -90;
          await page.mouse.wheel({ deltaY: by });
          const moved = isSound(await tab.seen(), `the wheel at row ${row}`);
          const rows = moved.first - seen.first;
          assert.ok(Math.abs(rows - by / 30) <= 1, `${rows} rows for ${by} pixels at row ${row}`);
        }
      });

      await t.test(`${count}: keys`, async () => {
        await page.evaluate(() => /** @type {any} */ (globalThis).list.focus());
        await page.keyboard.press("Home");
        assert.equal(isSound(await tab.seen()).active, "row-0");
        for (let i = 0; i < 3; i += 1) await page.keyboard.press("ArrowDown");
        await page.keyboard.press("ArrowUp");
        await page.keyboard.press("PageDown");
        const next = isSound(await tab.seen());
        assert.equal(next.active, "row-24");
        assert.ok(next.whole.includes(24));
        await page.keyboard.press("End");
        const end = isSound(await tab.seen());
        assert.equal(end.active, `row-${count - 1}`);
        assert.ok(end.whole.includes(count - 1));
        for (let i = 0; i < 3; i += 1) await page.keyboard.press("PageUp");
        const before = isSound(await tab.seen());
        assert.equal(before.active, `row-${count - 1 - 66}`);
        await pause(400);
        const { said } = await tab.seen();
        const grouped = (/** @type {number} */ n) => n.toLocaleString("en");
        assert.equal(said, `Row ${grouped(count - 66)} of ${grouped(count)}`);
      });
      assert.deepEqual(await tab.takeErrors(), []);
      await tab.close();
    }
  });
}

test("has no long task when a wheel turns through ten million rows in Chromium", {
  skip: undrivable,
  timeout: 120_000,
}, async (t) => {
  const browser = await launch.Chromium(kinds[0].options);
  t.after(browser.close);
  const tab = await openList(browser, 10_000_000);
  const { mouse, tracing } = tab.page;
  await tracing.start({ categories: ["toplevel", "disabled-by-default-devtools.timeline"] });
  await mouse.move(300, 300);
  const ends = Date.now() + 6000;
  while (Date.now() < ends) await mouse.wheel({ deltaY: 2000 });
  const trace = JSON.parse(Buffer.from(await tracing.stop()).toString());
  const { first, gaps } = await tab.seen();
  assert.ok(first > 1000, `row ${first}`);
  assert.equal(gaps, 0);
  const tasks = tasksOf(trace.traceEvents);
  assert.ok(tasks.length > 1000, `${tasks.length} tasks`);
  t.diagnostic(`the longest of ${tasks.length} tasks took ${Math.max(...tasks).toFixed(1)} ms`);
  assert.deepEqual(
    tasks.filter((time) => time > 50),
    [],
  );
});

/**
 * Returns how long the tasks of the page's main thread took, in milliseconds of the processor: other
 * programs of the machine make no task longer. Chromium's own pages have processes of their own.
 *
 * @param {any[]} events of a trace
 * @returns {number[]}
 */
function tasksOf(events) {
  const { frames } = events.find(({ name }) => name === "TracingStartedInBrowser").args.data;
  const page = frames.find((/** @type {{ url: string }} */ { url }) => url.startsWith(server.url));
  const threads = new Set(
    events
      .filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
      .filter(({ pid }) => pid === page.processId)
      .map(({ tid }) => tid),
  );
  return events
    .filter(({ name }) => name === "ThreadControllerImpl::RunTask")
    .filter(({ pid, tid }) => pid === page.processId && threads.has(tid))
    .flatMap(({ tdur }) => (tdur === undefined ? [] : tdur / 1000)); // The last has no end.
}
