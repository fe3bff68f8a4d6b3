// An entry of each session beside the other: what each says, an attempt against an attempt, and what
// they were given.

import { LitElement, css, html, nothing } from "lit";

import "../entry/long-text.js";
import "../entry/output-diff.js";

import { changeView } from "../app/change-view.js";
import { problemOf } from "../app/problems.js";
import { controls } from "../app/tokens.js";
import { statusMark } from "../entries/status-mark.js";
import { drawnName } from "../entry/drawn-text.js";
import { prettyJson } from "../entry/pretty-json.js";
import { durationText, momentOf } from "../time/times.js";
import { comparedTimes } from "./differences.js";
import { difference, SIDE_TAGS } from "./figure-tables.js";

/** @import { PropertyValues } from "lit" */
/** @import { Attempt, Entry, LogIndex, RawJson, Row } from "skill-log" */
/** @import { Problem } from "../app/store.js" */
/** @import { Zone } from "../time/times.js" */

/** Up to this many bytes entries are read without being asked for. */
const MOST_UNASKED = 8_000_000;

/** A longer name is cut. */
const LONG_NAME = 300;

/** The most attempts to choose from. */
const MOST_ATTEMPTS = 200;

const SIDES = /** @type {const} */ (["left", "right"]);

/** @typedef {{ row: number, facts: Row, entry: Entry<RawJson> }} Side */

/** @typedef {[left: Side | null, right: Side | null]} Sides null: that session has no such entry */

/**
 * `<entry-pair .index .left .right .sessions .names .zone .isNarrow>`: `left` and `right` are rows of
 * the index.
 *
 * @fires change-view with an entry that is to be shown in its session
 */
export class EntryPair extends LitElement {
  static properties = {
    index: { attribute: false },
    left: { attribute: false },
    right: { attribute: false },
    sessions: { attribute: false },
    names: { attribute: false },
    zone: {},
    isNarrow: { attribute: false },
    sides: { state: true },
    attempts: { state: true },
    ignoresNumbers: { state: true },
    problem: { state: true },
    bytes: { state: true },
  };

  static styles = [
    controls,
    css`
      :host { display: block; }
      article { padding: var(--space-3) var(--space-4) var(--space-6); display: grid; gap: var(--space-5);
        grid-template-columns: minmax(0, 1fr); overflow-wrap: anywhere; }
      h3 { font-size: var(--text-title); line-height: 1.25; letter-spacing: -.01em; }
      h3 .phase { font-weight: 400; color: var(--text-soft); }
      h4 { margin: 0; font-size: var(--text-large); font-weight: 600; }
      .facts { display: grid; border-top: 1px solid var(--line); margin-top: var(--space-3); }
      .fact { display: grid; grid-template-columns: 108px minmax(0, 1fr) minmax(0, 1fr);
        gap: 2px var(--space-4); padding: 5px 0; border-bottom: 1px solid color-mix(in srgb, var(--line) 55%, transparent); }
      .fact > :first-child { color: var(--text-soft); }
      .fact.top { align-items: center; }
      .fact.top button { height: 24px; padding: 0 8px; font-size: var(--text-small); margin-inline-start: auto; flex: none; }
      .session { display: flex; gap: var(--space-2); align-items: center; min-width: 0; }
      .session .name { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
        unicode-bidi: isolate; font-weight: 600; }
      .value { display: flex; gap: 6px; align-items: baseline; min-width: 0; }
      .value > .side { align-self: start; }
      .value > div { min-width: 0; }
      .other > :first-child { color: var(--text); font-weight: 600; }
      .other > :first-child::after { content: " ≠"; content: " ≠" / ""; color: var(--warn); font-weight: 700; }
      .difference { font-weight: 600; margin-inline-start: 6px; }
      .status { display: inline-flex; align-items: center; gap: 5px; font-weight: 600; }
      .status .glyph { width: 13px; height: 13px; stroke-width: 2; flex: none; }
      .status.plain { color: var(--plain); }
      .heading { display: flex; flex-wrap: wrap; align-items: center; gap: var(--space-2) var(--space-4);
        margin-bottom: var(--space-2); }
      .heading label { display: inline-flex; align-items: center; gap: 6px; color: var(--text-soft); }
      .heading select { max-width: 210px; color: var(--text); }
      .heading .end { margin-inline-start: auto; }
      .card { border: 1px solid var(--line); border-radius: var(--radius-large); overflow: hidden;
        background: var(--background); min-width: 0; }
      .summaries { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
        border-bottom: 1px solid var(--line); background: var(--surface); }
      .summaries > div { padding: var(--space-2) var(--space-3); min-width: 0; display: grid; gap: 4px; }
      .summaries > div + div { border-inline-start: 1px solid var(--line); }
      .summaries .who { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; }
      .nothing { padding: var(--space-3); color: var(--text-soft); }
      .wait { padding: var(--space-5); color: var(--text-soft); }
      bdi { unicode-bidi: isolate; }
      article.narrow { padding: var(--space-3) var(--space-3) var(--space-5); }
      .narrow h3 { font-size: 18px; }
      .narrow .fact, .narrow .summaries { grid-template-columns: minmax(0, 1fr); }
      .narrow .fact > :first-child { font-size: var(--text-small); }
      .narrow .fact.top > :first-child { display: none; }
      .narrow .summaries > div + div { border-inline-start: 0; border-top: 1px solid var(--line); }
      .narrow .heading .end { margin-inline-start: 0; }
    `,
  ];

