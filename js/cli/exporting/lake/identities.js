// The identities of exported entries of one session: where each was in its log, and its digest.

import crypto, { createHash } from "node:crypto";

/** The bytes of an identity: a place as a double, and a digest. */
const DIGEST_BYTES = 16;
export const IDENTITY_BYTES = 8 + DIGEST_BYTES;

/**
 * Returns the digest of an entry: the first 16 bytes of the SHA-256 of its canonical line, with its
 * line end.
 *
 * @param {Uint8Array} line
 */
export function digestOf(line) {
  // Node has crypto.hash since 20.12; it takes half the time.
  const whole = crypto.hash
    ? crypto.hash("sha256", line, "buffer")
    : createHash("sha256").update(line).digest();
  return whole.subarray(0, DIGEST_BYTES);
}

/**
 * Writes an identity.
 *
 * @param {Buffer} buffer
 * @param {number} at
 * @param {number} offset
 * @param {Buffer} digest
 */
export function writeIdentity(buffer, at, offset, digest) {
  buffer.writeDoubleLE(offset, at);
  digest.copy(buffer, at + 8);
}

/**
 * Identities that a log is compared with, in the order of its entries. An entry is known if it is in
 * its place. After `endSurvey`, an entry in another place is known too if an equal one is no longer
 * in its own place: it has moved.
 */
export class Identities {
  #buffer;
  /** The identities in the order of their places. */
  #order;
  #isFound;
  #next = 0;
  /** @type {Map<string, number>} the digests of those that are not in their places → how many */
  #absent = new Map();

  /** @param {Buffer} buffer whole identities, in any order */
  constructor(buffer) {
    this.#buffer = buffer;
    const count = buffer.length / IDENTITY_BYTES;
    this.#order = Uint32Array.from({ length: count }, (_, index) => index);
    this.#order.sort((a, b) => this.#offset(a) - this.#offset(b));
    this.#isFound = new Uint8Array(count);
  }

  /** @param {number} index */
  #offset(index) {
    return this.#buffer.readDoubleLE(index * IDENTITY_BYTES);
  }

  /** @param {number} index */
  #digest(index) {
    const at = index * IDENTITY_BYTES;
    return this.#buffer.subarray(at + 8, at + IDENTITY_BYTES);
  }

  /**
   * Reports whether an entry is known and in its place. The places of a log's entries ascend.
   *
   * @param {number} offset
   * @param {Buffer} digest
   */
  isInPlace(offset, digest) {
    while (this.#next < this.#order.length && this.#offset(this.#order[this.#next]) < offset)
      this.#next += 1;
    for (let at = this.#next; at < this.#order.length; at += 1) {
      const index = this.#order[at];
      if (this.#offset(index) !== offset) return false;
      if (!this.#digest(index).equals(digest)) continue;
      this.#isFound[index] = 1;
      return true;
    }
    return false;
  }

  /** Ends the first pass over the log, which asked `isInPlace` for each entry. */
  endSurvey() {
    this.#next = 0;
    for (const [index, isFound] of this.#isFound.entries()) {
      if (isFound) continue;
      const digest = this.#digest(index).toString("latin1");
      this.#absent.set(digest, (this.#absent.get(digest) ?? 0) + 1);
    }
  }

  /**
   * Reports whether an entry that is not in its place has moved here. Each identity moves once.
   *
   * @param {Buffer} digest
   */
  hasMoved(digest) {
    const key = digest.toString("latin1");
    const count = this.#absent.get(key) ?? 0;
    if (count === 0) return false;
    this.#absent.set(key, count - 1);
    return true;
  }
}
