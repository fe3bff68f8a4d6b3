// Entries that attack the page that shows them: all they hold stays text, in every view, and the
// page's policy has nothing to stop.

import assert from "node:assert/strict";
import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { launch, undrivable } from "../browser/browsers.js";
import { serve } from "../browser/server.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { mainTasks } from "./main-tasks.js";
import { browsers, openPage, PAGE } from "./pages.js";
import { choose, found, inside, until } from "./parts.js";

/** @import { Tab } from "../browser/browsers.js" */

const ESC = "\u001b";

/** What a text can be, and a part of it that is shown. @type {Record<string, [string, string]>} */
const texts = {
  markup: ["<img src=x onerror=alert(1)><svg onload=alert(2)><iframe srcdoc='x'>", "<img src=x"],
  "a script": ["</script><script>alert(3)</script><style>*{display:none}</style>", "<script>alert"],
  "a template's own marks": [
    "<!--?lit$123$--><?lit$ $" + "{alert(4)} {{alert(5)}}",
    "{{alert(5)}}",
  ],
  "a URL that runs": [
    "javascript:alert(6) data:text/html,<script>alert(7)</script>",
    "javascript:",
  ],
  "a name of all objects": ["__proto__", "__proto__"],
  "another such name": ["constructor", "constructor"],
  "text that runs backwards": ["\u202egnp.exe\u2066\u2069 \u200b\u0000 end", "end"],
  "half of a character": ["\ud800 half \udfff", "half"],
  "links and moves of a terminal": [
    `${ESC}]8;;javascript:alert(8)${ESC}\\link${ESC}]8;;${ESC}\\${ESC}[2J${ESC}[1;1Hmoved${ESC}[8mhidden${ESC}]0;title\u0007${ESC}[?1049h shown`,
    "shown",
  ],
};

/** An entry whose every text is hostile. @param {string} text */
function lineOf(text) {
  const entry = {
    session_id: text,
    timestamp: "2026-03-01T09:00:00Z",
    skill: text,
    phase: text,
    project_root: text,
    input: JSON.parse(
      `{${JSON.stringify(text)}:${JSON.stringify(text)},"__proto__":{"polluted":1}}`,
    ),
    attempts: [false, true].map((verified, at) => ({
      attempt: at + 1,
      model: text,
      output_summary: text,
      runner_output: `${at} ${text}\nsame\n${text}`,
      verified,
    })),
    final_status: text,
    file_path: text,
    model_used: text,
    duration_ms: 60_000,
    message: text,
  };
  // JSON as the format has it: a control character, and half a character, are escaped.
  return JSON.stringify(entry);
}

/** Lines that are no entries, or are as large as entries can be. @type {Record<string, string>} */
const lines = {
  "100,000 levels": `{"session_id":"s","timestamp":"2026-03-01T09:01:00Z","skill":"deep","input":${"[".repeat(100_000)}${"]".repeat(100_000)},"final_status":"pass"}`,
  "9,000 levels": `{"session_id":"s","timestamp":"2026-03-01T09:01:00Z","skill":"deep","input":${'{"a":'.repeat(9000)}1${"}".repeat(9000)},"final_status":"pass"}`,
  "a member's name twice": `{"session_id":"s","skill":"first","skill":"<b>second</b>","timestamp":"2026-03-01T09:01:00Z","final_status":"pass"}`,
  "no JSON": "<script>alert(9)</script>\u202e{]",
};

const log = `${[...Object.values(texts).map(([text]) => lineOf(text)), ...Object.values(lines)].join("\n")}\n`;

/** The most characters that a text in a message has. */
const LARGE = 50_000_000;

/**
 * Notes what the page's policy stops, and every dialog. Runs in the page, before its program.
 */
function watchPolicy() {
  /** @type {string[]} */
  const stopped = [];
  Object.assign(globalThis, { stopped });
  addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sample }) =>
    stopped.push([effectiveDirective, blockedURI, sample].join(" ")),
  );
  for (const name of ["alert", "confirm", "prompt", "open", "eval"])
    Object.defineProperty(globalThis, name, { value: () => stopped.push(`${name} was called`) });
}

