// What `console.log` shows of the package's objects in Node, Bun and Deno: facts that need no wait.

import { printable } from "./errors.js";

/**
 * Makes `console.log` show the objects of a class by facts about them.
 *
 * Call this in the constructor. A call beside the class would keep the class in bundles that do not
 * use it.
 *
 * @template {object} T
 * @param {{ prototype: T }} shown the class
 * @param {string} name of the class: a bundler may have renamed it
 * @param {(object: T) => Record<string, string | number | undefined>} factsOf undefined facts are
 *   left out
 */
export function showBy({ prototype }, name, factsOf) {
  // Node calls the method with this symbol when it shows an object. Bun and Deno do too.
  const inspect = Symbol.for("nodejs.util.inspect.custom");
  if (Object.hasOwn(prototype, inspect)) return;
  /** @this {T} */
  const value = function () {
    // The prototype itself has no facts.
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
