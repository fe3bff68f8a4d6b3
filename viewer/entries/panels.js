// The panels of the table's tools: what is wanted of the entries, and how they are shown. They are
// loaded when one of them is opened first.

import { html, nothing } from "lit";

import { changeView } from "../app/change-view.js";
import { countText } from "../app/figures.js";
import { preferences } from "../app/preferences.js";
import { ALL } from "../app/store.js";
import { daysRange } from "../time/times.js";
import { COLUMNS, USUAL_COLUMNS } from "./columns.js";
import { EARLIEST, LATEST } from "./condition-chips.js";
import {
  FLAG_FACETS,
  TEXT_FACETS,
  wantedOf,
  withFlag,
  withText,
  withoutFacet,
} from "./conditions.js";

/** @import { ColumnName, RowConditions, SortOptions } from "skill-log" */
/** @import { FlagFacet, TextFacet } from "./conditions.js" */
/** @import { State } from "../app/store.js" */
/** @import { FacetCounts } from "./facet-counts.js" */

/**
 * The element whose panels they are: what it shows, and which facets show all their values.
 *
 * @typedef {HTMLElement & { filter: RowConditions, sort: SortOptions | null, session: string | null,
 *   range: State["range"], counts: FacetCounts, unfolded: ReadonlySet<TextFacet> }} Tools
 */

/** How many values of a facet are shown at first. */
const MOST_VALUES = 12;

/**
 * @param {Tools} tools
 * @param {RowConditions} wanted
 */
function filterBy(tools, wanted) {
  changeView(tools, { filter: wanted });
}

/**
 * Draws what is wanted of the entries, by their values.
 *
 * @param {Tools} tools
 */
export function filter(tools) {
  return html`<div class="panel">
      ${TEXT_FACETS.map(({ name, title, none }) => facet(tools, name, title, none))}
      ${timeRange(tools)}
      <fieldset>
        <legend>Marks</legend>
        ${FLAG_FACETS.map((facet) => flag(tools, facet))}
      </fieldset>
    </div>`;
}

/** Days that people ask for: from how many days ago to how many. */
const DAYS = /** @type {const} */ ([
  ["Today", 0, 0],
  ["Yesterday", 1, 1],
  ["7 days", 6, 0],
]);

/**
 * Draws from when until when entries are wanted.
 *
 * @param {Tools} tools
 */
function timeRange(tools) {
  const isUtc = preferences.state.zone === "utc";
  const { since = EARLIEST, until = LATEST } = tools.range ?? {};
  const textOf = (/** @type {number} */ instant) => {
    if (instant === EARLIEST || instant === LATEST) return "";
    const shift = isUtc ? 0 : new Date(instant).getTimezoneOffset() * 60_000;
    return new Date(instant - shift).toISOString().slice(0, 19);
  };
  const change = (/** @type {Event} */ event, /** @type {"since" | "until"} */ end) => {
    const { value } = /** @type {HTMLInputElement} */ (event.target);
    const given = Date.parse(value === "" ? "" : value + (isUtc ? "Z" : ""));
    const range = { since, until, [end]: given || { since: EARLIEST, until: LATEST }[end] };
    const isWhole = range.since === EARLIEST && range.until === LATEST;
    if (range.since < range.until) changeView(tools, { range: isWhole ? null : range });
  };
  const input = (/** @type {"since" | "until"} */ end, /** @type {string} */ title) =>
    html`<div class="value time">
      <label>
        <span>${title}</span>
        <input
          type="datetime-local"
          step="1"
          .value=${textOf(end === "since" ? since : until)}
          @change=${(/** @type {Event} */ event) => change(event, end)}
        />
      </label>
    </div>`;
  return html`<fieldset>
    <legend>${isUtc ? "Time in UTC" : "Time"}</legend>
    ${input("since", "From")}${input("until", "Before")}
    <div class="days">${DAYS.map(([title, first, last]) => days(tools, title, first, last))}</div>
  </fieldset>`;
}

/**
 * Draws a button for some whole days.
 *
 * @param {Tools} tools
 * @param {string} title
 * @param {number} first how many days ago
 * @param {number} last
 */
function days(tools, title, first, last) {
  const range = daysRange(Date.now(), preferences.state.zone, first, last);
  const isSet = tools.range?.since === range.since && tools.range.until === range.until;
  return html`<button
    class="more"
    aria-pressed=${isSet}
    @click=${() => changeView(tools, { range: isSet ? null : range })}
  >
    ${title}
  </button>`;
}

/**
 * @param {Tools} tools
 * @param {TextFacet} name
 * @param {string} title
 * @param {string} none
 */
