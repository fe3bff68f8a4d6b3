// The entries that become part of the exported files in one step.

import fs from "node:fs";
import path from "node:path";

import { onExit } from "../../cleanup.js";
import { DIRECTORY_MODE } from "../output-directory.js";
import { openOutput, writeAll } from "../output-file.js";
import { Partition } from "../partition.js";
import { IDENTITY_BYTES, writeIdentity } from "./identities.js";
import { headFacts } from "./log-reading.js";

/** @import { ExportFormat } from "../export-format.js" */
/** @import { Head, NewEntry } from "./log-reading.js" */

/** How many bytes of text end a batch, and how many entries: their identities are in memory. */
const LIMITS = { bytes: 256 << 20, entries: 4 << 20 };

/** Names of the files in a batch's folder, which no engine takes for a segment. */
export const MANIFEST = "manifest";
export const IDENTITIES = "identities";
export const waitingName = (/** @type {number} */ index) => `${index}.segment`;

const FIRST_IDENTITIES = 1024;

/** A segment: its day, its path below the exported directory, its entries and its bytes. */
/** @typedef {{ path: string, entries: number, bytes: number }} Segment */
/** @typedef {{ session: string, head: Head, first: number, count: number }} BatchSession */

/** A batch that is written to a folder of its own, which nobody reads before it has its name. */
export class Batch {
  #partition;
  #limits;
  #text = 0;
  #identities = Buffer.allocUnsafe(FIRST_IDENTITIES * IDENTITY_BYTES);
  #session = { name: "", first: 0 };
  #cancelCleanup;
  /** @type {BatchSession[]} */
  sessions = [];
  entries = 0;

  /**
   * @param {string} folder new
   * @param {ExportFormat} format
   * @param {Partial<typeof LIMITS>} [limits]
   */
  constructor(folder, format, limits) {
    this.folder = folder;
    this.#limits = { ...LIMITS, ...limits };
    fs.mkdirSync(folder, { mode: DIRECTORY_MODE });
    this.#cancelCleanup = onExit(() => this.#remove());
    this.#partition = new Partition(folder, format);
  }

  get isFull() {
    return this.#text >= this.#limits.bytes || this.entries >= this.#limits.entries;
  }

  /** Starts the entries of a session. @param {string} name */
  begin(name) {
    this.#session = { name, first: this.entries };
  }

  /** @param {NewEntry} entry of the session */
  async add({ offset, digest, timestamp, line }) {
    if (this.#identities.length < (this.entries + 1) * IDENTITY_BYTES) {
      const larger = Buffer.allocUnsafe(2 * this.#identities.length);
      this.#identities.copy(larger);
      this.#identities = larger;
    }
    writeIdentity(this.#identities, this.entries * IDENTITY_BYTES, offset, digest);
    this.entries += 1;
    this.#text += line.length;
    await this.#partition.add(timestamp, line);
  }

  /** Ends the entries of a session, or a part of them. @param {Head} head */
  end(head) {
    const { name, first } = this.#session;
    this.sessions.push({ session: name, head, first, count: this.entries - first });
  }

  /**
   * Completes all files in the folder.
   *
   * @param {object} facts the manifest's first line, without the segments
   * @param {(day: string, part: number) => string} pathOf returns the path of a segment
   * @returns {Promise<Segment[]>}
   */
  async complete(facts, pathOf) {
    await this.#partition.complete();
    const segments = this.#partition.segments.map(({ day, part, lines, bytes, file }, index) => {
      fs.renameSync(file, path.join(this.folder, waitingName(index)));
      return { path: pathOf(day, part), entries: lines, bytes };
    });
    for (const name of fs.readdirSync(this.folder))
      if (name.startsWith("date=")) fs.rmdirSync(path.join(this.folder, name));
    if (this.entries > 0)
      this.#write(IDENTITIES, this.#identities.subarray(0, this.entries * IDENTITY_BYTES));
    const lines = [{ ...facts, segments }, ...this.sessions.map(sessionFacts)];
    this.#write(MANIFEST, Buffer.from(lines.map((each) => `${JSON.stringify(each)}\n`).join("")));
    syncDirectory(this.folder);
    return segments;
  }

  /** @param {string} name @param {Uint8Array} bytes */
  #write(name, bytes) {
    const fd = openOutput(path.join(this.folder, name), "ax");
    try {
      writeAll(fd, bytes);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  }

  /** Keeps the folder, which has its name now. */
  keep() {
    this.#cancelCleanup();
  }

  /** Removes the folder, unless it is kept. */
  discard() {
    if (this.#cancelCleanup()) this.#remove();
  }

  #remove() {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/**
 * Returns what a manifest has of a session.
 *
 * @param {BatchSession} session
 */
function sessionFacts({ session, head, first, count }) {
  return { session, first, count, ...headFacts(head) };
}

/**
 * Writes the names in a directory to the disk, where the system can.
 *
 * @param {string} directory
 */
export function syncDirectory(directory) {
  if (process.platform === "win32") return;
  const fd = fs.openSync(directory, "r");
  try {
    fs.fsyncSync(fd);
  } catch (error) {
    // Some file systems have nothing to sync.
    if (!["EINVAL", "ENOTSUP", "EISDIR"].includes(String(/** @type {any} */ (error).code)))
      throw error;
  } finally {
    fs.closeSync(fd);
  }
}
