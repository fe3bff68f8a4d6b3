// The ways to open logs: what the page shows first, and the menu to open others.

import { LitElement, css, html, nothing } from "lit";

import { glyphs } from "../app/glyphs.js";
import { controls } from "../app/tokens.js";
import { hasStoredLogs, openStoredLogs } from "./browser-storage.js";
import { openFiles } from "./dropped.js";
import { canPick, pickFolder, rememberedFolders, reopenFolder } from "./folders.js";

/** @import { Opened } from "./opened.js" */

/**
 * @fires open-source with a promise of what was opened
 */
export class OpenLogs extends LitElement {
  static properties = {
    isMenu: { type: Boolean },
    folders: { state: true },
    hasStored: { state: true },
  };

  static styles = [
    controls,
    css`
      :host { display: grid; gap: var(--space-2); }
      .ways { display: flex; flex-wrap: wrap; gap: var(--space-2); justify-content: center; }
      :host([isMenu]) .ways { flex-direction: column; min-width: 200px; }
      :host([isMenu]) button { justify-content: flex-start; width: 100%; }
      :host(:not([isMenu])) .ways button { height: 36px; padding: 0 16px; }
      .again { display: grid; gap: 2px; margin-top: var(--space-3); justify-items: center; }
      :host([isMenu]) .again { justify-items: stretch; margin-top: 0; padding-top: var(--space-2);
        border-top: 1px solid var(--line); }
      .again p { font-size: var(--text-small); }
      .again button { max-width: 100%; }
      .again span { overflow: hidden; text-overflow: ellipsis; unicode-bidi: isolate; }
      input[type="file"] { display: none; }
    `,
  ];

  constructor() {
    super();
    /** Whether it is a menu; else the middle of an empty page. */
    this.isMenu = false;
    /** @type {FileSystemDirectoryHandle[]} */
    this.folders = [];
    this.hasStored = false;
  }

  connectedCallback() {
    super.connectedCallback();
    void this.#look();
  }

  async #look() {
    [this.folders, this.hasStored] = await Promise.all([rememberedFolders(), hasStoredLogs()]);
  }

  /** @param {Promise<Opened | null>} opening */
  #open(opening) {
    this.dispatchEvent(
      new CustomEvent("open-source", { detail: opening, bubbles: true, composed: true }),
    );
    void opening.then(() => this.#look()).catch(() => {});
  }

  /** @param {Event} event */
  #chosen(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const files = [...(input.files ?? [])];
    // So that the same files can be chosen again.
    input.value = "";
    if (files.length > 0) this.#open(openFiles(files, "never"));
  }

  /** @param {string} id of a file input */
  #choose(id) {
    /** @type {HTMLElement} */ (this.renderRoot.querySelector(`#${id}`)).click();
  }

  render() {
    return html`
      <div class="ways">
        <button
          class=${this.isMenu ? "quiet" : "primary"}
          @click=${() => (canPick ? this.#open(pickFolder()) : this.#choose("folder"))}
        >
          ${glyphs.folder}Open a folder…
        </button>
        <button class=${this.isMenu ? "quiet" : ""} @click=${() => this.#choose("files")}>
          ${glyphs.file}Open files…
        </button>
        ${
          this.hasStored
            ? html`<button
                class=${this.isMenu ? "quiet" : ""}
                @click=${() => this.#open(openStoredLogs())}
              >
                ${glyphs.storage}Logs kept in this browser
              </button>`
            : nothing
        }
      </div>
      ${
        this.folders.length > 0
          ? html`<div class="again">
              <p class="soft">Open again</p>
              ${this.folders.map(
                (folder) => html`<button
                  class="quiet"
                  @click=${() => this.#open(reopenFolder(folder))}
                >
                  ${glyphs.folder}<span>${folder.name}</span>
                </button>`,
              )}
            </div>`
          : nothing
      }
      <input
        id="files"
        type="file"
        multiple
        accept=".jsonl,.ndjson,.json,.log,.txt,.zst,.gz"
        aria-label="Log files"
        @change=${this.#chosen}
      />
      <input
        id="folder"
        type="file"
        webkitdirectory
        aria-label="Folder of logs"
        @change=${this.#chosen}
      />
    `;
  }
}
customElements.define("open-logs", OpenLogs);
