// The entries that are shown, as a table of any number of rows, with what is damaged at its place.

import { LitElement, css, html, nothing } from "lit";

import { changeView } from "../app/change-view.js";
import { counted, countText } from "../app/figures.js";
import { OwnSize } from "../app/own-size.js";
import { pause } from "../app/pause.js";
import { preferences } from "../app/preferences.js";
import { ALL, EMPTY, Watched } from "../app/store.js";
import { controls, ROW_HEIGHT } from "../app/tokens.js";
import { toneOf } from "../app/tones.js";
import "../list/virtual-list.js";
import { bandRow } from "./band-row.js";
import { bandsOf, isSameBand, MOST_BANDS, positionOf, RowsAndBands, withNews } from "./bands.js";
import { gapBefore } from "./columns.js";
import { columnTitles, entryCard, entryRow } from "./entry-row.js";
import "./entry-tools.js";
import { Excerpts } from "./excerpts.js";
import { Hits } from "./hits.js";
import { rowStyles } from "./row-styles.js";
import { columnsOf, NO_COLUMNS, wantedColumns } from "./table-columns.js";

/** @import { ColumnName, LogIndex, Row, RowConditions, SortOptions } from "skill-log" */
/** @import { Logs } from "../sources/opened.js" */
/** @import { Search, State } from "../app/store.js" */
/** @import { VirtualList } from "../list/virtual-list.js" */
/** @import { Band } from "./bands.js" */
/** @import { EntryTools } from "./entry-tools.js" */
/** @import { Shown } from "./columns.js" */

/** Below this width of the table, in CSS pixels, a row is a card of two lines. */
const NARROW = 560;

/** The heights of rows in CSS pixels. */
const HEIGHTS = { wide: ROW_HEIGHT, wideWrapped: 68, narrow: 54, narrowWrapped: 88 };

/** @type {RowsAndBands} */
const NOTHING = new RowsAndBands(EMPTY.rows, []);

/**
 * @fires change-view with `entry`, `sort`, `filter`, `range`, `search` or `session`
 */
export class EntryList extends LitElement {
  static properties = {
    logs: { attribute: false },
    index: { attribute: false },
    rows: { attribute: false },
    selected: { attribute: false },
    session: { attribute: false },
    filter: { attribute: false },
    range: { attribute: false },
    sort: { attribute: false },
    search: { attribute: false },
    active: { attribute: false },
    isLive: { type: Boolean },
    lookedTo: { attribute: false },
    isReading: { type: Boolean },
    isNarrow: { state: true },
    width: { state: true },
    isOnlyHits: { state: true },
    band: { state: true },
  };

  static styles = [
    controls,
    css`
      :host { display: flex; flex-direction: column; min-height: 0; min-width: 0; position: relative; }
      entry-tools { flex: 0 1 auto; min-height: 0; }
      virtual-list { flex: 1 0 130px; min-height: 0; }
      .hint { margin: auto; padding: var(--space-5); text-align: center; color: var(--text-soft);
        display: grid; gap: var(--space-3); justify-items: center; }
      .new { position: absolute; left: 50%; bottom: 14px; transform: translateX(-50%); z-index: 3;
        border-radius: 999px; box-shadow: var(--shadow); }
      damage-view { flex: 0 1 auto; min-height: 0; max-height: 55%; }
      .note { flex: none; margin: 0; padding: 6px var(--space-3); background: var(--warn-soft);
        font-size: var(--text-small); border-bottom: 1px solid var(--line); }
    `,
  ];

