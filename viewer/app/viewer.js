// The page: what is open at the left, its entries in the middle, one of them at the right.

import { LitElement, css, html, nothing } from "lit";

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
import { bytesText, countText } from "./figures.js";
import { glyphs } from "./glyphs.js";
import { History } from "./history.js";
import { bindKeys } from "./keys.js";
import { linkedBy, linkTo, NOTHING_LINKED } from "./links.js";
import { knownOf, preferences, withSeen } from "./preferences.js";
import { Reading } from "./reading.js";
import { ALL, EMPTY, Store, Watched } from "./store.js";
import { controls, NARROW, tokens } from "./tokens.js";

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

/** Below this width of the page, in CSS pixels, an entry is below the list. */
const MEDIUM = 1120;

export class SkillLogViewer extends LitElement {
  static properties = { isOver: { state: true }, lookedTo: { state: true } };

  static styles = [
    controls,
    css`
      :host { display: grid; grid-template-rows: auto auto 1fr; height: 100vh; height: 100dvh; min-width: 0; }
      header { display: flex; align-items: center; gap: var(--space-2); height: 46px;
        padding: 0 var(--space-3); border-bottom: 1px solid var(--line); min-width: 0; }
      header .mark { width: 22px; height: 22px; flex: none; }
      h1 { font-size: var(--text-normal); font-weight: 650; white-space: nowrap; }
      .source { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
        unicode-bidi: isolate; color: var(--text-soft); }
      .source::before { content: "/"; margin-right: var(--space-2); color: var(--line-strong); }
      .space { flex: 1; }
      .badge { display: inline-flex; align-items: center; gap: 6px; font-size: var(--text-small);
        color: var(--text-soft); white-space: nowrap; }
      .badge::before { content: ""; width: 7px; height: 7px; border-radius: 50%; background: var(--line-strong); }
      .badge.live::before { background: var(--good); }
      .note { display: grid; gap: var(--space-2); max-width: 320px; white-space: normal; }
      code { font: 12px var(--font-mono); padding: 6px 8px; border-radius: var(--radius);
        background: var(--surface); border: 1px solid var(--line); user-select: all; }

      .bar { grid-row: 2; height: 0; position: relative; z-index: 4; }
      progress { position: absolute; top: -1px; left: 0; width: 100%; height: 2px; appearance: none;
        border: 0; background: transparent; display: block; }
      progress::-webkit-progress-bar { background: transparent; }
      progress::-webkit-progress-value { background: var(--accent); }
      progress::-moz-progress-bar { background: var(--accent); }
      .problem { display: flex; gap: var(--space-3); align-items: flex-start; padding: var(--space-2) var(--space-4);
        background: var(--bad-soft); border-bottom: 1px solid var(--bad); }
      .problem > .glyph { color: var(--bad); margin-top: 2px; }
      .problem div { flex: 1; min-width: 0; overflow-wrap: anywhere; max-height: 30vh; overflow-y: auto; }
      .problem strong { font-weight: 600; }

      .panes { display: grid; min-height: 0; min-width: 0; grid-row: 3;
        grid-template: minmax(0, 1fr) / var(--left, 320px) 1px minmax(0, 1fr); }
      .panes.with-entry { grid-template-columns: var(--left, 320px) 1px minmax(0, 1fr) 1px var(--right, 44%); }
      .middle { display: flex; flex-direction: column; min-width: 0; min-height: 0; overflow-y: auto; }
      .middle session-header { flex: none; border-bottom: 1px solid var(--line); }
      time-line { flex: none; }
      entry-list, session-comparison { flex: 1; min-height: 280px; min-width: 0; }
      entry-view { min-height: 0; min-width: 0; overflow: auto; flex: 1; }
      .one { display: flex; flex-direction: column; min-width: 0; min-height: 0; background: var(--background); }
      .one nav { display: flex; align-items: center; gap: 4px; height: 44px; flex: none;
        padding: 0 var(--space-2) 0 var(--space-4); border-bottom: 1px solid var(--line); }
      .one nav h2 { font-size: var(--text-normal); flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      .hint { margin: auto; padding: var(--space-5); max-width: 380px; text-align: center; color: var(--text-soft);
        display: grid; gap: var(--space-3); justify-items: center; }
      .welcome { grid-row: 3; overflow-y: auto; display: grid; align-items: center; justify-items: center;
        padding: var(--space-5) var(--space-4); }
      .welcome > div { display: grid; gap: var(--space-5); width: min(640px, 100%); text-align: center;
        justify-items: center; padding: var(--space-6) var(--space-5); border: 1.5px dashed var(--line-strong);
        border-radius: 16px; background: var(--surface); }
      .welcome h2 { font-size: var(--text-title); line-height: 1.25; text-wrap: balance; }
      .welcome p { text-wrap: balance; }
      .welcome .mark { width: 52px; height: 52px; }
      .lead { display: grid; gap: var(--space-2); }
      .live-way { display: grid; gap: var(--space-2); justify-items: center; padding-top: var(--space-4);
        border-top: 1px solid var(--line); width: 100%; }
      .over { position: fixed; inset: 10px; z-index: 50; display: grid; place-items: center; border-radius: 16px;
        border: 3px dashed var(--accent); background: color-mix(in srgb, var(--background) 88%, transparent);
        font-size: var(--text-title); color: var(--accent); pointer-events: none; }

      @media (max-width: ${MEDIUM - 1}px) {
        .panes.with-entry { grid-template: minmax(0, 45%) 1px minmax(0, 1fr) / var(--left, 280px) 1px minmax(0, 1fr); }
        .panes.with-entry session-list, .panes.with-entry pane-edge.left { grid-row: 1 / 4; }
        .panes.with-entry .middle { grid-column: 3; }
        .panes.with-entry pane-edge.right { grid-area: 2 / 3; width: auto; pointer-events: none; }
        .panes.with-entry .one { grid-area: 3 / 3; }
      }
      @media (max-width: ${NARROW - 1}px) {
        .panes, .panes.with-entry { display: block; overflow: hidden; }
        .panes > * { height: 100%; }
        .panes pane-edge, .panes:not(.at-sessions) session-list, .panes:not(.at-entries) .middle,
        .panes:not(.at-entry) .one { display: none; }
        header { padding: 0 var(--space-2) 0 var(--space-3); }
        .wide { display: none; }
        header.open h1 { position: absolute; clip-path: inset(50%); }
        .source::before { content: none; }
        .welcome > div { padding: var(--space-5) var(--space-4); }
      }
      @media (min-width: ${NARROW}px) { .narrow { display: none; } }
    `,
  ];

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
      {
        title: "Anywhere",
        keys: [
          { keys: "[Shift]+?", shown: "?", does: "Show these keys", act: () => this.#showHelp() },
          { keys: "s", does: "Filter the sessions", act: () => this.#sessions?.focusFilter() },
          { keys: "]", does: "Open the next session", act: () => this.#sessions?.move(1) },
          { keys: "[", does: "Open the session before", act: () => this.#sessions?.move(-1) },
          {
            keys: "a",
            does: "Show the entries of all sessions",
            act: () => this.#change({ session: ALL, entry: null }),
          },
          {
            keys: "v",
            does: "Compare the session: mark it, then another one",
            act: () => this.#mark(this.#store.state.session),
          },
          {
            keys: "t",
            does: "Show or hide the timeline",
            act: () => preferences.set({ showsTime: !preferences.state.showsTime }),
          },
          { keys: "Shift+S", does: "Share what is shown", act: () => this.#share() },
          {
            keys: "Escape",
            shown: "Esc",
            does: "Close the entry, or go back",
            act: () => this.#leave(),
          },
        ],
      },
      {
        title: "In the list of sessions",
        keys: [
          { keys: "ArrowDown", shown: "↓ j", does: "Next session" },
          { keys: "ArrowUp", shown: "↑ k", does: "Session before" },
          { keys: "Enter", does: "Open the session" },
          { keys: "f", does: "Make the session a favourite, or no longer" },
          { keys: "v", does: "Compare the session with the marked one, or mark it" },
        ],
      },
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
      await new Promise((done) => setTimeout(done, 50));
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
        ${state.sessions ? this.#liveness(state) : nothing}
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
      <div class="bar">${this.#progress(state)}</div>
      ${state.problem ? this.#problem(state.problem) : nothing}
      ${state.sessions ? this.#main(state) : this.#welcome(state)}
      <key-help .table=${this.keys}></key-help><share-dialog></share-dialog>
      ${this.isOver ? html`<div class="over">Drop logs to open them</div>` : nothing}
    `;
  }

  /** @param {State} state */
  #progress({ progress, isListing, isOpening }) {
    if (progress && progress.total > 0)
      return html`<progress
        aria-label="Reading"
        title="${bytesText(progress.bytes)} of ${bytesText(progress.total)}"
        .value=${progress.bytes / progress.total}
      ></progress>`;
    return isListing || isOpening ? html`<progress aria-label="Reading"></progress>` : nothing;
  }

  /** @param {NonNullable<State["problem"]>} problem */
  #problem({ what, where, advice }) {
    return html`<div class="problem" role="alert">
      ${glyphs.warning}
      <div><strong>${what}</strong> ${where ?? ""} ${advice ?? ""}</div>
      <button
        class="quiet icon"
        aria-label="Hide the message"
        @click=${() => this.#store.set({ problem: null })}
      >
        ${glyphs.close}
      </button>
    </div>`;
  }

  /** @param {State} state */
  #liveness({ isLive, note }) {
    if (isLive)
      return html`<span class="badge live" title="New entries appear by themselves">live</span>`;
    if (note)
      return html`<pop-up name="shared: what this page is">
        <span slot="label" class="badge">shared</span>
        <div class="note"><strong>${note.what}</strong><span class="soft">${note.more}</span></div>
      </pop-up>`;
    return html`<pop-up name="a copy: how to see new entries">
      <span slot="label" class="badge">a copy</span>
      <div class="note">
        <strong>This is what the files held when you opened them.</strong>
        <span class="soft">
          To see entries as they are written, open the folder, or run this command and give it the
          folder’s path:
        </span>
        <code>npx skill-log view FOLDER</code>
      </div>
    </pop-up>`;
  }

  /** @param {State} state */
  #welcome({ isOpening }) {
    return html`<main class="welcome">
      <div>
        ${MARK}
        <div class="lead">
          <h2>${isOpening ? "Opening…" : "Drop session logs here"}</h2>
          <p class="soft">
            Files or folders with <span class="mono">.jsonl</span> logs. They are read in this page,
            and nothing leaves your machine.
          </p>
        </div>
        <open-logs></open-logs>
        <div class="live-way">
          <p class="soft">Or watch a folder live:</p>
          <code>npx skill-log view FOLDER</code>
        </div>
      </div>
    </main>`;
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

/** The picture of the page's icon. */
const MARK = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
  <rect width="32" height="32" rx="7" fill="#3a5bd0" />
  <g fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round">
    <path d="M8 10h9M8 16h16M8 22h6" />
  </g>
  <circle cx="22.5" cy="10" r="2.5" fill="#7fe0a8" />
  <path d="m18.5 22 2.5 2.5 4.5-5" fill="none" stroke="#7fe0a8" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round" />
</svg>`;

customElements.define("skill-log-viewer", SkillLogViewer);
