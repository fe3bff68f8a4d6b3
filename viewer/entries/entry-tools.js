// What stands above the table of entries: the search, the conditions, the choice of columns.

import { LitElement, css, html, nothing, svg } from "lit";

import { changeView } from "../app/change-view.js";
import { counted, countText } from "../app/figures.js";
import { glyphs } from "../app/glyphs.js";
import { preferences } from "../app/preferences.js";
import { ALL, EMPTY, Watched } from "../app/store.js";
import { controls } from "../app/tokens.js";
import { toneOf } from "../app/tones.js";
import { chipStyles, conditionChips } from "./condition-chips.js";
import { described, wantedOf, withText } from "./conditions.js";
import { countsOf } from "./facet-counts.js";
import { statusGlyph } from "./status-mark.js";

/** @import { LogIndex, RowConditions, SortOptions } from "skill-log" */
/** @import { Search, State } from "../app/store.js" */
/** @import { TextFacet } from "./conditions.js" */
/** @import { FacetCounts } from "./facet-counts.js" */
/** @import { Hits } from "./hits.js" */

/** @param {import("lit").TemplateResult} lines */
const picture = (lines) =>
  svg`<svg class="glyph" viewBox="0 0 16 16" aria-hidden="true">${lines}</svg>`;

const pictures = {
  context: picture(svg`<path d="M3 4h10M5 8h6M3 12h10"/>`),
  follow: picture(svg`<path d="M8 2.5v8M4.5 7.5 8 11l3.5-3.5M3.5 13.5h9"/>`),
  filter: picture(svg`<path d="M2.500 4h11M4.500 8h7M6.500 12h3"/>`),
  view: picture(
    svg`<rect x="2.500" y="3" width="11" height="10" rx="1"/><path d="M6.200 3v10M9.800 3v10"/>`,
  ),
};

/** Letters that follow each other sooner, in milliseconds, are searched for together. */
const TYPING_PAUSE = 50;

/** How many statuses have a chip of their own. */
const MOST_CHIPS = 5;

/**
 * @fires change-view with `filter`, `search`, `sort`, `range` or `session`
 * @fires step-hit with 1 or -1
 * @fires only-hits with whether entries without hits are left out
 * @fires show-context
 * @fires toggle-follow
 */
export class EntryTools extends LitElement {
  static properties = {
    index: { attribute: false },
    rows: { attribute: false },
    session: { attribute: false },
    filter: { attribute: false },
    range: { attribute: false },
    sort: { attribute: false },
    search: { attribute: false },
    hits: { attribute: false },
    ordinal: { type: Number },
    isOnlyHits: { type: Boolean },
    canShowContext: { type: Boolean },
    isLive: { type: Boolean },
    isReading: { type: Boolean },
    panel: { state: true },
    panels: { state: true },
    counts: { state: true },
    unfolded: { state: true },
  };

