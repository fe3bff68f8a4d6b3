// What was exported of a host. The exported directory itself holds it, so that it can be copied to
// another machine, and exporting goes on there:
//
//   date=2026-01-31/host=NAME/00000001-9f3c62d1-0.jsonl       segments, which engines read
//   _skill-log/host=NAME/00000001/manifest, identities        the batch that wrote them
//   _skill-log/host=NAME/summary                              what the first manifests have
//
// A batch is written to a folder with another name, and renamed in one step. Its segments wait in
// that folder, and are then moved to their places. So a segment is there only when its batch is, and
// whoever finds one that waits moves it. Two exports cannot both make the batch of a number: the
// rename of the second fails, because a folder is there.

import { createHash, randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import { Failure } from "../../failures.js";
import { compressions } from "../compressor.js";
import { DIRECTORY_MODE } from "../output-directory.js";
import { Batch, IDENTITIES, MANIFEST, syncDirectory, waitingName } from "./batch.js";
import { hostFolder } from "./host-directories.js";
import { Identities, IDENTITY_BYTES } from "./identities.js";
import { headOf, UNKNOWN } from "./log-reading.js";
import { batchName, readSummary, SUMMARY_EVERY, writeSummary } from "./summary.js";

/** @import { ExportFormat } from "../export-format.js" */
/** @import { Segment } from "./batch.js" */
/** @import { Head } from "./log-reading.js" */
/** @import { Known } from "./summary.js" */

/** The folder of the batches. Engines skip names that start so. */
export const STATE = "_skill-log";

const FORMAT = "skill-log export";
const VERSION = 1;

const NUMBER = /^\d{8,}$/;
const DAY = /^date=\d{4}-\d\d-\d\d$/;
const SEGMENT = /^((\d{8,})-[\da-f]{8})-\d+\.[.\w]+$/;
const TEMPORARY = /^\.skill-log-([\da-f]{8})-(\d+)-[\da-f]{8}\.tmp$/;

/** The milliseconds after which what a killed export of another machine left is removed. */
const OLD = 24 * 3600 * 1000;

/** Names this machine, as far as its processes are concerned. */
const machine = createHash("sha256").update(os.hostname()).digest("hex").slice(0, 8);

/** Another export wrote the batch. */
export class Overtaken extends Error {}

/** The batches of a host. */
export class HostLake {
  #output;
  #host;
  #folder;
  #hostFolder;
  #summaryEvery;
  #last = 0;
  /** How many batches the summary has. */
  #summarized = 0;
  /** The segments of each batch. @type {Segment[][]} */
  #segments = [];
  /** The batches that have segments, as the names of these start: `00000001-9f3c62d1`. */
  #batches = new Set();
  /** @type {Map<string, Known>} */
  #sessions = new Map();
  /** The segments that are not there any more, or have another length, and their entries. */
  missing = { segments: 0, entries: 0 };
  /** The entries of all batches. */
  entries = 0;

  /**
   * Reads what was exported of a host. Moves segments to their places that a killed export left.
   *
   * @param {string} output the exported directory
   * @param {string} host
   * @param {number} [summaryEvery] after how many batches a summary is written
   */
  static open(output, host, summaryEvery = SUMMARY_EVERY) {
    for (;;) {
      try {
        return new HostLake(output, host, summaryEvery);
      } catch (error) {
        if (!(error instanceof Overtaken)) throw error;
      }
    }
  }

  /** Use `HostLake.open`. @param {string} output @param {string} host @param {number} summaryEvery */
  constructor(output, host, summaryEvery) {
    this.#output = output;
    this.#host = host;
    this.#summaryEvery = summaryEvery;
    this.#hostFolder = hostFolder(host);
    this.#folder = path.join(output, STATE, this.#hostFolder);
    const names = namesIn(this.#folder);
    const batches = names.filter((name) => NUMBER.test(name)).sort((a, b) => Number(a) - Number(b));
    this.#readSummary(batches);
    for (const name of batches.slice(this.#summarized)) this.#read(name);
    for (const name of names) removeIfLeft(path.join(this.#folder, name), name);
    this.#refuseUnknown();
  }

  /**
   * Refuses segments of batches that are not there, because their entries would be written twice.
   *
   * @throws {Overtaken} when another export has just written the batch
   */
  #refuseUnknown() {
    for (const day of namesIn(this.#output)) {
      if (!day.startsWith("date=")) continue;
      const folder = path.join(this.#output, day, this.#hostFolder);
      for (const name of namesIn(folder)) {
        const found = SEGMENT.exec(name);
        if (!found || this.#batches.has(found[1])) continue;
        const [, , number] = found;
        if (Number(number) > this.#last && fs.existsSync(path.join(this.#folder, number)))
          throw new Overtaken();
        throw new Failure(
          `${path.join(folder, name)} is of an export that ${this.#folder} does not know: the directory was copied while an export ran, or was exported to in two places. Copy it again; or remove the file, and its entries are written again`,
        );
      }
    }
  }

  /** @param {string[]} names of the batches, in order */
  #readSummary(names) {
    const summary = readSummary(this.#folder, this.#host, names);
    if (!summary) return;
    for (const [index, segments] of summary.batches.entries())
      this.#noteSegments(names[index], segments);
    this.#sessions = summary.sessions;
    this.#last = this.#summarized = summary.batches.length;
  }

  /** @param {string} batch */
  #read(batch) {
    const folder = path.join(this.#folder, batch);
    const [first, ...sessions] = readManifest(folder);
    if (first?.format !== FORMAT || first.version !== VERSION)
      throw new Failure(`${folder}: another version of skill-log wrote it; use that version`);
    if (first.host !== this.#host)
      throw new Failure(`${folder} is of the host ${first.host}, and not of ${this.#host}`);
    this.#noteSegments(batch, first.segments);
    for (const { session, first, count, ...head } of sessions)
      this.#note(batch, session, first, count, headOf(head));
    this.#last = Number(batch);
  }

  /**
   * Notes the segments of a batch. Moves those that wait to their places.
   *
   * @param {string} batch
   * @param {Segment[]} segments
   */
  #noteSegments(batch, segments) {
    const folder = path.join(this.#folder, batch);
    for (const { path: name } of segments)
      if (!this.#isSegment(name))
        throw new Failure(
          `${folder}: the manifest names ${JSON.stringify(name)}, which is no segment of the host`,
        );
    const isMissing = (/** @type {Segment} */ { path: name, bytes }) =>
      fs.statSync(path.join(this.#output, name), { throwIfNoEntry: false })?.size !== bytes;
    let missing = segments.filter(isMissing);
    if (missing.length > 0) {
      this.#place(folder, segments);
      missing = missing.filter(isMissing);
    }
    this.missing.segments += missing.length;
    for (const { entries } of missing) this.missing.entries += entries;
    for (const segment of segments) this.entries += segment.entries;
    this.#keepSegments(segments);
  }

  /**
   * Tells whether a path of a manifest is that of a segment, below the exported directory.
   *
   * @param {unknown} name
   */
  #isSegment(name) {
    const [day, host, file, ...more] = String(name).split("/");
    return DAY.test(day) && host === this.#hostFolder && SEGMENT.test(file) && more.length === 0;
  }

  /** @param {Segment[]} segments of the next batch */
  #keepSegments(segments) {
    this.#segments.push(segments);
    for (const { path: name } of segments)
      this.#batches.add(SEGMENT.exec(path.posix.basename(name))?.[1]);
  }

  /**
   * @param {string} batch
   * @param {string} session
   * @param {number} first
   * @param {number} count
   * @param {Head} head
   */
  #note(batch, session, first, count, head) {
    const parts = this.#sessions.get(session)?.parts ?? [];
    if (count > 0) parts.push({ batch, first, count });
    this.#sessions.set(session, { head, parts });
  }

  /**
   * Returns what is known of a session's log.
   *
   * @param {string} session
   * @returns {{ before: Head, isNew: boolean, identities: () => Identities | null }}
   */
  known(session) {
    const known = this.#sessions.get(session);
    return {
      before: known?.head ?? UNKNOWN,
      isNew: known === undefined,
      identities: () => (known && known.parts.length > 0 ? this.#identities(known) : null),
    };
  }

  /** @param {Known} known */
  #identities({ parts }) {
    return new Identities(
      Buffer.concat(
        parts.map(({ batch, first, count }) => {
          const file = path.join(this.#folder, batch, IDENTITIES);
          const buffer = Buffer.alloc(count * IDENTITY_BYTES);
          const fd = fs.openSync(file, "r");
          try {
            if (fs.readSync(fd, buffer, 0, buffer.length, first * IDENTITY_BYTES) < buffer.length)
              throw new Failure(`${file} is too short: copy it again from where it is complete`);
          } finally {
            fs.closeSync(fd);
          }
          return buffer;
        }),
      ),
    );
  }

  /**
   * Starts the next batch.
   *
   * @param {ExportFormat} format
   */
  startBatch(format) {
    fs.mkdirSync(this.#folder, { recursive: true, mode: DIRECTORY_MODE });
    return new Batch(path.join(this.#folder, temporaryName()), format);
  }

  /**
   * Makes a batch a part of the exported directory. It is all there from one moment on.
   *
   * @param {Batch} batch
   * @param {ExportFormat} format
   * @returns {Promise<Segment[]>}
   * @throws {Overtaken} when another export has written a batch since this one was started; nothing of
   *   this one is there
   */
  async commit(batch, { extension, compression }) {
    const number = this.#last + 1;
    const name = batchName(number);
    const end = extension + (compression ? compressions[compression] : "");
    // Differs where a host was exported to two directories, which were joined later.
    const own = randomBytes(4).toString("hex");
    const facts = { format: FORMAT, version: VERSION, host: this.#host };
    const segments = await batch.complete(facts, (day, part) =>
      [`date=${day}`, this.#hostFolder, `${name}-${own}-${part}${end}`].join("/"),
    );
    const folder = path.join(this.#folder, name);
    try {
      fs.renameSync(batch.folder, folder);
    } catch (error) {
      if (fs.existsSync(folder)) throw new Overtaken();
      throw error;
    }
    batch.keep();
    for (const above of [this.#folder, path.dirname(this.#folder), this.#output])
      syncDirectory(above);
    this.#last = number;
    this.#keepSegments(segments);
    for (const { session, first, count, head } of batch.sessions)
      this.#note(name, session, first, count, head);
    this.#place(folder, segments);
    this.entries += batch.entries;
    this.#summarize();
    return segments;
  }

  /** Writes a summary when there are many batches that no summary has. */
  #summarize() {
    if (this.#last - this.#summarized < this.#summaryEvery) return;
    // A summary has batches from the first on. Here, someone removed others.
    if (this.#segments.length < this.#last) return;
    const summary = { batches: this.#segments, sessions: this.#sessions };
    writeSummary(this.#folder, temporaryName(), this.#host, summary);
    this.#summarized = this.#last;
  }

  /**
   * Moves the segments of a batch to their places, unless they are there.
   *
   * @param {string} folder of the batch
   * @param {Segment[]} segments
   */
  #place(folder, segments) {
    const waiting = new Set(fs.readdirSync(folder));
    /** @type {Set<string>} */
    const changed = new Set();
    for (const [index, { path: name }] of segments.entries()) {
      if (!waiting.has(waitingName(index))) continue;
      const place = path.join(this.#output, name);
      fs.mkdirSync(path.dirname(place), { recursive: true, mode: DIRECTORY_MODE });
      try {
        fs.renameSync(path.join(folder, waitingName(index)), place);
      } catch (error) {
        // Another export moved it just now.
        if (/** @type {any} */ (error).code !== "ENOENT") throw error;
      }
      changed.add(path.dirname(place)).add(path.dirname(path.dirname(place)));
    }
    if (changed.size === 0) return;
    for (const directory of [...changed, this.#output, folder]) syncDirectory(directory);
  }
}

/** Returns a name for what is not complete, which says whose it is. */
function temporaryName() {
  return `.skill-log-${machine}-${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
}

/** Returns the names in a directory; none where it is missing. @param {string} directory */
function namesIn(directory) {
  try {
    return fs.readdirSync(directory);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(String(/** @type {any} */ (error).code))) return [];
    throw error;
  }
}

/**
 * Returns the lines of a manifest.
 *
 * @param {string} folder of a batch
 * @returns {any[]}
 */
function readManifest(folder) {
  const file = path.join(folder, MANIFEST);
  try {
    const text = fs.readFileSync(file, "utf8");
    if (!text.endsWith("\n")) throw new SyntaxError("it is cut");
    return text
      .slice(0, -1)
      .split("\n")
      .map((line) => JSON.parse(line));
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code !== undefined && code !== "ENOENT") throw error;
    throw new Failure(
      `${file} is not complete (${code === "ENOENT" ? "it is missing" : message}): copy it again from where it is complete`,
    );
  }
}

/**
 * Removes what a killed export left.
 *
 * @param {string} left
 * @param {string} name
 */
function removeIfLeft(left, name) {
  const found = TEMPORARY.exec(name);
  if (!found) return;
  const [, ofMachine, pid] = found;
  const stat = fs.statSync(left, { throwIfNoEntry: false });
  if (!stat) return;
  const isInUse = ofMachine === machine ? isRunning(Number(pid)) : Date.now() - stat.mtimeMs < OLD;
  if (!isInUse) fs.rmSync(left, { recursive: true, force: true });
}

/** @param {number} pid */
function isRunning(pid) {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {any} */ (error).code === "EPERM";
  }
}
