// A folder of OPFS for a case: what was promised of its log, and whether that holds.

import assert from "node:assert/strict";

import { SessionLog, SkillLogError } from "skill-log";

export class World {
  /** The entries that an append was started for, by number. @type {Set<number>} */
  started = new Set();
  /** Those that are in the log: they were there, or their append was acknowledged. @type {Set<number>} */
  acknowledged = new Set();
  mayBeRemoved = false;
  isRemoved = false;
  #folder;

  /**
   * @param {string} dir
   * @param {FileSystemDirectoryHandle} folder
   */
  constructor(dir, folder) {
    this.dir = dir;
    this.#folder = folder;
  }

  /**
   * Makes a folder with a log.
   *
   * @param {string} dir
   * @param {readonly string[]} lines
   */
  static async make(dir, lines) {
    const root = await navigator.storage.getDirectory();
    const world = new World(dir, await root.getDirectoryHandle(dir, { create: true }));
    if (lines.length === 0) return world;
    const file = await world.#folder.getFileHandle("one.jsonl", { create: true });
    const handle = await file.createSyncAccessHandle();
    handle.write(new TextEncoder().encode(lines.join("")));
    handle.close();
    for (const line of lines) {
      const [, number] = /"phase":"(\d+)".*\n$/.exec(line) ?? [];
      if (number === undefined) continue;
      world.started.add(Number(number));
      world.acknowledged.add(Number(number));
    }
    return world;
  }

  /**
   * Does what may fail. A failure must be a `SkillLogError` with a code.
   *
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T | null>} null when it failed
   */
  async attempt(work) {
    try {
      return await work();
    } catch (error) {
      assert.ok(
        error instanceof SkillLogError,
        `not typed: ${/** @type {Error} */ (error)?.stack}`,
      );
      assert.notEqual(error.code, "INTERNAL", error.stack);
      return null;
    }
  }

  /**
   * Checks entries that were read: none invented, none twice, none lost.
   *
   * @param {readonly { phase?: string, message?: string }[]} entries
   */
  checkEntries(entries) {
    const numbers = entries.map(({ phase }) => Number(phase));
    assert.equal(new Set(numbers).size, numbers.length, `twice: ${numbers}`);
    for (const [at, number] of numbers.entries()) {
      assert.ok(this.started.has(number), `invented: ${number}`);
      assert.equal(entries[at].message, `number ${number}`.repeat(1 + (number % 40)));
    }
    const lost = [...this.acknowledged].filter((number) => !numbers.includes(number));
    assert.deepEqual(lost, [], "acknowledged entries are lost");
  }

  /** Checks the log once nothing fails any more, and that work goes on. */
  async check() {
    const log = await SessionLog.open(this.dir, "one");
    const first = await log.read({ onDamage() {} });
    if (this.mayBeRemoved && first.length === 0) this.acknowledged.clear();
    assert.ok(!this.isRemoved || first.length === 0, "the log was not removed");
    this.checkEntries(first);
    const last = { session_id: "one", skill: "write", phase: "99", final_status: "ok" };
    await log.append(last, { sync: true });
    await log.repair();
    const later = await log.read({ onDamage() {} });
    assert.equal(later.pop()?.phase, "99");
    assert.deepEqual(
      later.map(({ phase }) => phase),
      first.map(({ phase }) => phase),
      "an append or a repair changed what is read",
    );
    assert.equal((await log.verify()).damaged, 0);
    await log.close();
    await this.#checkFree();
  }

  /** Checks that nobody holds the log's file any more. */
  async #checkFree() {
    const file = await this.#folder.getFileHandle("one.jsonl");
    for (let left = 100; ; left -= 1) {
      try {
        (await file.createSyncAccessHandle()).close();
        return;
      } catch (error) {
        // A handle may be kept for a moment, for the next append.
        assert.ok(left > 0, `the file is held: ${error}`);
        await new Promise((done) => setTimeout(done, 20));
      }
    }
  }

  async remove() {
    const root = await navigator.storage.getDirectory();
    for (const name of [this.dir, `${this.dir}-cache`])
      await root.removeEntry(name, { recursive: true }).catch(() => {});
  }
}
