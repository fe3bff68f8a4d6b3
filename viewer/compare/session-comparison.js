// Two sessions beside each other: figures, then their entries in pairs, then one pair in full.

import { LitElement, html, nothing, svg } from "lit";

import "../entry/copy-button.js";
import "./entry-pair.js";

import { changeView } from "../app/change-view.js";
import { countText } from "../app/figures.js";
import { glyphs } from "../app/glyphs.js";
import { OwnSize } from "../app/own-size.js";
import { problemOf } from "../app/problems.js";
import { controls } from "../app/tokens.js";
import { chipStyles, conditionChips } from "../entries/condition-chips.js";
import { described } from "../entries/conditions.js";
import { nameOf } from "../sessions/shown-sessions.js";
import { KINDS } from "./comparison.js";
import { comparedSessions } from "./compared-sessions.js";
import { comparisonStyles } from "./comparison-styles.js";
import { MEASURES } from "./differences.js";
import { measureTable, SIDE_TAGS, tableStyles } from "./figure-tables.js";
import { groupTables } from "./group-tables.js";
import { pairRow, pairRowStyles, pairTitles, ROW_HEIGHTS } from "./pair-row.js";
import { faultLines, faultStyles } from "./session-faults.js";
import { ShownPairs } from "./shown-pairs.js";

/** @import { LogIndex, RowConditions } from "skill-log" */
/** @import { PropertyValues } from "lit" */
/** @import { KeptStore, Known } from "../app/preferences.js" */
/** @import { EntryOffsets, Problem, State } from "../app/store.js" */
/** @import { Zone } from "../time/times.js" */
/** @import { VirtualList } from "../list/virtual-list.js" */
/** @import { Found } from "./compared-sessions.js" */
/** @import { Kind } from "./comparison.js" */
/** @import { PairOfRows } from "./pair-row.js" */

/** Below this width of the element, in CSS pixels, the sides are above each other. */
const NARROW = 620;

/** For people: each kind of row. @type {Record<Kind, string>} */
const KIND_NAMES = {
  outcome: "Other outcome",
  longer: "Longer",
  shorter: "Shorter",
  left: "Only left",
  right: "Only right",
  alike: "Alike",
};

const KIND_ABOUT = {
  outcome: "another status, or verified in one session only",
  longer: "at least a quarter and a second longer at the right",
  shorter: "at least a quarter and a second shorter at the right",
  left: "only the left session has an entry of this skill and phase here",
  right: "only the right session has an entry of this skill and phase here",
  alike: "the same status, and about the same time",
};

const SWAP = svg`<svg class="glyph" viewBox="0 0 16 16" aria-hidden="true"><path d="M4.5 2 2 4.5 4.5 7M2 4.5h11M11.5 9l2.5 2.5-2.5 2.5M14 11.5H3"/></svg>`;

const ROW_STYLES = [pairRowStyles];

/**
 * `<session-comparison .index .rows .filter .range .left .right .pair .known .zone>`: `index` has both
 * sessions, and `rows` are those that meet `filter` and `range`, in the order of their numbers. Only
 * they are compared.
 *
 * @fires change-view with `session`, `compared`, `pair`, `entry`, `filter` and `range`
 * @fires show-damage with the session and the offset
 * @fires go-back on a narrow page
 */
export class SessionComparison extends LitElement {
  static properties = {
    index: { attribute: false },
    rows: { attribute: false },
    filter: { attribute: false },
    range: { attribute: false },
    left: { attribute: false },
    right: { attribute: false },
    pair: { attribute: false },
    known: { attribute: false },
    zone: {},
    found: { state: true },
    problem: { state: true },
    shows: { state: true },
    kinds: { state: true },
    active: { state: true },
    isNarrow: { state: true },
  };

  static styles = [controls, tableStyles, chipStyles, faultStyles, comparisonStyles];

  #work = new AbortController();
  #isBusy = false;
  /** Whether there are entries that the comparison has not. */
  #isStale = false;
  /** Null while nothing was found. @type {ShownPairs | null} */
  #pairs = null;

