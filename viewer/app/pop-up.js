// A button with a panel below it, for what is needed now and then.

import { LitElement, css, html, nothing } from "lit";

import { controls } from "./tokens.js";

/**
 * Shows its children when its button is pressed. Escape and a press elsewhere hide them. An element
 * in the slot `label` is what the button shows.
 */
export class PopUp extends LitElement {
  static properties = {
    name: { type: String },
    isOpen: { state: true },
    isPlain: { type: Boolean },
  };

  static styles = [
    controls,
    css`
      :host { position: relative; display: inline-flex; }
      ::slotted([slot="label"]) { display: inline-flex; align-items: center; gap: 6px; }
      :host > span { display: inline-flex; }
      .panel { position: absolute; top: calc(100% + 6px); right: 0; z-index: 20; width: max-content;
        max-width: min(360px, calc(100vw - 24px)); padding: var(--space-3);
        border: 1px solid var(--line); border-radius: var(--radius-large); background: var(--raised);
        box-shadow: var(--shadow); cursor: default; }
    `,
  ];

  constructor() {
    super();
    /** What the button is called. */
    this.name = "";
    this.isOpen = false;
    /** Whether the button is no wider than a picture. */
    this.isPlain = false;
  }

  #elsewhere = (/** @type {Event} */ event) => {
    if (!event.composedPath().includes(this)) this.close();
  };

  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener("pointerdown", this.#elsewhere);
  }

  close() {
    this.isOpen = false;
    document.removeEventListener("pointerdown", this.#elsewhere);
  }

  #toggle() {
    if (this.isOpen) return this.close();
    this.isOpen = true;
    document.addEventListener("pointerdown", this.#elsewhere);
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.key !== "Escape" || !this.isOpen) return;
    event.stopPropagation();
    event.preventDefault();
    this.close();
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("button"))?.focus();
  }

  /** @param {FocusEvent} event */
  #left(event) {
    const to = event.relatedTarget;
    if (to instanceof Node && !this.contains(to) && !this.renderRoot.contains(to)) this.close();
  }

  render() {
    return html`<span @keydown=${this.#pressed} @focusout=${this.#left}>
      <button
        class="quiet ${this.isPlain ? "icon" : ""}"
        aria-expanded=${this.isOpen ? "true" : "false"}
        aria-label=${this.name || nothing}
        title=${this.name || nothing}
        @click=${this.#toggle}
      >
        <slot name="label"></slot>
      </button>
      <div class="panel" ?hidden=${!this.isOpen}><slot></slot></div>
    </span>`;
  }
}
customElements.define("pop-up", PopUp);