/**
 * Returns what is wrong in the page: elements that no view has, styles of elements, and what was
 * stopped. Runs in the page.
 */
function faultsOfPage() {
  const never =
    "script[srcdoc], img, iframe, object, embed, a, base, link[rel=import], form, style";
  /** @param {ParentNode} root @returns {string[]} */
  const faultsIn = (root) => [
    ...Array.from(root.querySelectorAll(never), ({ outerHTML }) => outerHTML.slice(0, 100)),
    ...Array.from(root.querySelectorAll("*"), ({ attributes, localName }) =>
      Array.from(attributes)
        .filter(
          ({ name, value }) =>
            name.startsWith("on") ||
            (name === "href" && localName !== "link") ||
            // Sizes and places are set by programs; no text of an entry is.
            (name === "style" && /[<>"'\\]|url|alert/.test(value)),
        )
        .map(({ name, value }) => `${localName} ${name}=${value.slice(0, 60)}`),
    ).flat(),
    ...Array.from(root.querySelectorAll("*"), ({ shadowRoot }) =>
      shadowRoot ? faultsIn(shadowRoot) : [],
    ).flat(),
  ];
  const { stopped = [] } = /** @type {any} */ (globalThis);
  const isPolluted = "polluted" in {};
  return [...faultsIn(document), ...stopped, ...(isPolluted ? ["objects are polluted"] : [])];
}

/** Returns the text of all elements, through their shadow roots. Runs in the page. */
function textOfPage() {
  /** @param {Node} node @returns {string} */
  const textOf = (node) =>
    [.../** @type {any} */ (/** @type {any} */ (node).shadowRoot ?? node).childNodes]
      .map((child) =>
        child.nodeType === Node.TEXT_NODE
          ? child.data
          : child.nodeType === Node.ELEMENT_NODE && child.localName !== "slot"
            ? ` ${textOf(child)} `
            : "",
      )
      .join("");
  return textOf(document.body);
}

/**
 * Waits until the page's text has a text.
 *
 * @param {Tab} tab
 * @param {(text: string) => boolean} isRight
 * @param {string} what for the message
 */
async function shows(tab, isRight, what) {
  const end = Date.now() + 15_000;
  for (;;) {
    const text = await tab.evaluate(textOfPage);
    if (isRight(text)) return text;
    if (Date.now() > end) assert.fail(`${what}: the page shows ${text.slice(-2000)}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

for (const name of browsers) {
  test(`shows hostile entries as text in every view in ${name}`, {
    skip: undrivable,
  }, async (t) => {
    const tab = await openPage(t, name);
    const { page } = tab;
    await page.evaluateOnNewDocument(watchPolicy);
    await tab.reload();
    const folder = temporaryFolder(t);
    const id = "<img src=x onerror=alert(0)>";
    const paths = [id, "other"].map((name) => join(folder, `${name}.jsonl`));
    for (const path of paths) writeFileSync(path, log);
    utimesSync(paths[1], 1000, 1000);
    await choose(tab, ...paths);
    const clean = async (/** @type {string} */ view) =>
      assert.deepEqual(await tab.evaluate(faultsOfPage), [], view);

    await t.test("the list of entries", async () => {
      const rows = await until(tab, inside("entry-list", "virtual-list", ".row"), (rows) =>
        rows.some((row) => row.includes("deep")),
      );
      for (const [what, [, shown]] of Object.entries(texts))
        assert.ok(
          rows.some((row) => row.includes(shown)),
          what,
        );
      await page.keyboard.press("w");
      await clean("entries");
    });

    await t.test("filters, hits and links", async () => {
      await page.$$eval(inside("entry-list", "entry-tools", "button"), (/** @type {any[]} */ all) =>
        all.find(({ innerText, ariaLabel }) => /^Filter/.test(ariaLabel ?? innerText))?.click(),
      );
      await until(tab, inside("entry-list", "entry-tools", ".value"), ({ length }) => length > 9);
      await page.keyboard.press("/");
      await page.keyboard.type("alert");
      await until(
        tab,
        inside("entry-list", "virtual-list", ".row mark"),
        ({ length }) => length > 2,
      );
      await clean("filters");
      await page.keyboard.press("Escape");
    });

    await t.test("the timeline and its tables", async () => {
      for (const button of ["Table", "Where the time went"]) {
        await page.$$eval(
          inside("time-line", "button"),
          (/** @type {any[]} */ all, /** @type {string} */ text) =>
            all.find((each) => each.innerText.includes(text))?.click(),
          button,
        );
        await found(tab, inside("time-line", ".below"));
        await clean(button);
      }
    });

    await t.test("each entry, and each way to show it", async () => {
      const { length } = Object.keys(texts);
      const offsets = log
        .split("\n")
        .slice(0, length)
        .map((_, at, all) => Buffer.byteLength(all.slice(0, at).join("\n")) + (at > 0 ? 1 : 0));
      for (const [at, [what, [, shown]]] of Object.entries(texts).entries()) {
        const hash = new URLSearchParams({ session: id, entry: `${id}@${offsets[at]}` });
        await tab.evaluate((hash) => void (location.hash = hash), String(hash));
        await found(tab, inside("entry-view", "attempts-view", "h4"));
        await shows(tab, (text) => text.includes(shown), what);
        for (const button of ["Outputs", "Show", "Changes"])
          await page.$$eval(
            `${inside("entry-view", "button")}, ${inside("entry-view", "attempts-view", "button")}`,
            (/** @type {any[]} */ all, /** @type {string} */ text) =>
              all.find((each) => each.innerText.trim() === text)?.click(),
            button,
          );
        await clean(what);
      }
    });

    await t.test("two sessions that are compared", async () => {
      const hash = new URLSearchParams({ session: id, with: "other" });
      await tab.evaluate((hash) => void (location.hash = hash), String(hash));
      const list = inside("session-comparison", "virtual-list");
      await until(tab, `${list} >>> .row`, (rows) => rows.some((row) => row.includes("end")));
      await page.$eval(list, (/** @type {any} */ rows) => rows.moveTo(0));
      await page.$eval(list, (/** @type {any} */ rows) => rows.focus());
      await page.keyboard.press("Enter");
      await found(tab, inside("session-comparison", "entry-pair", "h3"));
      await shows(tab, (text) => text.includes("<img src=x"), "a pair of entries");
      await clean("comparison");
    });

    await t.test("the URL and the title", async () => {
      assert.equal(await tab.evaluate(() => document.title.includes("<img src=x")), true);
      await tab.reload();
      await found(tab, inside(".welcome open-logs"));
      await clean("after a reload");
    });
    assert.deepEqual(await tab.takeErrors(), []);
  });

  test(`shows a text of 50 MB in the list in ${name}`, {
    skip: undrivable,
    timeout: 120_000,
  }, async (t) => {
    const tab = await openPage(t, name);
    const path = join(temporaryFolder(t), "large.jsonl");
    const head = '{"session_id":"s","timestamp":"2026-03-01T09:00:00Z","skill":"large"';
    writeFileSync(
      path,
      `${head},"message":"${"<b>".repeat(LARGE / 3)}","final_status":"pass"}\n${head},"message":"small","final_status":"pass"}\n`,
    );
    await choose(tab, path);
    await until(tab, inside("entry-list", "virtual-list", ".row"), (rows) =>
      rows.some((row) => row.includes("small")),
    );
    const tracing = name === "Chromium" ? tab.page.tracing : null;
    await tracing?.start({ categories: ["toplevel", "disabled-by-default-devtools.timeline"] });
    // The start of its line is there without being asked for.
    await tab.page.keyboard.press("Home");
    await tab.page.keyboard.press("j");
    await tab.page.click(inside("entry-list", "virtual-list", "#row-0"));
    await until(tab, inside("entry-view", "article"), ([text]) =>
      /This entry is large: [45]\d\.\d MB\. Below is the start of its line\./.test(text ?? ""),
    );
    await until(tab, inside("entry-view", ".line long-text", ".part"), ([text]) =>
      text?.startsWith(`${head},"message":"<b><b>`),
    );
    if (tracing) {
      const { traceEvents } = JSON.parse(new TextDecoder().decode(await tracing.stop()));
      const [longest] = mainTasks(traceEvents);
      t.diagnostic(`the longest task took ${longest} ms`);
      assert.ok(longest > 0 && longest <= 50, `a task took ${longest} ms`);
    }
    assert.deepEqual(await tab.evaluate(faultsOfPage), []);
    assert.deepEqual(await tab.takeErrors(), []);
  });
}

