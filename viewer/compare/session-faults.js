// What is damaged in sessions that are compared: a line for each, which leads to the place.

import { css, html, nothing } from "lit";

import { counted } from "../app/figures.js";
import { SIDE_TAGS } from "./figure-tables.js";

/** @import { LogIndex } from "skill-log" */

export const faultStyles = css`
  .faults { flex: none; display: grid; gap: 4px; padding: 6px var(--space-4);
    font-size: var(--text-small); border-bottom: 1px solid var(--line); }
  .faults p { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; }
  .faults button { height: auto; border-color: transparent; cursor: pointer; }
`;

/**
 * What is wrong with a session: `offset` is the first place of damage; null where none is known.
 *
 * @typedef {object} Faults
 * @property {"left" | "right"} side
 * @property {string} session
 * @property {number} damaged lines
 * @property {number} recovered entries, as many as are compared
 * @property {number | null} offset
 * @property {number | null} unfinished the offset of a last line that was left unfinished
 */

/**
 * Returns what is wrong with two sessions.
 *
 * @param {LogIndex} index of both
 * @param {readonly [string, string]} sessions
 * @param {readonly [Uint32Array, Uint32Array]} rows those that are compared
 * @param {AbortSignal} signal
 * @returns {Promise<Faults[]>} of the sessions that have something
 */
export async function faultsOf(index, sessions, rows, signal) {
  const logs = new Map(index.logs().map((log) => [log.session, log]));
  /** @type {Faults[]} */
  const faults = [];
  for (const [at, session] of sessions.entries()) {
    const { damaged = 0, pending = null } = logs.get(session) ?? {};
    const unfinished = pending?.unfinished ? pending.offset : null;
    if (damaged === 0 && unfinished === null) continue;
    const recovered = await index.query({ rows: rows[at], recovered: true, signal });
    const first = index.damage.find((damage) => damage.session === session);
    faults.push({
      side: at === 0 ? "left" : "right",
      session,
      damaged,
      recovered: recovered.length,
      offset: first?.offset ?? null,
      unfinished,
    });
  }
  return faults;
}

/**
 * @param {readonly Faults[]} faults
 * @param {(place: { session: string, offset: number | null }) => void} show shows the place in its log
 */
export function faultLines(faults, show) {
  if (faults.length === 0) return nothing;
  return html`<div class="faults" role="group" aria-label="Damage">
    ${faults.map(
      ({ side, session, damaged, recovered, offset, unfinished }) => html`<p>
        ${SIDE_TAGS[side]}
        ${
          damaged > 0
            ? html`<button class="tag bad" title="Show it in ${session}" @click=${() => show({ session, offset })}>
                ${counted(damaged, "damaged line", "damaged lines")}
              </button>`
            : nothing
        }
        ${
          unfinished === null
            ? nothing
            : html`<button
                class="tag warn"
                title="Show it in ${session}"
                @click=${() => show({ session, offset: unfinished })}
              >
                unfinished last line
              </button>`
        }
        <span class="soft">
          ${
            recovered > 0
              ? `${counted(recovered, "recovered entry is", "recovered entries are")} compared; what could not be read is not.`
              : "What could not be read is not compared."
          }
        </span>
      </p>`,
    )}
  </div>`;
}
