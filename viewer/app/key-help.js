// The table of keys, as people read it.

import { LitElement, css, html } from "lit";

import { glyphs } from "./glyphs.js";
import { controls } from "./tokens.js";

/** @import { KeyGroup } from "./keys.js" */

export class KeyHelp extends LitElement {
  static properties = { table: { attribute: false } };

  static styles = [
    controls,
    css`
      dialog { width: min(760px, calc(100vw - 24px)); max-height: calc(100vh - 48px); padding: 0;
        border: 1px solid var(--line); border-radius: var(--radius-large); background: var(--raised);
        color: var(--text); box-shadow: var(--shadow); }
      dialog::backdrop { background: rgb(10 12 18 / 45%); }
      .top { display: flex; align-items: center; justify-content: space-between;
        padding: var(--space-3) var(--space-3) var(--space-3) var(--space-5); border-bottom: 1px solid var(--line); }
      h2 { font-size: var(--text-large); }
      .groups { columns: 2; column-gap: var(--space-6); padding: var(--space-4) var(--space-5) var(--space-5); }
      section { break-inside: avoid; margin-bottom: var(--space-4); }
      h3 { font-size: var(--text-small); color: var(--text-soft); margin-bottom: 4px; }
      dl { margin: 0; }
      dl div { display: flex; gap: var(--space-3); align-items: baseline; padding: 3px 0; }
      dt { flex: 0 0 92px; white-space: nowrap; }
      dd { margin: 0; }
      @media (max-width: 560px) { .groups { columns: 1; } }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly KeyGroup[]} */
    this.table = [];
  }

  get #dialog() {
    return /** @type {HTMLDialogElement} */ (this.renderRoot.querySelector("dialog"));
  }

  show() {
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  close() {
    this.#dialog.close();
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    // What is outside of the dialog's own box is its backdrop.
    if (event.target === this.#dialog) this.close();
  }

  render() {
    return html`<dialog aria-labelledby="title" @click=${this.#clicked}>
      <div class="top">
        <h2 id="title">Keys</h2>
        <button class="quiet icon" aria-label="Close" @click=${this.close}>${glyphs.close}</button>
      </div>
      <div class="groups">
        ${this.table.map(
          ({ title, keys }) => html`<section>
            <h3>${title}</h3>
            <dl>
              ${keys.map(
                ({ keys: pressed, shown = pressed, does }) => html`<div>
                  <dt>${shown.split(" ").map((key) => html`<kbd>${key}</kbd> `)}</dt>
                  <dd>${does}</dd>
                </div>`,
              )}
            </dl>
          </section>`,
        )}
      </div>
    </dialog>`;
  }
}
customElements.define("key-help", KeyHelp);
