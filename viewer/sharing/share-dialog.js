// The step before anything goes out: what would, which secrets it has, and as what it is saved.

import { LitElement, css, html, nothing } from "lit";
import { maskSecrets } from "skill-log/secrets";

import { changeView } from "../app/change-view.js";
import { bytesText, counted, countText } from "../app/figures.js";
import { glyphs } from "../app/glyphs.js";
import { pause } from "../app/pause.js";
import { ALL } from "../app/store.js";
import { controls } from "../app/tokens.js";
import { OPTIONAL_FIELDS } from "./shared-line.js";
import { fileNames, sharedPage } from "./shared-page.js";
import { lookedAt, MOST_IN_PAGE, written } from "./sharing-work.js";

/** @import { LogIndex } from "skill-log" */
/** @import { Linked } from "../app/links.js" */
/** @import { State } from "../app/store.js" */
/** @import { About } from "./shared-page.js" */
/** @import { Format, Place, Seen } from "./sharing-worker.js" */

/** @type {Record<Format, { title: string, what: string, suffix: string, type: string }>} */
const FORMATS = {
  html: {
    title: "Page",
    what: "One HTML file that opens anywhere, with the list, the search and each entry",
    suffix: "html",
    type: "text/html",
  },
  markdown: {
    title: "Markdown",
    what: "For an issue, a chat or a document",
    suffix: "md",
    type: "text/markdown",
  },
  jsonl: {
    title: "JSON lines",
    what: "A log again, for programs",
    suffix: "jsonl",
    type: "application/jsonl",
  },
};

/** How many places of a family are shown. */
const SHOWN_PLACES = 20;

export class ShareDialog extends LitElement {
  static properties = {
    seen: { state: true },
    looked: { state: true },
    format: { state: true },
    unmasked: { state: true },
    leftOut: { state: true },
    opened: { state: true },
    outcome: { state: true },
    isSaving: { state: true },
  };

