// What a person chooses about the page itself.

import { LitElement, css, html } from "lit";

import { preferences } from "./preferences.js";
import { Watched } from "./store.js";
import { controls } from "./tokens.js";

/** @import { Preferences } from "./preferences.js" */

/**
 * Choices of which one holds: name in the preferences → what people read.
 *
 * @type {{ name: "theme" | "zone", title: string, values: Record<string, string> }[]}
 */
const choices = [
  { name: "theme", title: "Theme", values: { system: "System", light: "Light", dark: "Dark" } },
  { name: "zone", title: "Times", values: { local: "Local", utc: "UTC", own: "As written" } },
];

/** @type {{ name: "contrast" | "showsTime", title: string }[]} */
const switches = [
  { name: "contrast", title: "High contrast" },
  { name: "showsTime", title: "Timeline" },
];

export class ViewerSettings extends LitElement {
  static styles = [
    controls,
    css`
      :host { display: grid; gap: var(--space-3); min-width: 240px; }
      fieldset { border: 0; margin: 0; padding: 0; display: flex; }
      legend { padding: 0; margin-bottom: 4px; font-size: var(--text-small); color: var(--text-soft); }
      .choice { flex: 1 0 auto; position: relative; white-space: nowrap; }
      .choice input { position: absolute; opacity: 0; inset: 0; width: 100%; height: 100%; cursor: pointer; }
      .choice span { display: block; text-align: center; padding: 4px 10px; border: 1px solid var(--line);
        margin-left: -1px; }
      .choice:first-of-type span { border-radius: var(--radius) 0 0 var(--radius); margin-left: 0; }
      .choice:last-of-type span { border-radius: 0 var(--radius) var(--radius) 0; }
      .choice input:checked + span { background: var(--accent-soft); color: var(--accent);
        border-color: var(--accent); position: relative; z-index: 1; }
      .choice input:focus-visible + span { outline: 2px solid var(--focus); outline-offset: 1px; }
      .switch { display: flex; align-items: center; gap: var(--space-2); cursor: pointer; }
    `,
  ];

  #preferences = new Watched(this, preferences);

  render() {
    const { state } = this.#preferences;
    return html`
      ${choices.map(
        ({ name, title, values }) => html`<fieldset>
          <legend>${title}</legend>
          ${Object.entries(values).map(
            ([value, shown]) => html`<label class="choice">
              <input
                type="radio"
                name=${name}
                .checked=${state[name] === value}
                @change=${() =>
                  preferences.set(/** @type {Partial<Preferences>} */ ({ [name]: value }))}
              /><span>${shown}</span>
            </label>`,
          )}
        </fieldset>`,
      )}
      ${switches.map(
        ({ name, title }) => html`<label class="switch">
          <input
            type="checkbox"
            .checked=${state[name]}
            @change=${() => preferences.set({ [name]: !state[name] })}
          />${title}
        </label>`,
      )}
    `;
  }
}
customElements.define("viewer-settings", ViewerSettings);
