// Standard output and standard error: buffers, colours, messages.

import { once } from "node:events";
import fs from "node:fs";
import pc from "picocolors";

import { Failure } from "../failures.js";
import { readerWatch } from "./reader-watch.js";
import { printable, printableJson } from "./printable.js";

/** @import { Writable } from "node:stream" */

/** The length at which buffered text is written, in UTF-16 units. */
const BUFFER_LENGTH = 1 << 16;

/** How often to check that standard output still has a reader, in milliseconds. */
const READER_INTERVAL = 300;

/** The width of a terminal that does not report it. */
const USUAL_WIDTH = 80;

/** A pager that runs. @typedef {{ input: Writable, ended: Promise<void> }} Pager */

/**
 * @typedef {object} Paging
 * @property {() => Promise<Pager | null>} start
 * @property {{ output: Output, data: string | Uint8Array }[]} held
 * @property {number} rows the rows of the terminal that the text takes
 */

/** An output stream with a buffer. */
class Output {
  #stream;
  #buffered = "";
  /** @type {Promise<unknown> | null} */
  #draining = null;
  #watchers = new Set();
  #isPipe;
  /** What is held until it is known whether a pager is started. @type {Paging | null} */
  #paging = null;
  /** @type {Pager | null} */
  #pager = null;
  /** The output that holds what is written here. @type {Output | null} */
  #holder = null;

  /** Whether a pipe got text, which another program may show in the same terminal. */
  hasWrittenToPipe = false;

  /** @param {NodeJS.WriteStream & { fd: number }} stream */
  constructor(stream) {
    this.#stream = stream;
    this.isTerminal = stream.isTTY === true;
    const stat = fs.fstatSync(stream.fd);
    // A parent process in Node passes a socket instead of a pipe.
    this.#isPipe = stat.isFIFO() || stat.isSocket();
    /** Functions that style text; without colour, they return it unchanged. */
    this.style = pc.createColors(usesColor(this.isTerminal, "auto"));
  }

  /** @param {Color} when */
  setColor(when) {
    this.style = pc.createColors(usesColor(this.isTerminal, when));
  }

  /** Whether this is a terminal that can move its cursor back. */
  get canMoveCursor() {
    return this.isTerminal && process.env.TERM !== "dumb";
  }

  /** The number of columns; unlimited when this is not a terminal. */
  get width() {
    return this.isTerminal ? this.#stream.columns || USUAL_WIDTH : Infinity;
  }

  /**
   * Buffers text.
   *
   * @param {string} text
   * @returns {Promise<void> | undefined} a promise to await when the buffer is full
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
   * Writes a line of JSON; for a terminal, with all control characters escaped.
   *
   * @param {string} json
   */
  json(json) {
    return this.line(this.isTerminal ? printableJson(json) : json);
  }