function facet(tools, name, title, none) {
  const values = tools.counts.get(name) ?? [];
  const isUnfolded = tools.unfolded.has(name);
  const shown = isUnfolded ? values.slice(0, 500) : values.slice(0, MOST_VALUES);
  return html`<fieldset>
      <legend>${title}</legend>
      ${shown.map(([value, count]) => {
        const wanted = wantedOf(tools.filter, name, value);
        const set = (/** @type {"only" | "not"} */ next) =>
          filterBy(tools, withText(tools.filter, name, value, wanted === next ? null : next));
        const text = value === "" ? none : value;
        return html`<div class="value">
          <label title=${text}>
            <input type="checkbox" .checked=${wanted === "only"} @change=${() => set("only")} />
            <span class=${value === "" ? "soft" : ""}>${text}</span>
          </label>
          <span class="count">${countText(count)}</span>
          <button
            aria-pressed=${wanted === "not"}
            aria-label="Not ${text}"
            title="Leave out ${text}"
            @click=${() => set("not")}
          >
            not
          </button>
        </div>`;
      })}
      ${
        values.length > shown.length && !isUnfolded
          ? html`<button
              class="quiet more"
              @click=${() => (tools.unfolded = new Set([...tools.unfolded, name]))}
            >
              ${countText(values.length - shown.length)} more
            </button>`
          : nothing
      }
    </fieldset>`;
}

/**
 * @param {Tools} tools
 * @param {{ name: FlagFacet, yes: string, no: string }} facet
 */
function flag(tools, { name, yes, no }) {
  const counts = new Map(tools.counts.get(name) ?? []);
  const set = (/** @type {boolean} */ wanted) =>
    filterBy(
      tools,
      tools.filter[name] === wanted
        ? withoutFacet(tools.filter, name)
        : withFlag(tools.filter, name, wanted),
    );
  return html`<div class="value">
      <label>
        <input type="checkbox" .checked=${tools.filter[name] === true} @change=${() => set(true)} />
        <span>${yes}</span>
      </label>
      <span class="count">${countText(counts.get("yes") ?? 0)}</span>
      <button
        aria-pressed=${tools.filter[name] === false}
        aria-label=${no.charAt(0).toUpperCase() + no.slice(1)}
        @click=${() => set(false)}
      >
        not
      </button>
    </div>`;
}

/**
 * Draws which columns there are, and in which order.
 *
 * @param {Tools} tools
 */
export function view(tools) {
  const { columns, wrap } = preferences.state;
  const shown = columns ?? USUAL_COLUMNS;
  const toggle = (/** @type {string} */ id) =>
    preferences.set({
      columns: COLUMNS.map((column) => column.id).filter((other) =>
        other === id ? !shown.includes(id) : shown.includes(other),
      ),
    });
  const order = tools.sort ? `${tools.sort.descending ? "-" : ""}${tools.sort.by}` : "";
  return html`<div class="panel">
      <fieldset>
        <legend>Columns</legend>
        ${COLUMNS.map(
          ({ id, title }) =>
            html`<div class="value">
              <label>
                <input
                  type="checkbox"
                  .checked=${shown.includes(id)}
                  ?disabled=${id === "session" && tools.session !== ALL}
                  @change=${() => toggle(id)}
                />
                <span>${title}</span>
              </label>
            </div>`,
        )}
      </fieldset>
      <fieldset>
        <legend>Order</legend>
        <select
          aria-label="Order of the entries"
          @change=${(/** @type {Event} */ event) =>
            sortBy(tools, /** @type {HTMLSelectElement} */ (event.target).value)}
        >
          <option value="" ?selected=${order === ""}>As in the file</option>
          ${COLUMNS.flatMap(({ title, by }) =>
            by
              ? [
                  html`<option value=${by} ?selected=${order === by}>${title}, rising</option>`,
                  html`<option value="-${by}" ?selected=${order === `-${by}`}>
                    ${title}, falling
                  </option>`,
                ]
              : [],
          )}
        </select>
      </fieldset>
      <fieldset>
        <legend>Text</legend>
        <div class="value">
          <label>
            <input
              type="checkbox"
              .checked=${wrap}
              @change=${() => preferences.set({ wrap: !wrap })}
            />
            <span>Wrap messages over three lines</span>
          </label>
        </div>
        <div class="value">
          <button class="more" @click=${() => preferences.set({ columns: null, wrap: false })}>
            As usual
          </button>
        </div>
      </fieldset>
    </div>`;
}

/**
 * @param {Tools} tools
 * @param {string} order
 */
function sortBy(tools, order) {
  const descending = order.startsWith("-");
  const by = /** @type {ColumnName} */ (descending ? order.slice(1) : order);
  changeView(tools, { sort: order === "" ? null : { by, descending } });
}
