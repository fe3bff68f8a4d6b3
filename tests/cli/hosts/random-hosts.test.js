// Exports of hosts whose logs grow, are damaged, repaired, cut, replaced, restored, archived and
// unarchived, by processes that die at any of their calls. Every entry is unlike all others, so that a
// second one shows.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { listSessions, SessionLog } from "skill-log";

import { DirectoryLock } from "../../../js/cli/archiving/directory-lock.js";

import { HostExport } from "../../../js/cli/exporting/lake/hosted-export.js";
import { Random } from "../../conformance/random.js";
import { makeOld } from "../../faults/repaired-log.js";
import { temporaryFolder } from "../../js/support/temporary-folder.js";
import { linesOf, segmentsOf } from "./exported-lake.js";
import { archiveOrUnarchive } from "./quick-archive.js";

const SEEDS = Number(process.env.SEEDS ?? 8);
const STEPS = 25;

/** The calls of a writer. */
const CALLS = /** @type {const} */ ([
  "mkdirSync",
  "openSync",
  "writeSync",
  "fsyncSync",
  "linkSync",
  "renameSync",
  "rmdirSync",
  "rmSync",
  "unlinkSync",
]);

class Killed extends Error {}

// Node takes the calls of a recursive removal when it is first made.
fs.rmSync(path.join(import.meta.dirname, "missing"), { recursive: true, force: true });

/**
 * Runs an export of which a call fails. If it dies there, all later calls fail too; else it goes on.
 *
 * @param {number} survived how many calls it makes before
 * @param {boolean} dies
 * @param {() => Promise<unknown>} run
 * @returns {Promise<boolean>} whether it came to its end
 */
async function failingAfter(survived, dies, run) {
  const real = { ...fs };
  let left = survived;
  for (const name of CALLS) {
    /** @type {any} */ (fs)[name] = (/** @type {any[]} */ ...args) => {
      const isReading = name === "openSync" && !String(args[1]).startsWith("a");
      if (!isReading && ((left -= 1) === -1 || (left < 0 && dies))) throw new Killed();
      // A sync is only a moment to die at: the death of a process loses nothing that was written.
      return name === "fsyncSync" ? undefined : /** @type {any} */ (real[name])(...args);
    };
  }
  try {
    await run();
    return true;
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    return false;
  } finally {
    for (const name of CALLS) /** @type {any} */ (fs)[name] = real[name];
  }
}

/** The logs of hosts, and what was exported. */
class World {
  #number = 0;
  #random;
  #lake;
  /** Each entry that any log had when an export began. @type {Set<string>} */
  #everRead = new Set();
  /** @type {Map<string, Buffer>} */
  #segments = new Map();
  /** Earlier bytes of logs. @type {Map<string, Buffer>} */
  #backups = new Map();
  hosts;

  /** @param {string} folder @param {Random} random */
  constructor(folder, random) {
    this.#random = random;
    this.#lake = path.join(folder, "lake");
    this.hosts = ["a", "b:/c"].map((host, index) => ({ host, dir: path.join(folder, `${index}`) }));
    for (const { dir } of this.hosts) fs.mkdirSync(dir);
  }

