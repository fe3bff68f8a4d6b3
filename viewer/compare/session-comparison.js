// Two sessions beside each other: figures, then their entries in pairs, then one pair in full.

import { LitElement, css, html, nothing, svg } from "lit";

import "../entry/copy-button.js";
import "./entry-pair.js";

import { changeView } from "../app/change-view.js";
import { countText } from "../app/figures.js";
import { glyphs } from "../app/glyphs.js";
import { OwnSize } from "../app/own-size.js";
import { problemOf } from "../app/problems.js";
import { controls } from "../app/tokens.js";
import { asked, TookTooLong } from "../entry/entry-work.js";
import { chipStyles, conditionChips } from "../entries/condition-chips.js";
import { described } from "../entries/conditions.js";
import { nameOf } from "../sessions/shown-sessions.js";
import { KINDS } from "./comparison.js";
import { MEASURES, shareMeasure } from "./differences.js";
import { groupTable, measureTable, SIDE_TAGS, tableStyles } from "./figure-tables.js";
import { pairRow, pairRowStyles, pairTitles, ROW_HEIGHTS } from "./pair-row.js";
import { columnsOf, Texts } from "./session-columns.js";
import { faultLines, faultsOf, faultStyles } from "./session-faults.js";

/** @import { LogIndex, RowConditions } from "skill-log" */
/** @import { PropertyValues } from "lit" */
/** @import { KeptStore, Known } from "../app/preferences.js" */
/** @import { EntryOffsets, Problem, State } from "../app/store.js" */
/** @import { Zone } from "../time/times.js" */
/** @import { VirtualList } from "../list/virtual-list.js" */
/** @import { Comparison, Group, Kind } from "./comparison.js" */
/** @import { PairOfRows } from "./pair-row.js" */
/** @import { Faults } from "./session-faults.js" */

/** Below this width of the element, in CSS pixels, the sides are above each other. */
const NARROW = 620;

/** The most groups that are shown. */
const MOST_GROUPS = 200;

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

const SWAP = svg`<svg class="glyph" viewBox="0 0 16 16" aria-hidden="true"><path d="M4.500 2 2 4.500 4.500 7M2 4.500h11M11.500 9l2.500 2.500-2.500 2.500M14 11.500H3"/></svg>`;

const ROW_STYLES = [pairRowStyles];