  #work = new AbortController();

  constructor() {
    super();
    /** @type {LogIndex | null} */
    this.index = null;
    /** @type {number | null} */
    this.left = null;
    /** @type {number | null} */
    this.right = null;
    /** @type {readonly string[]} */
    this.sessions = ["", ""];
    /** @type {readonly string[]} */
    this.names = ["", ""];
    /** @type {Zone} */
    this.zone = "local";
    this.isNarrow = false;
    /** @type {Sides | null} */
    this.sides = null;
    /** Which attempts are compared, by their positions. @type {[number, number]} */
    this.attempts = [0, 0];
    this.ignoresNumbers = false;
    /** @type {Problem | null} */
    this.problem = null;
    /** The size of large entries that wait to be asked for; 0: there are none. */
    this.bytes = 0;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#work.abort();
  }

  /** @param {PropertyValues<this>} changed */
  willUpdate(changed) {
    if (changed.has("index") || changed.has("left") || changed.has("right")) void this.#load();
  }

  /** @param {boolean} [isAsked] whether a person asked for large entries */
  async #load(isAsked = false) {
    this.#work.abort();
    const { signal } = (this.#work = new AbortController());
    const { index, left, right } = this;
    this.problem = null;
    this.bytes = 0;
    if (!index) return;
    try {
      const facts = [left, right].map((row) => (row === null ? null : index.row(row)));
      const bytes = facts.reduce((sum, row) => sum + (row?.length ?? 0), 0);
      if (bytes > MOST_UNASKED && !isAsked) {
        this.sides = null;
        this.bytes = bytes;
        return;
      }
      const read = async (/** @type {number | null} */ row, /** @type {0 | 1} */ at) =>
        row === null
          ? null
          : /** @type {Side} */ ({
              row,
              facts: facts[at],
              entry: await index.entry(row, { input: "raw", signal }),
            });
      const sides = /** @type {Sides} */ ([await read(left, 0), await read(right, 1)]);
      if (signal.aborted) return;
      this.sides = sides;
      // What an entry came to is in its last attempt.
      const last = sides.map((side) => Math.max(0, attemptsOf(side).length - 1));
      this.attempts = [last[0], last[1]];
    } catch (error) {
      if (signal.aborted) return;
      this.sides = null;
      this.problem = problemOf(error, "The entries cannot be read.");
    }
  }

  render() {
    const { problem, sides } = this;
    if (problem)
      return html`<div class="wait" role="alert">
        <strong>${problem.what}</strong> ${problem.where ?? ""} ${problem.advice ?? ""}
      </div>`;
    if (this.bytes > 0)
      return html`<div class="wait">
        <p>These entries are large: ${(this.bytes / 1e6).toFixed(1)} MB. The page may stop for a moment while they are read.</p>
        <p><button class="primary" @click=${() => this.#load(true)}>Read them</button></p>
      </div>`;
    if (!sides) return html`<p class="wait" role="status">Reading the entries…</p>`;
    const { skill, phase } = /** @type {Side} */ (sides[0] ?? sides[1]).entry;
    return html`<article class=${this.isNarrow ? "narrow" : ""} aria-label="Entries">
      <section aria-label="Facts">
        <h3><bdi>${name(skill) || "no skill"}</bdi>${phase ? html`<span class="phase"> · <bdi>${name(phase)}</bdi></span>` : nothing}</h3>
        ${this.#facts(sides)}
      </section>
      ${this.#attempts(sides)} ${this.#inputs(sides)}
    </article>`;
  }

