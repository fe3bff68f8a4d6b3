// The session whose entries are shown: its name, which a person may change, and what it holds.

import { LitElement, css, html, nothing } from "lit";

import { bytesText, counted } from "../app/figures.js";
import { glyphs } from "../app/glyphs.js";
import { controls } from "../app/tokens.js";
import { isUnfinished, nameOf } from "./shown-sessions.js";

/** @import { SessionSummary } from "skill-log" */
/** @import { KeptStore, Known } from "../app/preferences.js" */

/**
 * @fires mark-session for a session that is to be compared
 * @fires show-damage with the offset of a damage, or null for the next one
 */
export class SessionHeader extends LitElement {
  static properties = {
    summary: { attribute: false },
    heading: { attribute: false },
    known: { attribute: false },
    marked: { attribute: false },
    isNaming: { state: true },
  };

  static styles = [
    controls,
    css`
      :host { display: flex; flex-wrap: wrap; align-items: center; gap: 0 var(--space-2); min-width: 0; min-height: 44px;
        padding: 6px var(--space-3) 6px var(--space-4); }
      h2 { font-size: var(--text-large); min-width: 0; overflow: hidden; text-overflow: ellipsis;
        white-space: nowrap; unicode-bidi: isolate; }
      .facts { margin-inline-start: auto; min-width: 0; display: flex; flex-wrap: wrap; gap: 2px 8px;
        align-items: center; font-size: var(--text-small); }
      .facts > * { white-space: nowrap; }
      .facts button { height: auto; border-color: transparent; cursor: pointer; }
      input { flex: 1; min-width: 0; max-width: 420px; }
      .star[aria-pressed="true"] { background: transparent; border-color: transparent; color: var(--warn); }
      .star[aria-pressed="true"] .glyph { fill: currentColor; }
      ::slotted(*) { margin-left: -8px; }
      @media (max-width: 560px) {
        h2, input { flex: 1 1 40%; }
        .id, .compare .word { display: none; }
        .compare { width: 28px; padding: 0; }
        .facts { flex: 1 0 100%; padding: 0 0 4px; }
      }
      button.icon, .compare { flex: none; color: var(--text-soft); }
      .id { font-size: var(--text-small); unicode-bidi: isolate; overflow: hidden; text-overflow: ellipsis;
        white-space: nowrap; min-width: 60px; }
    `,
  ];

  constructor() {
    super();
    /** The session; null where all are shown. @type {SessionSummary | null} */
    this.summary = null;
    /** What is shown where there is no summary. */
    this.heading = "";
    /** @type {KeptStore<Known> | null} */
    this.known = null;
    /** The session that waits to be compared with another. @type {string | null} */
    this.marked = null;
    this.isNaming = false;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("summary")) {
      const before = /** @type {SessionSummary | null | undefined} */ (changed.get("summary"));
      if (before?.id !== this.summary?.id) this.isNaming = false;
    }
  }

  async #startNaming() {
    this.isNaming = true;
    await this.updateComplete;
    /** @type {HTMLInputElement | null} */ (this.renderRoot.querySelector("input"))?.select();
  }

  /** @param {KeyboardEvent} event */
  #typed(event) {
    if (event.key === "Enter") this.#name(/** @type {HTMLInputElement} */ (event.target).value);
    else if (event.key !== "Escape") return;
    event.stopPropagation();
    event.preventDefault();
    this.isNaming = false;
  }

  /** @param {string} given */
  #name(given) {
    const { summary, known } = this;
    if (!summary || !known) return;
    const { [summary.id]: _, ...names } = known.state.names;
    const name = given.trim();
    const own = name === "" || name === summary.id ? [] : [[summary.id, name]];
    known.set({ names: Object.fromEntries([...Object.entries(names), ...own]) });
    this.requestUpdate();
  }

  /** @param {number | null} offset null: the next damage */
  #showDamage(offset) {
    const detail = { session: null, offset };
    this.dispatchEvent(new CustomEvent("show-damage", { detail }));
  }

  #favour() {
    const { summary, known } = this;
    if (!summary || !known) return;
    const { favourites } = known.state;
    known.set({
      favourites: favourites.includes(summary.id)
        ? favourites.filter((id) => id !== summary.id)
        : [...favourites, summary.id],
    });
    this.requestUpdate();
  }

  render() {
    const { summary, known } = this;
    if (!summary)
      return html`<slot></slot>
        <h2>${this.heading}</h2>`;
    const name = known ? nameOf(known.state, summary.id) : summary.id;
    const isFavourite = known?.state.favourites.includes(summary.id) ?? false;
    return html`
      <slot></slot>
      ${
        this.isNaming
          ? html`<input
              aria-label="Name of ${summary.id}"
              maxlength="200"
              .value=${name}
              @keydown=${this.#typed}
              @blur=${() => (this.isNaming = false)}
            />`
          : html`<h2 title=${summary.id}>${name}</h2>
              ${name === summary.id ? nothing : html`<span class="id soft">${summary.id}</span>`}`
      }
      <button
        class="quiet icon star"
        aria-pressed=${isFavourite ? "true" : "false"}
        aria-label="Favourite"
        title="Favourite"
        @click=${this.#favour}
      >
        ${glyphs.star}
      </button>
      <button
        class="quiet icon"
        aria-label="Rename in this browser"
        title="Rename in this browser"
        @click=${this.#startNaming}
      >
        ${glyphs.pencil}
      </button>
      <button
        class="quiet compare"
        aria-pressed=${this.marked === summary.id ? "true" : "false"}
        aria-label="Compare"
        title="Compare with another session (v)"
        @click=${() => this.dispatchEvent(new CustomEvent("mark-session", { detail: summary.id }))}
      >
        ${glyphs.compare}<span class="word">Compare</span>
      </button>
      <span class="facts soft number">
        ${
          summary.damaged > 0
            ? html`<button
                class="tag bad"
                title="Show the damage (d)"
                @click=${() => this.#showDamage(null)}
              >
                ${counted(summary.damaged, "damaged line", "damaged lines")}
              </button>`
            : nothing
        }
        ${
          isUnfinished(summary)
            ? html`<button
                class="tag warn"
                title="Show the unfinished line"
                @click=${() => this.#showDamage(summary.pending?.offset ?? null)}
              >
                unfinished last line
              </button>`
            : nothing
        }
        ${summary.foreign > 0 ? html`<span class="tag">${counted(summary.foreign, "foreign entry", "foreign entries")}</span>` : nothing}
        <span>${counted(summary.entries, "entry", "entries")}</span>
        <span>${bytesText(summary.bytes)}</span>
      </span>
    `;
  }
}
customElements.define("session-header", SessionHeader);
