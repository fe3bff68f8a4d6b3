// Reads the recorded vectors: README.md says what they are, and how their bytes are written.

import { readFileSync } from "node:fs";

/**
 * @typedef {object} CanonicalizeVector
 * @property {string} id
 * @property {Buffer} line the input
 * @property {boolean} ok whether Go decoded the line and encoded it again
 * @property {Buffer} out what Go wrote, without a newline; empty when not `ok`
 * @property {string} error Go's words, or empty
 *
 * @typedef {object} ReadVector
 * @property {string} id
 * @property {Buffer | null} file `null` where there is no file
 * @property {(Buffer | null)[]} entries each as Go encodes it, or `null` where Go refuses to
 * @property {string} error Go's words, or empty
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

/** Files with damage, and what is read from them: README.md says what the numbers are. */
export function damageVectors() {
  return objects("damage.jsonl").map(({ file_b64, max_line_bytes, ...rest }) => ({
    file: bytes(file_b64),
    maxLineBytes: max_line_bytes,
    ...rest,
  }));
}

/** Values of `input`, and how they are spelled when they are appended. */
export function appendedInputs() {
  return objects("appended-input.jsonl");
}

/** @param {string} name */
function objects(name) {
  // Not through a stream of lines: Node's readline also splits at U+2028, from Node 24 on.
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
 * Checks each vector and gives a line for each that fails, so that one does not hide the others.
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