  #line() {
    this.#number += 1;
    const entry = {
      session_id: "s",
      timestamp: `2026-01-0${1 + (this.#number % 3)}T00:00:00Z`,
      skill: `skill ${this.#number}`,
      final_status: "ok",
    };
    return JSON.stringify(entry);
  }

  /** Returns bytes that something appends. */
  #appended() {
    const random = this.#random;
    const line = this.#line();
    const cut = line.slice(0, random.between(1, line.length - 1));
    return random.pick([
      () => `${line}\n`,
      () => `${line}\n${this.#line()}\n${this.#line()}\n`,
      () => line,
      () => `\n${line}`,
      () => ` ${line.replace('"skill"', ' "Skill"')}\r\n`,
      () => `${line.replace(/}$/, ',"extra":1}')}\n`,
      () => `${cut}\n`,
      () => cut,
      () => `${cut}${this.#line()}\n`,
      () => `${line}${this.#line()}\n`,
      () => `${line}x\n`,
      () => `${"\0".repeat(random.between(1, 9))}${line}\n`,
      () => "\n\n",
      () => '{"level":"info"}\n',
      () => `{"session_id":"s","input":[${line}]`,
      () => `${line.slice(line.length / 2)}\n`,
    ])();
  }

  /** Changes a log. Readers wait for a log that was changed just now, if its last line is damaged. */
  async change() {
    await this.#changeOne();
    for (const { dir } of this.hosts)
      for (const name of fs.readdirSync(dir)) makeOld(path.join(dir, name), 90);
  }

  async #changeOne() {
    const random = this.#random;
    const { dir } = random.pick(this.hosts);
    const session = random.pick(["s", "t", "ü %"]);
    const file = path.join(dir, `${session}.jsonl`);
    const isThere = fs.existsSync(file);
    if (!isThere && random.chance(0.4)) return this.#archive(dir, session);
    if (!isThere || random.chance(0.6)) return fs.appendFileSync(file, this.#appended());
    const bytes = fs.readFileSync(file);
    const at = random.below(bytes.length + 1);
    await random.pick([
      () => fs.rmSync(file),
      () => fs.truncateSync(file, at),
      () => {
        const fd = fs.openSync(file, "r+");
        fs.writeSync(
          fd,
          Buffer.alloc(random.between(1, 60), random.pick(["\0", "x", "\n"])),
          0,
          null,
          at,
        );
        fs.closeSync(fd);
      },
      () => this.#backups.set(file, bytes),
      // In place, and by another file.
      () => fs.writeFileSync(file, this.#backups.get(file) ?? ""),
      () => {
        fs.writeFileSync(`${file}.new`, this.#backups.get(file) ?? this.#appended());
        fs.renameSync(`${file}.new`, file);
      },
      () => fs.writeFileSync(file, Buffer.concat([Buffer.from(`${this.#line()}\n`), bytes])),
      () => fs.writeFileSync(file, bytes.subarray(bytes.indexOf("\n") + 1)),
      async () => {
        const log = await SessionLog.open(dir, session);
        const exclusive = random.chance(0.5);
        await log.repair({ exclusive, ...(random.chance(0.5) && { doubtful: "drop" }) });
        await log.close();
      },
      () => this.#archive(dir, session),
      () => this.#archive(dir, session),
    ])();
  }

  /**
   * Archives a session, or undoes that. Dies at any of the calls.
   *
   * @param {string} dir
   * @param {string} session
   */
  async #archive(dir, session) {
    // The entries of a backup would be there twice.
    this.#backups.delete(path.join(dir, `${session}.jsonl`));
    const lock = new DirectoryLock(dir);
    const survived = this.#random.chance(0.5) ? this.#random.below(30) : Infinity;
    try {
      await failingAfter(survived, true, () => archiveOrUnarchive(dir, session, lock));
    } finally {
      lock.release();
    }
  }

  /** Returns how many sessions have an archive now, or a file that is being archived. */
  get archived() {
    const names = this.hosts.flatMap(({ dir }) => fs.readdirSync(dir));
    const ids = names.flatMap((name) => /^(.+)\.jsonl.*(?:zst|ing)$/.exec(name)?.[1] ?? []);
    return new Set(ids).size;
  }

  /** Returns the entries that can be read now, as JSON. */
  async #readable() {
    const found = [];
    for (const { host, dir } of this.hosts)
      for (const { id } of await listSessions(dir)) {
        const log = await SessionLog.open(dir, id);
        // Others are foreign, as a cut line that another part completes.
        for (const entry of await log.read({ onDamage() {} }))
          if (entry.session_id !== "" && entry.skill !== "")
            found.push(`${host} ${JSON.stringify(entry)}`);
        await log.close();
      }
    return found;
  }

  /** Exports, and checks what is there then. @param {number} survived */
  async export(survived) {
    const readable = await this.#readable();
    for (const each of readable) this.#everRead.add(each);
    const compression = this.#random.pick([undefined, /** @type {const} */ ("gzip")]);
    const format = { extension: ".jsonl", compression, header: Buffer.alloc(0) };
    const isDone = await failingAfter(survived, this.#random.chance(0.6), async () => {
      for (const host of this.hosts) {
        const report = await new HostExport(this.#lake, host, format, { summaryEvery: 3 }).run();
        assert.equal(report.missing.segments, 0);
      }
    });
    const segments = segmentsOf(this.#lake);
    for (const [name, bytes] of this.#segments)
      assert.ok(segments.get(name)?.equals(bytes), `${name} was changed`);
    this.#segments = segments;
    const exported = linesOf(segments).map(({ line, day, host }) => {
      assert.equal(JSON.parse(line).timestamp.slice(0, 10), day);
      return `${host} ${line}`;
    });
    const distinct = new Set(exported);
    assert.equal(distinct.size, exported.length, "an entry is there twice");
    for (const each of exported) assert.ok(this.#everRead.has(each), `nobody wrote ${each}`);
    if (isDone)
      for (const each of readable) assert.ok(distinct.has(each), `${each} was not exported`);
    return isDone;
  }
}

test(`exports each entry once when logs change and exports die, ${SEEDS} times`, async (t) => {
  const met = { died: 0, done: 0, archived: 0 };
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const random = new Random(seed);
    const folder = path.join(temporaryFolder(t), `${seed}`);
    fs.mkdirSync(folder);
    const world = new World(folder, random);
    try {
      for (let step = 0; step < STEPS; step += 1) {
        for (let more = random.between(0, 4); more > 0; more -= 1) await world.change();
        met.archived += world.archived;
        const isDone = await world.export(random.chance(0.6) ? random.below(60) : Infinity);
        met[isDone ? "done" : "died"] += 1;
      }
      await world.export(Infinity);
    } catch (error) {
      throw new Error(`seed ${seed}: ${/** @type {Error} */ (error).stack}`, { cause: error });
    }
  }
  assert.ok(met.died > SEEDS && met.done > SEEDS && met.archived > SEEDS, JSON.stringify(met));
});
