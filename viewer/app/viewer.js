// The page: what is open at the left, its entries in the middle, one of them at the right.

import { LitElement, html, nothing } from "lit";

import { entryKeys } from "../entries/entry-keys.js";
import { comparisonKeys } from "../compare/comparison-keys.js";
import "../entries/entry-list.js";
import "../sessions/session-header.js";
import "../sessions/session-list.js";
import "../sources/open-logs.js";
import "./pane-edge.js";
import "./pop-up.js";

import { carriesFiles, openDropped } from "../sources/dropped.js";
import { openServedLogs } from "../sources/server.js";
import { openLinkedLog } from "../sources/url-log.js";
import { CHANGE_VIEW } from "./change-view.js";
import { countText } from "./figures.js";
import { glyphs } from "./glyphs.js";
import { History } from "./history.js";
import { bindKeys } from "./keys.js";
import { linkedBy, linkTo, NOTHING_LINKED } from "./links.js";
import { liveness, problemBar, progressBar } from "./notices.js";
import { pageKeys } from "./page-keys.js";
import { pause } from "./pause.js";
import { knownOf, preferences, withSeen } from "./preferences.js";
import { Reading } from "./reading.js";
import { ALL, EMPTY, Store, Watched } from "./store.js";
import { controls, NARROW, tokens } from "./tokens.js";
import { viewerStyles } from "./viewer-styles.js";
import { MARK, welcome } from "./welcome.js";

/** @import { SessionSummary } from "skill-log" */
/** @import { Opened } from "../sources/opened.js" */
/** @import { SessionList } from "../sessions/session-list.js" */
/** @import { KeyGroup } from "./keys.js" */
/** @import { KeyHelp } from "./key-help.js" */
/** @import { KeptStore, Known } from "./preferences.js" */
/** @import { State } from "./store.js" */

/** Parts that are loaded when they are shown first, so that the list is there sooner. */
const later = {
  entry: () => import("../entry/entry-view.js"),
  time: () => import("../time/time-line.js"),
  comparison: () => import("../compare/session-comparison.js"),
  help: () => import("./key-help.js"),
  settings: () => import("./settings.js"),
  share: () => import("../sharing/share-dialog.js"),
};

/** Whether the page was shared itself: it has no files to make another of. */
const IS_SHARED = document.getElementById("shared") !== null;

if (tokens.styleSheet) document.adoptedStyleSheets.push(tokens.styleSheet);

/** What changes when a person may see more entries. @type {(keyof State)[]} */
const SHOWN = ["index", "rows", "session", "progress"];

export class SkillLogViewer extends LitElement {
  static properties = { isOver: { state: true }, lookedTo: { state: true } };

  static styles = [controls, viewerStyles];

  #store = new Store(EMPTY);
  #watched = new Watched(this, this.#store);
  #preferences = new Watched(this, preferences);
  #reading = new Reading(this.#store);
  #history = new History(this.#store);
  /** @type {KeptStore<Known> | null} */
  #known = null;
  /** When the source was opened, in milliseconds since 1970. */
  #since = 0;
  #endKeys = () => {};
  /** Whether the page was hidden since something new was seen. */
  #wasHidden = false;

