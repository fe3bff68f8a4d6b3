// How far long work is, on standard error.

import prettyBytes from "pretty-bytes";

import { onExit } from "../cleanup.js";
import { stderr, stdout } from "./output.js";

/** Milliseconds that work may take without a word. */
const SILENT_TIME = 500;

/** Bytes of which the work is short however long it takes: what is waited for then is a busy machine. */
const SHORT_WORK = 1e6;

/** Milliseconds from one change of the bar to the next: how long is left is reckoned from some of them. */
const REDRAW_TIME = 100;

/** @import { SingleBar } from "cli-progress" */

/**
 * Shows how many bytes are done; nothing where standard error is no terminal, the work is short, or another program has begun to show what
 * comes of it: nobody knows where in the terminal that one writes, and when.
 */
export class Progress {
  #activity;
  #total;
  /** Whether it is about to be shown, or shown. */
  #isWanted = false;
  #done = 0;
  /** Bytes of files that are done. */
  #finishedBytes = 0;
  #since = performance.now();
  /** When the bar was changed last. */
  #drawn = 0;
  /** @type {SingleBar | null} */
  #bar = null;
  /** @type {(() => void)[]} */
  #cancelers = [];

  /**
   * @param {string} activity, as "reading"
   * @param {{ bytes: number }[]} parts what it is done with
   */
  constructor(activity, parts) {
    this.#activity = activity;
    this.#total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** What the package's calls take as `onProgress`, for one file after the other. */
  update = (/** @type {{ bytes: number }} */ { bytes }) => {
    this.#done = this.#finishedBytes + bytes;
    const now = performance.now();
    if (this.#bar && now - this.#drawn > REDRAW_TIME) {
      this.#drawn = now;
      this.#bar.update(Math.min(this.#done, this.#total));
    } else if (
      !this.#isWanted &&
      this.#total > SHORT_WORK &&
      now - this.#since > SILENT_TIME &&
      stderr.canMoveCursor &&
      !stdout.hasWrittenToPipe
    )
      void this.#show();
  };

  /** Goes on with the next file. */
  next() {
    this.#finishedBytes = this.#done;
  }

  async #show() {
    this.#isWanted = true;
    // Most of the time nobody waits for that long.
    const { default: cliProgress } = await import("cli-progress");
    if (!this.#isWanted || stdout.hasWrittenToPipe) return;
    this.#bar = new cliProgress.SingleBar({
      format: `${this.#activity} {bar} {percentage}% of {total}, {eta_formatted} left`,
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
    this.#drawn = performance.now();
    this.#bar.start(this.#total, Math.min(this.#done, this.#total));
    // The cursor comes back, and what is written elsewhere in this terminal is not written into the bar.
    this.#cancelers = [
      onExit(() => this.stop()),
      stdout.beforeWrite(() => this.stop()),
      stderr.beforeWrite(() => this.stop()),
    ];
  }

  /** Takes it away. */
  stop() {
    for (const leave of this.#cancelers) leave();
    this.#bar?.stop();
    this.#bar = null;
    this.#isWanted = false;
    this.#since = performance.now();
  }
}
