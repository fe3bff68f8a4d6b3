// A button that copies a text.

import { LitElement, css, html, svg } from "lit";

import { controls } from "../app/tokens.js";

/** How long "copied" is shown, in milliseconds. */
const SHOWN = 1600;

/**
 * Copies a text to the clipboard. Pages without HTTPS have no Clipboard API: there it is copied from
 * a text field.
 *
 * @param {string} text
 * @returns {Promise<boolean>} whether it was copied
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const focused = document.activeElement;
    const field = document.createElement("textarea");
    field.value = text;
    // Not `hidden`: only what is drawn can be selected.
    field.readOnly = true;
    field.className = "for-copying";
    document.body.append(field);
    try {
      field.select();
      return document.execCommand("copy");
    } finally {
      field.remove();
      if (focused instanceof HTMLElement) focused.focus();
    }
  }
}

/**
 * `<copy-button .text=${() => text}>label</copy-button>`. `text` may return a promise.
 */
export class CopyButton extends LitElement {
  static properties = {
    text: { attribute: false },
    name: {},
    outcome: { state: true },
  };

  static styles = [
    controls,
    css`
      :host { display: inline-flex; position: relative; }
      button { height: 24px; padding: 0 8px; font-size: var(--text-small); color: var(--text-soft); }
      button:hover { color: var(--text); }
      .done { color: var(--good); }
      .failed { color: var(--bad); }
      svg.glyph { width: 13px; height: 13px; }
    `,
  ];

  constructor() {
    super();
    /** @type {() => string | Promise<string>} */
    this.text = () => "";
    /** What is copied, for screen readers. */
    this.name = "";
    /** @type {"" | "copied" | "failed"} */
    this.outcome = "";
  }

  render() {
    const { outcome } = this;
    return html`
      <button class="quiet ${outcome === "copied" ? "done" : outcome}" @click=${this.#copy}
        aria-label=${`Copy ${this.name}`} title=${`Copy ${this.name}`}>
        <svg class="glyph" viewBox="0 0 16 16" aria-hidden="true">
          ${
            outcome === "copied"
              ? svg`<path d="M3 8.5 6.5 12 13 4.5"/>`
              : svg`<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M3.5 10.5h-1v-8h8v1"/>`
          }
        </svg>
        <slot></slot>
      </button>
      <span class="for-readers" role="status">${outcome}</span>`;
  }

  #copy = async () => {
    try {
      this.outcome = (await copyText(await this.text())) ? "copied" : "failed";
    } catch {
      this.outcome = "failed";
    }
    setTimeout(() => (this.outcome = ""), SHOWN);
  };
}
customElements.define("copy-button", CopyButton);
