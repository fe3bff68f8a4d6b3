// The threads that scan logs: this one, and others where there is enough to scan.

import { LogScanner } from "./log-scanner.js";
import { ThreadTurns } from "../storage/thread-turns.js";
import { unlessAborted } from "../waits.js";

/** @import { LogTask, ScanThread, StoredLogs, TaskRows } from "../storage/storage.js" */

/** Tasks that a thread has at once, so that it does not wait for this thread. */
const TASKS_EACH = 2;

/** Results that wait for those of earlier tasks, for each thread. Bounds memory. */
const RESULTS_EACH = 4;

/** Threads that scan logs. */
export class ScanThreads {
  #logs;
  #count;
  #own;
  /** @type {{ thread: ScanThread, tasks: number }[]} */
  #others = [];
  #turns = new ThreadTurns();

  /**
   * @param {StoredLogs} logs
   * @param {number} count how many threads scan, this one included
   */
  constructor(logs, count) {
    this.#logs = logs;
    this.#count = count;
    this.#own = new LogScanner(logs.openToScan, logs.openedAtOnce);
  }

  /** Starts the other threads, if they were not started. */
  start() {
    const { startThread } = this.#logs;
    while (startThread && this.#others.length < this.#count - 1)
      this.#others.push({ thread: startThread.call(this.#logs), tasks: 0 });
  }

  /** Lets other work of this thread run, if it was held long enough. */
  letOthersRun() {
    return this.#turns.letOthersRun();
  }

  /** Ends the other threads. */
  close() {
    for (const { thread } of this.#others.splice(0)) thread.end();
    this.#turns.close();
  }

  /**
   * Scans the logs of tasks.
   *
   * @param {Iterable<LogTask>} tasks
   * @param {AbortSignal | undefined} signal
   * @returns {AsyncGenerator<TaskRows, void, void>} in the order of the tasks
   */
  async *scan(tasks, signal) {
    /** @type {{ isDone: boolean, done: Promise<TaskRows> }[]} */
    const results = [];
    const most = RESULTS_EACH * (this.#others.length + 1);
    const left = tasks[Symbol.iterator]();
    let next = left.next();
    const take = (/** @type {(task: LogTask) => Promise<TaskRows>} */ scan) => {
      const task = /** @type {LogTask} */ (next.value);
      next = left.next();
      const done = scan(task);
      const result = { isDone: false, done };
      done.then(
        () => (result.isDone = true),
        () => (result.isDone = true),
      );
      results.push(result);
      return done;
    };
    const isSpared = () =>
      this.#logs.isPage === true && this.#others.some(({ tasks }) => tasks < Infinity);
    while (!next.done || results.length > 0) {
      signal?.throwIfAborted();
      for (const other of this.#others) {
        while (!next.done && other.tasks < TASKS_EACH && results.length < most) {
          other.tasks += 1;
          take((task) => this.#scanThere(other, task));
        }
      }
      const [first] = results;
      const mayTake = !next.done && results.length < most;
      if (first?.isDone || (first && (!mayTake || isSpared()))) {
        const found = await unlessAborted(first.done, signal);
        results.shift();
        yield found;
      } else {
        await unlessAborted(
          take((task) => this.#own.scan(task)),
          signal,
        );
        await this.#turns.letOthersRun();
      }
    }
  }

  /**
   * Scans in another thread; in this one if the other ended.
   *
   * @param {{ thread: ScanThread, tasks: number }} other
   * @param {LogTask} task
   */
  async #scanThere(other, task) {
    try {
      return await other.thread.scan(task);
    } catch {
      other.tasks = Infinity;
      return await this.#own.scan(task);
    } finally {
      other.tasks -= 1;
    }
  }
}
