// How an object of the package's is shown by `console.log`: in Node, Bun and Deno by what is known at once.

import { printable } from "./errors.js";

/**
 * Has the objects of a class shown by facts about them.
 *
 * To be called where one is made: done where the class is defined, it would keep the class in bundles that do not need it.
 *
 * @template {object} T
 * @param {{ prototype: T }} shown the class
 * @param {string} name of it: a bundler may have given it another one
 * @param {(object: T) => Record<string, string | number | undefined>} factsOf what is undefined is left out
 */
export function showBy({ prototype }, name, factsOf) {
  // What Node calls on an object that it shows: the same symbol everywhere.
  const inspect = Symbol.for("nodejs.util.inspect.custom");
  if (Object.hasOwn(prototype, inspect)) return;
  /** @this {T} */
  const value = function () {
    // The prototype has no facts.
    return this === prototype ? `${name} {}` : spelled(name, factsOf(this));
  };
  Object.defineProperty(prototype, inspect, { value, configurable: true, writable: true });
}

/**
 * @param {string} name
 * @param {Record<string, string | number | undefined>} facts
 */
function spelled(name, facts) {
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  if (known.length === 0) return `${name} {}`;
  return `${name} { ${known.map(([key, value]) => `${key}: ${printable(JSON.stringify(value))}`).join(", ")} }`;
}