  static styles = [
    controls,
    chipStyles,
    css`
      :host { display: flex; flex-direction: column; border-bottom: 1px solid var(--line); min-width: 0;
        container-type: inline-size; }
      .tools { flex: none; display: flex; flex-wrap: wrap; gap: var(--space-2); align-items: center;
        padding: var(--space-2) var(--space-3); }
      .find { position: relative; flex: 1 1 220px; min-width: 0; max-width: 460px; display: flex; }
      .find > .glyph { position: absolute; left: 9px; top: 7px; width: 14px; height: 14px;
        color: var(--text-soft); pointer-events: none; }
      .find input { flex: 1; min-width: 0; padding: 0 66px 0 29px; }
      .find input[aria-invalid="true"] { border-color: var(--bad); }
      .find .how { position: absolute; right: 3px; top: 3px; display: flex; gap: 2px; }
      .find .how button { height: 22px; padding: 0 6px; font: 11.5px var(--font-mono);
        border-color: transparent; background: transparent; color: var(--text-soft); }
      .find .how button[aria-pressed="true"] { background: var(--accent-soft); color: var(--accent); }
      .hits { display: flex; align-items: center; gap: 2px; font-size: var(--text-small);
        color: var(--text-soft); white-space: nowrap; }
      .hits button { height: 24px; padding: 0 7px; font-size: var(--text-small); }
      .problem { flex-basis: 100%; color: var(--bad); font-size: var(--text-small);
        overflow-wrap: anywhere; }
      .second { flex-wrap: nowrap; padding-top: 0; gap: 2px; }
      .tool { padding: 0 8px; }
      .tool .glyph { width: 15px; height: 15px; }
      .tool.is-on { color: var(--accent); }
      .chips { display: flex; gap: 6px; align-items: center; flex: 1; min-width: 0;
        overflow-x: auto; scrollbar-width: none; padding: 2px 0;
        mask-image: linear-gradient(to left, transparent, black 20px); padding-right: 20px; }
      .chips > * { flex: none; }
      .chips button { height: 24px; padding: 0 9px; border-radius: 999px; font-size: var(--text-small); }
      .chips button .glyph { width: 12px; height: 12px; }
      .chips .count { color: var(--text-soft); }
      .chips .of { font-size: var(--text-small); color: var(--text-soft); margin-right: 4px;
        white-space: nowrap; }
      .panel { border-top: 1px solid var(--line); background: var(--surface); max-height: 44vh; min-height: 0;
        overflow-y: auto; padding: var(--space-3); display: grid; gap: var(--space-4);
        grid-template-columns: repeat(auto-fill, minmax(min(210px, 100%), 1fr)); align-items: start; }
      fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
      legend { padding: 0 0 4px; font-size: var(--text-small); font-weight: 600;
        color: var(--text-soft); }
      .value { display: flex; align-items: center; gap: 6px; height: 26px; min-width: 0; }
      .value label { display: flex; gap: 8px; align-items: center; flex: 1; min-width: 0;
        cursor: pointer; height: 100%; }
      .value label span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      .value .count { color: var(--text-soft); font-variant-numeric: tabular-nums;
        font-size: var(--text-small); }
      .value button { height: 20px; padding: 0 6px; font-size: 11px; color: var(--text-soft);
        border-color: transparent; background: transparent; }
      .value:hover button, .value button:focus-visible { border-color: var(--line); }
      .value button[aria-pressed="true"] { background: var(--bad-soft); color: var(--bad);
        border-color: transparent; }
      .time { height: 34px; }
      .time label span { flex: none; width: 44px; }
      .time input { flex: 1; min-width: 0; width: 100%; }
      .days { display: flex; flex-wrap: wrap; gap: 4px; padding: 4px 0; }
      .more { height: 24px; font-size: var(--text-small); padding: 0 8px; }
      .panel select { width: 100%; }
      @container (max-width: 640px) {
        .tool { padding: 0 7px; }
        .tool .label { display: none; }
        .find { flex-basis: 100%; max-width: none; }
        .hits { flex: 1; }
      }
      @media (pointer: coarse) { .value { height: 34px; } .value button { height: 28px; } }
    `,
  ];

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typing;
  /** When the last letter was typed. */
  #typedAt = -Infinity;
  #counting = new AbortController();
  #preferences = new Watched(this, preferences);

  constructor() {
    super();
    /** @type {LogIndex | null} */
    this.index = null;
    /** @type {Uint32Array} */
    this.rows = EMPTY.rows;
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
    /** @type {Hits | null} */
    this.hits = null;
    /** Which of the hits the active row is, from 1; 0: none. */
    this.ordinal = 0;
    this.isOnlyHits = false;
    this.canShowContext = false;
    this.isLive = false;
    /** Whether the index grows still: values are counted afterwards. */
    this.isReading = false;
    /** @type {"filter" | "view" | null} */
    this.panel = null;
    /** What draws panels, once it is loaded. @type {typeof import("./panels.js") | null} */
    this.panels = null;
    /** @type {FacetCounts} */
    this.counts = new Map();
    /** @type {ReadonlySet<TextFacet>} facets whose values are all shown */
    this.unfolded = new Set();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    const isOther = ["index", "rows", "filter", "panel"].some((name) => changed.has(name));
    if ((isOther && !this.isReading) || changed.get("isReading")) void this.#count();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#counting.abort();
    clearTimeout(this.#typing);
  }

  /** Counts the entries of each value, one facet after another. */
  async #count() {
    this.#counting.abort();
    this.#counting = new AbortController();
    const { signal } = this.#counting;
    const { index, rows, filter, range } = this;
    if (!index) {
      this.counts = new Map();
      return;
    }
    const all = this.panel === "filter";
    for await (const counts of countsOf(index, rows, filter, range, all)) {
      if (signal.aborted) return;
      this.counts = counts;
    }
  }

