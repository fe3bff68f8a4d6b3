// What a row of docs/evidence.md is. `scripts/evidence.js` runs rows, and CONTRIBUTING.md says how.

/**
 * A harness that tries to break a promise of the package, case by case. Each row has a file in this
 * folder, which exports it as `row`.
 *
 * @typedef {object} Row
 * @property {string} name as in `npm run evidence -- NAME`, and the name of its file
 * @property {string} about a sentence for the page, without its full stop: what the harness does
 * @property {string} counts the unit of its count, in the plural: "states", "kills", "cuts"
 * @property {number} short how many units the tests run: at most about ten seconds
 * @property {number} full how many units `npm run evidence -- NAME` runs
 * @property {string[]} [code] paths of the programs that it runs, below the project's folder: a
 *   change of them starts its count anew, as a change of what it imports does
 * @property {() => string | false} [skip] returns why the row cannot run on this machine
 * @property {(seed: number) => Promise<OpenedRow>} open opens what the cases share
 */

/**
 * @typedef {object} OpenedRow
 * @property {number} [cases] how many cases there are, when they end
 * @property {(number: number) => Promise<number | Outcome>} run runs a case, which the seed and its
 *   number alone describe. Resolves to the units it counts for, 0 or more. Rejects when a promise
 *   is broken.
 * @property {(isFailed?: boolean) => Promise<void>} [close] `isFailed`: whether a case broke a
 *   promise, so that its files are kept
 */

/**
 * The units that a case counts for, and what it met: name → how often, such as "torn lines". The
 * sums show that a harness reaches what it means to reach.
 *
 * @typedef {{ units: number, met: Record<string, number> }} Outcome
 */

/** Starts the name of what a case met that it could not run here: the reason follows. */
export const SKIPPED = "skipped: ";
