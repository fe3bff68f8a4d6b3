// What a test in a browser asks Node for: to make files on the disk, and to choose or drop them on
// the page as a user would.

import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/**
 * The part of a page for a user's files: `given()` returns the last files or handles, chosen or
 * dropped.
 */
export const takesFiles = `<input type="file"><script>
  const input = document.querySelector("input");
  let dropped = null;
  globalThis.given = () => dropped ?? [...input.files];
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    dropped = Promise.all([...event.dataTransfer.items].map((item) => item.getAsFileSystemHandle()));
  });
</script>`;

/** A folder of one test, and what the test may ask for in it. */
export class Disk {
  #folder = mkdtempSync(join(tmpdir(), "skill-log-"));
  #tab;
  /** @type {NodeJS.Timeout[]} */
  #timers = [];

  /** @param {import("./browsers.js").Tab} tab */
  constructor(tab) {
    this.#tab = tab;
  }

  /** @param {string} name which may start with a folder */
  #path(name) {
    const path = join(this.#folder, name);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  }

  /** @type {Record<string, (...args: any[]) => unknown>} */
  answers = {
    append: (name, base64) => appendFileSync(this.#path(name), Buffer.from(base64, "base64")),
    write: (name, base64) => writeFileSync(this.#path(name), Buffer.from(base64, "base64")),
    keepAppending: (name, base64, interval) => {
      this.#timers.push(
        setInterval(
          () => appendFileSync(this.#path(name), Buffer.from(base64, "base64")),
          interval,
        ),
      );
    },
    setTime: (name, time) => utimesSync(this.#path(name), time / 1000, time / 1000),
    truncate: (name, size) => truncateSync(this.#path(name), size),
    rename: (from, to) => renameSync(this.#path(from), this.#path(to)),
    remove: (name) => rmSync(this.#path(name), { recursive: true }),
    bytes: (name) => readFileSync(this.#path(name), "base64"),
    names: (folder) => readdirSync(this.#path(folder)).sort(),
    // Chooses a file. The input is emptied first, because Firefox keeps a file that was chosen
    // before.
    give: async (name) => {
      await this.#tab.evaluate(() => {
        /** @type {HTMLInputElement} */ (document.querySelector("input")).value = "";
      });
      await this.#tab.setFiles("input", this.#path(name));
    },
    drop: (name) => drop(this.#tab, this.#path(name)),
  };

  /**
   * @param {{ name: string, args: unknown[] }} asked
   * @returns {Promise<{ reply?: unknown, error?: string }>}
   */
  async answer({ name, args }) {
    try {
      return { reply: await this.answers[name](...args) };
    } catch (error) {
      return { error: String(error) };
    }
  }

  remove() {
    this.#timers.forEach(clearInterval);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/**
 * Drops files and folders on a page of Chromium.
 *
 * @param {import("./browsers.js").Tab} tab
 * @param {...string} files absolute paths
 */
export async function drop({ page }, ...files) {
  const session = await page.createCDPSession();
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"])
    await session.send("Input.dispatchDragEvent", { type, x: 50, y: 50, data });
  await session.detach();
}
