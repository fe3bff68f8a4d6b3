// The list of sessions.

import { LitElement, css, html, nothing } from "lit";

import "../list/virtual-list.js";

import { changeView } from "../app/change-view.js";
import { bytesText, counted, countText } from "../app/figures.js";
import { glyphs } from "../app/glyphs.js";
import { NOTHING_KNOWN } from "../app/preferences.js";
import { ALL } from "../app/store.js";
import { toneOf } from "../app/tones.js";
import { controls } from "../app/tokens.js";
import { agoText } from "../time/times.js";
import {
  groupCounts,
  groups,
  isNew,
  isUnfinished,
  lastActivity,
  nameOf,
  newEntries,
  orders,
  shownSessions,
} from "./shown-sessions.js";

/** @import { SessionSummary } from "skill-log" */
/** @import { PropertyValues } from "lit" */
/** @import { KeptStore, Known } from "../app/preferences.js" */
/** @import { VirtualList } from "../list/virtual-list.js" */
/** @import { Group, Order } from "./shown-sessions.js" */

/** The height of a session, in CSS pixels. */
const ROW = 54;

/** How long after its last entry a session counts as live, in milliseconds. */
const LIVE = 60_000;

/** How often ages are shown anew, in milliseconds. */
const AGE_PAUSE = 20_000;

/** What a row of the list looks like. */
const rowStyles = css`
  .session { position: relative; display: grid; align-content: center; gap: 3px; height: 100%;
    padding: 0 var(--space-3) 0 20px; border-bottom: 1px solid var(--line); cursor: pointer; }
  .session:hover { background: var(--hover); }
  .session.chosen { background: var(--accent-soft); }
  .session.chosen::after { content: ""; position: absolute; inset: 0 auto 0 0; width: 3px;
    background: var(--accent); }
  .scroller:focus-visible [aria-selected="true"] .session { outline: 2px solid var(--focus);
    outline-offset: -2px; }
  .session.closed { cursor: default; }
  .session.closed .name { color: var(--text-soft); }
  .line { display: flex; align-items: center; gap: 6px; min-width: 0; }
  .name { flex: 1; min-width: 0; font-weight: 550; overflow: hidden; text-overflow: ellipsis;
    white-space: nowrap; unicode-bidi: isolate; }
  .fresh .name { font-weight: 700; }
  .ago, .size { font-size: var(--text-small); white-space: nowrap; }
  .skill { flex: 1; min-width: 0; font-size: var(--text-small); overflow: hidden;
    text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate; }
  .tag { flex: none; max-width: 45%; display: block; unicode-bidi: isolate; }
  .fresh-count { background: var(--accent); color: var(--on-accent); }
  .favourite { color: var(--warn); display: inline-flex; }
  .favourite .glyph { width: 12px; height: 12px; fill: currentColor; }
  .dot { position: absolute; left: 8px; top: 15px; width: 7px; height: 7px; border-radius: 50%;
    background: var(--accent); }
  .dot.live { background: var(--good); }
  @media (prefers-reduced-motion: no-preference) {
    .dot.live { animation: beat 2s infinite; }
    @keyframes beat { 50% { opacity: .35; } }
  }
  .action { grid-template-columns: 16px 1fr; align-items: center; gap: 8px;
    padding-left: var(--space-3); color: var(--accent); font-weight: 550; }
  .action .soft { font-weight: 400; font-size: var(--text-small); }
  .action > span { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
`;

const ROW_STYLES = [rowStyles];

/**
 * @fires mark-session for a session that is to be compared
 * @fires leave-filter when a session was chosen by Enter: keys are for its entries now
 * @fires change-view with `session`, and with `search` for a search in all sessions
 */
export class SessionList extends LitElement {
  static properties = {
    summaries: { attribute: false },
    session: { attribute: false },
    compared: { attribute: false },
    marked: { attribute: false },
    isListing: { type: Boolean },
    isLive: { type: Boolean },
    known: { attribute: false },
    since: { type: Number },
    text: { state: true },
    group: { state: true },
    order: { state: true },
    active: { state: true },
  };

