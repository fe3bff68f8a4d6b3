// Indexing and searching many files that were chosen.

import { Sessions } from "skill-log";

import { matcher } from "../../matcher.js";
import { givenFiles } from "./files.js";
import { heldEntries } from "./readers.js";

/** How many files the peer reads at once. */
const atOnce = 16;

/**
 * Ways to index the files, or to search them for a text. `run` returns the number of rows, or of
 * hits.
 *
 * @type {Record<string, (files: File[], text?: string) => Promise<Way>>}
 *
 * @typedef {{ run: () => Promise<number>, close?: () => Promise<void> }} Way
 */
const ways = {
  async "skill-log index"(files) {
    return {
      async run() {
        const sessions = await Sessions.open(files);
        const { length } = await sessions.index();
        await sessions.close();
        return length;
      },
    };
  },

  async "skill-log search"(files, text = "") {
    const sessions = await Sessions.open(files);
    const index = await sessions.index();
    return {
      run: async () => (await index.search(text)).length,
      close: () => sessions.close(),
    };
  },

  async parse(files) {
    return { run: () => countEntries(files, () => true) };
  },

  async "parse and search"(files, text = "") {
    return { run: () => countEntries(files, matcher({ text })) };
  },
};

/**
 * Counts the entries of all files that meet a condition, as pages do that use no package for logs.
 *
 * @param {File[]} files
 * @param {(entry: any) => boolean} isWanted
 */
async function countEntries(files, isWanted) {
  let count = 0;
  const left = files.values();
  const readSome = async () => {
    for (const file of left) {
      const entries = await heldEntries(file);
      count += entries.filter(isWanted).length;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, readSome));
  return count;
}

/**
 * @param {string} way
 * @param {{ text?: string }} facts
 * @returns {Promise<import("./main.js").Work>} work that counts rows or hits
 */
export async function sessions(way, { text }) {
  const files = givenFiles();
  // Pages show the sizes of chosen files. Chromium takes 0.1 ms to look at a file for the first time.
  for (const file of files) void file.size;
  const { run, close } = await ways[way](files, text);
  let count = NaN;
  return {
    run: async () => void (count = await run()),
    async end() {
      await close?.();
      return count;
    },
  };
}
