// The logs that a workload works on, what was promised of them, and the checks of these promises.

import assert from "node:assert/strict";
// Not the default export, whose functions fail.
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { read, SessionLog, SkillLogError } from "skill-log";

import { briefly, lineOf, numberedEntry } from "../../faults/numbered-entry.js";
import { Random } from "../../conformance/random.js";

/** @import { AppendOptions, Entry } from "skill-log" */
/** @import { FailingFs } from "./failing-fs.js" */

/** The session of a world's first log. */
export const SESSION = "one";

/** Milliseconds until a workload counts as hanging. */
const PATIENCE = 20_000;

/** One case's folder. Its paths are below a folder of its own, whose calls are counted too. */
export class World {
  #isHarmless;
  /** @type {Map<string, { tried: Entry[], acknowledged: Set<Entry> }>} by session */
  #logs = new Map();
  /** @type {SessionLog | null} the log that a workload leaves open */
  open = null;
  /** What is checked when no call fails any more. @type {(() => Promise<void>)[]} */
  later = [];
  /** What was thrown. @type {SkillLogError[]} */
  errors = [];

  /**
   * @param {string} base a folder, which exists
   * @param {FailingFs} calls
   * @param {{ seed: number, isHarmless: boolean }} options `isHarmless`: whether the fault must not
   *   be noticed
   */
  constructor(base, calls, { seed, isHarmless }) {
    this.base = base;
    /** The directory of the logs. It does not exist yet. */
    this.dir = join(base, "made", "logs");
    this.calls = calls;
    this.random = new Random(seed);
    this.#isHarmless = isHarmless;
  }

  /** @param {string} session */
  path(session) {
    return join(this.dir, `${session}.jsonl`);
  }

  /**
   * Returns the bytes of a log; none where there is none.
   *
   * @param {string} session
   */
  bytes(session) {
    const path = this.path(session);
    return this.calls.aside(() => (existsSync(path) ? readFileSync(path) : Buffer.alloc(0)));
  }

