// Figures of two sessions as tables, with the difference of each.

import { css, html, nothing } from "lit";

import { NONE } from "./differences.js";

/** @import { FigurePair } from "./comparison.js" */
/** @import { Compared, Measure } from "./differences.js" */

export const tableStyles = css`
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: end; padding: 3px var(--space-3); font-weight: 400; white-space: nowrap;
    font-variant-numeric: tabular-nums; vertical-align: top; }
  th { color: var(--text-soft); font-size: var(--text-small); font-weight: 500; vertical-align: middle; }
  th:first-child, td:first-child { text-align: start; padding-inline-start: 0; }
  th:last-child, td:last-child { padding-inline-end: 0; }
  tbody th { color: var(--text); font-size: var(--text-normal); overflow: hidden;
    text-overflow: ellipsis; max-width: 260px; unicode-bidi: isolate; }
  .difference { font-weight: 600; }
  .difference.plain { color: var(--text); }
  .difference.none { color: var(--text-soft); font-weight: 400; }
  .sum td, .sum th { border-top: 1px solid var(--line); }
  .groups td, .groups tbody th { border-top: 1px solid var(--line); padding-block: 6px; }
  .groups tbody th { font-weight: 600; vertical-align: top; }
  .difference.good { color: var(--good); }
  .difference.bad { color: var(--bad); }
  .groups .difference { display: block; font-size: var(--text-small); min-height: 1.45em; }
  .arrow { color: var(--text-soft); padding: 0 3px; }
  .side { flex: none; }
`;

/** A word for each side, as a tag. */
export const SIDE_TAGS = {
  left: html`<span class="tag side">left</span>`,
  right: html`<span class="tag side">right</span>`,
};

/**
 * Draws measures of two sessions: a column each, or where there is no room, a row each.
 *
 * @param {string} name of the table, for readers
 * @param {FigurePair} figures
 * @param {readonly Measure[]} measures
 * @param {object} options
 * @param {readonly [string, string]} options.names of the sessions
 * @param {boolean} options.isNarrow
 */
export function measureTable(name, figures, measures, { names, isNarrow }) {
  const all = measures.map(({ compared }) => compared(...figures));
  if (isNarrow)
    return html`<table aria-label=${name}>
      <thead>
        <tr>
          <td></td>
          <th scope="col">${SIDE_TAGS.left}</th>
          <th scope="col">${SIDE_TAGS.right}</th>
          <th scope="col">Difference</th>
        </tr>
      </thead>
      <tbody>
        ${measures.map(
          ({ title, about }, at) => html`<tr>
            <th scope="row" title=${about ?? nothing}>${title}</th>
            <td>${all[at].left}</td>
            <td>${all[at].right}</td>
            <td>${difference(all[at], true)}</td>
          </tr>`,
        )}
      </tbody>
    </table>`;
  return html`<table aria-label=${name}>
    <thead>
      <tr>
        <td></td>
        ${measures.map(({ title, about }) => html`<th scope="col" title=${about ?? nothing}>${title}</th>`)}
      </tr>
    </thead>
    <tbody>
      <tr>
        <th scope="row" title=${names[0]}>${SIDE_TAGS.left}</th>
        ${all.map(({ left }) => html`<td>${left}</td>`)}
      </tr>
      <tr>
        <th scope="row" title=${names[1]}>${SIDE_TAGS.right}</th>
        ${all.map(({ right }) => html`<td>${right}</td>`)}
      </tr>
      <tr class="sum">
        <th scope="row">Difference</th>
        ${all.map((one) => html`<td>${difference(one)}</td>`)}
      </tr>
    </tbody>
  </table>`;
}

/**
 * Draws measures of groups: a row for each group.
 *
 * @param {string} title of the groups' column
 * @param {readonly { name: string, figures: FigurePair }[]} groups
 * @param {readonly Measure[]} measures
 */
export function groupTable(title, groups, measures) {
  return html`<table class="groups" aria-label=${`By ${title.toLowerCase()}`}>
    <thead>
      <tr>
        <th scope="col">${title}</th>
        ${measures.map(({ title, about }) => html`<th scope="col" title=${about ?? nothing}>${title}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${groups.map(
        ({ name, figures }) => html`<tr>
          <th scope="row" title=${name}>${name}</th>
          ${measures.map(({ compared }) => {
            const one = compared(...figures);
            return html`<td>
              ${one.left}<span class="arrow">→</span>${one.right}
              ${difference(one)}
            </td>`;
          })}
        </tr>`,
      )}
    </tbody>
  </table>`;
}

/**
 * @param {Compared} compared
 * @param {boolean} [isShort] leaves percents out
 */
export function difference({ difference: text, tone, left, right }, isShort = false) {
  // Nothing can be said of a figure that only one session has.
  const isKnown = left !== NONE && right !== NONE;
  if (text === "") return html`<span class="difference none">${isKnown ? "±0" : NONE}</span>`;
  return html`<span class="difference ${tone}">${isShort ? text.replace(/ \(.*/, "") : text}</span>`;
}
