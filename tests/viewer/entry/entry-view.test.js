// One entry in real browsers: what it shows, and that hostile entries stay text.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import test, { after, before } from "node:test";

import { launch, undrivable } from "../../browser/browsers.js";
import { browsers } from "../pages.js";
import { servePart } from "../part-page.js";

/** @import { Browser, Tab } from "../../browser/browsers.js" */

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** @type {Awaited<ReturnType<typeof servePart>>} */
let server;
before(async () => {
  server = await servePart("entry/page/entry-page.js");
});
after(() => server.close());

const members =
  '"session_id":"s","timestamp":"2026-03-01T09:00:00.5+05:30","skill":"tdd","phase":"green","final_status":"pass"';

/** @param {string} more members */
const entryOf = (more) => `{${members}${more && ","}${more}}\n`;

const attempts = [
  { attempt: 1, model: "small", runner_output: "ok\nexpected 200, got 500\nlast", verified: false },
  { attempt: 2, model: "small", runner_output: "ok\nexpected 200, got 404\nlast", verified: false },
  {
    attempt: 3,
    model: "large",
    runner_output: "ok\nexpected 200, got \u001b[32m200\u001b[0m\nlast\nall passed",
    verified: true,
  },
  { attempt: 4, model: "large", output_summary: "again", verified: true },
];
const usual = entryOf(
  `"message":"the store is asked once","attempts":${JSON.stringify(attempts)},"input":{"n":9007199254740993,"list":[${"0,".repeat(99_999)}"the last"]}`,
);

/** Text of an element and of all shadow roots in it. Runs in a page. */
const DEEP_TEXT = `(function text(node) {
  return [...(node.shadowRoot ?? node).childNodes].map((child) =>
    child.nodeType === 3 ? child.data : child.nodeType !== 1 || child.localName === "style" ? "" :
    child.localName === "slot" ? "" : " " + text(child) + " ").join("");
})`;

