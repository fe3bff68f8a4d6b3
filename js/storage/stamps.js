// Stamps of files: six words that differ between any two versions of a file. `ScannedLog.stamp` in
// storage.d.ts names them.

export const STAMP_WORDS = 6;

/** How many numbers of 32 bits a stamp has. */
export const STAMP_NUMBERS = 2 * STAMP_WORDS;

/** Words that identify a file: a file that replaces it has others. */
const IDENTITY_WORDS = 3;

/** Words of a stamp. */
export const SIZE = 3;
export const MTIME = 4;
export const CTIME = 5;

/**
 * How close to now a file's last change may be, in nanoseconds, so that another change might get the
 * same time: FAT has times of two seconds.
 */
const COARSEST_TIMES = 2_000_000_000n;

/**
 * Makes the stamp of a file that is known by its name only.
 *
 * @param {number} size
 * @param {number} modified in milliseconds since 1970
 * @param {number} changed in milliseconds since 1970; 0 for a file that cannot change
 */
export function stampOf(size, modified, changed) {
  return BigInt64Array.of(0n, 0n, 0n, BigInt(size), nanoseconds(modified), nanoseconds(changed));
}

/** @param {number} milliseconds */
function nanoseconds(milliseconds) {
  return BigInt(Math.trunc(milliseconds)) * 1_000_000n;
}

/**
 * Returns whether two stamps are of the same file.
 *
 * @param {ArrayLike<bigint>} stamps
 * @param {number} at where the stamp starts
 * @param {ArrayLike<bigint>} others
 * @param {number} other where the other stamp starts
 */
export function isSameFile(stamps, at, others, other) {
  return areEqual(stamps, at, others, other, IDENTITY_WORDS);
}

/**
 * Returns whether two stamps are of the same version of a file.
 *
 * @param {ArrayLike<bigint>} stamps
 * @param {number} at where the stamp starts
 * @param {ArrayLike<bigint>} others
 * @param {number} other where the other stamp starts
 */
export function isSameVersion(stamps, at, others, other) {
  return areEqual(stamps, at, others, other, STAMP_WORDS);
}

/**
 * Returns a function that compares many stamps, as `isSameVersion` does, without a BigInt for each
 * word. It takes where they start, in numbers of 32 bits.
 *
 * @param {BigInt64Array} stamps
 * @param {BigInt64Array} others
 */
export function sameVersions(stamps, others) {
  const [numbers, otherNumbers] = [numbersOf(stamps), numbersOf(others)];
  return (/** @type {number} */ at, /** @type {number} */ other) => {
    for (let number = 0; number < STAMP_NUMBERS; number += 1)
      if (numbers[at + number] !== otherNumbers[other + number]) return false;
    return true;
  };
}

/**
 * Returns the numbers of 32 bits of stamps, in the same memory.
 *
 * @param {BigInt64Array} stamps
 */
export function numbersOf({ buffer, byteOffset, length }) {
  return new Int32Array(buffer, byteOffset, 2 * length);
}

/**
 * Returns the size in a stamp, without a BigInt.
 *
 * @param {Int32Array} numbers of stamps
 * @param {number} at where the stamp starts, in numbers of 32 bits
 */
export function sizeIn(numbers, at) {
  return HIGH * numbers[at + 2 * SIZE + 1] + (numbers[at + 2 * SIZE] >>> 0);
}

/** What the higher number of a word counts. The lower one comes first, as in the core's memory. */
const HIGH = 2 ** 32;

/**
 * Returns when a file was changed, in milliseconds since 1970, as `dateOf` does without a BigInt for
 * each step.
 *
 * @param {Int32Array} numbers of stamps
 * @param {number} at where the stamp starts, in numbers of 32 bits
 */
export function modifiedIn(numbers, at) {
  const high = numbers[at + 2 * MTIME + 1];
  const low = numbers[at + 2 * MTIME] >>> 0;
  // 2 ** 32 nanoseconds are 4294.967296 ms. All numbers below are exact.
  const rest = 967_296 * high + low + 500_000;
  const whole = Math.floor(rest / 1_000_000);
  const milliseconds = 4294 * high + whole;
  // Division of BigInts rounds towards 0.
  return milliseconds < 0 && 1_000_000 * whole !== rest ? milliseconds + 1 : milliseconds;
}

/**
 * @param {ArrayLike<bigint>} stamps
 * @param {number} at
 * @param {ArrayLike<bigint>} others
 * @param {number} other
 * @param {number} words
 */
function areEqual(stamps, at, others, other, words) {
  for (let word = 0; word < words; word += 1)
    if (stamps[at + word] !== others[other + word]) return false;
  return true;
}

/**
 * Makes stamps match no other where the last change was so recent that another change might give the
 * same stamp.
 *
 * @param {BigInt64Array} stamps
 * @param {number} now when the first of them was taken, in milliseconds since 1970
 */
export function forgetRecent(stamps, now) {
  const recent = BigInt(now) * 1_000_000n - COARSEST_TIMES;
  for (let at = CTIME; at < stamps.length; at += STAMP_WORDS)
    if (stamps[at] > recent) stamps[at] = -1n;
}

/**
 * Returns a time of a stamp as a Date, rounded as Node rounds it.
 *
 * @param {bigint} nanoseconds since 1970
 */
export function dateOf(nanoseconds) {
  return new Date(Number((nanoseconds + 500_000n) / 1_000_000n));
}