  constructor() {
    super();
    new OwnSize(this, (width) => {
      this.isNarrow = width < NARROW;
      this.classList.toggle("narrow-pane", this.isNarrow);
    });
    /** @type {LogIndex | null} */
    this.index = null;
    this.rows = new Uint32Array();
    /** @type {RowConditions} */
    this.filter = {};
    /** @type {State["range"]} */
    this.range = null;
    this.left = "";
    this.right = "";
    /** @type {EntryOffsets | null} */
    this.pair = null;
    /** @type {KeptStore<Known> | null} */
    this.known = null;
    /** @type {Zone} */
    this.zone = "local";
    /** @type {Found | null} */
    this.found = null;
    /** @type {Problem | null} */
    this.problem = null;
    /** @type {"entries" | "groups"} */
    this.shows = "entries";
    /** Those that are shown; none: all. @type {ReadonlySet<Kind>} */
    this.kinds = new Set();
    /** The position of the row that keys move from, among those shown; -1: none. */
    this.active = -1;
    this.isNarrow = false;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#work.abort();
  }

  /** @param {PropertyValues<this>} changed */
  willUpdate(changed) {
    if (changed.has("left") || changed.has("right")) {
      this.kinds = new Set();
      this.active = -1;
    }
    const isOther = changed.has("index") || changed.has("left") || changed.has("right");
    if (isOther || changed.has("rows")) void this.#compare(isOther);
    const { index, found, kinds } = this;
    if (changed.has("kinds") || changed.has("found"))
      this.#pairs = index && found && new ShownPairs(index, found, kinds);
    const isPlaced = changed.has("pair") || changed.has("found");
    if (isPlaced && this.pair && this.#pairs) this.active = this.#pairs.placeOf(this.pair);
  }

  /** @param {boolean} isOther whether what was found is of other sessions */
  async #compare(isOther) {
    if (isOther) {
      this.#work.abort();
      this.#work = new AbortController();
      this.found = null;
      this.problem = null;
      this.#isBusy = false;
    }
    this.#isStale = true;
    // Entries may arrive faster than long sessions are compared: no comparison is given up for them.
    if (this.#isBusy) return;
    this.#isBusy = true;
    const { signal } = this.#work;
    try {
      while (this.#isStale && !signal.aborted) {
        this.#isStale = false;
        const { index, rows, left, right } = this;
        const found =
          index && left !== right
            ? await comparedSessions(index, this.#isPart ? rows : null, [left, right], signal)
            : null;
        if (signal.aborted) return;
        this.found = found;
        this.problem = null;
      }
    } catch (error) {
      if (!signal.aborted) this.problem = problemOf(error, "The sessions cannot be compared.");
    } finally {
      if (!signal.aborted) this.#isBusy = false;
    }
  }

  /** @returns {VirtualList | null} */
  get #list() {
    return this.renderRoot.querySelector("virtual-list");
  }

  /**
   * Moves the active row, or shows another pair in full.
   *
   * @param {number} by
   */
  move(by) {
    const list = this.#list;
    if (this.pair) return this.#open(this.active + by);
    if (!list) return;
    list.focus();
    list.moveTo(list.active < 0 ? list.inView.start : list.active + by);
  }

  /**
   * Moves to the next row whose entries are not alike.
   *
   * @param {1 | -1} by
   */
  moveToOther(by) {
    const pairs = this.#pairs;
    if (!pairs) return;
    const list = this.#list;
    const first = (list?.inView.start ?? 0) - (by > 0 ? 1 : 0);
    for (
      let at = (this.active < 0 ? first : this.active) + by;
      at >= 0 && at < pairs.length;
      at += by
    ) {
      if (pairs.kindAt(at) === "alike") continue;
      if (this.pair) return this.#open(at);
      list?.focus();
      list?.moveTo(at, "center");
      return;
    }
  }

  /** Shows the left session at the right. */
  swap() {
    const { left, right, pair } = this;
    const swapped = pair && { left: pair.right, right: pair.left };
    changeView(this, { session: right, compared: left, pair: swapped, entry: null });
  }

  /** @param {number} at among the rows that are shown */
  #open(at) {
    if (!this.#pairs || at < 0 || at >= this.#pairs.length) return;
    /** @type {PairOfRows} */
    let shown;
    try {
      shown = this.#pairs.at(at);
    } catch {
      // It was removed, and the next comparison does not have it.
      return;
    }
    const { left, right } = shown;
    changeView(this, { pair: { left: left?.offset ?? null, right: right?.offset ?? null } });
  }

  #close = () => changeView(this, { compared: null, pair: null });

  /** @param {PropertyValues<this>} changed */
  updated(changed) {
    // The list draws rows itself when there are others.
    if (changed.has("found") || changed.has("kinds")) this.#list?.redraw();
    // The list was away while a pair was shown.
    if (changed.has("pair") && !this.pair && this.active >= 0) {
      const list = this.#list;
      void list?.updateComplete.then(() => {
        list.reveal(this.active, "center");
        list.focus();
      });
    }
  }

  get #names() {
    const known = this.known?.state;
    const named = (/** @type {string} */ id) => (known ? nameOf(known, id) : id);
    return /** @type {const} */ ([named(this.left), named(this.right)]);
  }