  #preferences = new Watched(this, preferences);
  #excerpts = new Excerpts(() => this.#list?.redraw());
  #hits = new Hits(() => this.#hitsCame());
  #items = NOTHING;
  /**
   * The row that was drawn last. Most often it is the one before the next that is drawn.
   *
   * @type {{ index: LogIndex, removed: number, i: number, row: Row } | null}
   */
  #drawn = null;
  /** The order of `#items`. What is asked for comes a moment later. @type {SortOptions | null} */
  #sort = null;
  /** The row of the index that keys move from; null: none. @type {number | null} */
  #row = null;
  /** The band that keys move from, where they do not move from a row. @type {Band | null} */
  #band = null;
  /** How many rows the index had when a person last saw its end. */
  #seen = 0;
  /** Whether the first hit of a new search is gone to when it comes. */
  #goesToHit = false;
  #waitsForRows = false;
  /** Whether the last row is in view. */
  #isAtEnd = true;
  /** Whether the end was in view before the last change. */
  #wasAtEnd = false;
  /**
   * What `#bands` was found for: rows arrive later than the bytes that they are of.
   *
   * @type {{ index: LogIndex | null, rows: Uint32Array, bytes: number }}
   */
  #bandsFor = { index: null, rows: EMPTY.rows, bytes: -1 };
  /** @type {ReturnType<typeof bandsOf>} */
  #bands = { bands: [], left: 0 };
  /** How much damage the table has no band for, where it has bands at all. */
  #unshown = 0;
  #table = NO_COLUMNS;

  constructor() {
    super();
    new OwnSize(this, (width) => {
      this.isNarrow = width < NARROW;
      this.width = width;
    });
    /** @type {Logs | null} whose bytes are shown where they are damaged */
    this.logs = null;
    /** @type {LogIndex | null} null: it is being made */
    this.index = null;
    /** @type {Uint32Array} of the index, those that are shown, in their order */
    this.rows = EMPTY.rows;
    /** @type {Uint32Array} the same, in the order of their numbers */
    this.selected = EMPTY.rows;
    /** @type {string | null} */
    this.session = null;
    /** @type {RowConditions} */
    this.filter = {};
    /** @type {State["range"]} */
    this.range = null;
    /** @type {SortOptions | null} */
    this.sort = null;
    /** @type {Search | null} */
    this.search = null;
    /** @type {number | null} the row of the entry that is shown in full */
    this.active = null;
    this.isLive = false;
    /** The bytes of the log that a person saw when looking last. @type {number | null} */
    this.lookedTo = null;
    /** Whether the index grows still: what needs all rows waits. */
    this.isReading = false;
    this.isNarrow = false;
    /** Of the table, in CSS pixels. */
    this.width = Infinity;
    /** Whether entries without hits are left out. */
    this.isOnlyHits = false;
    /** @type {Band | null} the damage that is described below the table */
    this.band = null;
  }

  connectedCallback() {
    super.connectedCallback();
    this.addEventListener("keydown", this.#pressed);
  }

  /** Makes the first rows in a task of their own, because the page around them is made as well. */
  async scheduleUpdate() {
    if (!this.hasUpdated) await pause();
    super.scheduleUpdate();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#excerpts.end();
    this.#hits.end();
  }

  /** @returns {VirtualList | null} */
  get #list() {
    return this.renderRoot?.querySelector("virtual-list");
  }

