// The page's element: a run, its steps, both files, and what readers find in them.

import { LitElement, css, html, nothing } from "lit";

import { controls } from "../viewer/app/tokens.js";
import "./file-view.js";
import { readPlainly, readWithPackage } from "./readers.js";
import { simulate, WRITERS } from "./simulate.js";

/** @import { Found } from "./readers.js" */
/** @import { FileState, Step } from "./simulate.js" */

/** A seed whose run shows a kill, a glued line and a guard within its first appends. */
const FIRST_SEED = 7;

/** Milliseconds that a step is shown while the run plays. */
const PACE = 1_400;

/** A file, and what each reader finds in it. @typedef {{ package: Found, plain: Found }} Readings */

export class CrashSimulator extends LitElement {
  static properties = {
    seed: { state: true },
    at: { state: true },
    isPlaying: { state: true },
    guarded: { state: true },
    plain: { state: true },
  };

  static styles = [
    controls,
    css`
      :host { display: block; max-width: 1240px; margin: 0 auto; padding: var(--space-5) var(--space-4) var(--space-6); }
      h1 { font-size: var(--text-title); }
      header p { max-width: 76ch; margin-top: var(--space-2); color: var(--text-soft); }
      .bar { display: flex; flex-wrap: wrap; gap: var(--space-2) var(--space-3); align-items: center;
        margin: var(--space-4) 0; padding: var(--space-3); border: 1px solid var(--line);
        border-radius: var(--radius-large); background: var(--surface); position: sticky; top: 0; z-index: 1; }
      .bar input[type="range"] { flex: 1 1 160px; min-width: 120px; padding: 0; border: 0; background: none; accent-color: var(--accent); }
      .bar label { display: inline-flex; gap: 6px; align-items: center; }
      .bar input[type="number"] { width: 12ch; }
      .story { font-size: var(--text-large); min-height: 3.2em; }
      .story b { white-space: nowrap; }
      .files { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: var(--space-4); margin-top: var(--space-3); }
      section { border: 1px solid var(--line); border-radius: var(--radius-large); padding: var(--space-4); min-width: 0; }
      h2 { font-size: var(--text-large); }
      section > p { color: var(--text-soft); margin: 2px 0 var(--space-3); }
      table { width: 100%; border-collapse: collapse; margin-top: var(--space-4); }
      th, td { text-align: start; font-weight: 400; padding: 6px 8px 6px 0; border-top: 1px solid var(--line); vertical-align: top; }
      thead th { color: var(--text-soft); font-size: var(--text-small); border-top: 0; }
      td.number { white-space: nowrap; }
      @media (max-width: 720px) {
        .files { grid-template-columns: minmax(0, 1fr); }
        .bar { position: static; }
      }
    `,
  ];

  /** @type {readonly Step[]} */
  #steps = [];
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  constructor() {
    super();
    this.seed = FIRST_SEED;
    /** How many appends have happened. */
    this.at = 0;
    this.isPlaying = false;
    /** @type {Readings | null} */
    this.guarded = null;
    /** @type {Readings | null} */
    this.plain = null;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#openLink();
    addEventListener("hashchange", this.#openLink);
    addEventListener("keydown", this.#onKey);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener("hashchange", this.#openLink);
    removeEventListener("keydown", this.#onKey);
    this.#stop();
  }

  /** Opens the run of the URL, such as `#seed=7&append=3`. */
  #openLink = () => {
    const words = new URLSearchParams(location.hash.slice(1));
    this.#open(numberIn(words.get("seed"), FIRST_SEED, 2 ** 32 - 1));
    this.#show(numberIn(words.get("append"), 0, this.#steps.length));
  };

  /** @param {number} seed */
  #open(seed) {
    if (seed === this.seed && this.#steps.length > 0) return;
    this.seed = seed;
    this.#steps = simulate(seed);
  }

  /** @param {number} at */
  async #show(at) {
    this.at = Math.max(0, Math.min(at, this.#steps.length));
    if (this.at === this.#steps.length) this.#stop();
    history.replaceState(null, "", `#seed=${this.seed}&append=${this.at}`);
    const step = this.#steps[this.at - 1];
    const [guarded, plain] = await Promise.all([readings(step?.guarded), readings(step?.plain)]);
    if (step !== this.#steps[this.at - 1]) return;
    this.guarded = guarded;
    this.plain = plain;
  }

  /** @param {KeyboardEvent} event */
  #onKey = (event) => {
    if (event.composedPath()[0] instanceof HTMLInputElement) return;
    if (event.key === "ArrowRight") this.#step(1);
    else if (event.key === "ArrowLeft") this.#step(-1);
    else return;
    event.preventDefault();
  };

  /** @param {number} by */
  #step(by) {
    this.#stop();
    this.#show(this.at + by);
  }

  #stop() {
    clearInterval(this.#timer);
    this.isPlaying = false;
  }

  #play() {
    if (this.isPlaying) {
      this.#stop();
      return;
    }
    this.#show(this.at === this.#steps.length ? 0 : this.at + 1);
    this.#timer = setInterval(() => this.#show(this.at + 1), PACE);
    this.isPlaying = true;
  }

  #new() {
    this.#stop();
    this.#open(crypto.getRandomValues(new Uint32Array(1))[0]);
    this.#show(0);
  }

  /** @param {Event} event */
  #typed(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    this.#stop();
    this.#open(numberIn(input.value, this.seed, 2 ** 32 - 1));
    this.#show(0);
  }

