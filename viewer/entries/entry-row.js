// An entry as a row of the table, or as a card where there is no room for columns, and the titles of
// the columns.

import { html, nothing } from "lit";

import { lengthText } from "../time/times.js";
import { messageCell, timeCell } from "./columns.js";
import { statusMark } from "./status-mark.js";

/** @import { ColumnName, SortOptions } from "skill-log" */
/** @import { Column, Shown } from "./columns.js" */

/**
 * Draws the titles of columns, which sort by theirs.
 *
 * @param {readonly Column[]} columns
 * @param {SortOptions | null} sort
 * @param {(by: ColumnName) => void} sortBy
 */
export function columnTitles(columns, sort, sortBy) {
  return html`<div class="titles" role="presentation">
    ${columns.map(({ title, by, isNumber }) => {
      const order =
        sort && sort.by === by ? (sort.descending ? "descending" : "ascending") : "none";
      return html`<div
        role="columnheader"
        class=${isNumber ? "is-number" : ""}
        aria-sort=${by ? order : nothing}
      >
        ${
          by
            ? html`<button
                class="quiet"
                tabindex="-1"
                title="Sort by ${title.toLowerCase()}"
                @click=${() => sortBy(by)}
              >
                ${title}${order === "none" ? nothing : order === "ascending" ? " ↑" : " ↓"}
              </button>`
            : title
        }
      </div>`;
    })}
  </div>`;
}

/**
 * @param {Shown} shown
 * @param {readonly Column[]} columns
 * @param {string} classes
 */
export function entryRow(shown, columns, classes) {
  return html`<div class="cells ${classes}" role="presentation">
    ${columns.map(
      ({ id, isNumber, cell }) =>
        html`<div role="gridcell" class="cell ${id} ${isNumber ? "is-number" : ""}"
          >${cell(shown)}</div
        >`,
    )}
  </div>`;
}

/**
 * @param {Shown} shown
 * @param {string} classes
 */
export function entryCard(shown, classes) {
  const { row } = shown;
  const name = [row.skill, row.phase].filter(Boolean).join(" · ");
  return html`<div class="card ${classes}" role="presentation">
    <div class="first" role="gridcell">
      ${statusMark(row.final_status)}<span class="name">${name}</span>
      ${
        row.duration_ms === undefined
          ? nothing
          : html`<span class="soft">${lengthText(Number(row.duration_ms))}</span>`
      }
      <span class="soft">${timeCell(shown)}</span>
    </div>
    <div class="second" role="gridcell">${messageCell(shown)}</div>
  </div>`;
}
