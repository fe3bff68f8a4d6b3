// Takes the pictures of README.md and docs/viewer.md: the page of `skill-log view` in Chromium, with
// the logs of viewer-screens-logs.js. Needs a build, and chromium.
//
//   node scripts/viewer-screens.js              the pictures of docs/
//   node scripts/viewer-screens.js entry        the named pictures
//   node scripts/viewer-screens.js --all DIR    each view, light and dark, wide and narrow, into DIR

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { launch } from "../tests/browser/browsers.js";
import { inside, until } from "../tests/viewer/parts.js";
import { view } from "../tests/viewer/view-server.js";
import { root, say, script } from "./command.js";
import { indexedPng } from "./indexed-png.js";
import { NOW, writeLogs } from "./viewer-screens-logs.js";

/** @import { Tab } from "../tests/browser/browsers.js" */

/** The session that most pictures show. */
const SESSION = "checkout-coupons";

/** @param {string} text @param {...string} parts */
const press = async (/** @type {Tab} */ tab, text, ...parts) => {
  for (const button of await tab.page.$$(inside(...parts))) {
    const label = await button.evaluate(
      (/** @type {any} */ element) =>
        element.checkVisibility() && `${element.innerText} ${element.ariaLabel ?? ""}`,
    );
    if (label && label.includes(text)) return button.click();
  }
  throw new Error(`there is no button ${text}`);
};

const ROW = inside("entry-list", "virtual-list", ".row");

/**
 * What each picture shows: the fragment of the page's address, and what is done there.
 *
 * @type {Record<string, { words?: string, go?: (tab: Tab) => Promise<unknown> }>}
 */
const views = {
  sessions: { words: "" },
  entries: { words: `session=${SESSION}` },
  entry: { words: `session=${SESSION}`, go: openFixed },
  search: { words: "session=*&find=timeout" },
  time: {
    words: `session=${SESSION}`,
    go: (tab) => press(tab, "Where the time went", "time-line", "button"),
  },
  damage: {
    words: "session=mobile-login",
    go: async (tab) => {
      await tab.page.keyboard.press("d");
      await tab.page.keyboard.press("d");
      await until(tab, inside("entry-list", "damage-view", ".bytes"), ({ length }) => length > 0);
    },
  },
  filter: {
    words: `session=${SESSION}`,
    go: (tab) => press(tab, "Filter", "entry-list", "entry-tools", "button"),
  },
  compare: { words: `session=${SESSION}&with=checkout-refunds` },
  keys: { words: `session=${SESSION}`, go: (tab) => tab.page.keyboard.press("?") },
};

/** Opens the entry that needed several attempts. @param {Tab} tab */
async function openFixed(tab) {
  await until(tab, ROW, (rows) => rows.length > 5);
  for (const row of await tab.page.$$(ROW))
    if (
      await row.evaluate((/** @type {any} */ { innerText }) => innerText.includes("rounds twice"))
    ) {
      await row.click();
      break;
    }
  await until(tab, inside("entry-view", "h2"), ({ length }) => length === 1);
}

/** The pictures of docs/. @type {Record<string, { of: keyof typeof views, theme: string, width: number, height: number }>} */
const pictures = {
  viewer: { of: "entry", theme: "light", width: 1200, height: 700 },
  "viewer-search": { of: "search", theme: "dark", width: 1200, height: 600 },
  "viewer-time": { of: "time", theme: "light", width: 1200, height: 600 },
  "viewer-damage": { of: "damage", theme: "light", width: 1200, height: 700 },
  "viewer-compare": { of: "compare", theme: "dark", width: 1200, height: 700 },
  "viewer-narrow": { of: "entries", theme: "light", width: 360, height: 720 },
};

script(import.meta.url, async () => {
  const wanted = process.argv.slice(2);
  const isAll = wanted[0] === "--all";
  const target = isAll ? wanted[1] : join(root, "docs");
  mkdirSync(target, { recursive: true });
  const shots = isAll
    ? Object.keys(views).flatMap((of) =>
        ["light", "dark"].flatMap((theme) =>
          [1280, 360].map((width) => ({
            name: `${of}-${theme}-${width}`,
            of,
            theme,
            width,
            height: 760,
          })),
        ),
      )
    : Object.entries(pictures).map(([name, picture]) => ({ name, ...picture }));
  const chosen = shots.filter(({ of, name }) =>
    isAll
      ? wanted.length < 3 || wanted.includes(of)
      : wanted.length === 0 || wanted.includes(of) || wanted.includes(name),
  );
  process.env.TZ = "UTC";
  const folder = mkdtempSync(join(tmpdir(), "skill-log-viewer-"));
  writeLogs(join(folder, "logs"));
  /** @type {(() => unknown)[]} */
  const ends = [];
  const address = await view(
    /** @type {any} */ ({ after: (/** @type {() => unknown} */ end) => ends.push(end) }),
    join(folder, "logs"),
  );
  const browser = await launch.Chromium();
  try {
    for (const { name, of, theme, width, height } of chosen) {
      const tab = await browser.open("about:blank");
      const page = /** @type {import("puppeteer-core").Page} */ (tab.page);
      await page.setViewport({ width, height });
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
      // The page's clock stands still, so that ages are the same in each picture.
      await page.evaluateOnNewDocument((now) => (Date.now = () => now), NOW);
      const { words = "", go } = views[of];
      await page.goto(`${address}${words && `&${words}`}`);
      await until(
        tab,
        width < 720 && words === ""
          ? inside("session-list", "virtual-list", ".session")
          : of === "compare"
            ? inside("session-comparison")
            : ROW,
        ({ length }) => length > 0,
      );
      await pause(400);
      await go?.(tab);
      await pause(900);
      const png = indexedPng(await page.screenshot());
      writeFileSync(join(target, `${name}.png`), png);
      say(`${name}.png has ${Math.round(png.length / 1000)} KB`);
      await tab.close();
    }
  } finally {
    await browser.close();
    for (const end of ends) end();
    rmSync(folder, { recursive: true, force: true });
  }
});
