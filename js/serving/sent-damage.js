// How much of the damage of a log is sent: clients refuse answers that are too large.

import { MOST_DAMAGE } from "../remote/protocol.js";

/** @import { Damage } from "../types.js" */

/**
 * Returns what is sent of the damage of a log: the first descriptions, until they have MOST_DAMAGE
 * places. A description has one, and one for each doubtful entry.
 *
 * @param {readonly Damage[]} damage
 * @returns {{ damage: Damage[], places: number }}
 */
export function sentDamage(damage) {
  /** @type {Damage[]} */
  const sent = [];
  let places = 0;
  for (const { session: _, ...described } of damage) {
    if (places >= MOST_DAMAGE) break;
    const doubtful = described.doubtful?.slice(0, MOST_DAMAGE - places);
    sent.push({ ...described, ...(doubtful && { doubtful }) });
    places += 1 + (doubtful?.length ?? 0);
  }
  return { damage: sent, places };
}