test("lets no text become markup or a script, by trusted types", {
  skip: undrivable,
}, async (t) => {
  const tab = await openPage(t, "Chromium");
  await found(tab, inside(".welcome"));
  const thrown = await tab.evaluate(() => {
    const tries = [
      () => (document.createElement("div").innerHTML = "<b>x</b>"),
      () => (document.createElement("script").src = "x.js"),
      () => new Worker("x.js"),
      () => /** @type {any} */ (globalThis).trustedTypes.createPolicy("other", {}),
      () => /** @type {any} */ (globalThis).trustedTypes.createPolicy("skill-log-viewer-2", {}),
      () => document.createRange().createContextualFragment("<b>x</b>"),
    ];
    return tries.map((each) => {
      try {
        each();
        return "nothing";
      } catch (error) {
        return /** @type {Error} */ (error).name;
      }
    });
  });
  assert.deepEqual(thrown, Array(6).fill("TypeError"));
});

test("shows dropped and chosen files in WebKitGTK", {
  skip: undrivable,
  timeout: 120_000,
}, async (t) => {
  const server = await serve();
  t.after(() => server.close());
  const browser = await launch.WebKitGTK();
  t.after(() => browser.close());
  const path = join(temporaryFolder(t), "chosen.jsonl");
  writeFileSync(path, log);
  const tab = await browser.open(`${server.url}${PAGE}`);
  await tab.evaluate(watchPolicy);
  await shows(tab, (text) => text.includes("Drop session logs here"), "the first page");

  await t.test("dropped", async () => {
    await tab.evaluate((log) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([log], "dropped.jsonl"));
      for (const type of ["dragover", "drop"])
        document.body.dispatchEvent(
          new DragEvent(type, { dataTransfer, bubbles: true, composed: true, cancelable: true }),
        );
    }, log);
    const text = await shows(tab, (text) => text.includes("{{alert(5)}}"), "the entries");
    assert.match(text, /dropped/);
    assert.deepEqual(await tab.evaluate(faultsOfPage), []);
  });

  await t.test("chosen, and one of its entries", async () => {
    await tab.evaluate(() => void (location.hash = ""));
    await tab.reload();
    await shows(tab, (text) => text.includes("Drop session logs here"), "the first page");
    await tab.evaluate(watchPolicy);
    await tab.setFiles(["skill-log-viewer", "open-logs", "#files"].join(" >>> "), path);
    await shows(tab, (text) => text.includes("{{alert(5)}}"), "the entries");
    await tab.evaluate(() => void (location.hash = "session=chosen&entry=chosen@0"));
    const text = await shows(tab, (text) => text.includes("only in attempt 2"), "one entry");
    assert.match(text, /<img src=x onerror=alert\(1\)>/);
    assert.deepEqual(await tab.evaluate(faultsOfPage), []);
    // WebKit reports sizes that settle a frame later as an error.
    const errors = (await tab.takeErrors()).filter((error) => !/^ResizeObserver loop/.test(error));
    assert.deepEqual(errors, []);
  });
});
