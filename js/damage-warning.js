/** How many damaged lines of a file were warned of. */
const warned = new Map();

/**
 * Warns, once a file, that a reading met damage; again when there is more of it.
 *
 * @param {string} name of the file
 * @param {{ kind: string, offset: number }[]} damage
 */
export function warnOfDamage(name, damage) {
  if (damage.length <= (warned.get(name) ?? 0)) return;
  warned.set(name, damage.length);
  const shown = damage.slice(0, 3).map(({ kind, offset }) => `${kind} at byte ${offset}`);
  if (damage.length > 3) shown.push(`${damage.length - 3} more`);
  const lines = damage.length === 1 ? "a damaged line" : `${damage.length} damaged lines`;
  const message = `${name} has ${lines} (${shown.join(", ")}); every whole entry was read. onDamage tells more, repair() mends it.`;
  const { process } = /** @type {{ process?: NodeJS.Process }} */ (globalThis);
  if (process?.emitWarning) process.emitWarning(message, { type: "SkillLogWarning", code: "SKILL_LOG_DAMAGE" });
  else console.warn(`skill-log: ${message}`);
}