  render() {
    const step = this.#steps[this.at - 1];
    return html`
      <header>
        <h1>What a newline guard does</h1>
        <p>
          ${WRITERS.length} processes append entries to one log. Some are killed in the middle of a
          write, and the disk is full now and then. Both files get the same appends and the same
          ends. Step through a run with the arrow keys.
        </p>
      </header>
      ${this.#bar()}
      <p class="story" role="status">${step ? storyOf(step) : "Nothing was appended yet."}</p>
      <div class="files">
        ${this.#file("skill-log", "Each append looks at the last byte, and starts with a line end if it is none.", step?.guarded, this.guarded, step)}
        ${this.#file("no guard", "Each append writes its line, and looks at nothing.", step?.plain, this.plain, step)}
      </div>
    `;
  }

  #bar() {
    const last = this.#steps.length;
    return html`
      <div class="bar">
        <button @click=${() => this.#step(-1)} ?disabled=${this.at === 0}>Back</button>
        <button class="primary" @click=${() => this.#step(1)} ?disabled=${this.at === last}>Next append</button>
        <button @click=${() => this.#play()} aria-pressed=${this.isPlaying ? "true" : "false"}>Play</button>
        <input type="range" min="0" max=${last} .value=${String(this.at)} aria-label="appends so far"
          @input=${(/** @type {any} */ event) => (this.#stop(), this.#show(Number(event.target.value)))}>
        <span class="number">append ${this.at} of ${last}</span>
        <label>seed <input type="number" min="0" max=${2 ** 32 - 1} .value=${String(this.seed)} @change=${(/** @type {Event} */ event) => this.#typed(event)}></label>
        <button @click=${() => this.#new()}>New seed</button>
      </div>
    `;
  }

  /**
   * @param {string} by
   * @param {string} how
   * @param {FileState | undefined} file
   * @param {Readings | null} found
   * @param {Step | undefined} step
   */
  #file(by, how, file, found, step) {
    return html`
      <section aria-label="written by ${by}">
        <h2>${by === "skill-log" ? "Written by skill-log" : "Written without a guard"}</h2>
        <p>${how}</p>
        <file-view .file=${file ?? null} .steps=${this.#steps} .current=${step?.number ?? -1}></file-view>
        ${
          found && step
            ? html`<table>
              <thead><tr><th>reader</th><th>entries</th><th>acknowledged, and not read</th></tr></thead>
              <tbody>
                ${row("skill-log", found.package, step)}
                ${row("JSON.parse, line by line", found.plain, step)}
              </tbody>
            </table>`
            : nothing
        }
      </section>
    `;
  }
}

customElements.define("crash-simulator", CrashSimulator);

/**
 * @param {string} reader
 * @param {Found} found
 * @param {Step} step
 */
function row(reader, { entries, refused }, { acknowledged }) {
  const lost = acknowledged.filter((name) => !entries.includes(name));
  return html`<tr>
    <th scope="row">${reader}</th>
    <td class="number">${entries.length}${refused > 0 ? html` <span class="soft">(${refused} ${refused === 1 ? "line" : "lines"} damaged)</span>` : nothing}</td>
    <td>${lost.length === 0 ? html`<span class="good">none</span>` : html`<span class="bad">${lost.join(", ")}</span>`}</td>
  </tr>`;
}

/**
 * Tells what an append did.
 *
 * @param {Step} step
 */
function storyOf({ writer, phase, end, written, length, guarded }) {
  const guard = guarded.isGuarded
    ? html` skill-log finds no line end before it, and writes one first: the <b>newline guard</b>.`
    : nothing;
  const name = html`Process ${WRITERS[writer]} appends entry <b>${phase}</b>`;
  if (end === "whole") return html`${name}: all ${length} bytes.${guard}`;
  const how = end === "killed" ? "and is killed" : "and the disk is full";
  return html`${name} ${how} after ${written} of ${length} bytes. Nobody was told that it is there.${guard}`;
}

/**
 * Lets both readers read a file.
 *
 * @param {FileState | undefined} file
 * @returns {Promise<Readings | null>}
 */
async function readings(file) {
  if (!file) return null;
  return { package: await readWithPackage(file.bytes), plain: readPlainly(file.bytes) };
}

/**
 * @param {string | null} text
 * @param {number} otherwise
 * @param {number} most
 */
function numberIn(text, otherwise, most) {
  const number = Number(text ?? NaN);
  return Number.isInteger(number) && number >= 0 && number <= most ? number : otherwise;
}