  /** Puts the cursor into the search. */
  focusSearch() {
    const input = this.#input;
    input?.focus();
    input?.select();
  }

  get #input() {
    return /** @type {HTMLInputElement | null} */ (this.renderRoot.querySelector(".find input"));
  }

  render() {
    const conditions = described(this.filter).length + (this.range ? 1 : 0);
    return html`
      <div class="tools" role="search">${this.#find()}${this.#hitTools()}</div>
      <div class="tools second">
        <div class="chips">${this.#chips()}</div>
        ${
          this.canShowContext
            ? this.#button(pictures.context, "In context", {
                title: "Show the entry among those around it (c)",
                act: () => this.#fire("show-context", null),
              })
            : nothing
        }
        ${
          this.isLive
            ? this.#button(pictures.follow, "Follow", {
                title: "Stay at the end while entries arrive (Shift+F)",
                isPressed: this.#preferences.state.follows,
                act: () => this.#fire("toggle-follow", null),
              })
            : nothing
        }
        ${this.#panelButton("filter", pictures.filter, "Filter", conditions)}
        ${this.#panelButton("view", pictures.view, "View", 0)}
      </div>
      ${this.panel && this.panels ? this.panels[this.panel](this) : nothing}
    `;
  }

  /**
   * @param {unknown} picture
   * @param {string} label hidden where the page is narrow
   * @param {{ title: string, act: () => void, isPressed?: boolean }} how
   */
  #button(picture, label, { title, act, isPressed }) {
    return html`<button
      class="quiet tool"
      title=${title}
      aria-label=${label}
      aria-pressed=${isPressed ?? nothing}
      @click=${act}
    >
      ${picture}<span class="label">${label}</span>
    </button>`;
  }

  #find() {
    const search = this.search ?? { text: "", isExact: false, isPattern: false };
    const how = (
      /** @type {"isExact" | "isPattern"} */ name,
      /** @type {string} */ label,
      /** @type {string} */ title,
    ) => html`<button
      aria-pressed=${search[name]}
      aria-label=${title}
      title=${title}
      @click=${() => changeView(this, { search: { ...search, [name]: !search[name] } })}
    >
      ${label}
    </button>`;
    return html`<div class="find">
      ${glyphs.search}
      <input
        type="search"
        aria-label="Search in entries"
        placeholder="Search in entries"
        title="Search in all texts of the entries (/)"
        autocomplete="off"
        spellcheck="false"
        aria-invalid=${this.hits?.problem ? "true" : "false"}
        .value=${search.text}
        @input=${this.#typed}
        @keydown=${this.#searchKey}
      />
      <span class="how">
        ${how("isExact", "Aa", "Match case")}${how("isPattern", ".*", "Regular expression")}
      </span>
    </div>`;
  }

  #typed() {
    clearTimeout(this.#typing);
    const now = performance.now();
    const isFast = now - this.#typedAt < TYPING_PAUSE;
    this.#typedAt = now;
    // In any case the letter is drawn first.
    this.#typing = setTimeout(() => this.#searchNow(), isFast ? TYPING_PAUSE : 0);
  }

  #searchNow() {
    clearTimeout(this.#typing);
    const text = this.#input?.value ?? "";
    if (text === (this.search?.text ?? "")) return;
    const search = this.search ?? { text: "", isExact: false, isPattern: false };
    changeView(this, { search: { ...search, text } });
  }

  /** @param {KeyboardEvent} event */
  #searchKey(event) {
    if (event.key === "Enter") {
      this.#searchNow();
      this.#fire("step-hit", event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape" && this.search?.text) {
      clearTimeout(this.#typing);
      changeView(this, { search: null });
    } else if (event.key === "ArrowDown") this.#fire("leave-search", null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #hitTools() {
    const { hits } = this;
    if (!hits?.isOn) return nothing;
    if (hits.problem) return html`<p class="problem" role="alert">${hits.problem}</p>`;
    const found = counted(hits.count, "hit", "hits");
    const text = hits.isSearching
      ? `${found} · ${Math.round(hits.part * 100)} %`
      : this.ordinal > 0
        ? `${countText(this.ordinal)} of ${found}`
        : found;
    return html`<span class="hits">
      <span role="status">${text}</span>
      <button
        class="quiet"
        aria-label="Hit before"
        title="Hit before (Shift+N)"
        ?disabled=${hits.count === 0}
        @click=${() => this.#fire("step-hit", -1)}
      >
        ↑
      </button>
      <button
        class="quiet"
        aria-label="Next hit"
        title="Next hit (n)"
        ?disabled=${hits.count === 0}
        @click=${() => this.#fire("step-hit", 1)}
      >
        ↓
      </button>
      <button
        class="quiet"
        aria-pressed=${this.isOnlyHits}
        title="Leave out entries without hits"
        @click=${() => this.#fire("only-hits", !this.isOnlyHits)}
      >
        Only hits
      </button>
      ${
        this.session !== ALL
          ? html`<button
              class="quiet"
              title="Search in all sessions"
              @click=${() => changeView(this, { session: ALL, entry: null, filter: {}, range: null })}
            >
              In all sessions
            </button>`
          : nothing
      }
    </span>`;
  }

  /**
   * @param {"filter" | "view"} name
   * @param {unknown} picture
   * @param {string} label
   * @param {number} count
   */
  #panelButton(name, picture, label, count) {
    const isOpen = this.panel === name;
    return html`<button
      class="quiet tool ${count > 0 ? "is-on" : ""}"
      aria-expanded=${isOpen}
      aria-label=${count > 0 ? `${label}, ${counted(count, "condition", "conditions")}` : label}
      title=${name === "filter" ? "Choose which entries are shown" : "Columns, order, wrapping"}
      @click=${() => this.#open(isOpen ? null : name)}
    >
      ${picture}<span class="label">${label}</span>${count > 0 ? html`<span>${count}</span>` : nothing}
    </button>`;
  }

  /** @param {"filter" | "view" | null} panel */
  async #open(panel) {
    this.panel = panel;
    this.panels ??= await import("./panels.js");
  }

  #chips() {
    const { index, rows, filter } = this;
    if (!index) return nothing;
    const existing = index.length - index.removed;
    const conditions = described(filter);
    const statuses = (this.counts.get("final_status") ?? []).slice(0, MOST_CHIPS);
    return html`
      <span class="of" role="status">
        ${
          rows.length === existing
            ? counted(existing, "entry", "entries")
            : `${countText(rows.length)} of ${counted(existing, "entry", "entries")}`
        }
      </span>
      ${statuses.map(([status, count]) => {
        const wanted = wantedOf(filter, "final_status", status);
        if (wanted === "not") return nothing;
        return html`<button
          class=${toneOf(status)}
          aria-pressed=${wanted === "only"}
          title="Only ${status}. With Alt: all but ${status}"
          @click=${(/** @type {MouseEvent} */ event) =>
            this.#filterBy(
              withText(
                filter,
                "final_status",
                status,
                wanted ? null : event.altKey ? "not" : "only",
              ),
            )}
        >
          ${statusGlyph(status)}${status || "no status"}
          <span class="count">${countText(count)}</span>
        </button>`;
      })}
      ${conditionChips(
        { filter, range: this.range },
        this.#preferences.state.zone,
        (changes) => changeView(this, changes),
        // The chip of a status that is wanted is pressed already, where it has one.
        ({ isNot, status }) => isNot || !statuses.some(([shown]) => shown === status),
      )}
      ${
        conditions.length + (this.range ? 1 : 0) > 1
          ? html`<button
              class="quiet"
              @click=${() => changeView(this, { filter: {}, range: null })}
            >
              Clear
            </button>`
          : nothing
      }
    `;
  }

  /** @param {RowConditions} filter */
  #filterBy(filter) {
    changeView(this, { filter });
  }

  /**
   * @param {string} name
   * @param {unknown} detail
   */
  #fire(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
customElements.define("entry-tools", EntryTools);
