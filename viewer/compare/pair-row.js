// A row of a comparison: an entry of each session, and what is other.

import { css, html, nothing } from "lit";

import { statusMark } from "../entries/status-mark.js";
import { lengthText } from "../time/times.js";
import { comparedTimes } from "./differences.js";
import { SIDE_TAGS } from "./figure-tables.js";

/** @import { Row } from "skill-log" */
/** @import { Kind } from "./comparison.js" */

/** The heights of a row, wide and narrow, in CSS pixels. */
export const ROW_HEIGHTS = { wide: 32, narrow: 88 };

export const pairRowStyles = css`
  .header { background: var(--surface); border-bottom: 1px solid var(--line); }
  .titles, .cells { display: grid; align-items: center; padding: 0 var(--space-4);
    grid-template-columns: minmax(120px, 1.2fr) minmax(0, 1.6fr) minmax(0, 1.6fr) minmax(120px, 1fr); }
  .titles > * { font-size: var(--text-small); font-weight: 500; color: var(--text-soft); height: 28px;
    display: flex; align-items: center; gap: 6px; min-width: 0; }
  .titles .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate; }
  .titles > * + *, .cells > * + * { padding-inline-start: var(--space-3); }
  .row { border-bottom: 1px solid color-mix(in srgb, var(--line) 55%, transparent); cursor: default; }
  .row:hover { background: var(--hover); }
  .row[aria-selected="true"] { background: var(--accent-soft); }
  .row[aria-selected="true"]::before { content: ""; position: absolute; inset: 0 auto 0 0; width: 3px;
    background: var(--accent); }
  .cells { height: 100%; }
  .what { font-weight: 550; }
  .what, .change { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
    unicode-bidi: isolate; }
  .phase { font-weight: 400; color: var(--text-soft); }
  .entry { display: grid; grid-template-columns: 44px minmax(0, 1fr) 36px 72px; gap: var(--space-2);
    align-items: center; height: 100%; min-width: 0; border-inline-start: 1px solid var(--line);
    padding-inline-end: var(--space-3); }
  .entry > * { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .entry .end { text-align: end; font-variant-numeric: tabular-nums; }
  .at { color: var(--text-soft); font-size: var(--text-small); font-variant-numeric: tabular-nums; }
  .entry.none { background: repeating-linear-gradient(-45deg, transparent 0 5px, var(--line) 5px 6px);
    opacity: .55; }
  .change { border-inline-start: 1px solid var(--line); height: 100%; display: flex; align-items: center;
    gap: 5px; font-variant-numeric: tabular-nums; }
  .change .sign { flex: none; width: 1.1em; text-align: center; font-weight: 700; }
  .status { display: inline-flex; align-items: center; gap: 5px; max-width: 100%; }
  .status .glyph { width: 13px; height: 13px; stroke-width: 2; flex: none; }
  .status .word { overflow: hidden; text-overflow: ellipsis; unicode-bidi: isolate; }
  .status.plain { color: var(--plain); }

  .card { display: grid; grid-template-rows: 24px 24px 24px; align-content: center; gap: 2px;
    height: 100%; padding: 0 var(--space-3); }
  .card .first { display: flex; align-items: center; gap: var(--space-2); min-width: 0; }
  .card .what { flex: 1; }
  .card .change { border: 0; flex: none; max-width: 55%; font-size: var(--text-small); }
  .card .entry { grid-template-columns: 40px 44px minmax(0, 1fr) 36px 72px; border: 0; gap: 6px;
    padding: 0; border-radius: 4px; }
  .card .side { justify-content: center; }
  @media (forced-colors: active) {
    .row[aria-selected="true"] { outline: 2px solid Highlight; outline-offset: -2px; }
  }
`;

/**
 * What a row of a comparison is made of.
 *
 * @typedef {object} PairOfRows
 * @property {Kind} kind
 * @property {Row | null} left null: that session has no such entry
 * @property {Row | null} right
 * @property {number} leftAt which entry of its session, from 0
 * @property {number} rightAt
 */

