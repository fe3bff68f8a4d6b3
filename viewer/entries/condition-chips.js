// The conditions that entries must meet, as buttons that remove them.

import { css, html } from "lit";

import { instantText } from "../time/times.js";
import { described } from "./conditions.js";

/** @import { State } from "../app/store.js" */
/** @import { Zone } from "../time/times.js" */

export const chipStyles = css`
  button.condition { height: 24px; padding: 0 9px; border-radius: 999px; font-size: var(--text-small);
    background: var(--accent-soft); border-color: transparent; color: var(--accent); max-width: 260px; }
  button.condition > span { overflow: hidden; text-overflow: ellipsis; }
  button.condition.not { background: var(--bad-soft); color: var(--bad); }
`;

/**
 * Returns a button for each condition.
 *
 * @param {Pick<State, "filter" | "range">} conditions
 * @param {Zone} zone
 * @param {(changes: Partial<State>) => void} change
 * @param {(condition: ReturnType<typeof described>[number]) => boolean} [isWanted] default: all are
 */
export function conditionChips({ filter, range }, zone, change, isWanted = () => true) {
  const chips = described(filter)
    .filter(isWanted)
    .map(({ text, isNot, without }) =>
      chip(isNot ? `not ${text}` : text, isNot, () => change({ filter: without })),
    );
  if (range) chips.push(chip(rangeText(range, zone), false, () => change({ range: null })));
  return chips;
}

/**
 * @param {string} text
 * @param {boolean} isNot
 * @param {() => void} remove
 */
function chip(text, isNot, remove) {
  return html`<button
    class="condition ${isNot ? "not" : ""}"
    title=${text}
    aria-label="Remove the condition: ${text}"
    @click=${remove}
  >
    <span>${text}</span> ✕
  </button>`;
}

/** The instants that stand for no start and no end of a range, in milliseconds since 1970. */
export const EARLIEST = 0;
export const LATEST = Date.UTC(9999, 11, 31);

/**
 * Returns a range of time as people read it, such as `1 Mar 09:00 to 09:30:15`, `1 Mar` for a whole
 * day, or `before 1 Mar 09:00`.
 *
 * @param {NonNullable<State["range"]>} range
 * @param {Zone} zone
 */
export function rangeText({ since, until }, zone) {
  const momentOf = (/** @type {number} */ instant) => {
    const { day, time } = instantText(new Date(instant).toISOString(), zone);
    return { day, time: time.replace(/:00$/, "") };
  };
  const [first, last] = [momentOf(since), momentOf(until)];
  if (since === EARLIEST) return `before ${last.day} ${last.time}`;
  if (until === LATEST) return `from ${first.day} ${first.time}`;
  if (first.time === "00:00" && last.time === "00:00") {
    const { day } = momentOf(until - 1);
    return day === first.day ? day : `${first.day} to ${day}`;
  }
  return `${first.day} ${first.time} to ${first.day === last.day ? "" : `${last.day} `}${last.time}`;
}
