// Reads a log in each way named, and prints the result or the error code of each. Also prints the
// peak rise of memory in MB, or null where the system does not report it. An entry is printed as
// its skill.
//
//   reader.js DIR SESSION MAX_LINE_BYTES WAY…

import { readFileSync, writeFileSync } from "node:fs";

import { SessionLog } from "skill-log";

const [dir, session, maxLineBytes, ...names] = process.argv.slice(2);

const log = await SessionLog.open(dir, session, { maxLineBytes: Number(maxLineBytes) });
/** @type {import("skill-log").LogIndex} */
let index;

/**
 * Shortens a list to its first and last three elements.
 *
 * @template T
 * @param {T[]} list
 */
const ends = (list) => (list.length <= 20 ? list : [...list.slice(0, 3), ...list.slice(-3)]);

/**
 * Returns what a promise resolves to, or the code and message of its error.
 *
 * @template T
 * @param {Promise<T>} promise
 * @returns {Promise<{ value?: T, code?: string, message?: string }>}
 */
const outcome = (promise) =>
  promise.then(
    (value) => ({ value }),
    ({ code, message }) => ({ code, message }),
  );

/**
 * Collects the skills of entries, up to the error that ends them if there is one.
 *
 * @param {AsyncIterable<import("skill-log").Entry>} entries
 */
async function skillsOf(entries) {
  /** @type {string[]} */
  const skills = [];
  const read = async () => {
    for await (const { skill } of entries) skills.push(skill);
  };
  const { code = null } = await outcome(read());
  return { skills: ends(skills), code };
}

/** @param {"parsed" | "raw"} input */
async function each(input) {
  const skills = [];
  for (let i = 0; i < index.length; i++) {
    const { value, code } = await outcome(index.entry(i, { input }).then(({ skill }) => skill));
    skills.push(value ?? code);
  }
  return skills;
}

const onDamage = () => {};

/** @type {Record<string, () => Promise<unknown>>} */
const ways = {
  async index() {
    index = await log.index();
    const rows = ends(Array.from({ length: index.length }, (_, i) => index.row(i)));
    return {
      rows: rows.map(({ skill, offset, recovered }) => [skill, offset, recovered]),
      damaged: index.damage.length,
      damage: ends(index.damage).map(({ kind, line, offset, length, recovered }) => [
        kind,
        line,
        offset,
        length,
        recovered,
      ]),
      pending: index.pending,
      bytes: index.bytes,
    };
  },
  async verify() {
    const { bytes, lines, entries, recovered, damage, pending } = await log.verify();
    return { bytes, lines, entries, recovered, damaged: damage.length, pending };
  },
  read: async () => (await log.read({ onDamage })).map(({ skill }) => skill),
  entries: () => skillsOf(log.entries({ onDamage })),
  reverse: () => skillsOf(log.entries({ onDamage, reverse: true })),
  each: () => each("parsed"),
  raw: () => each("raw"),
  async last() {
    const { value } = await log.entries({ onDamage, reverse: true }).next();
    return value?.skill;
  },
};

const before = resetPeak();
/** @type {Record<string, unknown>} */
const results = {};
for (const name of names) {
  const { value, ...error } = await outcome(ways[name]());
  results[name] = value ?? error;
}
console.log(JSON.stringify({ ...results, peak: before === null ? null : peak() - before }));

function resetPeak() {
  if (process.platform !== "linux") return null;
  writeFileSync("/proc/self/clear_refs", "5");
  return peak();
}

function peak() {
  const [, kilobytes] = /VmHWM:\s*(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Math.round(Number(kilobytes) / 1000);
}