/** @param {readonly [string, string]} names of the sessions */
export function pairTitles(names) {
  return html`<div class="titles" role="presentation">
    <div role="columnheader">Skill, phase</div>
    <div role="columnheader">${SIDE_TAGS.left}<span class="name">${names[0]}</span></div>
    <div role="columnheader">${SIDE_TAGS.right}<span class="name">${names[1]}</span></div>
    <div role="columnheader">Change</div>
  </div>`;
}

/**
 * @param {PairOfRows} pair
 * @param {boolean} isNarrow
 */
export function pairRow(pair, isNarrow) {
  const { left, right, leftAt, rightAt } = pair;
  const { skill, phase } = /** @type {Row} */ (left ?? right);
  const what = html`<div class="what" role="gridcell" title=${[skill, phase].filter(Boolean).join(" · ")}>
    ${skill}${phase ? html` <span class="phase">· ${phase}</span>` : nothing}
  </div>`;
  const change = html`<div class="change" role="gridcell">${changeOf(pair)}</div>`;
  if (!isNarrow)
    return html`<div class="cells" role="presentation">
      ${what} ${entryCell(left, leftAt)} ${entryCell(right, rightAt)} ${change}
    </div>`;
  return html`<div class="card" role="presentation">
    <div class="first" role="presentation">${what} ${change}</div>
    ${entryCell(left, leftAt, "left")} ${entryCell(right, rightAt, "right")}
  </div>`;
}

/**
 * @param {Row | null} row
 * @param {number} at
 * @param {keyof typeof SIDE_TAGS} [side] is said in the cell
 */
function entryCell(row, at, side) {
  const tag = side ? SIDE_TAGS[side] : nothing;
  if (!row)
    return html`<div class="entry ${side ? "" : "none"}" role="gridcell">
      ${tag}<span class=${side ? "at" : "for-readers"}>${side ? "–" : "no entry"}</span>
    </div>`;
  return html`<div class="entry" role="gridcell">
    ${tag}<span class="at">${(at + 1).toLocaleString("en")}</span>
    ${statusMark(row.final_status)}
    <span class="end">${attemptsText(row)}</span>
    <span class="end">${row.duration_ms === undefined ? "" : lengthText(Number(row.duration_ms))}</span>
  </div>`;
}

/** @param {Row} row */
function attemptsText({ attempts, verified }) {
  if (attempts === 0) return nothing;
  const word = verified ? "verified" : "not verified";
  const noun = attempts === 1 ? "attempt" : "attempts";
  return html`<span class=${verified ? "good" : "soft"} title="${attempts} ${noun}, ${word}"
    >${attempts}<span aria-hidden="true">${verified ? " ✓" : " ·"}</span
    ><span class="for-readers"> ${noun}, ${word}</span></span
  >`;
}

/**
 * Says what is other in the right entry.
 *
 * @param {PairOfRows} pair
 */
export function changeOf({ kind, left, right }) {
  if (kind === "left") return html`<span class="sign" aria-hidden="true">−</span>only left`;
  if (kind === "right") return html`<span class="sign" aria-hidden="true">+</span>only right`;
  const [before, after] = /** @type {[Row, Row]} */ ([left, right]);
  const times = comparedTimes(timeOf(before), timeOf(after));
  if (kind === "outcome") {
    const isOther = before.final_status !== after.final_status;
    const word = isOther ? "other status" : after.verified ? "now verified" : "no longer verified";
    return html`<span class="sign warn" aria-hidden="true">≠</span>${word}`;
  }
  if (kind === "alike")
    return html`<span class="sign soft" aria-hidden="true">=</span
      ><span class="soft">${times.difference.replace(/ \(.*/, "")}</span
      ><span class="for-readers">alike</span>`;
  const isLonger = kind === "longer";
  return html`<span class="sign ${times.tone}" aria-hidden="true">${isLonger ? "↑" : "↓"}</span
    ><span>${times.difference}</span><span class="for-readers">${kind}</span>`;
}

/** @param {Row} row */
function timeOf({ duration_ms: duration }) {
  return duration === undefined ? null : Number(duration);
}
