// Runs processes step by step, in every order that differs.
//
// A step is a file call. Orders are enumerated depth first, and each is run from the start. Two steps
// that touch different things, or only read, give the same in either order: sleep sets leave out all
// orders but one of those that such swaps turn into each other (Godefroid, 1996).

import { Worker } from "node:worker_threads";

import { Stat } from "../disk-states/virtual-disk.js";
import { Channel } from "./channel.js";

/** @import { Random } from "../../conformance/random.js" */
/** @import { VirtualDisk } from "../disk-states/virtual-disk.js" */

/** @typedef {{ name: string, args: any[] }} Call */

/** @typedef {{ value?: any, error?: { name: string, code: string, message: string } }} Done */

/** Calls that nothing else can notice. They are no steps. */
const UNNOTICED = new Set(["closeSync", "fsyncSync", "accessSync", "realpathSync"]);

/** What a step reads and writes. @typedef {{ reads: string[], writes: string[] }} Touched */

/** A process that waits for its next step. */
export class Process {
  #channel = new Channel();
  #worker;
  /** @type {Call} */
  call = { name: "", args: [] };
  /** The bytes that its write has still to show. @type {Buffer | null} */
  half = null;

  constructor() {
    this.#worker = new Worker(new URL("./process.js", import.meta.url), {
      workerData: this.#channel.memory,
    });
    this.#worker.on("error", (error) => {
      throw error;
    });
  }

  /** Waits for its next call. */
  wait() {
    this.call = this.#channel.next();
  }

  get isDone() {
    return this.call.name === "done";
  }

  /** @returns {Done} */
  get done() {
    return this.call.args[0];
  }

  /** @param {any} message */
  answer(message) {
    this.#channel.answer(message);
    this.wait();
  }

  /** Ends the thread. */
  async end() {
    this.#channel.answer({ kind: "end" });
    await this.#worker.terminate();
  }
}

/** What one order of the steps of some processes does. */
export class Run {
  #disk;
  #processes;
  /** The numbers of files that a write is half done to. @type {Set<number>} */
  #locked = new Set();
  #cut;
  #steps = 0;
  /** How many steps were done when a process began to sleep. @type {Map<Process, number>} */
  #sleeps = new Map();

  /**
   * @param {VirtualDisk} disk
   * @param {Process[]} processes
   * @param {number} cut the process whose writes end half done; -1 for none
   */
  constructor(disk, processes, cut) {
    this.#disk = disk;
    this.#processes = processes;
    this.#cut = cut;
  }

