// Checks a log that numbered entries were appended to, after a failure that may have cut it.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { SessionLog } from "skill-log";

import { lineOf, logUniformLengths, numberedEntry } from "../faults/numbered-entry.js";
import { makeOld, savedBytes } from "../faults/repaired-log.js";

/** @import { Entry } from "skill-log" */

const START = Buffer.from('{"session_id":"');
const NAME = /"skill":"([^"]*)","phase":"(\d+)"/;

/** The entries that writers append to a session. A writer's name and a number make each. */
export class Writing {
  #lengths;
  /** How many entries each writer began to append at most. @type {Map<string, number>} */
  #begun = new Map();

  /** @param {{ session: string, seed: number, least: number, most: number }} of lengths of lines */
  constructor({ session, seed, least, most }) {
    this.session = session;
    this.#lengths = logUniformLengths({ seed, count: 500, least, most });
  }

  /**
   * Says how many entries a writer began to append at most. Others are invented.
   *
   * @param {string} writer
   * @param {number} count
   */
  begin(writer, count) {
    this.#begun.set(writer, count);
  }

  /** @param {string} writer @param {number} number */
  entry(writer, number) {
    const length = this.#lengths[number % this.#lengths.length];
    return numberedEntry({ session: this.session, writer, number, length });
  }

  /**
   * Names entries that were read, and throws if one was not appended, or if a writer's entries are
   * not in its order.
   *
   * @param {Entry[]} entries
   */
  namesOf(entries) {
    /** @type {Map<string, number>} */
    const last = new Map();
    return entries.map((entry) => {
      const { skill: writer } = entry;
      const number = Number(entry.phase);
      assert.ok(
        number < (this.#begun.get(writer) ?? 0),
        `an entry was invented: ${writer} ${number}`,
      );
      assert.deepEqual(entry, this.entry(writer, number), "an entry was invented");
      const before = last.get(writer) ?? -1;
      assert.ok(number > before, `${writer} ${number} comes after ${before}`);
      last.set(writer, number);
      return `${writer} ${number}`;
    });
  }

  /**
   * Names the complete entries in the bytes of a log, without the package's reader.
   *
   * @param {Buffer} bytes
   */
  namesIn(bytes) {
    const names = [];
    for (let at = bytes.indexOf(START); at >= 0; at = bytes.indexOf(START, at + 1)) {
      const found = NAME.exec(bytes.toString("latin1", at, at + 300));
      if (!found) continue;
      const line = lineOf(this.entry(found[1], Number(found[2]))).subarray(0, -1);
      if (line.equals(bytes.subarray(at, at + line.length))) names.push(`${found[1]} ${found[2]}`);
    }
    return names;
  }
}

/**
 * Checks what a log holds, that appending goes on, and that a repair keeps everything. Repairs
 * first when the log must also be repaired as the failure left it.
 *
 * @param {object} of
 * @param {Writing} of.writing which knows what each writer began
 * @param {string} of.dir
 * @param {Iterable<string>} of.required the names of entries that must be there
 * @param {number} of.age seconds since the log was changed, as readers see it
 * @param {boolean} [of.repairsFirst]
 * @returns {Promise<{ names: string[], kinds: string[], isPending: boolean }>} what was found
 */
export async function checkWritten({ writing, dir, required, age, repairsFirst = false }) {
  const { session } = writing;
  writing.begin("later", 0);
  const path = join(dir, `${session}.jsonl`);
  if (!existsSync(path)) {
    assert.deepEqual([...required], [], "the log is not there");
    await appendLater({ writing, dir });
    return { names: [], kinds: [], isPending: false };
  }
  makeOld(path, age);
  const bytes = readFileSync(path);
  const log = await SessionLog.open(dir, session);
  try {
    const names = writing.namesOf(await log.read({ onDamage() {} }));
    const missing = new Set(required);
    for (const name of names) missing.delete(name);
    assert.deepEqual([...missing], [], "acknowledged entries are lost");
    await checkWhole(log, writing, bytes, names);
    const { damage, pending } = await log.verify();

    if (repairsFirst) await checkRepair(log, writing, path, names, age);
    await appendLater({ writing, dir });
    makeOld(path, age);
    // On a line of its own, whatever the log ended in.
    assert.equal(lastLineOf(path), lineOf(writing.entry("later", 0)).toString());
    const later = await log.read({ onDamage() {} });
    // The unfinished last line, if repair sealed or an append ended it, shows nothing new.
    assert.deepEqual(
      writing.namesOf(later),
      [...names, "later 0"],
      "an append changed what is read",
    );
    await checkRepair(log, writing, path, [...names, "later 0"], age);
    return { names, kinds: damage.map(({ kind }) => kind), isPending: pending !== null };
  } finally {
    await log.close();
  }
}

/**
 * Checks that each complete entry in the bytes is returned, or named as doubtful.
 *
 * @param {SessionLog} log
 * @param {Writing} writing
 * @param {Buffer} bytes
 * @param {string[]} names that were read
 */
async function checkWhole(log, writing, bytes, names) {
  const read = new Set(names);
  const hidden = writing.namesIn(bytes).filter((name) => !read.has(name));
  if (hidden.length === 0) return;
  const named = new Set(writing.namesOf(await log.read({ doubtful: true, onDamage() {} })));
  assert.deepEqual(
    hidden.filter((name) => !named.has(name)),
    [],
    "complete entries are hidden",
  );
}

/** @param {string} path */
function lastLineOf(path) {
  const bytes = readFileSync(path);
  return bytes.subarray(bytes.lastIndexOf("\n", bytes.length - 2) + 1).toString();
}

/** @param {{ writing: Writing, dir: string }} of */
async function appendLater({ writing, dir }) {
  writing.begin("later", 1);
  const log = await SessionLog.open(dir, writing.session);
  await log.append(writing.entry("later", 0), { sync: true });
  await log.close();
}

/**
 * Repairs a log. Checks that the same entries are read, that no damage is left, and that a second
 * repair changes nothing.
 *
 * @param {SessionLog} log
 * @param {Writing} writing
 * @param {string} path
 * @param {string[]} names
 * @param {number} age
 */
async function checkRepair(log, writing, path, names, age) {
  const before = readFileSync(path);
  makeOld(path, age);
  const { left, damaged, savedTo } = await log.repair();
  makeOld(path, age);
  const after = readFileSync(path);
  checkSaved(before, after, savedTo);
  const { damage } = await log.verify();
  // A last line without a line end stays, because somebody may be writing it.
  const isLast = ({ offset = 0, length = 0 }) => offset + length === after.length;
  assert.deepEqual(
    damage.filter((line) => !isLast(line)),
    [],
    "damage is left after a repair",
  );
  assert.equal(left, damage.length, `${damaged} lines were damaged, and a repair left ${left}`);
  assert.deepEqual(
    writing.namesOf(await log.read({ onDamage() {} })),
    names,
    "a repair changed what is read",
  );
  assert.equal((await log.repair()).repaired, 0);
  assert.ok(readFileSync(path).equals(after), "a second repair changed the log");
}

/**
 * Checks that each byte that a repair changed was saved.
 *
 * @param {Buffer} before
 * @param {Buffer} after
 * @param {string | undefined} savedTo
 */
function checkSaved(before, after, savedTo) {
  const saved = savedTo ? savedBytes(savedTo, before.length) : new Int16Array(before.length);
  for (let at = 0; at < before.length; at++)
    if (before[at] !== after[at]) assert.equal(saved[at], before[at], `byte ${at} is lost`);
}