  constructor() {
    super();
    this.isOver = false;
    /** The bytes of the session that a person saw when looking last. @type {number | null} */
    this.lookedTo = null;
    this.addEventListener(CHANGE_VIEW, (event) =>
      this.#change(/** @type {CustomEvent<Partial<State>>} */ (event).detail),
    );
    this.addEventListener("open-source", (event) =>
      this.#open(/** @type {CustomEvent<Promise<Opened | null>>} */ (event).detail),
    );
    this.#store.watch((state, changed) => {
      if (state.index && preferences.state.showsTime) void later.time();
      if (state.entry) void later.entry();
      if (state.compared !== null && state.sessions) void later.comparison();
      if (changed.has("summaries")) this.#chooseFirst();
      if (changed.has("session")) this.#look();
      if (SHOWN.some((name) => changed.has(name))) this.#see();
    });
    preferences.watch((state) => {
      if (state.showsTime) void later.time();
      applyTheme(state);
    });
    applyTheme(preferences.state);
  }

  connectedCallback() {
    super.connectedCallback();
    this.#endKeys = bindKeys(this.keys, window);
    addEventListener("dragover", this.#draggedOver);
    addEventListener("dragleave", this.#draggedOut);
    addEventListener("drop", this.#dropped);
    document.addEventListener("visibilitychange", this.#showOrHide);
    const page = new URL(location.href);
    const opening = openLinkedLog(page) ?? openServedLogs(page);
    if (opening) this.#open(opening);
  }

  /** Draws the page in a task of its own: its program is evaluated in the one before. */
  async scheduleUpdate() {
    if (!this.hasUpdated) await pause();
    super.scheduleUpdate();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#endKeys();
    removeEventListener("dragover", this.#draggedOver);
    removeEventListener("dragleave", this.#draggedOut);
    removeEventListener("drop", this.#dropped);
    document.removeEventListener("visibilitychange", this.#showOrHide);
    void this.#reading.close();
  }

  /** @type {KeyGroup[]} */
  get keys() {
    return [
      ...pageKeys({
        sessions: () => this.#sessions,
        showHelp: () => this.#showHelp(),
        showAll: () => this.#change({ session: ALL, entry: null }),
        mark: () => this.#mark(this.#store.state.session),
        share: () => this.#share(),
        leave: () => this.#leave(),
      }),
      comparisonKeys(() => this.#part("session-comparison")),
      ...entryKeys(
        () => this.#part("entry-list"),
        () => this.#part("entry-view"),
      ),
    ];
  }

  /** @param {string} name of an element @returns {any} */
  #part(name) {
    return this.renderRoot?.querySelector(name);
  }

  /** @returns {SessionList | null} */
  get #sessions() {
    return this.#part("session-list");
  }

  async #showHelp() {
    await later.help();
    const help = /** @type {KeyHelp} */ (this.#part("key-help"));
    await help.updateComplete;
    help.show();
  }

  async #share() {
    const { state } = this.#store;
    const list = this.#part("entry-list");
    if (IS_SHARED || !state.index || !list) return;
    await later.share();
    this.#part("share-dialog").show(state, list.shown, linkTo);
  }

  /** @param {Promise<Opened | null>} opening */
  #open(opening) {
    // A link that someone sent is for the logs that are opened first.
    const isFirst = this.#store.state.sessions === null;
    const shown = isFirst ? linkedBy(location.hash) : NOTHING_LINKED;
    const named = opening.then((opened) => {
      if (opened) {
        this.#known = knownOf(opened.id ?? opened.name);
        this.#since = Date.now();
      }
      return opened;
    });
    void this.#reading.open(named, shown);
  }

  /** Shows the first session, where there is room for it beside the list. */
  #chooseFirst() {
    const { session, summaries, isListing } = this.#store.state;
    const first = summaries.find(({ entries, unsafe }) => entries > 0 && unsafe === undefined);
    if (session !== null || !first) return;
    const isOnly = !isListing && summaries.length === 1;
    if (!isOnly && innerWidth < NARROW) return;
    this.#history.isQuiet = true;
    this.#store.set({ session: first.id });
    this.#history.isQuiet = false;
  }

  /** Notes what a person had seen of the session that is shown. */
  #look() {
    const { session } = this.#store.state;
    const { seen = {} } = this.#known?.state ?? {};
    this.lookedTo = session !== null && Object.hasOwn(seen, session) ? seen[session] : null;
  }

  #showOrHide = () => {
    if (document.visibilityState === "visible") this.#see();
    else this.#wasHidden = true;
  };

  /** Notes that a person sees what a session holds now. */
  #see = () => {
    // Not what the listener was told: a change that came of it may be over already.
    const { session, index, progress, compared } = this.#store.state;
    // The index of two sessions has the bytes of both.
    if (compared !== null) return;
    if (!this.#known || !index || progress || session === null || session === ALL) return;
    const { seen, counts } = this.#known.state;
    const bytes = Math.max(index.bytes, this.#summary?.bytes ?? 0) - (index.pending?.length ?? 0);
    if (Object.hasOwn(seen, session) && seen[session] === bytes) return;
    if (document.visibilityState !== "visible") {
      // What comes meanwhile is new when the person is back.
      this.#look();
      return;
    }
    // What came while the page was hidden may arrive only now.
    if (this.#wasHidden) this.#look();
    this.#wasHidden = false;
    this.#known.set({
      seen: withSeen(seen, session, bytes),
      counts: withSeen(counts, session, index.length - index.removed),
    });
  };

  /** @returns {SessionSummary | null} */
  get #summary() {
    const { summaries, session } = this.#store.state;
    return summaries.find(({ id }) => id === session) ?? null;
  }

  /**
   * Shows the entry before or after the one that is shown, in the order of the list.
   *
   * @param {number} step
   */
  #step(step) {
    const { index, rows, session } = this.#store.state;
    const { row } = this.#reading;
    const next = row === null ? undefined : rows[rows.indexOf(row) + step];
    if (!index || next === undefined) return;
    const { session: of = session ?? "", offset } = index.row(next);
    this.#store.set({ entry: { session: of, offset } });
  }

  /**
   * Changes what is shown. Another session ends a comparison.
   *
   * @param {Partial<State>} changes
   */
  #change(changes) {
    const ends = changes.session !== undefined && changes.compared === undefined;
    this.#store.set({ ...(ends && { compared: null, pair: null }), ...changes });
  }

  /**
   * Marks a session, or compares it with the one that is marked, or that is compared already.
   *
   * @param {string | null} id
   */
  #mark(id) {
    const { session, compared, marked } = this.#store.state;
    if (id === null || id === ALL) return;
    const first = marked ?? (compared === null ? id : session);
    if (id === marked) this.#store.set({ marked: null });
    else if (id === first || first === null)
      this.#change({ marked: id, ...(innerWidth < NARROW && { session: null, entry: null }) });
    else this.#store.set({ session: first, compared: id, pair: null, entry: null, marked: null });
  }

  /**
   * Shows damage, which only the whole log in its own order has at its place.
   *
   * @param {{ session: string | null, offset: number | null }} place null: in the session that is
   *   shown; the next damage
   */
  async #showDamage({ session, offset }) {
    const ends = session === this.#store.state.session ? { compared: null, pair: null } : {};
    this.#change({ ...(session && { session, ...ends }), filter: {}, range: null, sort: null });
    const { session: shown } = this.#store.state;
    // The rows come a moment later, where they are many.
    for (let left = 100; left > 0 && this.#store.state.session === shown; left -= 1) {
      if (this.#part("entry-list")?.moveToDamage(offset)) return;
      await pause(50);
    }
  }

  #damageWanted = (
    /** @type {CustomEvent<{ session: string | null, offset: number | null }>} */ { detail },
  ) => this.#showDamage(detail);

  #leave() {
    const { entry, session, problem, marked, compared, pair } = this.#store.state;
    if (problem) this.#store.set({ problem: null });
    else if (marked !== null) this.#store.set({ marked: null });
    else if (pair) this.#store.set({ pair: null });
    else if (compared !== null) this.#store.set({ compared: null });
    else if (entry) this.#store.set({ entry: null });
    else if (session !== null && innerWidth < NARROW) this.#back();
  }

  #back() {
    if (this.#history.back()) return;
    const { entry, pair } = this.#store.state;
    this.#change(entry ? { entry: null } : pair ? { pair: null } : { session: null });
  }

  #draggedOver = (/** @type {DragEvent} */ event) => {
    if (!carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    this.isOver = true;
  };

  #draggedOut = (/** @type {DragEvent} */ event) => {
    // The pointer left the window, and not an element for another one.
    if (event.relatedTarget === null) this.isOver = false;
  };

  #dropped = (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer || !carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    this.isOver = false;
    this.#open(openDropped(event.dataTransfer));
  };

  /** @param {Map<PropertyKey, unknown>} changed */
  updated(changed) {
    super.updated(changed);
    const { leftSize, rightSize } = this.#preferences.state;
    this.style.setProperty("--left", `${leftSize}px`);
    if (rightSize > 0) this.style.setProperty("--right", `${rightSize}px`);
    const { source, session, compared } = this.#watched.state;
    const shown = compared === null ? session : `${session} and ${compared}`;
    const what = session && session !== ALL ? shown : source;
    document.title = what ? `${what} · skill-log` : "skill-log";
  }

  render() {
    const { state } = this.#watched;
    return html`
      <header class=${state.sessions ? "open" : ""}>
        ${MARK}
        <h1>skill-log</h1>
        ${state.sessions ? html`<span class="source" title=${state.source}>${state.source}</span>` : nothing}
        <span class="space"></span>
        ${state.sessions ? liveness(state) : nothing}
        ${
          state.sessions
            ? html`<pop-up name="Open logs" .isPlain=${true}>
                <span slot="label">${glyphs.folder}</span><open-logs isMenu></open-logs>
              </pop-up>`
            : nothing
        }
        ${
          state.index && !IS_SHARED
            ? html`<button
                class="quiet icon"
                aria-label="Share"
                title="Share what is shown (Shift S)"
                @click=${this.#share}
              >
                ${glyphs.share}
              </button>`
            : nothing
        }
        <pop-up
          name="Settings"
          .isPlain=${true}
          @pointerenter=${later.settings}
          @focusin=${later.settings}
        >
          <span slot="label">${glyphs.theme}</span><viewer-settings></viewer-settings>
        </pop-up>
        <button class="quiet icon" aria-label="Keys" title="Keys (?)" @click=${this.#showHelp}>
          ${glyphs.help}
        </button>
      </header>
      <div class="bar">${progressBar(state)}</div>
      ${state.problem ? problemBar(state.problem, () => this.#store.set({ problem: null })) : nothing}
      ${state.sessions ? this.#main(state) : welcome(state.isOpening)}
      <key-help .table=${this.keys}></key-help><share-dialog></share-dialog>
      ${this.isOver ? html`<div class="over">Drop logs to open them</div>` : nothing}
    `;
  }

  /** @param {State} state */
  #main(state) {
    const { session, compared } = state;
    const isComparing = compared !== null && session !== null && session !== ALL;
    const entry = isComparing ? null : state.entry;
    const at = entry ? "entry" : session === null ? "sessions" : "entries";
    return html`<main class="panes at-${at} ${entry ? "with-entry" : ""}">
      <session-list
        .summaries=${state.summaries}
        .session=${session}
        .compared=${isComparing ? compared : null}
        .marked=${state.marked}
        @mark-session=${this.#marked}
        @leave-filter=${this.#leaveFilter}
        .isListing=${state.isListing}
        .isLive=${state.isLive}
        .known=${this.#known}
        .since=${this.#since}
      ></session-list>
      <pane-edge
        class="left"
        name="Width of the sessions"
        .size=${this.#preferences.state.leftSize}
        .least=${220}
        .most=${560}
        @resize-pane=${(/** @type {CustomEvent<number>} */ { detail }) =>
          preferences.set({ leftSize: detail })}
      ></pane-edge>
      <section class="middle" aria-label=${isComparing ? "Comparison" : "Entries"}>
        ${isComparing ? this.#comparison(state) : this.#entries(state)}
      </section>
      ${entry ? this.#entry(state) : nothing}
    </main>`;
  }

  #leaveFilter = async () => {
    await this.updateComplete;
    this.#part("entry-list")?.focusRows();
  };

  #marked = (/** @type {CustomEvent<string>} */ { detail }) => this.#mark(detail);

  /** @param {State} state */
  #comparison({ index, selected, filter, range, session, compared, pair }) {
    return html`<session-comparison
      .index=${index}
      .rows=${selected}
      .filter=${filter}
      .range=${range}
      @show-damage=${this.#damageWanted}
      .left=${session}
      .right=${compared}
      .pair=${pair}
      .known=${this.#known}
      .zone=${this.#preferences.state.zone}
      @go-back=${this.#back}
    ></session-comparison>`;
  }

  /** @param {State} state */
  #entries(state) {
    const { session, index, rows, summaries, isListing } = state;
    if (session === null)
      return html`<div class="hint">
        ${
          summaries.length === 0 && !isListing
            ? html`<p>
                There is no log in ${state.source}. Logs are
                <span class="mono">.jsonl</span> files.
              </p>`
            : html`<p>Choose a session at the left.</p>`
        }
      </div>`;
    const back = html`<button
      class="quiet icon narrow"
      aria-label="Back to the sessions"
      @click=${this.#back}
    >
      ${glyphs.back}
    </button>`;
    return html`
      <session-header
        .summary=${session === ALL ? null : (this.#summary ?? null)}
        @show-damage=${this.#damageWanted}
        .heading=${session === ALL ? "All sessions" : session}
        .known=${this.#known}
        .marked=${state.marked}
        @mark-session=${this.#marked}
        >${back}</session-header
      >
      ${
        this.#preferences.state.showsTime && index
          ? html`<time-line
              .index=${state.progress ? null : index}
              .rows=${state.selected}
              .range=${state.range}
              .zone=${this.#preferences.state.zone}
            ></time-line>`
          : nothing
      }
      <entry-list
        .logs=${state.sessions}
        .index=${index}
        .rows=${rows}
        .selected=${state.selected}
        .session=${session}
        .filter=${state.filter}
        .sort=${state.sort}
        .range=${state.range}
        .search=${state.search}
        .active=${this.#reading.row}
        .isLive=${state.isLive}
        .lookedTo=${this.lookedTo}
        .isReading=${state.progress !== null}
      ></entry-list>
    `;
  }

  /** @param {State} state */
  #entry({ sessions, session, index, rows, search }) {
    const { row } = this.#reading;
    const at = row === null ? -1 : rows.indexOf(row);
    return html`<pane-edge
        class="right"
        name="Width of the entry"
        isAfter
        .size=${this.#preferences.state.rightSize || Math.round(innerWidth * 0.44)}
        .least=${320}
        .most=${Math.max(320, innerWidth - this.#preferences.state.leftSize - 280)}
        @resize-pane=${(/** @type {CustomEvent<number>} */ { detail }) =>
          preferences.set({ rightSize: detail })}
      ></pane-edge>
      <section class="one" aria-label="Entry">
        <nav>
          <button class="quiet icon narrow" aria-label="Back to the entries" @click=${this.#back}>
            ${glyphs.back}
          </button>
          <h2 class="number">${entryText(rows, at)}</h2>
          <copy-button name="link to this entry" .text=${() => location.href}>Link</copy-button>
          <button
            class="quiet icon"
            aria-label="Entry before"
            title="Entry before"
            ?disabled=${at <= 0}
            @click=${() => this.#step(-1)}
          >
            ${glyphs.up}
          </button>
          <button
            class="quiet icon"
            aria-label="Next entry"
            title="Next entry"
            ?disabled=${at < 0 || at + 1 >= rows.length}
            @click=${() => this.#step(1)}
          >
            ${glyphs.down}
          </button>
          <button
            class="quiet icon wide"
            aria-label="Close the entry"
            title="Close (Esc)"
            @click=${() => this.#store.set({ entry: null })}
          >
            ${glyphs.close}
          </button>
        </nav>
        ${
          index && row === null
            ? html`<div class="hint">
                <p>There is no entry at this place of the log. It may have been replaced.</p>
              </div>`
            : html`<entry-view
                .logs=${sessions}
                .session=${session}
                .index=${index}
                .row=${row}
                .search=${search}
                .zone=${this.#preferences.state.zone}
              ></entry-view>`
        }
      </section>`;
  }
}

/**
 * Returns which of the shown entries one is.
 *
 * @param {Uint32Array} rows
 * @param {number} at its position; -1: it is not among them
 */
function entryText(rows, at) {
  if (at < 0) return "Entry";
  return `Entry ${countText(at + 1)} of ${countText(rows.length)}`;
}

/** @param {import("./preferences.js").Preferences} preferences */
function applyTheme({ theme, contrast }) {
  const { dataset } = document.documentElement;
  if (theme === "light" || theme === "dark") dataset.theme = theme;
  else delete dataset.theme;
  if (contrast) dataset.contrast = "more";
  else delete dataset.contrast;
}

customElements.define("skill-log-viewer", SkillLogViewer);
