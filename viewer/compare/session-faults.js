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
 * @returns {Faults[]} of the sessions that have something
 */
export function faultsOf(index, sessions, rows) {
  const logs = new Map(index.logs().map((log) => [log.session, log]));
  return sessions
    .map((session, at) => {
      const log = logs.get(session);
      const first = index.damage.find((damage) => damage.session === session);
      const recovered = index.column("recovered", index.select({ rows: rows[at] }));
      return {
        side: /** @type {const} */ (["left", "right"])[at],
        session,
        damaged: log?.damaged ?? 0,
        recovered: recovered.reduce((sum, one) => sum + one, 0),
        offset: first?.offset ?? null,
        unfinished: log?.pending?.unfinished ? log.pending.offset : null,
      };
    })
    .filter(({ damaged, unfinished }) => damaged > 0 || unfinished !== null);
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
