// The library's warning of damage, on the console: once for each file. The command line has its own
// summary, in cli/terminal/damage-warnings.js.

/**
 * The number of damaged lines that the last warning counted, by the identity of the file.
 *
 * @type {Map<unknown, number>}
 */
const warnedByName = new Map();

/**
 * The same, for sources whose identity is an object.
 *
 * @type {WeakMap<object, number>}
 */
const warnedByObject = new WeakMap();

/** Counts the damage of one reading. Warns again of a file only when there is more damage. */
export class DamageWarning {
  #count = 0;
  /** @type {string[]} */
  #first = [];
  /** The offset of the last damage, because an unended last line may be added again. */
  #last = -1;

  /** @param {{ kind: string, offset: number, lines?: number }} damage */
  add({ kind, offset, lines = 1 }) {
    if (offset === this.#last) return;
    this.#last = offset;
    this.#count += lines;
    if (this.#first.length < 3) this.#first.push(`${kind} at byte ${offset}`);
  }

  /**
   * Warns, unless the last warning of this file counted as much damage.
   *
   * @param {{ name: string, identity: string | object }} source
   */
  report({ name, identity }) {
    const warned = /** @type {Map<unknown, number>} */ (
      typeof identity === "string" ? warnedByName : warnedByObject
    );
    if (this.#count <= (warned.get(identity) ?? 0)) return;
    warned.set(identity, this.#count);
    const more = this.#count - this.#first.length;
    const described = [...this.#first, ...(more > 0 ? [`${more} more`] : [])].join(", ");
    const lines = this.#count === 1 ? "a damaged line" : `${this.#count} damaged lines`;
    const message =
      `${name} has ${lines} (${described}); every whole entry was read. ` +
      "verify() and onDamage describe the damage.";
    warn(message, "SKILL_LOG_DAMAGE");
  }
}

/**
 * Warns on the console.
 *
 * @param {string} message
 * @param {string} code
 */
export function warn(message, code) {
  const { process } = /** @type {{ process?: NodeJS.Process }} */ (globalThis);
  if (process?.emitWarning) process.emitWarning(message, { type: "SkillLogWarning", code });
  else console.warn(`skill-log: ${message}`);
}