  /** @returns {EntryTools | null} */
  get #tools() {
    return this.renderRoot.querySelector("entry-tools");
  }

  /** The rows that are shown, in their order. */
  get shown() {
    return this.#items.rows;
  }

  get #isFiltered() {
    return this.range !== null || Object.keys(this.filter).length > 0;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    const list = this.#list;
    this.#wasAtEnd = list?.isAtEnd ?? true;
    const isOther = changed.has("index");
    if (isOther) {
      this.#drawn = null;
      this.#row = null;
      this.#band = null;
      this.band = null;
    }
    // What an index has that was read once is not new.
    if (isOther || this.isReading || changed.get("isReading"))
      this.#seen = Math.min(this.index?.length ?? 0, this.#firstNew);
    if (changed.has("search") && !this.search?.text) this.isOnlyHits = false;
    const isSearched = ["index", "rows", "selected", "search"].some((name) => changed.has(name));
    if (isSearched) {
      if (changed.has("search") && this.search?.text) this.#goesToHit = true;
      this.#excerpts.of(this.index, this.search);
      this.#hits.of(this.index, this.search, this.selected);
    }
    if (isSearched || ["isOnlyHits", "lookedTo", "isReading"].some((name) => changed.has(name)))
      this.#arrange(isOther, changed.has("rows") && this.sort !== this.#sort);
    if (changed.has("active") && this.active !== null) this.#row = this.active;
    this.#table = this.#tableOf(changed);
  }

  /**
   * Puts the rows and the damage in their order.
   *
   * @param {boolean} isOther whether the index is another one
   * @param {boolean} isSorted whether the order is new: people look at its start first
   */
  #arrange(isOther, isSorted) {
    const { index } = this;
    if (!index) {
      this.#items = NOTHING;
      return;
    }
    const isNewOrder = isSorted && this.sort !== null;
    const anchor = isOther || isNewOrder ? null : this.#anchor();
    if (isSorted || isOther) this.#sort = this.sort;
    const rows = this.isOnlyHits && this.#hits.isOn ? this.#hits.only(this.rows) : this.rows;
    const hasBands = !this.#sort && !this.#isFiltered && rows === this.rows;
    const known = this.#bandsFor;
    const isKnown = known.index === index && known.rows === rows && known.bytes === index.bytes;
    if (hasBands && !isKnown) {
      this.#bandsFor = { index, rows, bytes: index.bytes };
      this.#bands = bandsOf(index, rows);
    }
    this.#unshown = hasBands ? this.#bands.left : 0;
    this.#items = new RowsAndBands(rows, this.#withNews(rows, hasBands ? this.#bands.bands : []));
    const { bands } = this.#items;
    const active = this.#band;
    this.#band = (active && bands.find((each) => isSameBand(each, active))) ?? null;
    if (this.band) this.band = this.#band;
    void this.updateComplete.then(() => {
      if (isNewOrder) this.#list?.place(0, 0);
      else this.#return(anchor);
    });
  }

  /**
   * The first row that a person has not seen, by what the browser remembers.
   */
  get #firstNew() {
    const { index, lookedTo } = this;
    if (!index || this.isReading || lookedTo === null || this.session === ALL) return Infinity;
    // Where rows were removed, offsets are those of several files.
    if (index.removed > 0) return Infinity;
    let [low, high] = [0, index.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (index.row(middle).offset < lookedTo) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * @param {Uint32Array} rows
   * @param {readonly Band[]} bands
   */
  #withNews(rows, bands) {
    const first = this.#firstNew;
    if (this.#sort || first === Infinity) return bands;
    const before = positionOf(rows, first);
    const news = rows.length - before;
    return before > 0 && news > 0 ? withNews(bands, before, news) : bands;
  }

  /**
   * Returns the row that a person looks at: the active one where it is in view, else the first.
   *
   * @returns {{ row: number, y: number } | null}
   */
  #anchor() {
    const list = this.#list;
    if (!list || this.#items.length === 0) return null;
    const { start, end } = list.inView;
    const active = this.#row === null ? -1 : this.#placeOf(this.#row);
    if (this.#row !== null && active >= start && active < end)
      return { row: this.#row, y: list.placeOf(active) };
    for (let at = start; at < end; at += 1) {
      const { row } = this.#items.at(at);
      if (row !== undefined) return { row, y: list.placeOf(at) };
    }
    return null;
  }

  /**
   * Puts a row where it was, or the row that is nearest.
   *
   * @param {{ row: number, y: number } | null} anchor
   */
  #return(anchor) {
    const list = this.#list;
    if (!list) return;
    if (preferences.state.follows && this.#wasAtEnd && this.isLive) {
      list.reveal(this.#items.length - 1, "end");
      return;
    }
    if (!anchor) {
      const at = this.active === null ? -1 : this.#placeOf(this.active);
      if (at >= 0) list.reveal(at, "center");
      else list.place(0, 0);
      return;
    }
    const at = this.#placeOf(anchor.row);
    if (at >= 0) list.place(at, anchor.y);
    else if (this.#sort) list.place(0, 0);
    else list.place(this.#items.placeOf(positionOf(this.#items.rows, anchor.row)), anchor.y);
  }

  /**
   * Returns where a row of the index stands in the table.
   *
   * @param {number} row
   * @returns {number} -1 where it is not shown
   */
  #placeOf(row) {
    const { rows } = this.#items;
    const position = this.#sort ? rows.indexOf(row) : positionOf(rows, row);
    return position >= 0 && rows[position] === row ? this.#items.placeOf(position) : -1;
  }

  /** @param {Map<string, unknown>} changed */
  #tableOf(changed) {
    const { index } = this;
    const { columns: chosen } = this.#preferences.state;
    const isMany = this.session === ALL;
    const wanted = wantedColumns(chosen, isMany);
    const isSame =
      !["index", "rows", "width"].some((name) => changed.has(name)) &&
      wanted.length === this.#table.wanted.length &&
      wanted.every((column, at) => column === this.#table.wanted[at]);
    if (isSame || !index) return this.#table;
    return columnsOf(index, wanted, { isChosen: chosen !== null, isMany, room: this.width });
  }

  render() {
    const { index, session } = this;
    const context = this.#isFiltered || this.isOnlyHits;
    const position = this.#position;
    return html`
      <entry-tools
        .index=${index}
        .rows=${this.selected}
        .session=${session}
        .filter=${this.filter}
        .range=${this.range}
        .sort=${this.sort}
        .search=${this.search}
        .hits=${this.#hits}
        .ordinal=${this.#hits.isOn && position >= 0 ? this.#hits.ordinal(this.#items.rows, position) : 0}
        .isOnlyHits=${this.isOnlyHits}
        .canShowContext=${context && this.#row !== null}
        .isLive=${this.isLive}
        .isReading=${this.isReading}
        @step-hit=${(/** @type {CustomEvent<1 | -1>} */ { detail }) => this.stepHit(detail)}
        @only-hits=${(/** @type {CustomEvent<boolean>} */ { detail }) => (this.isOnlyHits = detail)}
        @show-context=${this.showContext}
        @toggle-follow=${this.toggleFollow}
        @leave-search=${() => this.#list?.focus()}
      ></entry-tools>
      ${index ? this.#body(index) : html`<div class="hint" role="status">Reading…</div>`}
    `;
  }

  /** @param {LogIndex} index */
  #body(index) {
    const { session } = this;
    if (this.#items.length === 0) return this.#nothing(index);
    const { wrap } = this.#preferences.state;
    const height = this.isNarrow
      ? wrap
        ? HEIGHTS.narrowWrapped
        : HEIGHTS.narrow
      : wrap
        ? HEIGHTS.wideWrapped
        : HEIGHTS.wide;
    return html`
      ${
        this.#unshown > 0
          ? html`<p class="note" role="note">
              ${counted(this.#unshown, "more damaged stretch is", "more damaged stretches are")} not
              shown: the table has the first ${countText(MOST_BANDS)}.
            </p>`
          : nothing
      }
      <virtual-list
        kind="grid"
        label="Entries"
        unit="Row"
        class="entries"
        .count=${this.#items.length}
        .rowHeight=${height}
        .columns=${this.isNarrow ? 2 : this.#table.columns.length}
        .header=${this.isNarrow ? null : this.#titles()}
        .rowStyles=${ROW_STYLES}
        .renderRow=${this.#renderRow}
        .active=${this.#activePlace}
        @active-change=${this.#onActive}
        @row-open=${this.#onOpen}
        @rows-in-view=${this.#onView}
      ></virtual-list>
      ${this.#newButton()}
      ${
        this.band
          ? html`<damage-view
              .logs=${this.logs}
              .index=${index}
              .session=${session}
              .band=${this.band}
              .isNarrow=${this.isNarrow}
              @close=${this.#closeBand}
              @damage-shown=${this.#revealBand}
            ></damage-view>`
          : nothing
      }
    `;
  }

  get #activePlace() {
    if (this.#row !== null) return this.#placeOf(this.#row);
    return this.#band ? this.#placeOfBand(this.#band) : -1;
  }

  /** @param {LogIndex} index */
  #nothing(index) {
    if (index.length === index.removed)
      return html`<div class="hint"><p>There are no entries yet.</p></div>`;
    if (this.isOnlyHits)
      return html`<div class="hint">
        <p>${this.#hits.isSearching ? "Searching…" : "No entry has this text."}</p>
      </div>`;
    return html`<div class="hint">
      <p>No entry meets these conditions.</p>
      <button @click=${() => changeView(this, { filter: {}, range: null })}>
        Show all ${counted(index.length - index.removed, "entry", "entries")}
      </button>
    </div>`;
  }

  #titles() {
    return columnTitles(this.#table.columns, this.sort, (by) => this.#sortBy(by));
  }

  /** @param {ColumnName} by */
  #sortBy(by) {
    const { sort } = this;
    if (sort?.by !== by) changeView(this, { sort: { by, descending: false } });
    else changeView(this, { sort: sort.descending ? null : { by, descending: true } });
  }

  #renderRow = (/** @type {number} */ at) => {
    const { index } = this;
    const { row: i, band } = this.#items.at(at);
    if (!index || at >= this.#items.length) return html``;
    if (band) return bandRow(band, this.isNarrow ? 2 : this.#table.columns.length, this.isNarrow);
    /** @type {Row} */
    let row;
    try {
      row = index.row(i);
    } catch {
      return html`<div class="cells" role="gridcell"><span class="soft">removed</span></div>`;
    }
    const { removed } = index;
    const last = this.#drawn;
    const isNext = last?.index === index && last.removed === removed && last.i === i - 1;
    this.#drawn = { index, removed, i, row };
    /** @type {Shown} */
    const shown = {
      row,
      gap: gapBefore(index, i, row, isNext ? last.row : null),
      excerpt: this.#excerpts.get(i),
      zone: this.#preferences.state.zone,
      hasDays: this.#table.hasDays,
    };
    const isNew = !this.isReading && i >= this.#seen ? "is-new" : "";
    const classes = `${isNew} ${this.#preferences.state.wrap ? "wraps" : ""}`;
    return this.isNarrow
      ? entryCard(shown, classes)
      : entryRow(shown, this.#table.columns, classes);
  };

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    const list = this.#list;
    if (list) {
      list.style.setProperty("--columns", this.#table.grid);
      list.style.setProperty("--rows-width", this.isNarrow ? "0" : `${this.#table.width}px`);
      list.redraw();
    }
    if (changed.has("active") && this.active !== null && this.active !== changed.get("active")) {
      const at = this.#placeOf(this.active);
      if (at >= 0 && list) void list.updateComplete.then(() => list.reveal(at));
    }
    if (this.#waitsForRows) void this.#focusWaiting();
    // Not before the list has its rows.
    void list?.updateComplete.then(() => this.#noteEnd());
  }

  /** Notes whether a person sees the last entries. */
  #noteEnd() {
    const { index } = this;
    const list = this.#list;
    // A list without a height has all its rows in view. It tells when it has drawn them.
    if (!list?.isMeasured || !index) return;
    const { isAtEnd } = list;
    // Only the button for new entries depends on it: to draw all rows again takes a long task.
    if (isAtEnd !== this.#isAtEnd && this.#newCount > 0) this.requestUpdate();
    this.#isAtEnd = isAtEnd;
    if (!isAtEnd || document.visibilityState !== "visible" || this.#seen >= index.length) return;
    this.#seen = index.length;
    this.requestUpdate();
  }

  /** How many of the rows that are shown came since a person saw the end. */
  get #newCount() {
    const { rows } = this;
    if (this.isReading || this.#seen >= (this.index?.length ?? 0)) return 0;
    if (!this.#sort) return rows.length - positionOf(rows, this.#seen);
    let count = 0;
    for (const row of rows) if (row >= this.#seen) count += 1;
    return count;
  }

  #newButton() {
    const count = this.#newCount;
    if (count === 0 || this.#isAtEnd) return nothing;
    return html`<button class="new primary" @click=${this.#goToNew}>
      ${counted(count, "new entry", "new entries")} ↓
    </button>`;
  }

  /** Moves to the first entry that a person has not seen. */
  moveToNew() {
    if (this.#newCount > 0) {
      this.#goToNew();
      return;
    }
    const line = this.#items.bands.find(({ news }) => news);
    if (!line) return;
    this.#list?.focus();
    this.#list?.moveTo(this.#placeOfBand(line) + 1, "center");
  }

  #goToNew() {
    const first = this.#newCount;
    const at = this.#sort ? 0 : this.#items.placeOf(this.#items.rows.length - first);
    // In the middle, so that those after it are in view, too.
    this.#list?.moveTo(Math.min(at, this.#items.length - 1), "center");
    this.#list?.focus();
    this.#seen = this.index?.length ?? 0;
    this.requestUpdate();
  }

  /** @param {CustomEvent<{ at: number }>} event */
  #onActive({ detail: { at } }) {
    const { row, band } = this.#items.at(at);
    this.#row = row ?? null;
    this.#band = band ?? null;
    this.band = band && !band.news ? band : null;
    if (this.band) void import("../damage/damage-view.js");
    this.requestUpdate();
    // Where an entry is shown in full, it is the active one.
    if (row !== undefined && this.active !== null && row !== this.active) this.#open(row);
  }

  /** @param {CustomEvent<{ at: number }>} event */
  #onOpen({ detail: { at } }) {
    const { row } = this.#items.at(at);
    if (row !== undefined) this.#open(row);
  }

  /** @param {number} i */
  #open(i) {
    const { session = this.session ?? "", offset } = /** @type {LogIndex} */ (this.index).row(i);
    changeView(this, { entry: { session, offset } });
  }

  /** @param {CustomEvent<{ start: number, end: number }>} event */
  #onView({ detail: { start, end } }) {
    /** @type {number[]} */
    const rows = [];
    for (let at = start; at < Math.min(end, this.#items.length); at += 1) {
      const { row } = this.#items.at(at);
      if (row !== undefined) rows.push(row);
    }
    this.#excerpts.want(rows);
    this.#noteEnd();
  }

  /** The position of the active row in the rows that are shown; -1: none. */
  get #position() {
    if (this.#row === null) return -1;
    const at = this.#placeOf(this.#row);
    return at < 0 ? -1 : this.#items.positionAt(at);
  }

  #hitsCame() {
    if (this.isOnlyHits) this.#arrange(false, false);
    if (this.#goesToHit && this.#hits.count > 0) {
      this.#goesToHit = false;
      const position = this.#position;
      if (position < 0 || !this.#hits.has(this.#items.rows[position])) this.stepHit(1, false);
    }
    this.#tools?.requestUpdate();
    this.requestUpdate();
  }

  /**
   * Goes to the next hit.
   *
   * @param {1 | -1} by
   * @param {boolean} [opens] whether an entry that is shown in full is replaced
   */
  stepHit(by, opens = true) {
    if (!this.#hits.isOn) return;
    const { rows } = this.#items;
    const position = this.#position;
    const from = position >= 0 ? position : this.#firstInView() - (by > 0 ? 1 : 0);
    const next = this.#hits.next(rows, from, by);
    if (next >= 0) this.#moveTo(next, opens);
  }

  #firstInView() {
    return this.#items.positionAt(this.#list?.inView.start ?? 0);
  }

  /**
   * @param {number} position in the rows that are shown
   * @param {boolean} [opens]
   */
  #moveTo(position, opens = true) {
    const list = this.#list;
    const at = this.#items.placeOf(position);
    if (!list) return;
    const { start, end } = list.inView;
    if (opens) list.moveTo(at, at >= start && at < end ? "nearest" : "center");
    else {
      this.#row = this.#items.rows[position];
      list.reveal(at, "center");
      this.requestUpdate();
    }
  }

  /**
   * Moves the active row.
   *
   * @param {number} by
   */
  move(by) {
    const list = this.#list;
    if (!list) return;
    const at = list.active < 0 ? list.inView.start : list.active + by;
    list.focus();
    list.moveTo(at);
  }

  /**
   * Moves to the next entry whose status is a failure.
   *
   * @param {1 | -1} by
   */
  moveToFailed(by) {
    if (!this.index) return;
    const { rows } = this.#items;
    const { codes, texts } = this.index.column("final_status", rows);
    const failed = texts.map((status) => toneOf(status) === "bad");
    this.#moveToNext(by, (position) => failed[codes[position]]);
  }

  /**
   * Moves to the first entry of the next session, or of the one before.
   *
   * @param {1 | -1} by
   */
  moveToSession(by) {
    if (!this.index) return;
    const { codes } = this.index.column("session", this.#items.rows);
    this.#moveToNext(by, (at) => at === 0 || codes[at] !== codes[at - 1]);
  }

  /**
   * @param {1 | -1} by
   * @param {(position: number) => boolean} isWanted
   */
  #moveToNext(by, isWanted) {
    const { length } = this.#items.rows;
    const position = this.#position;
    const from = position >= 0 ? position : this.#firstInView() - (by > 0 ? 1 : 0);
    for (let at = from + by; at >= 0 && at < length; at += by)
      if (isWanted(at)) {
        this.#list?.focus();
        this.#moveTo(at);
        return;
      }
  }

  /** Has keys go to the rows, as soon as there are some, unless a person chooses another part. */
  focusRows() {
    this.#waitsForRows = true;
    this.requestUpdate();
  }

  async #focusWaiting() {
    const list = this.#list;
    if (!list) return;
    this.#waitsForRows = false;
    await list.updateComplete;
    if (document.activeElement === document.body) list.focus();
  }

  /**
   * Moves to the next damage. Goes on at the first.
   *
   * @param {number | null} [offset] of the damage to move to instead, where it has a band
   * @returns {boolean} whether it moved to any
   */
  moveToDamage(offset = null) {
    const list = this.#list;
    const { bands } = this.#items;
    const damaged = bands.filter(({ news }) => !news);
    if (!list || damaged.length === 0) return false;
    const places = damaged.map((band) => this.#placeOfBand(band));
    list.focus();
    const wanted = damaged.findIndex((band) => (band.damage ?? band.pending)?.offset === offset);
    // It may come with the rows that are read later.
    if (offset !== null && wanted < 0 && this.isReading) return false;
    const next = places.find((at) => at > list.active) ?? places[0];
    list.moveTo(places[wanted] ?? next, "center");
    return true;
  }

  /** The list is lower now: the band stays in view. */
  #revealBand = () => {
    if (this.band) this.#list?.reveal(this.#placeOfBand(this.band));
  };

  #closeBand = () => {
    this.band = null;
    this.#list?.focus();
  };

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.key !== "Escape" || !this.band || event.defaultPrevented) return;
    event.preventDefault();
    this.#closeBand();
  }

  /** @param {Band} band */
  #placeOfBand(band) {
    const position = this.#items.bands.indexOf(band);
    return position < 0 ? -1 : band.before + position;
  }

  /** Lifts all conditions, and stays at the active row. */
  showContext() {
    if (this.#row === null) return;
    this.isOnlyHits = false;
    changeView(this, { filter: {}, range: null });
  }

  /** Puts the cursor into the search. */
  focusSearch() {
    this.#tools?.focusSearch();
  }

  toggleWrap() {
    preferences.set({ wrap: !preferences.state.wrap });
  }

  toggleFollow() {
    const follows = !preferences.state.follows;
    preferences.set({ follows });
    if (follows) this.#list?.reveal(this.#items.length - 1, "end");
  }
}
customElements.define("entry-list", EntryList);

const ROW_STYLES = [rowStyles];