  /** The processes that can do a step. */
  enabled() {
    return [...this.#processes.keys()].filter((at) => {
      const { call, isDone, half } = this.#processes[at];
      if (isDone) return false;
      // A follower that looks again before anybody did a step sees what it saw.
      if (call.name === "sleep")
        return this.#isAlone(at) || this.#steps > (this.#sleeps.get(this.#processes[at]) ?? 0);
      // Linux locks a file while it is written, against other writers only.
      return half !== null || call.name !== "writeSync" || !this.#locked.has(this.#inode(call));
    });
  }

  /** @param {Call} call */
  #inode({ args }) {
    return this.#disk.nodeOf(args[0])?.ino ?? -1;
  }

  /** @param {number} at */
  touched(at) {
    return touchedBy(this.#disk, this.#processes[at].call);
  }

  /**
   * Does a step of a process, and what follows it unnoticed.
   *
   * @param {number} at
   */
  step(at) {
    const process = this.#processes[at];
    const { call } = process;
    this.#steps += 1;
    if (call.name === "writeSync") {
      if (!this.#write(at)) return;
    } else if (call.name === "sleep") {
      process.answer({ isAlone: this.#isAlone(at) });
    } else process.answer(answerOf(this.#disk, call));
    this.#unnoticed(process);
  }

  /**
   * Does half a write, because readers may see it so.
   *
   * @param {number} at
   * @returns {boolean} whether the write has ended
   */
  #write(at) {
    const process = this.#processes[at];
    const [fd, text, from, length, position = null] = process.call.args;
    const node = this.#disk.nodeOf(fd);
    if (!node) throw new Error("a write to a closed file");
    const start = from ?? 0;
    const bytes = Buffer.from(text, "latin1").subarray(start, start + (length ?? text.length));
    const { half } = process;
    if (half === null && bytes.length > 1) {
      // After a comma where there is one, because there a value is awaited.
      const count = bytes.lastIndexOf(",", bytes.length >> 1) + 1 || bytes.length >> 1;
      this.#disk.write(node, position ?? node.size, bytes.subarray(0, count));
      if (at === this.#cut) {
        process.answer({ value: count });
        return true;
      }
      process.half = bytes.subarray(count);
      this.#locked.add(node.ino);
      return false;
    }
    const done = half ? bytes.length - half.length : 0;
    this.#disk.write(node, position === null ? node.size : position + done, half ?? bytes);
    process.half = null;
    this.#locked.delete(node.ino);
    process.answer({ value: bytes.length });
    return true;
  }

  /** Brings every process to its end, in any order. */
  finish() {
    for (let open = this.enabled(); open.length > 0; open = this.enabled()) this.step(open[0]);
  }

  /**
   * Lets a process do what nobody else can notice.
   *
   * @param {Process} process
   */
  #unnoticed(process) {
    while (UNNOTICED.has(process.call.name)) process.answer(answerOf(this.#disk, process.call));
    if (process.call.name === "sleep") this.#sleeps.set(process, this.#steps);
  }

  /** @param {number} at */
  #isAlone(at) {
    return this.#processes.every(({ isDone }, other) => other === at || isDone);
  }

  /** Starts the processes: each comes to its first step. @param {any[]} jobs */
  start(jobs) {
    for (const [at, process] of this.#processes.entries()) {
      process.half = null;
      process.answer(jobs[at]);
      this.#unnoticed(process);
    }
  }
}

/**
 * @param {VirtualDisk} disk
 * @param {Call} call
 */
function answerOf(disk, { name, args }) {
  try {
    if (name === "readSync") {
      const into = Buffer.alloc(args[3]);
      const count = disk.readSync(args[0], into, 0, args[3], args[4]);
      return { bytes: into.toString("latin1", 0, count) };
    }
    const value = /** @type {any} */ (disk)[name](...args);
    if (value instanceof Stat) return { stat: value.look, isBig: args[1]?.bigint === true };
    return { value };
  } catch (error) {
    const { message, code, syscall, path } = /** @type {any} */ (error);
    if (!code) throw error;
    return { error: { message, code, syscall, path } };
  }
}

/**
 * Returns what a call touches: names, and the bytes and the facts of files.
 *
 * @param {VirtualDisk} disk
 * @param {Call} call
 * @returns {Touched}
 */
export function touchedBy(disk, { name, args }) {
  const node = disk.nodeOf(args[0]);
  const of = (/** @type {string} */ what) => `${what} ${node?.ino}`;
  const directory = (/** @type {string} */ path) => `list ${path.slice(0, path.lastIndexOf("/"))}`;
  switch (name) {
    case "openSync":
      return args[1] === "wx" || args[1] & 0o100
        ? { reads: [], writes: [`name ${args[0]}`, directory(args[0])] }
        : { reads: [`name ${args[0]}`], writes: [] };
    case "lstatSync":
    case "statSync":
    case "existsSync":
      return { reads: [`name ${args[0]}`, of("facts")], writes: [] };
    case "fstatSync":
      return { reads: [of("facts")], writes: [] };
    case "readSync":
      return { reads: [of("bytes")], writes: [] };
    case "writeSync":
      return { reads: [], writes: [of("bytes"), of("facts")] };
    case "chmodSync":
    case "fchmodSync":
      return { reads: [`name ${args[0]}`], writes: [of("facts")] };
    case "readdirSync":
      return { reads: [`list ${String(args[0]).replace(/\/+$/, "")}`], writes: [] };
    case "mkdirSync":
      return { reads: [], writes: [`name ${args[0]}`, directory(args[0])] };
    case "unlinkSync":
    case "rmSync":
      return { reads: [], writes: [`name ${args[0]}`, directory(args[0]), of("facts")] };
    case "renameSync": {
      const replaced = disk.nodeOf(args[1]);
      return {
        reads: [],
        writes: [
          `name ${args[0]}`,
          `name ${args[1]}`,
          directory(args[0]),
          of("facts"),
          `facts ${replaced?.ino}`,
        ],
      };
    }
    // A follower sleeps: it goes on when it wants.
    case "sleep":
      return { reads: ["others"], writes: [] };
    default:
      throw new Error(`nobody knows what ${name} touches`);
  }
}

/**
 * @param {Touched} one
 * @param {Touched} other
 */
function areIndependent(one, other) {
  return (
    !one.writes.some((each) => other.writes.includes(each) || other.reads.includes(each)) &&
    !other.writes.some((each) => one.reads.includes(each))
  );
}

/**
 * A point of an order where a process was chosen.
 *
 * @typedef {object} Choice
 * @property {number} chosen
 * @property {number[]} tried before, and now
 * @property {number[]} open the processes that could go on
 * @property {Map<number, Touched>} asleep the processes that need not go on here
 * @property {Map<number, Touched>} steps what each process is about to touch
 * @property {number} preempted how often a process was left that could go on, up to here
 */

/**
 * Enumerates orders. With a limit, only those in which a process is left while it could go on at most
 * so often.
 */
export class Orders {
  /** @type {Choice[]} */
  #stack = [];
  #limit;
  isDone = false;

  /** @param {number} limit of preemptions */
  constructor(limit = Infinity) {
    this.#limit = limit;
  }

  /**
   * Runs the next order.
   *
   * @param {Run} run which has started
   * @returns {number[] | null} the processes by step; null when the order is the same as another,
   *   and the run was left
   */
  next(run) {
    const order = [];
    let asleep = new Map();
    let [last, preempted] = [-1, 0];
    for (let depth = 0; ; depth += 1) {
      const open = run.enabled();
      if (open.length === 0) break;
      let choice = this.#stack[depth];
      if (!choice) {
        const steps = new Map(open.map((at) => [at, run.touched(at)]));
        choice = { chosen: -1, tried: [], open, asleep, steps, preempted };
        choice.chosen = this.#choose(choice, last);
        // The order is another one's, with steps swapped that do not touch the same.
        if (choice.chosen < 0) {
          run.finish();
          this.#back();
          return null;
        }
        choice.tried.push(choice.chosen);
        this.#stack.push(choice);
      }
      const { chosen, steps } = choice;
      const stepOf = (/** @type {number} */ at) =>
        /** @type {Touched} */ (steps.get(at) ?? choice.asleep.get(at));
      asleep = new Map(
        [...choice.asleep.keys(), ...choice.tried]
          .filter((at) => at !== chosen && areIndependent(stepOf(at), stepOf(chosen)))
          .map((at) => [at, stepOf(at)]),
      );
      if (last >= 0 && chosen !== last && open.includes(last)) preempted += 1;
      last = chosen;
      order.push(chosen);
      run.step(chosen);
    }
    this.#back();
    return order;
  }

  /**
   * @param {Choice} choice
   * @param {number} last the process that did the step before
   */
  #choose({ open, tried, asleep, preempted }, last) {
    const isLeft = open.includes(last);
    // The last one first, which takes no preemption.
    for (const at of isLeft ? [last, ...open.filter((each) => each !== last)] : open) {
      const isAllowed = at === last || !isLeft || preempted < this.#limit;
      // Under a limit, a process asleep may be needed in an order that the limit allows.
      if (isAllowed && !tried.includes(at) && (this.#limit < Infinity || !asleep.has(at)))
        return at;
    }
    return -1;
  }

  /** Goes back to the last point where another process may go on. */
  #back() {
    while (this.#stack.length > 0) {
      const choice = this.#stack[this.#stack.length - 1];
      const chosen = this.#choose(choice, this.#stack[this.#stack.length - 2]?.chosen ?? -1);
      if (chosen >= 0) {
        choice.chosen = chosen;
        choice.tried.push(chosen);
        return;
      }
      this.#stack.pop();
    }
    this.isDone = true;
  }
}

/**
 * Runs a random order.
 *
 * @param {Run} run which has started
 * @param {Random} random
 */
export function randomOrder(run, random) {
  const order = [];
  const patience = random.pick([0, 0.5, 0.9]);
  for (let last = -1; ; ) {
    const open = run.enabled();
    if (open.length === 0) return order;
    if (!open.includes(last) || !random.chance(patience)) last = random.pick(open);
    order.push(last);
    run.step(last);
  }
}