/**
 * What was found.
 *
 * @typedef {object} Found
 * @property {readonly [Uint32Array, Uint32Array]} rows of the index, of each session
 * @property {Comparison} comparison
 * @property {Texts["lists"]} texts
 * @property {Faults[]} faults
 */

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

  static styles = [
    controls,
    tableStyles,
    chipStyles,
    faultStyles,
    css`
      :host { display: flex; flex-direction: column; min-width: 0; min-height: 0; position: relative; }
      header { display: flex; align-items: center; gap: var(--space-2); min-height: 44px; flex: none;
        padding: 6px var(--space-3) 6px var(--space-4); border-bottom: 1px solid var(--line); }
      h2 { flex: 1; min-width: 0; display: flex; align-items: center; gap: 6px var(--space-2);
        font-size: var(--text-large); }
      h2 .name { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
        unicode-bidi: isolate; }
      h2 .soft { font-weight: 400; font-size: var(--text-normal); }
      header button.icon { color: var(--text-soft); flex: none; }
      .figures { flex: none; padding: var(--space-2) var(--space-4) var(--space-3);
        background: var(--surface); border-bottom: 1px solid var(--line); overflow-x: auto; }
      .tools { display: flex; flex-wrap: wrap; align-items: center; gap: 6px var(--space-3); flex: none;
        padding: var(--space-2) var(--space-4); border-bottom: 1px solid var(--line); }
      .segments { display: inline-flex; }
      .segments button { border-radius: 0; margin-inline-start: -1px; }
      .segments button:first-child { border-radius: var(--radius) 0 0 var(--radius); }
      .segments button:last-child { border-radius: 0 var(--radius) var(--radius) 0; }
      .segments button[aria-pressed="true"] { z-index: 1; }
      .kinds { display: flex; flex-wrap: wrap; gap: 4px; }
      .kinds button { height: 24px; padding: 0 8px; font-size: var(--text-small); border-color: transparent;
        background: transparent; color: var(--text-soft); }
      .kinds button:hover { color: var(--text); }
      .kinds button[aria-pressed="true"] { background: var(--accent-soft); color: var(--accent); }
      .note { flex: none; padding: 6px var(--space-4); background: var(--warn-soft); color: var(--text);
        font-size: var(--text-small); border-bottom: 1px solid var(--line); }
      .only { flex: none; display: flex; flex-wrap: wrap; align-items: center; gap: 4px 6px;
        padding: 6px var(--space-4); font-size: var(--text-small); border-bottom: 1px solid var(--line); }
      .only button:not(.condition) { height: 24px; font-size: var(--text-small); }
      virtual-list { flex: 1; min-height: 0; }
      .hint { margin: auto; padding: var(--space-5); max-width: 420px; text-align: center; color: var(--text-soft); }
      .groups-pane { flex: 1; min-height: 0; overflow: auto; padding: var(--space-4); display: grid;
        gap: var(--space-5); align-content: start; }
      .groups-pane h3 { font-size: var(--text-large); margin-bottom: var(--space-2); }
      .groups-pane h4 { margin: var(--space-3) 0 2px; font-size: var(--text-normal); font-weight: 600;
        overflow-wrap: anywhere; unicode-bidi: isolate; }
      .one { flex: 1; min-height: 0; overflow: auto; position: relative; }
      .steps { display: flex; align-items: center; gap: 4px; flex: none; padding: 6px var(--space-3) 6px var(--space-4);
        border-bottom: 1px solid var(--line); }
      .steps .quiet:first-child { margin-inline-start: -10px; }
      .steps span { flex: 1; min-width: 0; }
      header .narrow { display: none; }
      @media (max-width: 719px) {
        header .narrow { display: inline-flex; margin-left: -8px; }
        header .wide { display: none; }
      }
      :host(.narrow-pane) header { padding-inline: var(--space-3) var(--space-2); gap: 4px; }
      :host(.narrow-pane) h2 { display: grid; grid-template-columns: auto 1fr; font-size: var(--text-normal); }
      :host(.narrow-pane) h2 .soft { display: none; }
      :host(.narrow-pane) .figures { padding: 4px var(--space-3) var(--space-2); }
      :host(.narrow-pane) .figures th, :host(.narrow-pane) .figures td { padding-block: 1px; }
      :host(.narrow-pane) table { table-layout: fixed; font-size: 12px; }
      :host(.narrow-pane) th, :host(.narrow-pane) td { padding-inline: 3px; }
      :host(.narrow-pane) tbody th { font-size: 12px; }
      :host(.narrow-pane) td:first-child { width: 27%; }
      :host(.narrow-pane) thead th:last-child { width: 26%; }
      :host(.narrow-pane) th:first-child { padding-inline-start: 0; }
      :host(.narrow-pane) td:last-child, :host(.narrow-pane) th:last-child { padding-inline-end: 0; }
      :host(.narrow-pane) .tools { padding: 6px var(--space-3); }
      :host(.narrow-pane) .kinds { flex-wrap: nowrap; overflow-x: auto; margin-inline: calc(-1 * var(--space-3));
        padding-inline: var(--space-3); width: calc(100% + 2 * var(--space-3)); }
      :host(.narrow-pane) .groups-pane { padding: var(--space-3); }
    `,
  ];

  #work = new AbortController();
  #isBusy = false;
  /** Whether there are entries that the comparison has not. */
  #isStale = false;
  /** Positions in the pairs; null: all are shown. @type {Uint32Array | null} */
  #shown = null;

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
    if (changed.has("kinds") || changed.has("found")) this.#select();
    const isPlaced = changed.has("pair") || changed.has("found");
    if (isPlaced && this.pair && this.found) this.active = this.#placeOf(this.pair);
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
        const found = await this.#foundIn(signal);
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

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<Found | null>} null: there is nothing to compare
   */
  async #foundIn(signal) {
    const { index, rows: selected, left, right } = this;
    if (!index || left === right) return null;
    const rows = /** @type {const} */ ([
      await index.query({ rows: selected, session: left, signal }),
      await index.query({ rows: selected, session: right, signal }),
    ]);
    const texts = new Texts();
    const wanted = {
      left: await columnsOf(index, rows[0], texts, signal),
      right: await columnsOf(index, rows[1], texts, signal),
    };
    const comparison = await asked("comparison", wanted, signal).catch((error) => {
      if (!(error instanceof TookTooLong)) throw error;
      // A slow machine gets pairs, even where they are not the most.
      return asked("comparison", { ...wanted, most: 0 }, signal);
    });
    return { rows, comparison, texts: texts.lists, faults: faultsOf(index, [left, right], rows) };
  }

  /** Chooses the rows of the kinds that are shown. */
  #select() {
    const { found, kinds } = this;
    if (!found || kinds.size === 0) {
      this.#shown = null;
      return;
    }
    const wanted = KINDS.map((kind) => kinds.has(kind));
    const all = found.comparison.pairs.kinds;
    const shown = new Uint32Array(all.length);
    let count = 0;
    for (let at = 0; at < all.length; at += 1) if (wanted[all[at]]) shown[count++] = at;
    this.#shown = shown.slice(0, count);
  }

  get #count() {
    return this.#shown?.length ?? this.found?.comparison.pairs.kinds.length ?? 0;
  }

  /**
   * @param {number} at among the rows that are shown
   * @returns {PairOfRows & { leftRow: number | null, rightRow: number | null }}
   */
  #pairAt(at) {
    const { rows, comparison } = /** @type {Found} */ (this.found);
    const index = /** @type {LogIndex} */ (this.index);
    const place = this.#shown ? this.#shown[at] : at;
    const [leftAt, rightAt] = [comparison.pairs.left[place], comparison.pairs.right[place]];
    const [leftRow, rightRow] = [rows[0][leftAt] ?? null, rows[1][rightAt] ?? null];
    return {
      kind: KINDS[comparison.pairs.kinds[place]],
      left: leftRow === null ? null : index.row(leftRow),
      right: rightRow === null ? null : index.row(rightRow),
      leftAt,
      rightAt,
      leftRow,
      rightRow,
    };
  }

  /**
   * Returns where a pair is among the rows that are shown.
   *
   * @param {EntryOffsets} pair
   * @returns {number} -1: it is not among them
   */
  #placeOf(pair) {
    if (!this.found) return -1;
    const { left, right } = this.found.comparison.pairs;
    const [leftAt, rightAt] = this.#positionsOf(pair);
    const place = leftAt >= 0 ? left.indexOf(leftAt) : rightAt >= 0 ? right.indexOf(rightAt) : -1;
    if (place < 0 || left[place] !== leftAt || right[place] !== rightAt) return -1;
    return this.#shown ? this.#shown.indexOf(place) : place;
  }

  /**
   * Returns which entries of their sessions a pair is; -1: none.
   *
   * @param {EntryOffsets} pair
   */
  #positionsOf(pair) {
    const [left, right] = /** @type {Found} */ (this.found).rows;
    return [this.#positionOf(left, pair.left), this.#positionOf(right, pair.right)];
  }

  /**
   * @param {Uint32Array} rows of a session, in the order of its file
   * @param {number | null} offset
   */
  #positionOf(rows, offset) {
    if (offset === null) return -1;
    const index = /** @type {LogIndex} */ (this.index);
    let [low, high] = [0, rows.length];
    try {
      while (low < high) {
        const middle = (low + high) >> 1;
        if (index.row(rows[middle]).offset < offset) low = middle + 1;
        else high = middle;
      }
      return low < rows.length && index.row(rows[low]).offset === offset ? low : -1;
    } catch {
      // The log was replaced, and its new rows are not compared yet.
      return -1;
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
    if (!this.found) return;
    const { kinds } = this.found.comparison.pairs;
    const list = this.#list;
    const first = (list?.inView.start ?? 0) - (by > 0 ? 1 : 0);
    const alike = KINDS.indexOf("alike");
    for (
      let at = (this.active < 0 ? first : this.active) + by;
      at >= 0 && at < this.#count;
      at += by
    ) {
      if (kinds[this.#shown ? this.#shown[at] : at] === alike) continue;
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
    if (at < 0 || at >= this.#count) return;
    /** @type {PairOfRows} */
    let shown;
    try {
      shown = this.#pairAt(at);
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
      ${this.shows === "entries" ? this.#entries(found, names) : this.#groups(found, names)}
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
        .count=${this.#count}
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
    if (!this.found || at >= this.#count) return html``;
    try {
      return pairRow(this.#pairAt(at), this.isNarrow);
    } catch {
      // It was removed, and the next comparison does not have it.
      return html`<div class="cells" role="gridcell"><span class="soft">removed</span></div>`;
    }
  };

  /**
   * @param {Found} found
   * @param {readonly [string, string]} names
   */
  #groups({ comparison, texts }, names) {
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
    const { isNarrow } = this;
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

  /**
   * @param {Found} found
   * @param {EntryOffsets} pair
   * @param {readonly [string, string]} names
   */
  #onePair({ rows }, pair, names) {
    const at = this.#placeOf(pair);
    const [left, right] = this.#positionsOf(pair);
    const isMissing = (pair.left !== null && left < 0) || (pair.right !== null && right < 0);
    return html`
      <div class="steps">
        <button class="quiet" @click=${() => changeView(this, { pair: null })}>
          ${glyphs.back} All rows
        </button>
        <span class="number soft" role="status"
          >${at < 0 ? nothing : `Row ${countText(at + 1)} of ${countText(this.#count)}`}</span
        >
        <button class="quiet icon" aria-label="Row before" title="Row before (k)" ?disabled=${at <= 0}
          @click=${() => this.#open(at - 1)}>${glyphs.up}</button>
        <button class="quiet icon" aria-label="Next row" title="Next row (j)"
          ?disabled=${at < 0 || at + 1 >= this.#count} @click=${() => this.#open(at + 1)}>${glyphs.down}</button>
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
