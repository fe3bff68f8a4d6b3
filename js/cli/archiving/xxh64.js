// The checksum of a Zstandard frame: the low half of XXH64, with the seed 0.
// https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md

/** The primes of XXH64. */
const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;

/** What the four lanes start with, and how far each is turned at the end. */
const STARTS = [P1 + P2, P2, 0n, -P1];
const TURNS = [1n, 7n, 12n, 18n];

/** The bytes that the four lanes take at once. */
const STRIPE = 32;

/**
 * Returns the low 32 bits of the XXH64 of bytes.
 *
 * @param {Uint8Array} bytes
 */
export function lowXxh64(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = bytes.length - (bytes.length % STRIPE);
  let hash = P5;
  if (at > 0) {
    const lanes = STARTS.map((start, lane) => laneOf(view, 8 * lane, at, start));
    hash = wrapped(lanes.reduce((sum, lane, n) => sum + rotated(lane, TURNS[n]), 0n));
    for (const lane of lanes) hash = wrapped((hash ^ mixed(lane)) * P1 + P4);
  }
  hash = wrapped(hash + BigInt(bytes.length));
  for (; at + 8 <= bytes.length; at += 8)
    hash = wrapped(rotated(hash ^ mixed(view.getBigUint64(at, true)), 27n) * P1 + P4);
  if (at + 4 <= bytes.length) {
    const word = wrapped(BigInt(view.getUint32(at, true)) * P1);
    hash = wrapped(rotated(hash ^ word, 23n) * P2 + P3);
    at += 4;
  }
  for (; at < bytes.length; at += 1)
    hash = wrapped(rotated(hash ^ wrapped(BigInt(bytes[at]) * P5), 11n) * P1);
  hash = wrapped((hash ^ (hash >> 33n)) * P2);
  hash = wrapped((hash ^ (hash >> 29n)) * P3);
  return Number((hash ^ (hash >> 32n)) & 0xffffffffn);
}

/** @param {bigint} number */
function wrapped(number) {
  return BigInt.asUintN(64, number);
}

/** @param {bigint} number @param {bigint} bits */
function rotated(number, bits) {
  return wrapped(number << bits) | (number >> (64n - bits));
}

/** @param {bigint} word */
function mixed(word) {
  return wrapped(rotated(wrapped(word * P2), 31n) * P1);
}

const HALF = 32n;
const [P1_HIGH, P1_LOW] = halvesOf(P1);
const [P2_HIGH, P2_LOW] = halvesOf(P2);

/** @param {bigint} number */
function halvesOf(number) {
  return [Number(BigInt.asIntN(32, number >> HALF)), Number(BigInt.asIntN(32, number))];
}

/**
 * Mixes all words of a lane: `lane = rotated(lane + word * P2, 31) * P1`. Takes numbers of 32 bits for
 * halves of 64, because BigInt takes ten times as long.
 *
 * @param {DataView} view
 * @param {number} from the first word
 * @param {number} to the end of the last stripe
 * @param {bigint} start
 */
function laneOf(view, from, to, start) {
  let [high, low] = halvesOf(start);
  for (let at = from; at < to; at += STRIPE) {
    const wordLow = view.getInt32(at, true);
    const wordHigh = view.getInt32(at + 4, true);
    const product = Math.imul(wordLow, P2_LOW);
    const sum = (low >>> 0) + (product >>> 0);
    high +=
      highProduct(wordLow, P2_LOW) + Math.imul(wordHigh, P2_LOW) + Math.imul(wordLow, P2_HIGH);
    high = (high + (sum > 0xffffffff ? 1 : 0)) | 0;
    low = sum | 0;
    const turnedHigh = (high << 31) | (low >>> 1);
    const turned = (low << 31) | (high >>> 1);
    high =
      (highProduct(turned, P1_LOW) + Math.imul(turnedHigh, P1_LOW) + Math.imul(turned, P1_HIGH)) |
      0;
    low = Math.imul(turned, P1_LOW);
  }
  return (BigInt(high >>> 0) << HALF) | BigInt(low >>> 0);
}

/**
 * Returns the high half of the product of two numbers of 32 bits without a sign.
 *
 * @param {number} a
 * @param {number} b
 */
function highProduct(a, b) {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const first = (Math.imul(a1, b0) >>> 0) + (Math.imul(a0, b0) >>> 16);
  const second = (Math.imul(a0, b1) >>> 0) + (first & 0xffff);
  return (Math.imul(a1, b1) + (first >>> 16) + (second >>> 16)) | 0;
}
