// The fault: power is lost while a repair overwrites. Any of the sectors written between two syncs
// may have reached the disk.

import assert from "node:assert/strict";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { test } from "node:test";

import { SessionLog } from "skill-log";

import { temporaryDirectory } from "./directory.js";
import { lineOf, numberedEntry } from "./numbered-entry.js";
import { savedBytes } from "./repaired-log.js";

const session = "power";
const sectorBytes = 512;
const base = temporaryDirectory();

/**
 * Random states to read of each log, besides the prefixes of the writes, and the states to repair.
 */
const randomStates = 2000;
const repairedStates = 40;

const text = (/** @type {number} */ number, length = 200) =>
  lineOf(numberedEntry({ session, writer: "writer", number, length }))
    .toString()
    .trimEnd();
const torn = (/** @type {number} */ number, length = 200) => text(number, length).slice(0, -40);

/** An entry spelled as no writer of ours spells it inside another entry's input. */
const inner = (/** @type {string} */ skill, more = "") =>
  `{"session_id":"${session}","timestamp":"2026-01-02T03:04:05Z","skill":"${skill}","final_status":"ok"${more}}`;
const tornAround = (/** @type {string} */ input) =>
  `{"session_id":"${session}","timestamp":"2026-01-02T03:04:05Z","skill":"outer","input":${input}`;
const wide = " ".repeat(sectorBytes);
const filler = (/** @type {number} */ length) => "y".repeat(length);

/** @type {Record<string, string[]>} lines that hold objects which must never become entries */
const logs = {
  "objects of an input that look like entries, a sector apart": [
    tornAround(`[${[1, 2, 3].map((n) => `${inner(`hidden ${n}`)},"${filler(700)}"`).join(",")},`),
  ],
  "objects of an input that fill sectors": [
    tornAround(`[${Array.from({ length: 40 }, (_, n) => inner(`hidden ${n}`)).join(",")},"cut`),
  ],
  "objects in objects": [
    tornAround(
      `{"a":${inner("hidden 1", `,"input":{"b":${inner("hidden 2", `,"input":"${filler(900)}"`)},"c":"${filler(600)}"}`)},"d":"${filler(600)}`,
    ),
  ],
  "an object without the fields of an entry, around others": [
    `{"a":[${inner("hidden 1")},"${filler(600)}",${inner("hidden 2")},"${filler(600)}"]} ${filler(20)}`,
  ],
  "an entry that ends a sector before a cut entry": [
    `${tornAround(`["${filler(420)}",`)}${wide}${inner("hidden")}${wide}, "${filler(600)}`,
  ],
  "objects and nulls alone in their sectors": [
    `x${wide}${wide}{"a":1}${wide}${wide}null${wide}${wide}{}${wide}x`,
    `x${filler(sectorBytes)}${wide}{"timestamp":"2026-01-02T03:04:05Z"}${wide}${filler(sectorBytes)}`,
  ],
  "whole entries between torn ones": [
    `${torn(1, 3000)}${text(2)}`,
    `${torn(3, 1500)}${torn(4, 1500)}${text(5, 700)}${filler(800)}${text(6)}${torn(7, 3000)}`,
  ],
  "an entry after text that begins an entry once its start is overwritten": [
    `{"session_id":"t","message":"${filler(700)}{"b":[${text(1)}`,
    `x"${filler(500)}{"input":"${wide}{"b":[${wide}[${text(2)}`,
  ],
  "a torn entry that ends in a string, with a later torn entry that holds objects": [
    `{"session_id":"s","message":"${filler(600)}${tornAround(`["${filler(600)}",${inner("hidden")},"${filler(600)}`)}`,
  ],
  "many short lines": [
    ...Array.from(
      { length: 300 },
      (_, n) => ["x", "x{}", '{"a":', "}null", "", "{{", "\0{}"][n % 7],
    ),
    text(1),
    ...Array.from({ length: 300 }, () => "}{}"),
  ],
};

for (const [what, damaged] of Object.entries(logs)) {
  test(`invents and loses no entry when power is lost during the repair of ${what}`, async (t) => {
    const original = Buffer.from(
      `${[text(100), ...damaged, text(101), "x", text(102)].join("\n")}\n`,
    );
    const expected = await entriesOf(original);
    const { states, final } = await statesOf(original);
    assert.deepEqual(await entriesOf(final), expected);
    let read = 0;
    for (const state of states()) {
      assert.deepEqual(await entriesOf(state), expected, describe(original, state));
      read += 1;
      if (read % Math.ceil(randomStates / repairedStates) === 0)
        await checkRepair(original, state, expected);
    }
    t.diagnostic(`${read} states`);
  });
}

/** @param {Uint8Array} bytes */
async function entriesOf(bytes) {
  const log = await SessionLog.from(bytes);
  const entries = await log.read({ onDamage() {} });
  await log.close();
  return entries;
}

/**
 * Repairs a log, and returns the states in which a loss of power might have left it.
 *
 * @param {Buffer} original
 */
async function statesOf(original) {
  const { dir, path, log } = await openedLog(original);
  /** @type {{ offset: number, bytes: Buffer }[][]} the writes before each sync */
  const epochs = [[]];
  const { writeSync, fsyncSync } = fs;
  const isLog = (/** @type {number} */ fd) => fs.fstatSync(fd).ino === fs.statSync(path).ino;
  Object.assign(fs, {
    writeSync(
      /** @type {number} */ fd,
      /** @type {Uint8Array} */ bytes,
      from = 0,
      length = bytes.length,
      offset = null,
    ) {
      if (isLog(fd))
        epochs
          .at(-1)
          ?.push({ offset: offset ?? -1, bytes: Buffer.from(bytes.subarray(from, from + length)) });
      return writeSync(fd, bytes, from, length, offset);
    },
    fsyncSync(/** @type {number} */ fd) {
      if (isLog(fd)) epochs.push([]);
      return fsyncSync(fd);
    },
  });
  syncBuiltinESMExports();
  try {
    await log.repair();
  } finally {
    Object.assign(fs, { writeSync, fsyncSync });
    syncBuiltinESMExports();
    await log.close();
  }
  const final = fs.readFileSync(path);
  assert.deepEqual(epochs.at(-1), [], "the last write was not synced");
  fs.rmSync(dir, { recursive: true });
  return {
    final,
    states: () =>
      cutStates(
        original,
        epochs.filter((writes) => writes.length > 0),
      ),
  };
}

/**
 * @param {Buffer} original
 * @param {{ offset: number, bytes: Buffer }[][]} epochs
 */
function* cutStates(original, epochs) {
  assert.ok(epochs.length > 0, "nothing was overwritten");
  let synced = Buffer.from(original);
  for (const writes of epochs) {
    const sectors = writes.flatMap(sectorsOf);
    const choices = [];
    for (let count = 0; count <= sectors.length; count++) {
      choices.push(
        sectors.map((_, i) => i < count),
        sectors.map((_, i) => i >= count),
      );
    }
    if (sectors.length <= 8)
      for (let set = 0; set < 1 << sectors.length; set++)
        choices.push(sectors.map((_, i) => ((set >> i) & 1) === 1));
    else for (let i = 0; i < randomStates; i++) choices.push(sectors.map(() => random() < 0.5));
    for (const choice of choices) {
      const state = Buffer.from(synced);
      sectors.forEach(({ offset, bytes }, i) => choice[i] && bytes.copy(state, offset));
      yield state;
    }
    synced = Buffer.from(synced);
    for (const { offset, bytes } of writes) bytes.copy(synced, offset);
  }
}

/**
 * Cuts a write into the sectors that reach a disk one by one.
 *
 * @param {{ offset: number, bytes: Buffer }} write
 */
function sectorsOf({ offset, bytes }) {
  const sectors = [];
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + sectorBytes - ((offset + at) % sectorBytes));
    sectors.push({ offset: offset + at, bytes: bytes.subarray(at, end) });
    at = end;
  }
  return sectors;
}

