// Standard output and standard error.

import { once } from "node:events";
import fs from "node:fs";
import pc from "picocolors";

import { readerWatch } from "./reader-watch.js";
import { printable, printableJson } from "./printable.js";

/** How much is gathered before it is written, in UTF-16 units and bytes. */
const BUFFER_LENGTH = 1 << 16;

/** How often it is looked whether anybody reads standard output any more, in milliseconds. */
const READER_INTERVAL = 300;

/** What is taken where a terminal does not tell. */
const USUAL_WIDTH = 80;

/** What is written to, and what may be shown there. */
class Output {
  #stream;
  #buffered = "";
  /** @type {Promise<unknown> | null} */
  #draining = null;
  #watchers = new Set();
  #isPipe;

  /** Whether another program was given something to show, perhaps in the terminal in which this one runs. */
  hasWrittenToPipe = false;

  /** @param {NodeJS.WriteStream & { fd: number }} stream */
  constructor(stream) {
    this.#stream = stream;
    this.isTerminal = stream.isTTY === true;
    const stat = fs.fstatSync(stream.fd);
    // A socket is what a parent that is Node gives for a pipe.
    this.#isPipe = stat.isFIFO() || stat.isSocket();
    /** Styles; they do nothing where no colour is wanted. */
    this.style = pc.createColors(usesColor(this.isTerminal, "auto"));
  }

  /** @param {Color} when */
  setColor(when) {
    this.style = pc.createColors(usesColor(this.isTerminal, when));
  }

  /** Whether it is a terminal that knows how to go back, to write over what is there. */
  get canMoveCursor() {
    return this.isTerminal && process.env.TERM !== "dumb";
  }

  /** The number of columns; unlimited where nobody looks at them. */
  get width() {
    return this.isTerminal ? this.#stream.columns || USUAL_WIDTH : Infinity;
  }

  /**
   * Writes, soon; where what is waiting is much, it is to be awaited.
   *
   * @param {string} text
   * @returns {Promise<void> | undefined}
   */
  write(text) {
    this.#buffered += text;
    return this.#buffered.length >= BUFFER_LENGTH ? this.flush() : undefined;
  }

  /**
   * Writes a line.
   *
   * @param {string} text
   */
  line(text) {
    return this.write(`${text}\n`);
  }

  /**
   * Writes a line of JSON; for a terminal the same value, in which nothing is left that it would obey.
   *
   * @param {string} json
   */
  json(json) {
    return this.line(this.isTerminal ? printableJson(json) : json);
  }

  /** Writes what was gathered, and waits where the reader is slower. */
  async flush() {
    if (this.#buffered === "") return;
    const text = this.#buffered;
    this.#buffered = "";
    if (this.isTerminal || this.#isPipe) for (const watcher of this.#watchers) watcher();
    this.hasWrittenToPipe ||= this.#isPipe;
    if (!this.#stream.write(text)) await this.#drained();
  }

  /**
   * Writes bytes behind what was gathered, and waits where the reader is slower.
   *
   * @param {Uint8Array} bytes not for a terminal
   */
  async bytes(bytes) {
    await this.flush();
    if (!this.#stream.write(bytes)) await this.#drained();
  }

  /** Waits until the reader has come after: all who wait do so together. */
  #drained() {
    this.#draining ??= once(this.#stream, "drain").finally(() => (this.#draining = null));
    return this.#draining;
  }

  /**
   * Calls a function before anything is written that a terminal may show: to one, or to a program that may show it there.
   *
   * @param {() => void} watcher
   * @returns {() => void} what ends it
   */
  beforeWrite(watcher) {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}

/** When there are colours: `auto` goes by the terminal and by what is said for all programs. */
export const COLORS = /** @type {const} */ (["auto", "always", "never"]);

/** @typedef {typeof COLORS[number]} Color */

/**
 * Says when there are colours.
 *
 * @param {Color} when
 */
export function setColor(when) {
  stdout.setColor(when);
  stderr.setColor(when);
}

/**
 * Tells whether there are colours. https://no-color.org, https://force-color.org
 *
 * @param {boolean} isTerminal
 * @param {Color} when
 */
function usesColor(isTerminal, when) {
  if (when !== "auto") return when === "always";
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== "0";
  return isTerminal && TERM !== "dumb";
}

export const stdout = new Output(process.stdout);
export const stderr = new Output(process.stderr);

/** Writes what was gathered for both, in the order in which people should see it. */
async function flush() {
  await stdout.flush();
  await stderr.flush();
}

/**
 * Says something on standard error.
 *
 * @param {string} text what is not printable in it is spelled out
 */
export async function warn(text) {
  const { style } = stderr;
  stderr.line(`${style.bold("skill-log:")} ${style.yellow("warning:")} ${printable(text)}`);
  await flush();
}

/**
 * Says what failed, on standard error.
 *
 * @param {string} text what is not printable in it is spelled out, but for line ends
 */
export async function reportError(text) {
  stderr.line(errorText(text));
  await flush();
}

/** @param {string} text */
function errorText(text) {
  const { style } = stderr;
  const lines = text.split("\n").map((line) => printable(line));
  return `${style.bold("skill-log:")} ${style.red("error:")} ${lines.join("\n")}`;
}

/**
 * Ends the program quietly soon after what reads its output has gone, though nothing is written: for commands that do nothing but show, as
 * they may wait, or work, for long. Where it cannot be found out, the next write tells.
 */
export function exitWhenReaderLeaves() {
  /** @type {ReturnType<typeof readerWatch> | undefined} not before the first look: most commands have ended by then */
  let hasGone;
  const timer = setInterval(() => {
    hasGone ??= readerWatch();
    if (!hasGone) clearInterval(timer);
    else if (hasGone()) process.exit();
  }, READER_INTERVAL).unref();
}

/** Ends the program quietly where what reads its output has gone, and says so where it cannot be written for another reason. */
export function watchOutputs() {
  process.stdout.on("error", (error) => {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EPIPE") process.exit();
    // Alone: what was gathered for standard output has nowhere to go.
    stderr.line(errorText(`cannot write to standard output: ${error.message}`));
    void stderr.flush();
    process.exit(1);
  });
  // There is nowhere left to say it.
  process.stderr.on("error", () => {});
}
