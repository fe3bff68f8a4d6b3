// Reads what the user of a bench asks for.

import { parseArgs } from "node:util";

import { Failure } from "../scripts/command.js";

/**
 * Reads the command line.
 *
 * @param {string[]} names of all rows
 * @param {string[]} [flags] that this bench accepts, besides --quick and --write
 * @returns {{ wanted: (name: string) => boolean, rounds?: number, flags: Record<string, boolean> }}
 *   `wanted` returns whether a name begins with one of the given prefixes; without prefixes, all
 *   names are wanted
 */
export function choice(names, flags = []) {
  /** @type {Record<string, { type: "boolean" }>} */
  const known = Object.fromEntries(
    ["quick", "write", ...flags].map((flag) => [flag, { type: "boolean" }]),
  );
  const { values, positionals } = usage(() =>
    parseArgs({ allowPositionals: true, options: { ...known, rounds: { type: "string" } } }),
  );
  const { rounds: given, ...set } = /** @type {Record<string, any>} */ (values);
  const rounds = given === undefined ? undefined : Number(given);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0))
    throw new Failure(`--rounds takes a whole number above 0, not ${given}`, 2);
  const unknown = positionals.filter((prefix) => !names.some((name) => name.startsWith(prefix)));
  if (unknown.length > 0)
    throw new Failure(
      `no row begins with ${unknown.join(" or ")}. The rows are: ${names.join(", ")}`,
      2,
    );
  return {
    wanted: (name) =>
      positionals.length === 0 || positionals.some((prefix) => name.startsWith(prefix)),
    rounds,
    flags: set,
  };
}

/**
 * @template T
 * @param {() => T} parse
 */
function usage(parse) {
  try {
    return parse();
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error), 2);
  }
}
