// Uses the page as a person does, and measures what the person sees. The functions that run in the
// page look through its shadow roots.

import { drop } from "../../tests/browser/disk.js";

/** @typedef {import("../../tests/browser/browsers.js").Browser} Browser */
/** @typedef {import("../../tests/browser/browsers.js").Tab} Tab */

/** How long something may take to appear, in milliseconds. */
const PATIENCE = 30_000;

/** How long the list is scrolled through, and how long by a wheel, in milliseconds. */
const SCROLL_TIME = 3000;
const WHEEL_TIME = 2000;

/**
 * How many workers read a file, each through so many streams at once, where that takes Chromium the
 * least time: one stream takes twice as long.
 */
const READERS = 2;
const STREAMS = 2;

/** How many files are looked at at once, where that takes Chromium the least time. */
const LOOKS_AT_ONCE = 32;

/**
 * Opens an empty tab of the page's size, in which pages know how to measure.
 *
 * @param {Browser} browser
 * @returns {Promise<Tab>}
 */
export async function emptyTab(browser) {
  const tab = await browser.open("about:blank");
  await tab.page.setViewport({ width: 1400, height: 900 });
  await tab.page.evaluateOnNewDocument(prepare);
  await tab.page.bringToFront();
  return tab;
}

/** Gives a page what measures it. Runs in the page before its own code. */
function prepare() {
  /** @param {string[]} names of elements, each in the shadow root of the one before */
  const part = (...names) =>
    names.reduce(
      (/** @type {any} */ from, name) => (from?.shadowRoot ?? from)?.querySelector(name) ?? null,
      document,
    );
  const list = () => part("skill-log-viewer", "entry-list");
  const looks = {
    /** Whether rows of entries are shown. */
    entries: () => part("skill-log-viewer", "entry-list", "virtual-list", ".row .cell") !== null,
    /** Whether sessions are shown. */
    sessions: () =>
      part("skill-log-viewer", "session-list", "virtual-list", ".row .session:not(.action)") !==
      null,
    /** Whether all is read of what is shown. */
    all: () =>
      (list()?.index?.length ?? 0) > 0 && part("skill-log-viewer", ".bar progress") === null,
    /** Whether the list of sessions is complete. */
    listed: () => part("skill-log-viewer", "session-list")?.isListing === false,
    /** Whether a hit is counted. */
    hit: () =>
      /^[1-9]/.test(part("skill-log-viewer", "entry-list", "entry-tools", ".hits")?.innerText),
    /** Whether all is searched. */
    searched: () =>
      list() && part("skill-log-viewer", "entry-list", "entry-tools")?.hits?.isSearching === false,
  };
  let started = 0;
  /** @type {Promise<any> | undefined} */
  let folder;
  addEventListener(
    "drop",
    ({ dataTransfer }) => {
      started = performance.now();
      folder = /** @type {any} */ (dataTransfer?.items[0])?.getAsFileSystemHandle();
    },
    true,
  );
  Object.assign(globalThis, {
    viewer: {
      part,
      start: () => (started = performance.now()),
      folder: () => folder,
      /**
       * Waits until something is seen, and returns the time since the start.
       *
       * @param {keyof typeof looks} what
       * @param {number} patience
       */
      until: (what, patience) =>
        new Promise((done, fail) => {
          const look = () => {
            const time = performance.now() - started;
            if (looks[what]()) done(time);
            else if (time > patience) fail(new Error(`no ${what} after ${time} ms`));
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        }),
    },
  });
}

/**
 * Waits until something is seen. Returns the milliseconds since the start.
 *
 * @param {Tab} tab
 * @param {"entries" | "sessions" | "all" | "listed" | "hit" | "searched"} what
 * @returns {Promise<number>}
 */
export function until(tab, what) {
  return tab.evaluate(
    (what, patience) => /** @type {any} */ (globalThis).viewer.until(what, patience),
    what,
    PATIENCE,
  );
}

/**
 * Drops files on the page, which starts the clock.
 *
 * @param {Tab} tab
 * @param {string} path
 */
export async function dropped(tab, path) {
  await tab.evaluate(async () => {
    while (
      !(/** @type {any} */ (globalThis).viewer.part("skill-log-viewer", "open-logs", "button"))
    )
      await new Promise(requestAnimationFrame);
  });
  await drop(tab, path);
}

/**
 * Lists a folder and looks at each file as soon as Chromium can, without the page's code: no page
 * can know sooner which files are the newest.
 *
 * @param {Tab} tab
 * @param {"dropped" | "kept"} which the folder that was dropped, or what the browser keeps
 * @returns {Promise<number>} the milliseconds
 */
export function lookedAt(tab, which) {
  return tab.evaluate(
    async (which, atOnce) => {
      const { viewer } = /** @type {any} */ (globalThis);
      const folder = await (which === "kept" ? navigator.storage.getDirectory() : viewer.folder());
      const start = performance.now();
      /** @type {any[]} */
      const files = [];
      for await (const handle of folder.values()) if (handle.kind === "file") files.push(handle);
      let next = 0;
      const look = async () => {
        while (next < files.length) await files[next++].getFile();
      };
      await Promise.all(Array.from({ length: atOnce }, look));
      return performance.now() - start;
    },
    which,
    LOOKS_AT_ONCE,
  );
}

/**
 * Has the tab collect its garbage.
 *
 * @param {Tab} tab
 */
export async function garbageCollected({ page }) {
  const session = await page.createCDPSession();
  await session.send("HeapProfiler.collectGarbage");
  await session.detach();
}

/**
 * Reads a file as fast as Chromium can, without the page's code: no index of it can be made sooner.
 *
 * @param {Tab} tab with a file input
 * @param {string} path
 * @returns {Promise<number>} the milliseconds
 */
export async function bytesRead(tab, path) {
  await tab.setFiles("input", path);
  return tab.evaluate(
    async (source, readers, streams) => {
      const input = /** @type {HTMLInputElement} */ (document.querySelector("input"));
      const [file] = /** @type {FileList} */ (input.files);
      const url = URL.createObjectURL(new Blob([`(${source})()`]));
      const workers = Array.from({ length: readers }, () => new Worker(url));
      const answers = () =>
        Promise.all(workers.map((worker) => new Promise((done) => (worker.onmessage = done))));
      const started = answers();
      for (const worker of workers) worker.postMessage({ blob: new Blob([]), streams });
      await started;
      const start = performance.now();
      const ended = answers();
      const part = Math.ceil(file.size / readers);
      for (const [at, worker] of workers.entries())
        worker.postMessage({ blob: file.slice(at * part, (at + 1) * part), streams });
      const counts = (await ended).map(({ data }) => data);
      const time = performance.now() - start;
      const count = counts.reduce((sum, count) => sum + count, 0);
      if (count !== file.size) throw new Error(`${count} of ${file.size} bytes were read`);
      return time;
    },
    String(readStreams),
    READERS,
    STREAMS,
  );
}

/** Reads the Blobs that it gets, and answers with the number of bytes. Runs in a worker. */
function readStreams() {
  const step = 1 << 20;
  const part = 16 << 20;
  const bytesOf = async (/** @type {Blob} */ blob) => {
    const reader = blob.stream().getReader({ mode: "byob" });
    let buffer = new ArrayBuffer(step);
    for (let count = 0; ; ) {
      const min = Math.min(step, blob.size - count);
      if (min === 0) return count;
      const { value } = await reader.read(new Uint8Array(buffer, 0, min), { min });
      if (!value) throw new Error(`the file ended after ${count} bytes`);
      count += value.length;
      buffer = value.buffer;
    }
  };
  onmessage = async ({ data: { blob, streams } }) => {
    let [from, count] = [0, 0];
    const work = async () => {
      while (from < blob.size) {
        const read = await bytesOf(blob.slice(from, (from += part)));
        count += read;
      }
    };
    await Promise.all(Array.from({ length: streams }, work));
    postMessage(count);
  };
}

/**
 * Counts the frames of a page in which nothing happens.
 *
 * @param {Tab} tab
 * @returns {Promise<number>} the mean milliseconds between two frames
 */
export async function rested(tab) {
  const { frames, time } = await framesIn(tab, WHEEL_TIME);
  return time / frames;
}

/**
 * @param {Tab} tab
 * @param {number} time in milliseconds
 * @returns {Promise<{ frames: number, time: number }>}
 */
function framesIn(tab, time) {
  return tab.evaluate(async (time) => {
    const start = await new Promise(requestAnimationFrame);
    for (let frames = 1; ; frames += 1) {
      const now = await new Promise(requestAnimationFrame);
      if (now - start > time) return { frames, time: now - start };
    }
  }, time);
}

/**
 * Searches for a text. The clock starts with the last letter that is typed.
 *
 * @param {Tab} tab
 * @param {string} text
 */
export async function typed(tab, text) {
  await tab.evaluate((text) => {
    const { viewer } = /** @type {any} */ (globalThis);
    const input = viewer.part("skill-log-viewer", "entry-list", "entry-tools", "input");
    input.focus();
    input.value = text;
    viewer.start();
    input.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
  }, text);
}

/**
 * Sorts by a column, then again in the other direction, and waits until each is shown.
 *
 * @param {Tab} tab
 * @param {object} change of the view, such as `{ sort: { by: "duration_ms", descending: true } }`
 * @returns {Promise<number>} the milliseconds until other rows are shown
 */
export function changed(tab, change) {
  return tab.evaluate(async (change) => {
    const { viewer } = /** @type {any} */ (globalThis);
    const list = viewer.part("skill-log-viewer", "entry-list");
    const { rows } = list;
    const start = performance.now();
    list.dispatchEvent(
      new CustomEvent("change-view", { detail: change, bubbles: true, composed: true }),
    );
    while (list.rows === rows) await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return performance.now() - start;
  }, change);
}

/**
 * Scrolls through the whole list: by the scroll bar, and then some of it by a wheel.
 *
 * @param {Tab} tab
 * @returns {Promise<number>} the mean milliseconds between two frames
 */
export async function scrolled(tab) {
  const bar = await tab.evaluate(async (time) => {
    const { viewer } = /** @type {any} */ (globalThis);
    const scroller = viewer.part("skill-log-viewer", "entry-list", "virtual-list", ".scroller");
    scroller.dispatchEvent(new PointerEvent("pointerdown", { pointerType: "mouse" }));
    const most = scroller.scrollHeight - scroller.clientHeight;
    const start = await new Promise(requestAnimationFrame);
    for (let frames = 0; ; frames += 1) {
      const now = await new Promise(requestAnimationFrame);
      scroller.scrollTop = (most * (now - start)) / time;
      if (now - start > time) return { frames: frames + 1, time: now - start };
    }
  }, SCROLL_TIME);
  const counting = framesIn(tab, WHEEL_TIME);
  await tab.page.mouse.move(900, 600);
  let isOver = false;
  const wheel = counting.finally(() => (isOver = true));
  while (!isOver) await tab.page.mouse.wheel({ deltaY: -240 });
  const { frames, time } = await wheel;
  return (bar.time + time) / (bar.frames + frames);
}
