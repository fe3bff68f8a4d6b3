/**
 * How many damaged lines were warned of, in a file that has a lasting identity.
 *
 * @type {Map<unknown, number>}
 */
const warnedByName = new Map();

/**
 * The same, in a source that is an object of its own.
 *
 * @type {WeakMap<object, number>}
 */
const warnedByObject = new WeakMap();

/** Counts the damage that a reading meets, to warn of it once a file; again when there is more of it. */
export class DamageWarning {
  #count = 0;
  /** @type {string[]} */
  #first = [];
  /** Where the last damage is: of a line that has not ended it may be told again. */
  #last = -1;

  /** @param {{ kind: string, offset: number, lines?: number }} damage */
  add({ kind, offset, lines = 1 }) {
    if (offset === this.#last) return;
    this.#last = offset;
    this.#count += lines;
    if (this.#first.length < 3) this.#first.push(`${kind} at byte ${offset}`);
  }

  /** @param {{ name: string, identity: string | object }} source */
  give({ name, identity }) {
    const warned = /** @type {Map<unknown, number>} */ (
      typeof identity === "string" ? warnedByName : warnedByObject
    );
    if (this.#count <= (warned.get(identity) ?? 0)) return;
    warned.set(identity, this.#count);
    const more = this.#count - this.#first.length;
    const places = [...this.#first, ...(more > 0 ? [`${more} more`] : [])].join(", ");
    const lines = this.#count === 1 ? "a damaged line" : `${this.#count} damaged lines`;
    const message = `${name} has ${lines} (${places}); every whole entry was read. onDamage and verify() tell more.`;
    const { process } = /** @type {{ process?: NodeJS.Process }} */ (globalThis);
    if (process?.emitWarning)
      process.emitWarning(message, { type: "SkillLogWarning", code: "SKILL_LOG_DAMAGE" });
    else console.warn(`skill-log: ${message}`);
  }
}