  /** Writes the buffered text, and waits for a slow reader. */
  async flush() {
    if (this.#buffered === "") return;
    const text = this.#buffered;
    this.#buffered = "";
    await this.#write(text);
  }

  /**
   * Writes bytes after the buffered text, and waits for a slow reader.
   *
   * @param {Uint8Array} bytes not for a terminal
   */
  async bytes(bytes) {
    await this.flush();
    await this.#write(bytes);
  }

  /**
   * Writes canonical lines; for a terminal, with all control characters escaped.
   *
   * @param {Uint8Array} lines whole lines
   */
  jsonLines(lines) {
    return this.isTerminal
      ? this.write(printableJson(Buffer.from(lines).toString()))
      : this.bytes(lines);
  }

  /**
   * Lets a pager show the output if it is longer than the screen of a terminal. Until then, the
   * output is held, and that of another stream with it.
   *
   * @param {() => Promise<Pager | null>} start
   * @param {Output} other
   */
  pageBy(start, other) {
    if (!this.canMoveCursor) return;
    this.#paging = { start, held: [], rows: 0 };
    other.#holder = this;
  }

  /** Writes what is held; or ends the input of the pager, and waits until its user leaves it. */
  async release() {
    const { held } = this.#paging ?? { held: [] };
    const pager = this.#pager;
    this.#paging = this.#pager = null;
    if (pager) {
      pager.input.end();
      await pager.ended;
    }
    for (const { output, data } of held) await output.#write(data);
  }

  /**
   * @param {Output} output
   * @param {string | Uint8Array} data
   */
  async #hold(output, data) {
    const paging = /** @type {Paging} */ (this.#paging);
    paging.held.push({ output, data });
    if (output !== this || this.#pager) return;
    for (const line of String(data).split("\n"))
      paging.rows += Math.max(1, Math.ceil(line.length / this.width));
    paging.rows -= 1;
    if (paging.rows < (this.#stream.rows || Infinity)) return;
    const pager = await paging.start();
    if (!pager) return this.release();
    for (const watcher of this.#watchers) watcher();
    this.hasWrittenToPipe = true;
    this.#pager = pager;
    void pager.ended.then(async () => {
      // The user left before all was shown.
      if (this.#pager !== pager) return;
      await this.release();
      process.exit();
    });
    const { held } = paging;
    paging.held = held.filter(({ output }) => output !== this);
    for (const { output, data } of held) if (output === this) await this.#write(data);
  }

  /** @param {string | Uint8Array} data */
  async #write(data) {
    const holder = this.#holder ?? this;
    if (this.#pager) {
      if (!this.#pager.input.write(data))
        await Promise.race([once(this.#pager.input, "drain"), this.#pager.ended]);
      return;
    }
    if (holder.#paging) return holder.#hold(this, data);
    if (this.isTerminal || this.#isPipe) for (const watcher of this.#watchers) watcher();
    this.hasWrittenToPipe ||= this.#isPipe;
    if (!this.#stream.write(data)) await this.#drained();
  }

  /** Waits until the stream has room; all callers share one wait. */
  #drained() {
    this.#draining ??= once(this.#stream, "drain").finally(() => (this.#draining = null));
    return this.#draining;
  }

  /**
   * Calls a function before each write that may appear in a terminal: to a terminal or to a pipe.
   *
   * @param {() => void} watcher
   * @returns {() => void} removes the function
   */
  beforeWrite(watcher) {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}

/** When to use colours; `auto` decides by the terminal and the environment. */
export const COLORS = /** @type {const} */ (["auto", "always", "never"]);

/** @typedef {typeof COLORS[number]} Color */

/**
 * Sets when to use colours.
 *
 * @param {Color} when
 */
export function setColor(when) {
  stdout.setColor(when);
  stderr.setColor(when);
}

/**
 * Reports whether to use colours. https://no-color.org, https://force-color.org
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

/**
 * Lets a pager show the output if it is longer than the screen of a terminal.
 *
 * @param {() => Promise<Pager | null>} start returns null when there is no pager
 */
export function pageBy(start) {
  stdout.pageBy(start, stderr);
}

/** Writes both buffers, standard output first. */
async function flush() {
  await stdout.flush();
  await stderr.flush();
}

/**
 * Prints a warning on standard error.
 *
 * @param {string} text characters that are not printable are escaped
 */
export async function warn(text) {
  const { style } = stderr;
  stderr.line(`${style.bold("skill-log:")} ${style.yellow("warning:")} ${printable(text)}`);
  await flush();
}

/**
 * Prints an error on standard error.
 *
 * @param {string} text characters that are not printable are escaped, except line ends
 */
export async function reportError(text) {
  stderr.line(errorText(text));
  await flush();
}

/**
 * Reports what failed with one of many things, after which the program goes on and exits with 1.
 *
 * @param {string} name of the thing
 * @param {unknown} error an unexpected one is thrown again
 */
export async function reportFailureOf(name, error) {
  const { message, code } = /** @type {NodeJS.ErrnoException} */ (error);
  if (!(error instanceof Failure) && code === undefined) throw error;
  process.exitCode = 1;
  await reportError(message.includes(name) ? message : `${name}: ${message}`);
}

/** @param {string} text */
function errorText(text) {
  const { style } = stderr;
  const lines = text.split("\n").map((line) => printable(line));
  return `${style.bold("skill-log:")} ${style.red("error:")} ${lines.join("\n")}`;
}

/**
 * Ends the program quietly soon after the reader of standard output has gone, even when nothing is
 * written. For commands that only print: they may wait or work for long. Where the check is not
 * possible, the next write ends the program.
 */
export function exitWhenReaderLeaves() {
  /**
   * Made at the first check, because most commands have ended by then.
   *
   * @type {ReturnType<typeof readerWatch> | undefined}
   */
  let hasGone;
  const timer = setInterval(() => {
    hasGone ??= readerWatch();
    if (!hasGone) clearInterval(timer);
    else if (hasGone()) process.exit();
  }, READER_INTERVAL).unref();
}

/**
 * Ends the program when standard output fails: quietly when the reader has gone, otherwise with an
 * error.
 */
export function watchOutputs() {
  process.stdout.on("error", (error) => {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EPIPE") process.exit();
    // Print only the error: the buffer of standard output cannot be written.
    stderr.line(errorText(`cannot write to standard output: ${error.message}`));
    void stderr.flush();
    process.exit(1);
  });
  // Without standard error, nothing can be reported.
  process.stderr.on("error", () => {});
}
