// A refresh of many logs while it goes on: takes what the tasks found, log by log.

import { keepSpare } from "../storage/spare-buffers.js";
import { callCore } from "../wasm/core.js";

/** @import { LogIndex } from "../../dist/skill_log.js" */
/** @import { LogFacts } from "../indexing/log-facts.js" */
/** @import { ProgressOptions } from "../types.js" */
/** @import { ReadPlan } from "./read-plan.js" */
/** @import { DamagedLine, TaskRows } from "../storage/storage.js" */

/** A refresh that goes on: its tasks, and what they found. */
export class RefreshRun {
  #plan;
  #tasks;
  #scanning;
  /** The task whose logs are taken. */
  #task = -1;
  /** @type {TaskRows | null} */
  #found = null;
  /** @type {Map<number, DamagedLine[]>} */
  #damage = new Map();
  /** How many logs of the task were put, and how many were taken. */
  #wasPut = 0;
  #wasTaken = 0;

  /**
   * @param {LogIndex} core
   * @param {LogFacts} facts
   * @param {ReadPlan} plan
   * @param {number[][]} tasks of each the positions of its logs in the plan
   * @param {AsyncGenerator<TaskRows, void, void>} scanning
   * @param {BigInt64Array} stamps those of the logs that were found
   * @param {ProgressOptions} options
   */
  constructor(core, facts, plan, tasks, scanning, stamps, options) {
    this.core = core;
    this.facts = facts;
    this.stamps = stamps;
    this.options = options;
    this.#plan = plan;
    this.#tasks = tasks;
    this.#scanning = scanning;
  }

  /** Whether all logs of the task were taken. */
  get isTaken() {
    return this.#found === null || this.#wasTaken === this.#tasks[this.#task].length;
  }

  /** What became of the next log. */
  get status() {
    return this.#found?.statuses[this.#wasTaken];
  }

  /** Waits for the next task. */
  async takeNext() {
    // The rows of all its logs were put, or skipped.
    if (this.#found) keepSpare(this.#found.rows);
    this.#found = (await this.#scanning.next()).value ?? null;
    this.#damage = new Map(this.#found?.damage);
    this.#task += 1;
    this.#wasPut = this.#wasTaken = 0;
  }

  /** Takes the next log. */
  take() {
    this.#wasTaken += 1;
    return undefined;
  }

  /** Skips the next log: its rows are not put. All logs before it were put. */
  skip() {
    this.#wasTaken += 1;
    this.#wasPut = this.#wasTaken;
  }

  /** Puts the rows of the logs that were taken since the last call, and returns these logs. */
  *put() {
    const found = this.#found;
    const [from, to] = [this.#wasPut, this.#wasTaken];
    if (!found || from === to) return;
    callCore(() => this.core.put_rows(found.rows, true, from, to));
    this.#wasPut = to;
    for (let at = from; at < to; at += 1) {
      const { log, at: from } = this.#plan.get(this.#tasks[this.#task][at]);
      yield { log, at, from, found, damage: this.#damage.get(at) ?? [] };
    }
  }
}
