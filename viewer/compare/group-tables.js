// The figures of two sessions by skill and by status.

import { html, nothing } from "lit";

import { countText } from "../app/figures.js";
import { MEASURES, shareMeasure } from "./differences.js";
import { groupTable, measureTable } from "./figure-tables.js";

/** @import { Found } from "./compared-sessions.js" */
/** @import { Group } from "./comparison.js" */

/** The most groups that are shown. */
const MOST_GROUPS = 200;

/**
 * @param {Found} found
 * @param {readonly [string, string]} names of the sessions
 * @param {boolean} isNarrow
 */
export function groupTables({ comparison, texts }, names, isNarrow) {
  const { entries, verified, firstTry, time, median } = MEASURES;
  const named = (
    /** @type {Group[]} */ groups,
    /** @type {string[]} */ list,
    /** @type {string} */ none,
  ) =>
    groups
      .slice(0, MOST_GROUPS)
      .map(({ code, figures }) => ({ name: list[code] || none, figures }));
  const tables = /** @type {const} */ ([
    {
      title: "Skill",
      groups: named(comparison.skills, texts.skill, "no skill"),
      count: comparison.skills.length,
      measures: [entries, verified, firstTry, time, median],
    },
    {
      title: "Status",
      groups: named(comparison.statuses, texts.final_status, "no status"),
      count: comparison.statuses.length,
      measures: [entries, shareMeasure(...comparison.all), time, median],
    },
  ]);
  return html`<div class="groups-pane" tabindex="0" role="region" aria-label="By skill and status">
    ${tables.map(
      ({ title, groups, measures, count }) => html`<section>
        ${
          isNarrow
            ? html`<h3>By ${title.toLowerCase()}</h3>
                ${groups.map(
                  ({ name, figures }) => html`<h4>${name}</h4>
                    ${measureTable(name, figures, measures, { names, isNarrow })}`,
                )}`
            : groupTable(title, groups, measures)
        }
        ${count > groups.length ? html`<p class="soft">and ${countText(count - groups.length)} more</p>` : nothing}
      </section>`,
    )}
  </div>`;
}
