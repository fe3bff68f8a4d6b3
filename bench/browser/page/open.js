// Opening a chosen file: its last entries first, then its index.

import { SessionLog } from "skill-log";

import { indexRow } from "../../index-row.js";
import { givenFile } from "./files.js";
import { heldEntries, streamEntries } from "./readers.js";

/** The entries that fill a screen. */
const shown = 100;

/**
 * Ways to open a file. Each calls `show` with the last entries as soon as possible, and returns
 * what it holds at the end.
 *
 * @type {Record<string, (file: File, show: (entries: object[]) => void) => Promise<{ length: number
 *   }>>}
 */
const ways = {
  async "skill-log"(file, show) {
    const log = await SessionLog.from(file);
    const last = [];
    for await (const { entry } of log.records({ reverse: true })) {
      last.push(entry);
      if (last.length === shown) break;
    }
    show(last);
    return log.index();
  },

  async text(file, show) {
    const entries = await heldEntries(file);
    show(entries.slice(-shown));
    return entries;
  },

  async stream(file, show) {
    /** @type {object[]} */
    const rows = [];
    /** @type {object[]} */
    const last = [];
    await streamEntries(file, (entry) => {
      rows.push(indexRow(entry));
      if (last.push(entry) > shown) last.shift();
    });
    show(last);
    return rows;
  },
};

/**
 * @param {string} way
 * @returns {Promise<import("./main.js").Work>} work that counts the rows
 */
export async function open(way) {
  let lastShown = NaN;
  /** @type {{ length: number } | null} */
  let held = null;
  return {
    async run() {
      const start = performance.now();
      held = await ways[way](givenFile(), ({ length }) => {
        if (length !== shown)
          throw new Error(`the bench expects ${shown} entries to show, not ${length}`);
        lastShown = performance.now() - start;
      });
      return { last: lastShown };
    },
    end: async () => held?.length ?? 0,
  };
}