let seed = 1;
function random() {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  return (seed >> 8) / 0x800000;
}

/**
 * Repairs a state. Checks that no damage is left, that the whole entries are there, and that each
 * changed byte was saved.
 *
 * @param {Buffer} original
 * @param {Buffer} state
 * @param {object[]} expected
 */
async function checkRepair(original, state, expected) {
  const { dir, path, log } = await openedLog(state);
  try {
    await log.repair();
    const { damage } = await log.verify();
    assert.deepEqual(damage, [], describe(original, state));
    assert.deepEqual(await log.read(), expected);
    assert.equal((await log.repair()).repaired, 0);
    const saved = savedBytes(join(dir, `${session}.damaged`), state.length);
    for (const [at, byte] of fs.readFileSync(path).entries())
      if (byte !== state[at]) assert.equal(saved[at], state[at]);
  } finally {
    await log.close();
    fs.rmSync(dir, { recursive: true });
  }
}

/** @param {Uint8Array} bytes */
async function openedLog(bytes) {
  const dir = fs.mkdtempSync(join(base, "state-"));
  const path = join(dir, `${session}.jsonl`);
  fs.writeFileSync(path, bytes);
  return { dir, path, log: await SessionLog.open(dir, session) };
}

/** @param {Buffer} original @param {Buffer} state */
function describe(original, state) {
  const lines = state
    .toString("latin1")
    .split("\n")
    .filter((line) => line && !original.toString("latin1").includes(`\n${line}\n`));
  return `state: ${JSON.stringify(lines.map((line) => (line.length > 300 ? `${line.slice(0, 150)}…${line.slice(-150)}` : line)).slice(0, 12))}`;
}
