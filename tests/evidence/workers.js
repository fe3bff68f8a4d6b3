// Processes that wait for work, so that a case does not wait for a process to start.

import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** @typedef {Awaited<ReturnType<typeof startWorker>>} Worker */

/**
 * Starts a program of children/ that does what messages ask.
 *
 * @param {string} name
 */
export async function startWorker(name) {
  const program = fileURLToPath(new URL(`children/${name}`, import.meta.url));
  const child = fork(program, { stdio: ["ignore", "pipe", "pipe", "ipc"] });
  let printed = "";
  let errors = "";
  child.stdout?.setEncoding("utf8").on("data", (text) => (printed += text));
  child.stderr?.setEncoding("utf8").on("data", (text) => (errors += text));
  // Node 20 emits no "close" after `disconnect`, and does not always end the pipes.
  const exited = once(child, "exit");
  const ended = Promise.all([
    exited,
    ...[child.stdout, child.stderr].map((stream) => stream && once(stream, "end")),
  ]).then(([[code, signal]]) => ({ code, signal }));
  const fail = async () => {
    const { code, signal } = await ended;
    throw new Error(`${name} ended with ${signal ?? code}: ${errors}`);
  };
  await Promise.race([once(child, "message"), fail()]);
  let isDone = false;
  child.on("message", () => (isDone = true));
  return {
    /** Whether the child has answered a message. */
    get isDone() {
      return isDone;
    },
    /** Resolves when the child has printed a line. */
    started: () => Promise.race([once(child.stdout ?? child, "data"), ended]),
    /** Begins a job. Resolves when it is done, or when the child has ended. @param {object} job */
    async begin(job) {
      child.send(job);
      await Promise.race([once(child, "message"), ended]);
    },
    /** Does a job to its end. @param {object} job */
    async run(job) {
      child.send(job);
      await Promise.race([once(child, "message"), fail()]);
    },
    /**
     * Kills the child within whatever it does. Resolves to the lines that it printed.
     *
     * @returns {Promise<string[]>}
     */
    async kill() {
      child.kill("SIGKILL");
      const { signal, code } = await ended;
      if (signal !== "SIGKILL") throw new Error(`${name} ended with ${signal ?? code}: ${errors}`);
      return printed.split("\n").filter(Boolean);
    },
    async end() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/** Keeps processes ready, because each takes some 50 ms to start. */
export class WarmWorkers {
  #name;
  /** @type {Promise<Worker>[]} */
  #ready;

  /** @param {string} name of a program in children/ @param {number} count */
  constructor(name, count) {
    this.#name = name;
    this.#ready = Array.from({ length: count }, () => startWorker(name));
    for (const each of this.#ready) each.catch(() => {});
  }

  /** Takes a process that waits, and starts another one in its place. */
  take() {
    const next = startWorker(this.#name);
    next.catch(() => {});
    this.#ready.push(next);
    return /** @type {Promise<Worker>} */ (this.#ready.shift());
  }

  async close() {
    await Promise.all(this.#ready.splice(0).map(async (worker) => (await worker).end()));
  }
}