  render() {
    const names = this.#names;
    return html`
      <header>
        <button
          class="quiet icon narrow"
          aria-label="Back"
          @click=${() => this.dispatchEvent(new CustomEvent("go-back"))}
        >
          ${glyphs.back}
        </button>
        <h2>
          ${SIDE_TAGS.left}<span class="name" title=${this.left}>${names[0]}</span>
          <span class="soft">and</span>
          ${SIDE_TAGS.right}<span class="name" title=${this.right}>${names[1]}</span>
        </h2>
        <button class="quiet icon" aria-label="Swap the sides" title="Swap the sides (x)" @click=${this.swap}>
          ${SWAP}
        </button>
        <copy-button class="wide" name="link to this comparison" .text=${() => location.href}>Link</copy-button>
        <button class="quiet icon" aria-label="Close the comparison" title="Close (Esc)" @click=${this.#close}>
          ${glyphs.close}
        </button>
      </header>
      ${this.#body(names)}
    `;
  }

  /** @param {readonly [string, string]} names */
  #body(names) {
    const { found, problem } = this;
    if (problem)
      return html`<div class="hint" role="alert">
        <strong>${problem.what}</strong> ${problem.where ?? ""} ${problem.advice ?? ""}
      </div>`;
    if (this.left === this.right)
      return html`<p class="hint">
        This is one session. Choose another at the left, and press
        <kbd>v</kbd> to compare it with this one.
      </p>`;
    if (!found) return html`<p class="hint" role="status">Comparing…</p>`;
    if (this.pair) return this.#onePair(found, this.pair, names);
    const { all } = found.comparison;
    const { isNarrow } = this;
    return html`
      ${this.#conditions(found, names)}
      <div class="figures" role="region" aria-label="Figures">
        ${measureTable("Figures", all, Object.values(MEASURES), { names, isNarrow })}
      </div>
      ${faultLines(found.faults, (detail) => this.dispatchEvent(new CustomEvent("show-damage", { detail })))}
      <div class="tools">
        <div class="segments" role="group" aria-label="What is compared">
          <button aria-pressed=${this.shows === "entries"} @click=${() => (this.shows = "entries")}>
            Entries
          </button>
          <button aria-pressed=${this.shows === "groups"} @click=${() => (this.shows = "groups")}>
            By skill and status
          </button>
        </div>
        ${this.shows === "entries" ? this.#kinds(found) : nothing}
      </div>
      ${this.shows === "entries" ? this.#entries(found, names) : groupTables(found, names, this.isNarrow)}
    `;
  }

  get #isPart() {
    return this.range !== null || described(this.filter).length > 0;
  }

  /**
   * Says which entries are compared, where it is not all of them.
   *
   * @param {Found} found
   * @param {readonly [string, string]} names
   */
  #conditions({ rows }, names) {
    if (!this.#isPart) return nothing;
    const empty = names.filter((_, side) => rows[side].length === 0);
    const change = (/** @type {Partial<State>} */ changes) => changeView(this, changes);
    return html`<div class="only" role="group" aria-label="Which entries are compared">
      <span class="soft">Compares only:</span>
      ${conditionChips(this, this.zone, change)}
      <button class="quiet" @click=${() => change({ filter: {}, range: null })}>
        Compare whole sessions
      </button>
      ${empty.map((name) => html`<span>${name} has no such entry.</span>`)}
    </div>`;
  }

  /** @param {Found} found */
  #kinds({ comparison }) {
    const counts = KINDS.map(() => 0);
    for (const kind of comparison.pairs.kinds) counts[kind] += 1;
    const some = /** @type {Kind[]} */ (Object.keys(KIND_NAMES)).filter(
      (kind) => counts[KINDS.indexOf(kind)] > 0 || this.kinds.has(kind),
    );
    return html`<div class="kinds" role="group" aria-label="Which rows">
      <button aria-pressed=${this.kinds.size === 0} @click=${() => this.#showKinds([])}>All</button>
      ${some.map(
        (kind) => html`<button
          aria-pressed=${this.kinds.has(kind)}
          title=${KIND_ABOUT[kind]}
          @click=${() => this.#toggle(kind)}
        >
          ${KIND_NAMES[kind]} <span class="number">${countText(counts[KINDS.indexOf(kind)])}</span>
        </button>`,
      )}
    </div>`;
  }

  /** @param {Kind} kind */
  #toggle(kind) {
    const others = [...this.kinds].filter((other) => other !== kind);
    this.#showKinds(this.kinds.has(kind) ? others : [...others, kind]);
  }

  /** @param {Kind[]} kinds */
  #showKinds(kinds) {
    this.kinds = new Set(kinds);
    this.active = -1;
  }

  /**
   * @param {Found} found
   * @param {readonly [string, string]} names
   */
  #entries({ comparison }, names) {
    const { isNarrow } = this;
    if (comparison.pairs.kinds.length === 0)
      return html`<p class="hint">Neither session has ${this.#isPart ? "such " : ""}entries.</p>`;
    return html`
      ${
        comparison.isExact
          ? nothing
          : html`<div class="note" role="note">
              These sessions are long and differ much: their entries are paired in sections, and some
              pairs may be missing.
            </div>`
      }
      <virtual-list
        kind="grid"
        label="Entries of both sessions"
        unit="Row"
        .columns=${4}
        .count=${this.#pairs?.length ?? 0}
        .rowHeight=${isNarrow ? ROW_HEIGHTS.narrow : ROW_HEIGHTS.wide}
        .rowStyles=${ROW_STYLES}
        .header=${isNarrow ? null : pairTitles(names)}
        .active=${this.active}
        .renderRow=${this.#row}
        @active-change=${(/** @type {CustomEvent<{ at: number }>} */ { detail }) =>
          (this.active = detail.at)}
        @row-open=${(/** @type {CustomEvent<{ at: number }>} */ { detail }) =>
          this.#open(detail.at)}
      ></virtual-list>
    `;
  }

  #row = (/** @type {number} */ at) => {
    if (!this.#pairs || at >= this.#pairs.length) return html``;
    try {
      return pairRow(this.#pairs.at(at), this.isNarrow);
    } catch {
      // It was removed, and the next comparison does not have it.
      return html`<div class="cells" role="gridcell"><span class="soft">removed</span></div>`;
    }
  };

  /**
   * @param {Found} found
   * @param {EntryOffsets} pair
   * @param {readonly [string, string]} names
   */
  #onePair({ rows }, pair, names) {
    const pairs = /** @type {ShownPairs} */ (this.#pairs);
    const at = pairs.placeOf(pair);
    const [left, right] = pairs.positionsOf(pair);
    const isMissing = (pair.left !== null && left < 0) || (pair.right !== null && right < 0);
    return html`
      <div class="steps">
        <button class="quiet" @click=${() => changeView(this, { pair: null })}>
          ${glyphs.back} All rows
        </button>
        <span class="number soft" role="status"
          >${at < 0 ? nothing : `Row ${countText(at + 1)} of ${countText(pairs.length)}`}</span
        >
        <button class="quiet icon" aria-label="Row before" title="Row before (k)" ?disabled=${at <= 0}
          @click=${() => this.#open(at - 1)}>${glyphs.up}</button>
        <button class="quiet icon" aria-label="Next row" title="Next row (j)"
          ?disabled=${at < 0 || at + 1 >= pairs.length} @click=${() => this.#open(at + 1)}>${glyphs.down}</button>
      </div>
      ${
        isMissing
          ? html`<p class="hint">
              ${
                this.#isPart
                  ? "An entry of this pair is not among those that are compared. Go back to all rows, and compare whole sessions."
                  : "There is no entry at this place of the log. It may have been replaced."
              }
            </p>`
          : html`<entry-pair
              class="one"
              .index=${this.index}
              .left=${rows[0][left] ?? null}
              .right=${rows[1][right] ?? null}
              .sessions=${[this.left, this.right]}
              .names=${names}
              .zone=${this.zone}
              .isNarrow=${this.isNarrow}
            ></entry-pair>`
      }
    `;
  }
}
customElements.define("session-comparison", SessionComparison);