  static styles = [
    controls,
    css`
      dialog { width: min(680px, calc(100vw - 24px)); max-height: calc(100dvh - 32px); padding: 0; border: 1px solid var(--line);
        border-radius: var(--radius-large); background: var(--raised); color: var(--text); box-shadow: var(--shadow); }
      dialog[open] { display: flex; flex-direction: column; }
      dialog::backdrop { background: rgb(10 12 18 / 45%); }
      .top { display: flex; align-items: center; gap: var(--space-3); flex: none;
        padding: var(--space-3) var(--space-3) var(--space-3) var(--space-5); border-bottom: 1px solid var(--line); }
      .top div { flex: 1; min-width: 0; }
      h2 { font-size: var(--text-large); }
      h3 { font-size: var(--text-normal); }
      .top p { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      .body { overflow-y: auto; min-height: 0; padding: var(--space-4) var(--space-5); display: grid; gap: var(--space-5); }
      section { display: grid; gap: var(--space-2); min-width: 0; }
      .formats { border: 0; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(3, 1fr); gap: var(--space-2); }
      .formats legend, .for-fields { font-weight: 600; padding: 0; margin-bottom: var(--space-2); }
      .formats label { position: relative; display: grid; gap: 2px; align-content: start; padding: var(--space-3); cursor: pointer;
        border: 1px solid var(--line); border-radius: var(--radius); }
      .formats label:has(:checked) { border-color: var(--accent); background: var(--accent-soft); }
      .formats label:has(:focus-visible) { outline: 2px solid var(--focus); outline-offset: 1px; }
      .formats input { position: absolute; opacity: 0; inset: 0; width: 100%; height: 100%; cursor: pointer; }
      .formats strong { font-weight: 600; }
      .formats .soft { font-size: var(--text-small); }
      ul { list-style: none; margin: 0; padding: 0; }
      .family .number, .where .number { flex: none; white-space: nowrap; }
      .families { border: 1px solid var(--line); border-radius: var(--radius); }
      .families > li + li { border-top: 1px solid var(--line); }
      .family { display: flex; align-items: center; gap: var(--space-3); padding: 6px var(--space-2) 6px var(--space-3); }
      .family label { display: flex; align-items: center; gap: var(--space-2); flex: 1; min-width: 0; cursor: pointer; }
      .places { padding: 0 var(--space-3) var(--space-3); display: grid; gap: var(--space-2); }
      .places li { display: grid; gap: 2px; }
      .where { display: flex; gap: var(--space-2); align-items: center; font-size: var(--text-small); }
      .where .mono { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-width: 0; font-size: var(--text-small); }
      .where button { height: 22px; padding: 0 6px; font-size: var(--text-small); color: var(--accent); }
      .around { padding: 6px 8px; border-radius: var(--radius); background: var(--surface); border: 1px solid var(--line);
        overflow-wrap: anywhere; white-space: pre-wrap; max-height: 96px; overflow-y: auto; unicode-bidi: plaintext; }
      .fields { display: flex; flex-wrap: wrap; gap: var(--space-1) var(--space-4); }
      .fields label { display: inline-flex; align-items: center; gap: 6px; cursor: pointer; padding: 2px 0; }
      .bottom { display: flex; align-items: center; gap: var(--space-3); flex: none; flex-wrap: wrap;
        padding: var(--space-3) var(--space-5); border-top: 1px solid var(--line); }
      .bottom p { flex: 1 1 200px; min-width: 0; overflow-wrap: anywhere; }
      .clean { color: var(--good); }
      progress { width: 100%; height: 4px; accent-color: var(--accent); }
      @media (max-width: 560px) {
        .formats { grid-template-columns: 1fr; }
        .body, .bottom { padding-left: var(--space-4); padding-right: var(--space-4); }
        .top { padding-left: var(--space-4); }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {(Seen & { bytes: number }) | null} null: it is looked at */
    this.seen = null;
    /** How many entries were looked at. */
    this.looked = 0;
    /** @type {Format} */
    this.format = "html";
    /** @type {readonly string[]} families that go out as they are */
    this.unmasked = [];
    /** @type {readonly string[]} fields that do not go out */
    this.leftOut = [];
    /** @type {readonly string[]} families whose places are shown */
    this.opened = [];
    this.outcome = "";
    this.isSaving = false;
  }

  /** @type {State | null} */
  #state = null;
  /** @type {Uint32Array} */
  #rows = new Uint32Array();
  #work = new AbortController();
  #linkTo = /** @type {(linked: Readonly<Linked>) => string} */ (() => "");

  get #dialog() {
    return /** @type {HTMLDialogElement} */ (this.renderRoot.querySelector("dialog"));
  }

  /**
   * Shows what would go out.
   *
   * @param {State} state with an index
   * @param {Uint32Array} rows of it, as they are shown
   * @param {(linked: Readonly<Linked>) => string} linkTo given, because what the page starts with stays in one file
   */
  async show(state, rows, linkTo) {
    this.#state = state;
    this.#rows = rows;
    this.#linkTo = linkTo;
    this.seen = null;
    this.looked = 0;
    this.unmasked = [];
    this.leftOut = [];
    this.opened = [];
    this.outcome = "";
    await this.updateComplete;
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#work.abort();
    const { signal } = (this.#work = new AbortController());
    try {
      const onProgress = (/** @type {number} */ entries) => (this.looked = entries);
      this.seen = await lookedAt(/** @type {LogIndex} */ (state.index), rows, {
        signal,
        onProgress,
      });
    } catch (error) {
      if (!signal.aborted) this.outcome = `The entries cannot be read: ${messageOf(error)}`;
    }
  }

  close() {
    this.#dialog.close();
  }

  #closed() {
    this.#work.abort();
    this.#state = null;
    this.seen = null;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#work.abort();
  }

  async #save() {
    const { seen } = this;
    const state = /** @type {State} */ (this.#state);
    const { signal } = this.#work;
    this.isSaving = true;
    this.outcome = "";
    try {
      const [saved, ...others] = await this.#files(
        state,
        /** @type {Seen & { bytes: number }} */ (seen),
      );
      for (const { name, blob } of [saved, ...others]) {
        download(blob, name);
        // Browsers take one download at a time.
        if (others.length > 0) await pause(300);
      }
      const names = [saved, ...others].map(({ name, blob }) => `${name} (${bytesText(blob.size)})`);
      this.outcome = `Saved ${names.join(" and ")}.`;
    } catch (error) {
      if (!signal.aborted) this.outcome = `Nothing was saved: ${messageOf(error)}`;
    } finally {
      this.isSaving = false;
    }
  }

  /**
   * @param {State} state
   * @param {{ bytes: number }} seen
   * @returns {Promise<{ name: string, blob: Blob }[]>}
   */
  async #files(state, { bytes }) {
    const { format } = this;
    const { signal } = this.#work;
    const index = /** @type {LogIndex} */ (state.index);
    const options = { unmasked: [...this.unmasked], leftOut: [...this.leftOut], signal };
    const title = state.session === ALL ? "all sessions" : (state.session ?? "session");
    const [base] = fileNames([maskSecrets(title)]);
    const { suffix, type } = FORMATS[format];
    if (format !== "html") {
      const { parts } = await written(index, this.#rows, { format, ...options });
      return [{ name: `${base}.${suffix}`, blob: new Blob(parts, { type }) }];
    }
    const template = await pageTemplate(signal);
    /** @type {About} */
    const about = {
      title: "",
      link: "",
      names: [],
      shared: new Date().toISOString(),
      entries: this.#rows.length,
      masked: {},
      leftOut: options.leftOut,
    };
    if (bytes > MOST_IN_PAGE) {
      const { parts } = await written(index, this.#rows, { format: "jsonl", ...options });
      const page = sharedPage(template, { ...about, title: base }, []);
      return [
        { name: `${base}.jsonl`, blob: new Blob(parts, { type: FORMATS.jsonl.type }) },
        { name: `${base}.html`, blob: page },
      ];
    }
    const groups = bySession(index, this.#rows, state.session);
    const names = fileNames(groups.map(({ id }) => maskSecrets(id)));
    /** @type {Blob[][]} */
    const logs = [];
    for (const { rows } of groups) {
      const { parts, masked } = await written(index, rows, { format: "html", ...options });
      logs.push(parts);
      for (const [family, count] of Object.entries(masked))
        about.masked[family] = (about.masked[family] ?? 0) + count;
    }
    about.names = names;
    about.title = groups.length > 1 ? base : names[0];
    about.link = this.#linkTo({
      session: groups.length > 1 ? ALL : names[0],
      filter: {},
      range: null,
      sort: state.sort,
      search: state.search && { ...state.search, text: maskSecrets(state.search.text) },
      entry: null,
      compared: null,
      pair: null,
    });
    return [{ name: `${base}.html`, blob: sharedPage(template, about, logs) }];
  }

  /**
   * @param {"unmasked" | "leftOut" | "opened"} list
   * @param {string} name
   */
  #toggle(list, name) {
    const names = this[list];
    this[list] = names.includes(name) ? names.filter((each) => each !== name) : [...names, name];
    this.outcome = "";
  }

  /** @param {Place} place */
  #goTo({ at }) {
    const { index, session } = /** @type {State} */ (this.#state);
    const row = /** @type {LogIndex} */ (index).row(this.#rows[at]);
    this.close();
    changeView(this, { entry: { session: row.session ?? session ?? "", offset: row.offset } });
  }

  render() {
    const count = this.#rows.length;
    const { seen } = this;
    return html`<dialog aria-labelledby="title" @close=${this.#closed}>
      <div class="top">
        <div>
          <h2 id="title">Share what is shown</h2>
          <p class="soft number" role="status">
            ${counted(count, "entry", "entries")}${seen ? `, ${bytesText(seen.bytes)}` : ""}
          </p>
        </div>
        <button class="quiet icon" aria-label="Close" @click=${this.close}>${glyphs.close}</button>
      </div>
      <div class="body">
        ${seen ? html`${this.#secrets(seen)}${this.#fields(seen)}${this.#formats(seen)}` : this.#looking(count)}
      </div>
      <div class="bottom">
        <p class="soft" role="status">${this.outcome || this.#warning()}</p>
        <button class="primary" ?disabled=${!seen || this.isSaving || count === 0} @click=${this.#save}>
          ${this.isSaving ? "Saving…" : `Save ${FORMATS[this.format].title === "Page" ? "the page" : `as ${FORMATS[this.format].title}`}`}
        </button>
      </div>
    </dialog>`;
  }

  /** @param {number} count */
  #looking(count) {
    if (this.outcome) return nothing;
    return html`<section>
      <p class="soft number">Looking for secrets: ${countText(this.looked)} of ${counted(count, "entry", "entries")}</p>
      <progress aria-label="Looking for secrets" max=${Math.max(1, count)} .value=${this.looked}></progress>
    </section>`;
  }

  #warning() {
    if (this.unmasked.length > 0)
      return html`<span class="bad">${counted(this.unmasked.length, "family of secrets goes", "families of secrets go")} out unmasked.</span>`;
    return "Nothing is sent: a file is saved, and you choose who gets it.";
  }

  /** @param {Seen} seen */
  #secrets({ families }) {
    if (families.size === 0)
      return html`<section>
        <h3>Secrets</h3>
        <p><span class="clean">None of the known families was found.</span>
          <span class="soft">Passwords in plain words have no shape to know them by: look yourself.</span></p>
      </section>`;
    const all = [...families].sort(([, one], [, other]) => other.count - one.count);
    const count = all.reduce((sum, [, family]) => sum + family.count, 0);
    return html`<section>
      <h3>${counted(count, "secret", "secrets")}, masked where ticked</h3>
      <ul class="families">
        ${all.map(([name, { count: times, places }]) => {
          const isOpen = this.opened.includes(name);
          return html`<li>
            <div class="family">
              <label>
                <input
                  type="checkbox"
                  .checked=${!this.unmasked.includes(name)}
                  @change=${() => this.#toggle("unmasked", name)}
                />
                <span>${name}</span>
                <span class="soft number">${countText(times)} ×</span>
              </label>
              <button class="quiet" aria-expanded=${isOpen ? "true" : "false"}
                aria-label="Look at ${name}" @click=${() => this.#toggle("opened", name)}>
                ${isOpen ? "Hide" : "Look"}
              </button>
            </div>
            ${isOpen ? this.#places(places, times) : nothing}
          </li>`;
        })}
      </ul>
    </section>`;
  }

  /**
   * @param {readonly Place[]} places
   * @param {number} count
   */
  #places(places, count) {
    const shown = places.slice(0, SHOWN_PLACES);
    return html`<ul class="places">
      ${shown.map(
        (place) => html`<li>
          <div class="where">
            <span class="soft number">entry ${countText(place.at + 1)}</span>
            <span class="mono" title=${place.field}>${place.field}</span>
            <button class="quiet" @click=${() => this.#goTo(place)}>Show the entry</button>
          </div>
          <div class="around mono">${place.before}<mark>${place.secret}</mark>${place.after}</div>
        </li>`,
      )}
      ${count > shown.length ? html`<li class="soft">and ${countText(count - shown.length)} more</li>` : nothing}
    </ul>`;
  }

  /** @param {Seen} seen */
  #fields({ fields }) {
    const optional = OPTIONAL_FIELDS.filter((name) => fields.has(name));
    const fixed = [...fields.keys()].filter(
      (name) => !OPTIONAL_FIELDS.includes(name) && !name.startsWith("attempts."),
    );
    return html`<section role="group" aria-labelledby="fields">
      <h3 id="fields">Fields that go out</h3>
      <div class="fields">
        ${optional.map((name) => {
          const { length } = /** @type {{ length: number }} */ (fields.get(name));
          const isWithin = name.startsWith("attempts.") && this.leftOut.includes("attempts");
          return html`<label>
            <input
              type="checkbox"
              .checked=${!this.leftOut.includes(name) && !isWithin}
              ?disabled=${isWithin}
              @change=${() => this.#toggle("leftOut", name)}
            /><span class="mono">${name}</span> <span class="soft number">${bytesText(length)}</span>
          </label>`;
        })}
      </div>
      <p class="soft">Always: ${fixed.join(", ")}.</p>
    </section>`;
  }

  /** @param {{ bytes: number }} seen */
  #formats({ bytes }) {
    return html`<fieldset class="formats">
        <legend>Save as</legend>
        ${Object.entries(FORMATS).map(
          ([format, { title, what }]) => html`<label>
            <input
              type="radio"
              name="format"
              .checked=${this.format === format}
              @change=${() => {
                this.format = /** @type {Format} */ (format);
                this.outcome = "";
              }}
            /><strong>${title}</strong>
            <span class="soft">${what}</span>
          </label>`,
        )}
      </fieldset>
      ${
        this.format === "html" && bytes > MOST_IN_PAGE
          ? html`<p class="soft too-much">
              A page holds ${bytesText(MOST_IN_PAGE)}, and these are ${bytesText(bytes)}: a page and a
              log are saved. Send both. The log is opened by dropping it on the page.
            </p>`
          : nothing
      }`;
  }
}
customElements.define("share-dialog", ShareDialog);

/**
 * Groups rows by their sessions. Within each, they are in the order of the file, so that what sorts
 * them sorts them as they are shown.
 *
 * @param {LogIndex} index
 * @param {Uint32Array} rows
 * @param {string | null} session
 * @returns {{ id: string, rows: Uint32Array }[]}
 */
function bySession(index, rows, session) {
  if (session !== ALL) return [{ id: session ?? "session", rows: rows.slice().sort() }];
  const inFiles = rows.slice().sort();
  const { codes, texts } = index.column("session", inFiles);
  /** @type {Map<number, number[]>} */
  const groups = new Map();
  for (const [at, code] of codes.entries()) {
    const group = groups.get(code);
    if (group) group.push(inFiles[at]);
    else groups.set(code, [inFiles[at]]);
  }
  return [...groups].map(([code, some]) => ({ id: texts[code], rows: Uint32Array.from(some) }));
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<string>}
 */
async function pageTemplate(signal) {
  const answer = await fetch(new URL("shared-page.html", import.meta.url), { signal });
  if (!answer.ok) throw new Error(`the server has no shared-page.html (status ${answer.status})`);
  return answer.text();
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // Browsers read it after this task.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
