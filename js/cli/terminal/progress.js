// Shows the progress of long work on standard error.

import prettyBytes from "pretty-bytes";

import { onExit } from "../cleanup.js";
import { stderr, stdout } from "./output.js";

/** The milliseconds of work before the bar appears. */
const SILENT_TIME = 500;

/** Work on fewer bytes gets no bar: when it takes long, only the machine is busy. */
const SHORT_WORK = 1e6;

/**
 * The milliseconds between two updates of the bar, which estimates the time left from several
 * updates.
 */
const REDRAW_TIME = 100;

/** @import { SingleBar } from "cli-progress" */

/**
 * Shows a bar of the bytes that are done. Shows nothing when standard error is not a terminal, or
 * when the work is short. Hides the bar for good once a pipe got output, because its reader may
 * write to the same terminal.
 */
export class Progress {
  #activity;
  #total;
  #passes;
  /** Whether the bar is shown, or about to be. */
  #isWanted = false;
  #done = 0;
  /** The bytes of finished files. */
  #finishedBytes = 0;
  #since = performance.now();
  /** The time of the last update. */
  #drawn = 0;
  /** @type {SingleBar | null} */
  #bar = null;
  /** @type {(() => void)[]} */
  #cancelers = [];

  /**
   * @param {string} activity such as "reading"
   * @param {{ bytes: number }[]} parts the files to work on; none when the calls say how much it is
   * @param {number} [passes] how often all bytes are worked on
   */
  constructor(activity, parts, passes = 1) {
    this.#activity = activity;
    this.#passes = parts.length === 0 ? passes : 0;
    this.#total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The `onProgress` callback for the package's calls, on one file after the other. */
  update = (/** @type {{ bytes: number, total?: number }} */ { bytes, total = 0 }) => {
    if (this.#passes > 0 && total > 0) this.#total = total * this.#passes;
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
    // Loaded here, because most commands end before the bar appears.
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
    // Remove the bar and show the cursor at the end of the program and before other output.
    this.#cancelers = [
      onExit(() => this.stop()),
      stdout.beforeWrite(() => this.stop()),
      stderr.beforeWrite(() => this.stop()),
    ];
  }

  /** Removes the bar. */
  stop() {
    for (const leave of this.#cancelers) leave();
    this.#bar?.stop();
    this.#bar = null;
    this.#isWanted = false;
    this.#since = performance.now();
  }
}