  /** @param {string} session */
  #log(session) {
    let log = this.#logs.get(session);
    if (!log) this.#logs.set(session, (log = { tried: [], acknowledged: new Set() }));
    return log;
  }

  /**
   * Makes the next entry of a session, of a length that the seed chooses.
   *
   * @param {string} session
   */
  next(session) {
    const { tried } = this.#log(session);
    const length = this.random.between(150, 600);
    const entry = numberedEntry({ session, writer: "writer", number: tried.length, length });
    tried.push(entry);
    return entry;
  }

  /**
   * Writes a log, without the package.
   *
   * @param {string} session
   * @param {number} count of its entries
   * @param {string | Uint8Array} [tail] what stands after them
   */
  write(session, count, tail = "") {
    mkdirSync(this.dir, { recursive: true });
    const entries = Array.from({ length: count }, () => this.next(session));
    for (const entry of entries) this.#log(session).acknowledged.add(entry);
    writeFileSync(
      this.path(session),
      Buffer.concat([...entries.map(lineOf), Buffer.from(/** @type {string} */ (tail))]),
    );
    this.makeOld(session, 20);
  }

  /**
   * Sets back when a log was changed, so that no reader waits for its writer.
   *
   * @param {string} session
   * @param {number} seconds
   */
  makeOld(session, seconds) {
    const time = Date.now() / 1000 - seconds;
    utimesSync(this.path(session), time, time);
  }

  /**
   * Counts entries as acknowledged that stand in a log already.
   *
   * @param {string} session
   * @param {readonly Entry[]} entries
   */
  adopt(session, entries) {
    const log = this.#log(session);
    log.tried.push(...entries);
    for (const entry of entries) log.acknowledged.add(entry);
  }

  /**
   * @param {string} session
   * @param {Entry} entry
   */
  acknowledge(session, entry) {
    this.#log(session).acknowledged.add(entry);
  }

  /**
   * Forgets a session whose log was removed.
   *
   * @param {string} session
   */
  forget(session) {
    this.#logs.delete(session);
  }

  /** The acknowledged entries of a session, in their order. @param {string} session */
  entries(session) {
    const { tried, acknowledged } = this.#log(session);
    return tried.filter((entry) => acknowledged.has(entry));
  }

  /**
   * Does what may fail. What it throws must be an error of the package with a code, and it must not
   * hang.
   *
   * @template T
   * @param {() => Promise<T>} act
   * @returns {Promise<T | undefined>} undefined when it failed
   */
  async attempt(act) {
    const late = new AbortController();
    const hang = pause(PATIENCE, undefined, { signal: late.signal }).then(
      () => assert.fail("it hangs"),
      () => undefined,
    );
    try {
      return /** @type {T} */ (await Promise.race([act(), hang]));
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      checkTyped(error);
      if (this.#isHarmless || this.calls.fired.length === 0)
        throw new Error("it fails without a reason", { cause: error });
      this.errors.push(/** @type {SkillLogError} */ (error));
      return undefined;
    } finally {
      late.abort();
    }
  }

  /**
   * Appends entries by one call.
   *
   * @param {SessionLog} log
   * @param {{ count?: number, session?: string } & AppendOptions} [options]
   */
  async append(log, { count = 1, session = SESSION, ...options } = {}) {
    const entries = Array.from({ length: count }, () => this.next(session));
    const done = await this.attempt(() => log.append(count === 1 ? entries[0] : entries, options));
    if (done) for (const entry of entries) this.#log(session).acknowledged.add(entry);
    return done !== undefined;
  }

  /** Checks every promise, when no call fails any more. */
  async check() {
    for (const check of this.later) await check();
    const isSyncFailed = this.calls.fired.some((call) => call.startsWith("fdatasync "));
    const isReported = this.errors.some(({ code }) => code === "SYNC_FAILED");
    assert.equal(isReported || !isSyncFailed, true, "a failed sync that nobody was told of");
    for (const session of this.#logs.keys()) await this.#checkLog(session);
    await this.#checkNext();
    for (const session of this.#logs.keys()) await this.#checkLog(session);
    await this.#checkOpenFiles();
  }

  /**
   * Checks that what was acknowledged is read, that every whole entry in the file is, and nothing
   * that nobody appended, each in its order.
   *
   * @param {string} session
   */
  async #checkLog(session) {
    const { tried, acknowledged } = this.#log(session);
    const bytes = this.bytes(session);
    if (existsSync(this.path(session))) this.makeOld(session, 20);
    const found = briefly(await read(this.dir, session, { onDamage() {} }));
    const expected = tried.filter(
      (entry) => acknowledged.has(entry) || bytes.includes(lineOf(entry).subarray(0, -1)),
    );
    assert.deepEqual(found, briefly(expected), `entries of ${session}`);
  }

  /** Checks that the log that is open works on, and so does one that is opened anew. */
  async #checkNext() {
    this.calls.fired = [];
    const { open } = this;
    this.open = null;
    if (open) {
      const isSyncLost = this.errors.some(({ code }) => code === "SYNC_FAILED");
      assert.ok(await this.append(open, { sync: false }), "an append to the open log");
      if (isSyncLost) {
        // What the failed sync lost may be anything before it.
        const append = open.append(this.next(SESSION), { sync: true });
        await assert.rejects(append, { code: "SYNC_FAILED" }, "a sync after one that failed");
      } else assert.ok(await this.append(open, { sync: true }), "a synced append to it");
      await open.close();
    }
    const log = await SessionLog.open(this.dir, SESSION);
    assert.ok(await this.append(log, { sync: true }), "an append to the log, opened anew");
    await log.close();
  }

  async #checkOpenFiles() {
    const end = performance.now() + 2000;
    // A log that was replaced closes its file without anybody waiting for it.
    while (this.calls.openFiles(this.base).length > 0 && performance.now() < end) await pause(5);
    assert.deepEqual(this.calls.openFiles(this.base), [], "files that stay open");
  }
}

/** @param {unknown} error */
export function checkTyped(error) {
  if (error instanceof SkillLogError && typeof error.code === "string") return;
  throw new Error("the error is none of the package", { cause: error });
}
