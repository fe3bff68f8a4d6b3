// What the manifests of a host's first batches have, in one file, so that a run need not read them
// all. Batches never change, so a summary is never wrong about them. It may be missing, cut or older
// than the batches at any time: whoever reads it then reads manifests instead.

import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";

import { OutputFile } from "../output-file.js";
import { MANIFEST, syncDirectory } from "./batch.js";
import { headFacts, headOf } from "./log-reading.js";

/** @import { Segment } from "./batch.js" */
/** @import { Head } from "./log-reading.js" */

/** The name of the summary in the folder of a host's batches. */
export const SUMMARY = "summary";

/** After how many batches a new summary is written. */
export const SUMMARY_EVERY = 100;

const FORMAT = "skill-log export summary";
const VERSION = 1;

/** The part of a session's entries that a batch has. @typedef {{ batch: string, first: number, count: number }} Part */
/** What is known of a session. @typedef {{ head: Head, parts: Part[] }} Known */

/**
 * What batches from the first on have.
 *
 * @typedef {object} Summary
 * @property {Segment[][]} batches the segments of each
 * @property {Map<string, Known>} sessions
 */

/** Returns the name of a batch's folder. @param {number} number from 1 */
export const batchName = (number) => String(number).padStart(8, "0");

/**
 * Reads a summary.
 *
 * @param {string} folder of the host's batches
 * @param {string} host
 * @param {string[]} names of the batches that are there, in order
 * @returns {Summary | null} null when there is none, or when it is not of the batches that are there
 */
export function readSummary(folder, host, names) {
  const bytes = fileIn(folder, SUMMARY);
  if (!bytes) return null;
  const end = bytes.lastIndexOf("\n", -2) + 1;
  if (bytes.subarray(end).toString() !== `${digestOf(bytes.subarray(0, end))}\n`) return null;
  const [first, ...sessions] = bytes
    .toString("utf8", 0, end - 1)
    .split("\n")
    .map((line) => JSON.parse(line));
  if (first.format !== FORMAT || first.version !== VERSION || first.host !== host) return null;
  const { batches, last } = first;
  for (let number = 1; number <= batches.length; number += 1)
    if (names[number - 1] !== batchName(number)) return null;
  // Of two directories that were joined, the batches may be of the other one.
  const manifest = fileIn(path.join(folder, batchName(batches.length)), MANIFEST);
  if (!manifest || digestOf(manifest) !== last) return null;
  return {
    batches,
    sessions: new Map(
      sessions.map(({ session, parts, ...head }) => [session, { head: headOf(head), parts }]),
    ),
  };
}

/**
 * Writes the summary of all batches, in place of an earlier one.
 *
 * @param {string} folder of the host's batches
 * @param {string} temporary the name of a file that is removed when this process dies
 * @param {string} host
 * @param {Summary} summary
 */
export function writeSummary(folder, temporary, host, { batches, sessions }) {
  const manifest = fs.readFileSync(path.join(folder, batchName(batches.length), MANIFEST));
  const facts = { format: FORMAT, version: VERSION, host, last: digestOf(manifest), batches };
  const lines = [facts];
  for (const [session, { head, parts }] of sessions)
    lines.push(/** @type {any} */ ({ session, parts, ...headFacts(head) }));
  const bytes = Buffer.from(lines.map((each) => `${JSON.stringify(each)}\n`).join(""));
  const file = new OutputFile(path.join(folder, SUMMARY), { force: true, temporary });
  try {
    file.write(bytes);
    file.write(Buffer.from(`${digestOf(bytes)}\n`));
    file.complete();
  } finally {
    file.discard();
  }
  syncDirectory(folder);
}

/** @param {Uint8Array} bytes */
function digestOf(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * Returns the bytes of a file; null when it is missing.
 *
 * @param {string} folder
 * @param {string} name
 */
function fileIn(folder, name) {
  try {
    return fs.readFileSync(path.join(folder, name));
  } catch (error) {
    if (/** @type {any} */ (error).code === "ENOENT") return null;
    throw error;
  }
}