  /** @param {Sides} sides */
  #facts(sides) {
    const texts = (/** @type {(side: Side) => string | undefined} */ of) =>
      sides.map((side) => (side ? (of(side) ?? "") : null));
    const plain = (/** @type {string | null} */ text) =>
      text
        ? html`<bdi>${name(text)}</bdi>`
        : text === null
          ? html`<span class="soft">no entry</span>`
          : html`<span class="soft">–</span>`;
    const times = texts(({ entry }) => {
      const { date, time, offset } = momentOf(entry.timestamp, this.zone);
      return `${date} ${time} ${offset}`;
    });
    const durations = sides.map((side) => Number(side?.entry.duration_ms ?? 0) || null);
    const more = difference(comparedTimes(durations[0], durations[1]));
    const isBoth = sides[0] !== null && sides[1] !== null;
    return html`<div class="facts" role="table" aria-label="Facts of both entries">
      <div class="fact top" role="row">
        <span role="columnheader"><span class="for-readers">Fact</span></span>
        ${SIDES.map(
          (side, at) => html`<div class="session" role="columnheader">
            ${SIDE_TAGS[side]}<span class="name" title=${this.sessions[at]}>${this.names[at]}</span>
            ${sides[at] ? html`<button class="quiet" @click=${() => this.#show(at)}>Open<span class="for-readers"> the ${side} entry in its session</span></button>` : nothing}
          </div>`,
        )}
      </div>
      ${this.#fact(
        "Status",
        texts(({ entry }) => entry.final_status),
        (text) => (text === null ? plain(null) : statusMark(text)),
      )}
      ${this.#fact(
        "Duration",
        durations.map((one, at) => (sides[at] ? (one === null ? "" : durationText(one)) : null)),
        (text, at) =>
          html`${plain(text)}${at === 1 && isBoth && durations[0] !== null && durations[1] !== null ? html` ${more}` : nothing}`,
      )}
      ${this.#fact(
        "Attempts",
        sides.map((side) => side && attemptsText(attemptsOf(side))),
        plain,
      )}
      ${this.#fact(
        "Model",
        texts(({ entry }) => entry.model_used),
        plain,
      )}
      ${this.#fact("Ended", times, plain, false)}
      ${this.#fact(
        "File",
        texts(({ entry }) => entry.file_path),
        plain,
      )}
      ${this.#fact(
        "Message",
        texts(({ entry }) => entry.message),
        (text) => (text ? html`<long-text .text=${text}></long-text>` : plain(text)),
      )}
    </div>`;
  }

  /**
   * @param {string} title
   * @param {(string | null)[]} texts null: there is no entry
   * @param {(text: string | null, at: number) => unknown} shown
   * @param {boolean} [isCompared]
   */
  #fact(title, texts, shown, isCompared = true) {
    if (texts.every((text) => !text)) return nothing;
    const [left, right] = texts;
    const isOther = isCompared && left !== right && left !== null && right !== null;
    if (this.isNarrow && left === right)
      return html`<div class="fact" role="row">
        <span role="rowheader">${title} <span class="for-readers">of both</span></span>
        <div class="value" role="cell"><div>${shown(left, 0)}</div></div>
      </div>`;
    return html`<div class="fact ${isOther ? "other" : ""}" role="row">
      <span role="rowheader">${title}${isOther ? html`<span class="for-readers"> differs</span>` : nothing}</span>
      ${SIDES.map(
        (side, at) => html`<div class="value" role="cell">
          ${this.isNarrow ? SIDE_TAGS[side] : nothing}
          <div>${shown(texts[at], at)}</div>
        </div>`,
      )}
    </div>`;
  }

  /** @param {number} at of the side */
  #show(at) {
    const side = /** @type {Side} */ (this.sides?.[at]);
    const session = this.sessions[at];
    const entry = { session, offset: side.facts.offset };
    changeView(this, { session, compared: null, pair: null, entry });
  }

  /** @param {Sides} sides */
  #attempts(sides) {
    const attempts = sides.map(attemptsOf);
    if (attempts.every(({ length }) => length === 0)) return nothing;
    const chosen = attempts.map((all, at) => all[this.attempts[at]]);
    const names = SIDES.map((side, at) =>
      chosen[at] ? `${side}, attempt ${chosen[at].attempt}` : `${side}, no attempt`,
    );
    const outputs = chosen.map((attempt) => attempt?.runner_output ?? "");
    return html`<section aria-labelledby="attempts">
      <div class="heading">
        <h4 id="attempts">Attempt against attempt</h4>
        ${SIDES.map((side, at) => this.#choice(side, at, attempts[at]))}
        <label class="end"
          ><input
            type="checkbox"
            .checked=${this.ignoresNumbers}
            @change=${(/** @type {Event} */ { target }) =>
              (this.ignoresNumbers = /** @type {HTMLInputElement} */ (target).checked)}
          />
          ignore numbers</label
        >
      </div>
      <div class="card">
        <div class="summaries">
          ${SIDES.map(
            (side, at) => html`<div>
              <span class="who">${SIDE_TAGS[side]}${chosen[at] ? verdict(chosen[at]) : html`<span class="soft">no attempt</span>`}
                ${chosen[at] ? html`<span class="soft mono"><bdi>${name(chosen[at].model)}</bdi></span>` : nothing}</span>
              ${chosen[at]?.output_summary ? html`<long-text .text=${chosen[at].output_summary}></long-text>` : nothing}
            </div>`,
          )}
        </div>
        ${
          outputs.every((output) => output === "")
            ? html`<p class="nothing">Neither has an output.</p>`
            : html`<output-diff
                .left=${outputs[0]}
                .right=${outputs[1]}
                .leftName=${names[0]}
                .rightName=${names[1]}
                .ignoresNumbers=${this.ignoresNumbers}
              ></output-diff>`
        }
      </div>
    </section>`;
  }

  /**
   * @param {typeof SIDES[number]} side
   * @param {number} at
   * @param {readonly Attempt[]} attempts
   */
  #choice(side, at, attempts) {
    if (attempts.length < 2) return nothing;
    const choose = (/** @type {Event} */ { target }) => {
      const value = Number(/** @type {HTMLSelectElement} */ (target).value);
      this.attempts = at === 0 ? [value, this.attempts[1]] : [this.attempts[0], value];
    };
    return html`<label>${side}
      <select aria-label="Attempt of the ${side} entry" @change=${choose}>
        ${attempts
          .slice(0, MOST_ATTEMPTS)
          .map(
            ({ attempt, verified }, each) =>
              html`<option value=${each} .selected=${each === this.attempts[at]}>attempt ${attempt} (${verified ? "verified" : "not verified"})</option>`,
          )}
      </select>
    </label>`;
  }

  /** @param {Sides} sides */
  #inputs(sides) {
    const [left, right] = sides.map((side) => side?.entry.input?.text ?? "");
    if (sides.includes(null) || (left === "" && right === "")) return nothing;
    return html`<section aria-labelledby="input">
      <div class="heading">
        <h4 id="input">Input</h4>
        ${left === right ? html`<span class="soft">the same in both</span>` : nothing}
      </div>
      ${
        left === right
          ? nothing
          : html`<div class="card">
              <output-diff .left=${prettyJson(left)} .right=${prettyJson(right)} .leftName=${"left"} .rightName=${"right"}></output-diff>
            </div>`
      }
    </section>`;
  }
}
customElements.define("entry-pair", EntryPair);

/** @param {Side | null} side */
function attemptsOf(side) {
  return /** @type {readonly Attempt[]} */ (side?.entry.attempts ?? []);
}

/** @param {readonly Attempt[]} attempts */
function attemptsText(attempts) {
  if (attempts.length === 0) return "none";
  const last = attempts[attempts.length - 1].verified ? "verified" : "not verified";
  return attempts.length === 1
    ? `1, ${last}`
    : `${attempts.length.toLocaleString("en")}, the last one ${last}`;
}

/** @param {Attempt} attempt */
function verdict({ attempt, verified }) {
  return verified
    ? html`<span class="tag good">✓ attempt ${attempt} verified</span>`
    : html`<span class="tag bad">✗ attempt ${attempt} not verified</span>`;
}

/** @param {string} text */
function name(text) {
  return text === "" ? "" : drawnName(text.slice(0, LONG_NAME));
}
