// How far long work is, on standard error.

import prettyBytes from "pretty-bytes";

import { atEnd } from "../cleanup.js";
import { stderr, stdout } from "./output.js";

/** Milliseconds that work may take without a word. */
const SHORT = 500;

/** @import { SingleBar } from "cli-progress" */

/** Shows how many bytes are done; nothing where standard error is no terminal, or the work is short. */
export class Progress {
  #what;
  #total;
  /** Whether it is about to be shown, or shown. */
  #isWanted = false;
  #done = 0;
  /** Bytes of files that are done. */
  #before = 0;
  #since = performance.now();
  /** @type {SingleBar | null} */
  #bar = null;
  /** @type {(() => void)[]} */
  #leave = [];

  /**
   * @param {string} what is done, as "reading"
   * @param {number} total bytes
   */
  constructor(what, total) {
    this.#what = what;
    this.#total = total;
  }

  /** What the package's calls take as `onProgress`, for one file after the other. */
  update = (/** @type {{ bytes: number }} */ { bytes }) => {
    this.#done = this.#before + bytes;
    if (this.#bar) this.#bar.update(Math.min(this.#done, this.#total));
    else if (stderr.isTerminal && !this.#isWanted && performance.now() - this.#since > SHORT) void this.#show();
  };

  /** Goes on with the next file. */
  next() {
    this.#before = this.#done;
  }

  async #show() {
    this.#isWanted = true;
    // Most of the time nobody waits for that long.
    const { default: cliProgress } = await import("cli-progress");
    if (!this.#isWanted) return;
    this.#bar = new cliProgress.SingleBar({
      format: `${this.#what} {bar} {percentage}% of {total}, {eta_formatted} left`,
      formatValue: (value, _, type) => (type === "total" ? prettyBytes(value) : cliProgress.Format.ValueFormat(value, {}, type)),
      barsize: 30,
      barCompleteChar: "█",
      barIncompleteChar: "░",
      hideCursor: true,
      clearOnComplete: true,
      stopOnComplete: false,
      gracefulExit: false,
      fps: 8,
    });
    this.#bar.start(this.#total, Math.min(this.#done, this.#total));
    // The cursor comes back, and what is written elsewhere in this terminal is not written into the bar.
    this.#leave = [atEnd(() => this.stop()), stdout.watch(() => this.stop()), stderr.watch(() => this.stop())];
  }

  /** Takes it away. */
  stop() {
    for (const leave of this.#leave) leave();
    this.#bar?.stop();
    this.#bar = null;
    this.#isWanted = false;
    this.#since = performance.now();
  }
}