for (const name of browsers) {
  test(name, { skip: undrivable, timeout: 300_000 }, async (t) => {
    /** @type {Browser} */
    const browser = await launch[name]();
    t.after(() => browser.close());

    /**
     * Opens a log in a new tab.
     *
     * @param {import("node:test").TestContext} t
     * @param {string | Uint8Array} log
     * @param {{ row?: number | null, search?: object | null, width?: number }} [options]
     * @returns {Promise<Tab>}
     */
    const opened = async (t, log, { row = 0, search = null, width = 1200 } = {}) => {
      server.routes["/log"] = log;
      const tab = await browser.open(server.url);
      t.after(() => tab.close());
      await tab.page.setViewport({ width, height: 900 });
      await tab.evaluate(
        async (row, search) => {
          const log = await (await fetch("/log")).arrayBuffer();
          await globalThis.entryPage.open(/** @type {any} */ (new Uint8Array(log)), row, search);
        },
        row,
        search,
      );
      return tab;
    };
    const textOf = async (/** @type {Tab} */ tab) =>
      (await tab.page.evaluate(`${DEEP_TEXT}(globalThis.entryPage.view)`)).replace(/\s+/g, " ");
    /** @param {Tab} tab @param {RegExp} expected */
    const shows = async (tab, expected) => {
      /** @type {string} */
      let text = "";
      for (let left = 100; left > 0; left -= 1) {
        text = await textOf(tab);
        if (expected.test(text)) return text;
        await new Promise((done) => setTimeout(done, 50));
      }
      assert.match(text, expected);
      return text;
    };
    const clean = async (/** @type {Tab} */ tab) => {
      assert.deepEqual(await tab.evaluate(() => globalThis.entryPage.violations), []);
      assert.deepEqual(await tab.takeErrors(), []);
    };

    await t.test("shows what changed from the last failure to the first success", async (t) => {
      const tab = await opened(t, usual);
      const text = await shows(tab, /− 1 line only in attempt 2 \+ 2 lines only in attempt 3/);
      assert.match(text, /pass tdd · green/);
      assert.match(text, /2026-03-01 14:30:00\.5|2026-03-01 03:30:00\.5 (UTC|\+00:00)/);
      assert.match(text, /2026-03-01 09:00:00\.5 \+05:30/);
      assert.match(text, /entry 1 of 1 byte 0,/);
      const changed = await tab.evaluate(() => {
        const diff = globalThis.entryPage.view.renderRoot
          .querySelector("attempts-view")
          .renderRoot.querySelector("output-diff").renderRoot;
        return ["del", "ins"].map((name) => diff.querySelector(name).textContent);
      });
      assert.deepEqual(changed, ["404", "200"]);
      // The keys `h` and `l` do this.
      for (const [by, expected] of /** @type {const} */ ([
        [-1, "Attempt 2"],
        [-1, "Attempt 2"],
        [1, "Attempt 3"],
      ])) {
        const title = await tab.evaluate(async (by) => {
          const { view } = globalThis.entryPage;
          view.moveToAttempt(by);
          const attempts = view.renderRoot.querySelector("attempts-view");
          await attempts.updateComplete;
          return attempts.renderRoot.querySelector("h4").textContent;
        }, by);
        assert.equal(title, expected);
      }
      await clean(tab);
    });

    for (const theme of name === "Chromium" ? ["light", "dark"] : []) {
      await t.test(`has no fault that axe finds when the theme is ${theme}`, async (t) => {
        const search = { text: "last", isExact: false, isPattern: false };
        const tab = await opened(t, usual, { search });
        await tab.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
        await shows(tab, /hits.*only in attempt 3/);
        await tab.page.evaluate(axe);
        const faults = () =>
          tab.evaluate(async () => {
            const { violations } = await /** @type {any} */ (globalThis).axe.run(
              globalThis.entryPage.view,
            );
            return violations.map((/** @type {any} */ { id, nodes }) => [
              id,
              ...nodes.map((/** @type {any} */ { target }) => target.flat().join(" ")),
            ]);
          });
        assert.deepEqual(await faults(), []);
        await tab.evaluate(() => globalThis.entryPage.view.showHit());
        assert.deepEqual(await faults(), []);
      });
    }

    await t.test("shows changes in one column when the page is 360 px wide", async (t) => {
      const tab = await opened(t, usual, { width: 360 });
      await shows(tab, /− expected 200, got 404 \+ expected 200, got 200/);
      assert.ok((await tab.evaluate(() => document.documentElement.scrollWidth)) <= 360);
    });

    await t.test("shows big integers exactly, and the last of 100,000 items", async (t) => {
      const tab = await opened(t, usual);
      await shows(tab, /n 9007199254740993 .*list \[ 100,000 items .*\[0 … 9,999\]/);
      await tab.evaluate(() =>
        globalThis.entryPage.view.renderRoot
          .querySelector("json-tree")
          .showPlace({ field: "input.list[99999]" }),
      );
      await shows(tab, /99999 "the last"/);
    });

    await t.test("walks the tree when arrow keys are pressed", async (t) => {
      const tab = await opened(t, entryOf('"input":{"a":{"b":[1,{"c":"d"}]}}'));
      await shows(tab, / c "d"/);
      await tab.evaluate(() =>
        globalThis.entryPage.view.renderRoot
          .querySelector("json-tree")
          .renderRoot.querySelector("[role=tree]")
          .focus(),
      );
      const active = () =>
        tab.evaluate(() => {
          const row = globalThis.entryPage.view.renderRoot
            .querySelector("json-tree")
            .renderRoot.querySelector("[role=treeitem].active");
          return [row.getAttribute("aria-level"), row.getAttribute("aria-expanded")];
        });
      for (const [key, expected] of /** @type {const} */ ([
        ["ArrowDown", ["2", "true"]],
        ["ArrowLeft", ["2", "false"]],
        ["ArrowDown", ["2", "false"]],
        ["ArrowRight", ["2", "true"]],
        ["ArrowRight", ["3", "true"]],
        ["End", ["5", null]],
        ["ArrowLeft", ["4", "true"]],
        ["Home", ["1", "true"]],
      ])) {
        await tab.page.keyboard.press(key);
        await new Promise((done) => setTimeout(done, 50));
        assert.deepEqual(await active(), expected, key);
      }
    });

    await t.test("marks the hits of a search, and goes from one to the next", async (t) => {
      const search = { text: "LAST", isExact: false, isPattern: false };
      const tab = await opened(t, usual, { search });
      await shows(tab, /4 hits/);
      const current = [];
      for (let hit = 0; hit < 5; hit += 1) {
        await tab.evaluate(() => globalThis.entryPage.view.showHit());
        current.push(await tab.evaluate(() => globalThis.entryPage.view.currentPlace.field));
      }
      assert.deepEqual(current, [
        ...[0, 1, 2].map((at) => `attempts[${at}].runner_output`),
        "input.list[99999]",
        "attempts[0].runner_output",
      ]);
      const marked = await tab.evaluate(() =>
        [
          ...globalThis.entryPage.view.renderRoot
            .querySelector("attempts-view")
            .renderRoot.querySelectorAll("long-text"),
        ]
          .flatMap((text) => [...text.renderRoot.querySelectorAll("mark")])
          .map((mark) => `${mark.textContent}${mark.className && "*"}`),
      );
      assert.deepEqual(marked, ["last*", "last", "last"]);
      await clean(tab);
    });

    await t.test("gives up the search of an entry when a pattern takes too long", async (t) => {
      const search = { text: "(a+)+$", isExact: true, isPattern: true };
      const tab = await opened(t, entryOf(`"message":"${"a".repeat(60)}!"`), { search });
      await shows(tab, /Searching this entry takes too long/);
      await tab.evaluate(() => {
        globalThis.entryPage.view.search = { text: "aaa!", isExact: true, isPattern: false };
      });
      await shows(tab, /1 hit /);
    });

    await t.test("copies the line, and the entry in lines", async (t) => {
      const tab = await opened(t, entryOf('"input":[1e400,12345678901234567890]'));
      const copied = await tab.evaluate(async () => {
        const texts = /** @type {string[]} */ ([]);
        Object.defineProperty(navigator, "clipboard", {
          value: { writeText: async (/** @type {string} */ text) => texts.push(text) },
        });
        for (const button of globalThis.entryPage.view.renderRoot.querySelectorAll(
          ".copies copy-button",
        )) {
          button.renderRoot.querySelector("button").click();
          await new Promise((done) => setTimeout(done, 100));
        }
        return texts;
      });
      const line = `{"session_id":"s","timestamp":"2026-03-01T09:00:00.5+05:30","skill":"tdd","phase":"green","input":[1e400,12345678901234567890],"final_status":"pass"}`;
      assert.deepEqual(copied.slice(0, 2), ["s", line]);
      assert.match(copied[2], /^\{\n {2}"session_id": "s",\n[^]*12345678901234567890\n {2}\],\n/);
    });

    await t.test("copies without the Clipboard API when a page has none", async (t) => {
      const tab = await opened(t, usual);
      const copied = await tab.evaluate(async () => {
        Object.defineProperty(navigator, "clipboard", { value: undefined });
        let selected = "";
        document.execCommand = (command) => {
          const field = /** @type {HTMLTextAreaElement} */ (document.activeElement);
          selected = `${command}: ${field.value.slice(field.selectionStart, field.selectionEnd)}`;
          return true;
        };
        globalThis.entryPage.view.renderRoot
          .querySelector("copy-button")
          .renderRoot.querySelector("button")
          .click();
        await new Promise((done) => setTimeout(done, 100));
        return [selected, document.querySelectorAll("textarea").length];
      });
      assert.deepEqual(copied, ["copy: s", 0]);
      await clean(tab);
    });

    await t.test("says so when the entry is no longer in the log", async (t) => {
      const tab = await opened(t, usual, { row: null });
      await tab.evaluate(async () => {
        const { view } = globalThis.entryPage;
        const gone = Object.assign(new Error("gone"), { code: "REPLACED" });
        const { index } = view;
        view.index = { row: () => index.row(0), entry: () => Promise.reject(gone) };
        view.row = 0;
        await globalThis.entryPage.shown();
      });
      await shows(tab, /This entry is no longer in the log/);
    });

    const hostile =
      "<img src=x onerror=alert(1)><script>alert(1)</script><a href='javascript:alert(1)'>x</a>";
    await t.test("shows text, never markup, when every field is hostile", async (t) => {
      const text = JSON.stringify(
        `${hostile}\u202e\u001b]8;;javascript:alert(1)\u0007link\u001b]8;;\u0007\u001b[2J`,
      );
      const log = `{"session_id":${text},"timestamp":"2026-03-01T09:00:00Z","skill":${text},"phase":${text},"project_root":${text},"input":{${text}:${text},"__proto__":{"x":1},"constructor":"\\ud800"},"attempts":[{"attempt":1,"model":${text},"output_summary":${text},"runner_output":${text},"verified":false},{"attempt":2,"model":${text},"runner_output":"${"b"}","verified":true}],"final_status":${text},"file_path":${text},"model_used":${text},"message":${text}}\n`;
      const tab = await opened(t, log, {
        search: { text: "script", isExact: false, isPattern: false },
      });
      await shows(tab, /hits/);
      const shown = await textOf(tab);
      assert.match(shown, /<img src=x onerror=alert\(1\)>/);
      assert.match(shown, /U\+202E/);
      assert.match(shown, /__proto__/);
      assert.match(shown, /U\+D800/);
      const found = await tab.page.evaluate(`(function elements(node) {
        const all = [...(node.shadowRoot ?? node).querySelectorAll("*")];
        return all.filter((element) => ["IMG", "SCRIPT", "A"].includes(element.tagName) || element.hasAttribute("style"))
          .map((element) => element.tagName)
          .concat(...all.filter((element) => element.shadowRoot).map(elements));
      })(globalThis.entryPage.view)`);
      assert.deepEqual(found, []);
      await clean(tab);
    });

    // The best of some tries: other work on the machine makes any one of them slow.
    for (const [title, log, expected] of /** @type {const} */ ([
      [
        "input has 9,998 levels",
        entryOf(`"input":${"[".repeat(9_998)}1${"]".repeat(9_998)}`),
        /1 item/,
      ],
      [
        "input has 100,000 members",
        entryOf(`"input":{${Array.from({ length: 100_000 }, (_, at) => `"k${at}":${at}`)}}`),
        /100,000 members/,
      ],
      ["a text has 100,000 open brackets", entryOf(`"message":"${"[".repeat(100_000)}"`), /hidden/],
      [
        "a text overrides its direction 100,000 times",
        entryOf(`"message":"${"\u202ea".repeat(100_000)}"`),
        /U\+202E/,
      ],
      [
        "an output changes colours 100,000 times",
        entryOf(
          `"attempts":[{"attempt":1,"model":"m","runner_output":"${"\\u001b[1;31mx\\u001b[4;5mz".repeat(100_000)}","verified":true}]`,
        ),
        /hidden/,
      ],
      [
        "a text has 50 MB",
        entryOf(`"message":"${"x".repeat(50_000_000)}"`),
        /This entry is large: 50\.0 MB/,
      ],
    ])) {
      await t.test(`answers within 100 ms when ${title}`, async (t) => {
        const tab = await opened(t, log, { row: null });
        let best = Infinity;
        for (let tries = 0; tries < 6 && best > 100; tries += 1) {
          const longest = await tab.evaluate(async () => {
            let [last, longest] = [performance.now(), 0];
            const timer = setInterval(() => {
              const now = performance.now();
              longest = Math.max(longest, now - last);
              last = now;
            });
            globalThis.entryPage.view.row = 0;
            await globalThis.entryPage.shown();
            await new Promise((done) => setTimeout(done, 400));
            clearInterval(timer);
            globalThis.entryPage.view.row = null;
            await new Promise((done) => setTimeout(done, 50));
            return longest;
          });
          best = Math.min(best, longest);
        }
        t.diagnostic(`${best.toFixed(0)} ms`);
        assert.ok(best <= 100, `${best} ms`);
        await tab.evaluate(async () => {
          globalThis.entryPage.view.row = 0;
          await globalThis.entryPage.shown();
        });
        await shows(tab, expected);
        await clean(tab);
      });
    }

    await t.test("reads an entry of 50 MB when it is asked to", async (t) => {
      const tab = await opened(t, entryOf(`"message":"${"x".repeat(50_000_000)}"`));
      await tab.evaluate(() =>
        globalThis.entryPage.view.renderRoot.querySelector("button.primary").click(),
      );
      await shows(tab, /50\.0 million characters hidden/);
      await clean(tab);
    });
  });
}
