// How far long work is, on standard error.

import prettyBytes from "pretty-bytes";

import { atEnd } from "../cleanup.js";
import { stderr, stdout } from "./output.js";

/** Milliseconds that work may take without a word. */
const SHORT = 500;

/** Bytes of which the work is short however long it takes: what is waited for then is a busy machine. */
const FEW = 1e6;

/** Milliseconds from one change of the bar to the next: how long is left is reckoned from some of them. */
const PACE = 100;

/** @import { SingleBar } from "cli-progress" */

/**
 * Shows how many bytes are done; nothing where standard error is no terminal, the work is short, or another program has begun to show what
 * comes of it: nobody knows where in the terminal that one writes, and when.
 */
export class Progress {
  #what;
  #total;
  /** Whether it is about to be shown, or shown. */
  #isWanted = false;
  #done = 0;
  /** Bytes of files that are done. */
  #before = 0;
  #since = performance.now();
  /** When the bar was changed last. */
  #changed = 0;
  /** @type {SingleBar | null} */
  #bar = null;
  /** @type {(() => void)[]} */
  #leave = [];

  /**
   * @param {string} what is done, as "reading"
   * @param {{ bytes: number }[]} parts what it is done with
   */
  constructor(what, parts) {
    this.#what = what;
    this.#total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** What the package's calls take as `onProgress`, for one file after the other. */
  update = (/** @type {{ bytes: number }} */ { bytes }) => {
    this.#done = this.#before + bytes;
    const now = performance.now();
    if (this.#bar && now - this.#changed > PACE) {
      this.#changed = now;
      this.#bar.update(Math.min(this.#done, this.#total));
    } else if (
      !this.#isWanted &&
      this.#total > FEW &&
      now - this.#since > SHORT &&
      stderr.obeys &&
      !stdout.hasFedPipe
    )
      void this.#show();
  };

  /** Goes on with the next file. */
  next() {
    this.#before = this.#done;
  }

  async #show() {
    this.#isWanted = true;
    // Most of the time nobody waits for that long.
    const { default: cliProgress } = await import("cli-progress");
    if (!this.#isWanted || stdout.hasFedPipe) return;
    this.#bar = new cliProgress.SingleBar({
      format: `${this.#what} {bar} {percentage}% of {total}, {eta_formatted} left`,
      formatValue: (value, _, type) =>
        type === "total" ? prettyBytes(value) : cliProgress.Format.ValueFormat(value, {}, type),
      barsize: 30,
      barCompleteChar: "█",
      barIncompleteChar: "░",
      hideCursor: true,
      clearOnComplete: true,
      stopOnComplete: false,
      gracefulExit: false,
      fps: 8,
    });
    this.#changed = performance.now();
    this.#bar.start(this.#total, Math.min(this.#done, this.#total));
    // The cursor comes back, and what is written elsewhere in this terminal is not written into the bar.
    this.#leave = [
      atEnd(() => this.stop()),
      stdout.watch(() => this.stop()),
      stderr.watch(() => this.stop()),
    ];
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
