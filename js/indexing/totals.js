import { Totals as Core } from "../../dist/skill_log.js";
import { SkillLogError } from "../errors.js";
import { takeRows } from "./log-index.js";
import { callCore, giveBack, startedModule } from "../wasm/core.js";

/** @import { LogIndex } from "./log-index.js" */
/** @import { Rows, Stats } from "../types.js" */

/**
 * What the rows of any number of indexes come to, as `LogIndex.stats` tells it of one.
 *
 * Nothing of an index is held: it can go as soon as it was added. Of each row 8 bytes are, for its
 * duration, and of rows that agree in skill, phase, status and model one set of sums.
 *
 * @example
 * const totals = new Totals();
 * for (const { id, unsafe } of await listSessions("logs")) {
 *   if (!unsafe) totals.add(await (await SessionLog.open("logs", id)).index());
 * }
 * console.log(totals.stats().models);
 */
export class Totals {
  #made = startedModule() && new Core();
  /**
   * Why a call was stopped. Some rows may be counted in part, so every later call throws the same.
   *
   * @type {SkillLogError | null}
   */
  #failure = null;

  /**
   * Adds rows, each as often as `rows` has it. A later refresh of the index adds nothing by itself.
   *
   * @param {LogIndex} index
   * @param {Rows} [rows] default: every row
   * @throws {SkillLogError} `INVALID_ARGUMENT`, and nothing is added; `OUT_OF_MEMORY`: the
   *   counts are lost then, and every later call throws the same
   */
  add(index, rows) {
    takeRows(index, rows, (core, checked) => this.#ask((totals) => totals.add(core, checked)));
  }

  /**
   * Tells what the rows come to that were added so far. Where the first instant, or the last, has
   * several timestamps, the one that was added first is told.
   *
   * @returns {Stats}
   * @throws {SkillLogError} `OUT_OF_MEMORY`, as `add`
   */
  stats() {
    return this.#ask((totals) => totals.stats());
  }

  /**
   * @template T
   * @param {(core: Core) => T} question
   */
  #ask(question) {
    if (this.#failure) throw this.#failure;
    try {
      return callCore(() => question(this.#made));
    } catch (error) {
      if (error instanceof SkillLogError && error.code === "OUT_OF_MEMORY") {
        this.#failure = error;
        giveBack(() => this.#made.free());
      }
      throw error;
    }
  }
}