  static styles = [
    controls,
    css`
      :host { display: flex; flex-direction: column; min-height: 0; min-width: 0;
        background: var(--surface); }
      .tools { display: grid; gap: var(--space-2); padding: var(--space-3) var(--space-3) var(--space-2); }
      .find { position: relative; display: block; }
      .find .glyph { position: absolute; left: 9px; top: 7px; width: 14px; height: 14px;
        color: var(--text-soft); pointer-events: none; }
      .find input { width: 100%; padding-left: 29px; }
      .groups { display: flex; flex-wrap: wrap; gap: 4px; align-items: center; }
      .groups button { height: 24px; padding: 0 8px; font-size: var(--text-small);
        border-color: transparent; background: transparent; color: var(--text-soft); }
      .groups button:hover { color: var(--text); }
      .groups button[aria-pressed="true"] { background: var(--accent-soft); color: var(--accent); }
      .marking { display: flex; align-items: center; gap: var(--space-2); padding: 6px var(--space-2) 6px var(--space-3);
        background: var(--accent-soft); color: var(--accent); border-top: 1px solid var(--line); }
      .marking span { flex: 1; min-width: 0; overflow-wrap: anywhere; unicode-bidi: isolate; }
      .body { flex: 1; min-height: 0; position: relative; border-top: 1px solid var(--line); }
      virtual-list { height: 100%; }
      .none { position: absolute; inset: 54px 0 auto; pointer-events: none; padding: var(--space-5) var(--space-4); color: var(--text-soft); text-align: center; }
      .foot { display: flex; align-items: center; gap: var(--space-2); padding: 2px var(--space-2) 2px var(--space-3);
        border-top: 1px solid var(--line); font-size: var(--text-small); color: var(--text-soft); }
      .foot span { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      .foot select { height: 26px; padding: 0 2px; border-color: transparent; background: transparent;
        color: var(--text-soft); font-size: var(--text-small); }
      .foot select:hover { color: var(--text); }
    `,
  ];

  /** @type {readonly SessionSummary[]} */
  #shown = [];
  /** Of all sessions. */
  #counts = { all: 0, favourites: 0, new: 0, damaged: 0, unfinished: 0 };
  #entries = 0;
  #bytes = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #endWatch = () => {};

  constructor() {
    super();
    /** @type {readonly SessionSummary[]} */
    this.summaries = [];
    /** @type {string | null} */
    this.session = null;
    /** The session that `session` is compared with. @type {string | null} */
    this.compared = null;
    /** The session that waits to be compared with another. @type {string | null} */
    this.marked = null;
    this.isListing = false;
    this.isLive = false;
    /** @type {KeptStore<Known> | null} */
    this.known = null;
    this.since = 0;
    this.text = "";
    /** @type {Group} */
    this.group = "all";
    /** @type {Order} */
    this.order = "recent";
    this.active = 0;
  }

