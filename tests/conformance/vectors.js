// Reads the recorded vectors, which README.md describes.

import { readFileSync } from "node:fs";

/**
 * @typedef {object} CanonicalizeVector
 * @property {string} id
 * @property {Buffer} line the input
 * @property {boolean} ok whether Go decoded the line and encoded it again
 * @property {Buffer} out the line that Go wrote, without a line end; empty when not `ok`
 * @property {string} error Go's error message, or empty
 *
 * @typedef {object} ReadVector
 * @property {string} id
 * @property {Buffer | null} file `null` when there is no file
 * @property {(Buffer | null)[]} entries each as Go encodes it, or `null` when Go refuses to
 * @property {string} error Go's error message, or empty
 *
 * @typedef {string | ({ b64: string } | { repeat_b64: string, times: number })[]} Recorded
 */

/** @returns {CanonicalizeVector[]} */
export function canonicalizeVectors() {
  return objects("canonicalize.jsonl").map(
    ({ id, line_b64, parts, ok, out_b64, out_parts, error }) => ({
      id,
      line: bytes(parts ?? line_b64),
      ok,
      out: bytes(out_parts ?? out_b64),
      error,
    }),
  );
}

/** @returns {ReadVector[]} */
export function readVectors() {
  return objects("read.jsonl").map(({ id, file_b64, parts, absent, entries_b64, error }) => ({
    id,
    file: absent ? null : bytes(parts ?? file_b64),
    entries: entries_b64.map((/** @type {Recorded | null} */ entry) =>
      entry === null ? null : bytes(entry),
    ),
    error,
  }));
}

/** Returns files with damage, and what reading them finds. README.md says what the numbers mean. */
export function damageVectors() {
  return objects("damage.jsonl").map(({ file_b64, max_line_bytes, ...rest }) => ({
    file: bytes(file_b64),
    maxLineBytes: max_line_bytes,
    ...rest,
  }));
}

/** Returns values of `input`, and how `append` spells them. */
export function appendedInputs() {
  return objects("appended-input.jsonl");
}

/** @param {string} name */
function objects(name) {
  // Not with readline, because from Node 24 on it also splits at U+2028.
  const text = readFileSync(new URL(name, import.meta.url), "utf8");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** @param {Recorded} recorded */
function bytes(recorded) {
  if (typeof recorded === "string") return Buffer.from(recorded, "base64");
  return Buffer.concat(
    recorded.map((part) => {
      if ("b64" in part) return Buffer.from(part.b64, "base64");
      const piece = Buffer.from(part.repeat_b64, "base64");
      return Buffer.alloc(piece.length * part.times, piece);
    }),
  );
}

/**
 * Checks each vector. Returns a line for each failure, so that a test shows all failures at once.
 *
 * @template {{ id: string }} Vector
 * @param {Vector[]} vectors
 * @param {(vector: Vector) => unknown} check
 */
export async function failing(vectors, check) {
  const failures = [];
  for (const vector of vectors) {
    try {
      await check(vector);
    } catch (error) {
      failures.push(`${vector.id}: ${String(error).slice(0, 1000)}`);
    }
  }
  return failures;
}
