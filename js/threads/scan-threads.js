// The threads that read logs: this one, and others where there is enough to read.

import { processors } from "#storage";
import { invalidArgument } from "../errors.js";
import { logJobs } from "./log-jobs.js";
import { ThreadTurns } from "../storage/thread-turns.js";
import { unlessAborted } from "../waits.js";

/** @import { LogJobs, ScanAccess, ScanThread } from "../storage/storage.js" */

/** The most threads that read by default. More wait for the disk. */
const MOST_THREADS = 4;

/**
 * Checks how many threads are to read.
 *
 * @param {number} [threads]
 */
export function threadsOption(threads = Math.max(1, Math.min(processors(), MOST_THREADS))) {
  if (Number.isInteger(threads) && threads >= 1 && threads <= 64) return threads;
  throw invalidArgument("options.threads", threads, "a whole number from 1 to 64");
}

/** Tasks that a thread has at once, so that it does not wait for this thread. */
const TASKS_EACH = 3;

/** Results that wait for those of earlier tasks, for each thread. Bounds memory. */
const RESULTS_EACH = 6;

/** Threads that read logs. */
export class ScanThreads {
  #logs;
  /** The most other threads. */
  #most;
  #own;
  /** @type {{ thread: ScanThread, tasks: number }[]} */
  #others = [];
  #turns = new ThreadTurns();

  /**
   * @param {ScanAccess} logs
   * @param {number} count how many threads read, this one included. A page leaves that to others,
   *   because it has a user to respond to
   */
  constructor(logs, count) {
    this.#logs = logs;
    this.#most = logs.isPage && count > 1 ? count : count - 1;
    this.#own = logJobs(logs.openToScan, logs.openedAtOnce, this.#turns);
  }

  /** Whether there can be several threads. */
  get areMany() {
    return this.#most > 0 && this.#logs.startThread !== undefined;
  }

  /**
   * Returns whether it pays to have another thread read a log.
   *
   * @param {number} bytes
   */
  payFor(bytes) {
    return bytes > (this.#logs.smallBytes ?? -1);
  }

  /** Starts the other threads, if they were not started. */
  start() {
    const { startThread } = this.#logs;
    try {
      while (startThread && this.#others.length < this.#most)
        this.#others.push({ thread: startThread.call(this.#logs), tasks: 0 });
    } catch {
      // Threads may be forbidden. Those that there are do the work.
      this.#most = this.#others.length;
    }
  }

  /** Lets other work of this thread run, if it was held long enough. */
  letOthersRun() {
    return this.#turns.letOthersRun();
  }

  /** Ends the other threads. */
  close() {
    // An index may be refreshed later, which starts no thread then.
    this.#most = 0;
    for (const { thread } of this.#others.splice(0)) thread.end();
    this.#turns.close();
  }

  /**
   * Does a job for each task.
   *
   * @template {keyof LogJobs} Kind
   * @param {Kind} kind
   * @param {Iterable<Parameters<LogJobs[Kind]>[0]>} tasks
   * @param {boolean} isMuch whether to start the other threads for them
   * @param {AbortSignal | undefined} signal
   * @param {boolean} [startsHere] whether a page does the first task by itself, while its threads start
   * @returns {AsyncGenerator<Awaited<ReturnType<LogJobs[Kind]>>, void, void>} the answers, in the
   *   order of the tasks
   */
  async *run(kind, tasks, isMuch, signal, startsHere = false) {
    if (isMuch) this.start();
    // Threads of a page end soon, so they are not there without being started.
    const others = this.#logs.isPage && !isMuch ? [] : this.#others;
    /** @type {{ isDone: boolean, done: Promise<any> }[]} */
    const results = [];
    const most = RESULTS_EACH * (others.length + 1);
    const own = this.#own[kind];
    // What a page shows first comes later where several threads share the processors from the start.
    let working = this.#logs.isPage ? others.slice(0, 1) : others;
    let isOver = false;
    const left = tasks[Symbol.iterator]();
    let next = left.next();
    const take = (/** @type {(task: any) => Promise<any>} */ work) => {
      const task = next.value;
      next = left.next();
      const done = work(task);
      const result = { isDone: false, done };
      done.then(
        () => (result.isDone = true),
        () => (result.isDone = true),
      );
      results.push(result);
      return done;
    };
    const workThere = async (/** @type {(typeof others)[0]} */ other, /** @type {any} */ task) => {
      try {
        return await other.thread[kind](task);
      } catch {
        // This thread does what another that ended did not, and throws why a job failed there.
        if (!isOver) return await own(task);
      } finally {
        other.tasks -= 1;
      }
    };
    const isSpared = () =>
      this.#logs.isPage === true && others.some(({ thread }) => !thread.isEnded);
    if (startsHere && this.#logs.isPage && others.length > 0 && !next.done) void take(own);
    try {
      while (!next.done || results.length > 0) {
        signal?.throwIfAborted();
        for (const other of working) {
          const isThere = !other.thread.isEnded;
          while (isThere && !next.done && other.tasks < TASKS_EACH && results.length < most) {
            // To make a task takes a while.
            await this.#turns.letOthersRun();
            other.tasks += 1;
            take((task) => workThere(other, task));
          }
        }
        const [first] = results;
        const mayTake = !next.done && results.length < most;
        if (first?.isDone || (first && (!mayTake || isSpared()))) {
          const found = await unlessAborted(first.done, signal);
          results.shift();
          working = others;
          yield found;
        } else {
          const done = take(own);
          // Where logs are opened at once, the disk works on the next task meanwhile.
          if (this.#logs.openedAtOnce && !next.done && results.length < most) take(own);
          await unlessAborted(done, signal);
          await this.#turns.letOthersRun();
        }
      }
    } finally {
      isOver = true;
    }
  }
}