  /** Puts the cursor into the field that filters sessions. */
  focusFilter() {
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("input"))?.focus();
  }

  /**
   * Opens the session before or after the one that is shown.
   *
   * @param {number} step
   */
  move(step) {
    const at = this.#shown.findIndex(({ id }) => id === this.session);
    const next = this.#shown[at < 0 ? 0 : at + step];
    if (next) this.#open(this.#first + this.#shown.indexOf(next));
  }

  connectedCallback() {
    super.connectedCallback();
    this.#watch();
    this.#timer = setInterval(() => this.requestUpdate(), AGE_PAUSE);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.#timer);
    this.#endWatch();
  }

  /** @param {PropertyValues} changed */
  willUpdate(changed) {
    if (changed.has("known")) this.#watch();
    if (["summaries", "known", "text", "group", "order"].some((name) => changed.has(name)))
      this.#select();
    if (changed.has("session")) {
      const at = this.#shown.findIndex(({ id }) => id === this.session);
      if (at >= 0) this.active = at + this.#first;
    }
    if (changed.has("text") || changed.has("group"))
      this.active = this.#shown.length > 0 ? this.#first : 0;
  }

  #watch() {
    this.#endWatch();
    this.#endWatch =
      this.known?.watch(() => {
        this.#select();
        this.requestUpdate();
      }) ?? (() => {});
  }

  #select() {
    const { text, group, order } = this;
    const active = this.#shown[this.active - this.#first]?.id;
    this.#shown = shownSessions(this.summaries, { text, group, order, ...this.#look });
    this.#counts = groupCounts(this.summaries, this.#look);
    this.#entries = this.summaries.reduce((sum, { entries }) => sum + entries, 0);
    this.#bytes = this.summaries.reduce((sum, { bytes }) => sum + bytes, 0);
    // The cursor stays at its session, wherever that goes.
    const at = this.#shown.findIndex(({ id }) => id === active);
    if (at >= 0) this.active = at + this.#first;
  }

  get #look() {
    return { known: this.known?.state ?? NOTHING_KNOWN, since: this.since };
  }

  /** @returns {VirtualList} */
  get #list() {
    return /** @type {VirtualList} */ (this.renderRoot.querySelector("virtual-list"));
  }

  /** How many rows are before the first session: the one for all sessions. */
  get #first() {
    return this.summaries.length > 1 ? 1 : 0;
  }

  get #count() {
    return this.#first + this.#shown.length;
  }

  /** @param {number} at of the row */
  #open(at) {
    this.active = at;
    if (at < this.#first) {
      const text = this.text.trim();
      const search = text === "" ? null : { text, isExact: false, isPattern: false };
      changeView(this, { session: ALL, entry: null, ...(search && { search }) });
      return;
    }
    const summary = this.#shown[at - this.#first];
    if (!summary || unopenable(summary)) return;
    if (this.marked === null) changeView(this, { session: summary.id, entry: null });
    else this.#mark(summary.id);
  }

  /** @param {string | null | undefined} id */
  #mark(id) {
    if (id) this.dispatchEvent(new CustomEvent("mark-session", { detail: id }));
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    /** @type {Record<string, () => unknown>} */
    const actions = {
      j: () => this.#list.moveTo(this.#list.active + 1),
      k: () => this.#list.moveTo(this.#list.active - 1),
      f: () => this.#favour(this.#activeId),
      v: () => this.#mark(this.#activeId),
    };
    const action = Object.hasOwn(actions, event.key) ? actions[event.key] : undefined;
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }

  get #activeId() {
    return this.#shown[this.#list.active - this.#first]?.id;
  }

  /** @param {string | undefined} id */
  #favour(id) {
    if (id === undefined || !this.known) return;
    const { favourites } = this.known.state;
    this.known.set({
      favourites: favourites.includes(id)
        ? favourites.filter((other) => other !== id)
        : [...favourites, id],
    });
  }

  /** @param {KeyboardEvent} event */
  #typed(event) {
    if (event.key === "ArrowDown") this.#list.focus();
    else if (event.key === "Enter") {
      this.#open(this.#shown.length > 0 ? this.#first : 0);
      // Else the next key would go into the text, and not to the entries.
      /** @type {HTMLElement} */ (event.target).blur();
      this.dispatchEvent(new CustomEvent("leave-filter"));
    } else if (event.key === "Escape" && this.text !== "") this.text = "";
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  render() {
    return html`
      <div class="tools">
        <label class="find">
          <span class="for-readers">Filter sessions</span>${glyphs.search}
          <input
            type="search"
            placeholder="Filter sessions"
            autocomplete="off"
            spellcheck="false"
            .value=${this.text}
            @input=${(/** @type {InputEvent} */ event) =>
              (this.text = /** @type {HTMLInputElement} */ (event.target).value)}
            @keydown=${this.#typed}
          />
        </label>
        ${this.#groups()}
      </div>
      ${
        this.marked === null
          ? nothing
          : html`<div class="marking">
              <span role="status"
                >Choose a session to compare
                <strong>${nameOf(this.#look.known, this.marked)}</strong> with</span
              >
              <button class="quiet icon" aria-label="Compare nothing" @click=${() => this.#mark(this.marked)}>
                ${glyphs.close}
              </button>
            </div>`
      }
      <div class="body">
<virtual-list
        label="Sessions"
        unit="Session"
        .count=${this.#count}
        .rowHeight=${ROW}
        .rowStyles=${ROW_STYLES}
        .active=${this.active}
        .renderRow=${(/** @type {number} */ at) => this.#row(at)}
        @active-change=${(/** @type {CustomEvent<{ at: number }>} */ { detail }) =>
          (this.active = detail.at)}
        @row-open=${(/** @type {CustomEvent<{ at: number }>} */ { detail }) =>
          this.#open(detail.at)}
        @keydown=${this.#pressed}
      ></virtual-list>
      ${this.#shown.length === 0 ? this.#none() : nothing}
</div>
      <div class="foot number"><span role="status">${this.#foot()}</span>${this.#orders()}</div>
    `;
  }

  #groups() {
    const counts = this.#counts;
    const wanted = /** @type {Group[]} */ (Object.keys(groups)).filter(
      (group) => group === "all" || group === this.group || counts[group] > 0,
    );
    return html`<div class="groups" role="group" aria-label="Which sessions">
      ${wanted.map(
        (group) => html`<button
          aria-pressed=${group === this.group ? "true" : "false"}
          @click=${() => (this.group = group)}
        >
          ${groups[group]}
          ${group === "all" ? nothing : html`<span class="number">${countText(counts[group])}</span>`}
        </button>`,
      )}
    </div>`;
  }

  #orders() {
    return html`<select
        aria-label="Order of sessions"
        @change=${(/** @type {Event} */ event) =>
          (this.order = /** @type {Order} */ (
            /** @type {HTMLSelectElement} */ (event.target).value
          ))}
      >
        ${Object.entries(orders).map(
          ([order, name]) =>
            html`<option value=${order} .selected=${order === this.order}>${name}</option>`,
        )}
      </select>`;
  }

  /** @param {number} at */
  #row(at) {
    if (at < this.#first) return this.#allRow();
    const summary = this.#shown[at - this.#first];
    const { id, entries, bytes, damaged, skill, final_status: status } = summary;
    const { known, since } = this.#look;
    const now = Date.now();
    const isFresh = id !== this.session && isNew(summary, { known, since });
    const isBeating = this.isLive && now - summary.modified.getTime() < LIVE;
    const reason = unopenable(summary);
    const fresh = isFresh ? newEntries(summary, known) : 0;
    const side = this.#sideOf(id);
    const looks = [
      (id === this.session || side) && "chosen",
      isFresh && "fresh",
      reason !== undefined && "closed",
    ];
    return html`<div class="session ${looks.filter(Boolean).join(" ")}" title=${reason ?? id}>
      ${
        isBeating || isFresh
          ? html`<span class="dot ${isBeating ? "live" : ""}"></span
              ><span class="for-readers">${isBeating ? "live" : "new entries"}</span>`
          : nothing
      }
      <span class="line">
        <span class="name">${nameOf(known, id)}</span>
        ${side ? html`<span class="tag">${side}</span>` : nothing}
        ${
          known.favourites.includes(id)
            ? html`<span class="favourite">${glyphs.star}<span class="for-readers">favourite</span></span>`
            : nothing
        }
        <span class="ago soft number" title=${new Date(lastActivity(summary)).toLocaleString()}
          >${agoText(lastActivity(summary), now)}</span
        >
      </span>
      <span class="line">
        ${status ? html`<span class="tag ${toneOf(status)}">${status}</span>` : nothing}
        <span class="skill soft">${skill ?? ""}</span>
        ${fresh > 0 ? html`<span class="tag fresh-count">${countText(fresh)} new</span>` : nothing}
        ${damaged > 0 ? html`<span class="tag bad">${countText(damaged)} damaged</span>` : nothing}
        ${isUnfinished(summary) ? html`<span class="tag warn">unfinished</span>` : nothing}
        ${reason ? html`<span class="tag bad">cannot be opened</span>` : nothing}
        <span class="size soft number"
          >${entries === 0 ? "" : html`${countText(entries)}<span class="for-readers"> entries</span> · `}${bytesText(bytes)}</span
        >
      </span>
    </div>`;
  }

  /**
   * Returns on which side of a comparison a session is, as a word.
   *
   * @param {string} id
   */
  #sideOf(id) {
    if (id === this.marked || (this.compared !== null && id === this.session)) return "left";
    return id === this.compared ? "right" : "";
  }

  #allRow() {
    const text = this.text.trim();
    const isChosen = this.session === ALL && text === "";
    return html`<div class="session action ${isChosen ? "chosen" : ""}">
      ${text === "" ? glyphs.all : glyphs.search}
      ${
        text === ""
          ? html`<span>All sessions
              <span class="soft number">${counted(this.#entries, "entry", "entries")}</span></span
            >`
          : html`<span>Find “${text}” in all entries</span>`
      }
    </div>`;
  }

  #none() {
    if (this.isListing) return html`<p class="none">Reading…</p>`;
    if (this.summaries.length === 0) return html`<p class="none">There is no log here.</p>`;
    return html`<p class="none">
      No session has “${this.text}” in its name.
      ${this.group === "all" ? nothing : html`Only “${groups[this.group]}” are shown.`}
    </p>`;
  }

  #foot() {
    const all = this.summaries.length;
    const some = this.#shown.length < all ? `${countText(this.#shown.length)} of ` : "";
    return `${some}${counted(all, "session", "sessions")}, ${bytesText(this.#bytes)}${this.isListing ? ", reading…" : ""}`;
  }
}

/**
 * Returns why a session cannot be opened.
 *
 * @param {SessionSummary} summary
 * @returns {string | undefined}
 */
function unopenable({ unsafe, link, error }) {
  if (unsafe !== undefined) return `Its name is unsafe: ${unsafe}`;
  if (link !== undefined && error !== undefined) return `It is a link to ${link}`;
  if (error !== undefined) return error instanceof Error ? error.message : String(error);
  return undefined;
}

customElements.define("session-list", SessionList);
