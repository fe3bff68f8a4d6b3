// The attempts of an entry: what changed from one to the next, and their outputs.

import { LitElement, css, html, nothing } from "lit";

import { controls } from "../app/tokens.js";
import { drawnName } from "./drawn-text.js";
import { plainly } from "./hidden-characters.js";
import { lengthText } from "./long-text.js";
import { isStyled } from "./terminal-text.js";

import "./copy-button.js";
import "./output-diff.js";

/** @import { PropertyValues } from "lit" */
/** @import { LongText } from "./long-text.js" */
/** @import { Attempt, Place } from "skill-log" */

/** The most attempts whose outputs are drawn at once. */
const MOST_OUTPUTS = 12;

/** The most attempts in the strip. */
const MOST_IN_STRIP = 60;

/** @type {readonly Place[]} */
const NO_PLACES = [];

/**
 * `<attempts-view .attempts .places .current>`
 */
export class AttemptsView extends LitElement {
  static properties = {
    attempts: { attribute: false },
    places: { attribute: false },
    current: { attribute: false },
    pair: { state: true },
    showsOutputs: { state: true },
    isRaw: { state: true },
    firstOutput: { state: true },
    ignoresNumbers: { state: true },
  };

  static styles = [
    controls,
    css`
      :host { display: block; container-type: inline-size; }
      .bar { display: flex; flex-wrap: wrap; align-items: center; gap: var(--space-2) var(--space-3);
        margin-bottom: var(--space-3); }
      .strip { display: flex; flex-wrap: wrap; gap: var(--space-1); align-items: center;
        list-style: none; margin: 0; padding: 0; }
      .strip li { display: flex; align-items: center; gap: var(--space-1); }
      .strip .arrow { color: var(--text-soft); }
      .strip button { max-width: 220px; }
      .strip button > span { overflow: hidden; text-overflow: ellipsis; }
      .end { margin-inline-start: auto; display: flex; align-items: center; gap: var(--space-1); }
      .segments { display: inline-flex; }
      .segments button { border-radius: 0; margin-inline-start: -1px; }
      .segments button:first-child { border-radius: var(--radius) 0 0 var(--radius); }
      .segments button:last-child { border-radius: 0 var(--radius) var(--radius) 0; }
      .segments button[aria-pressed="true"] { z-index: 1; }
      .card { border: 1px solid var(--line); border-radius: var(--radius-large); overflow: hidden;
        background: var(--background); min-width: 0; }
      .card + .card { margin-top: var(--space-3); }
      .card > header { display: flex; align-items: center; flex-wrap: wrap; gap: var(--space-2);
        padding: var(--space-2) var(--space-3); background: var(--surface);
        border-bottom: 1px solid var(--line); }
      .card > header h4 { margin: 0; font-size: var(--text-normal); font-weight: 600; }
      .card > header copy-button { margin-inline-start: auto; }
      .outputs { display: grid; gap: var(--space-3); align-items: start;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); }
      .outputs .card + .card { margin-top: 0; }
      .summary { padding: var(--space-2) var(--space-3); border-bottom: 1px solid var(--line); }
      .output { padding: var(--space-2) var(--space-3); font: 12px / 1.55 var(--font-mono); }
      .nothing { padding: var(--space-3); color: var(--text-soft); }
      .label { display: block; font-size: var(--text-small); color: var(--text-soft); }
      .pair { display: grid; grid-template-columns: 1fr 1fr; border-bottom: 1px solid var(--line); }
      .pair > div { padding: var(--space-2) var(--space-3); min-width: 0; }
      .pair > div + div { border-inline-start: 1px solid var(--line); }
      .model { color: var(--text-soft); overflow-wrap: anywhere; }
      @container (width < 680px) {
        .pair { grid-template-columns: 1fr; }
        .pair > div + div { border-inline-start: 0; border-top: 1px solid var(--line); }
        .end { margin-inline-start: 0; }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly Attempt[]} */
    this.attempts = [];
    /** Places in attempts. @type {readonly Place[]} */
    this.places = NO_PLACES;
    /** @type {Place | null} */
    this.current = null;
    /** The attempts that are compared. @type {[number, number]} */
    this.pair = [0, 0];
    this.showsOutputs = false;
    this.isRaw = false;
    this.firstOutput = 0;
    /** Whether lines are alike that differ in numbers alone, such as durations. */
    this.ignoresNumbers = false;
  }

  /** @param {PropertyValues<this>} changed */
  willUpdate(changed) {
    if (changed.has("attempts")) {
      this.pair = firstPair(this.attempts);
      this.showsOutputs = this.attempts.length < 2 || !hasTexts(this.attempts, this.pair);
      this.firstOutput = Math.max(0, Math.min(this.pair[0], this.attempts.length - MOST_OUTPUTS));
    }
    if (changed.has("current") && this.current) {
      const at = attemptOf(this.current);
      if (at !== null) {
        this.showsOutputs = true;
        if (at < this.firstOutput || at >= this.firstOutput + MOST_OUTPUTS) this.firstOutput = at;
      }
    }
  }

  /** Scrolls to the place that is looked at. */
  async showCurrent() {
    await this.updateComplete;
    const texts = /** @type {NodeListOf<LongText>} */ (
      this.renderRoot.querySelectorAll("long-text")
    );
    for (const text of texts) if (text.current) await text.showCurrent();
  }

  render() {
    const { attempts } = this;
    const shown = attempts.slice(this.firstOutput, this.firstOutput + MOST_OUTPUTS);
    const hasColors = shown.some(({ runner_output: output = "" }) => isStyled(output));
    return html`
      <div class="bar">
        ${attempts.length > 1 ? this.#strip() : nothing}
        <div class="end">
          ${
            hasColors && this.showsOutputs
              ? html`<button aria-pressed=${this.isRaw} title="Show the codes of colours and cursor moves"
                @click=${() => (this.isRaw = !this.isRaw)}>Codes</button>`
              : nothing
          }
          ${
            attempts.length > 1
              ? html`<div class="segments" role="group" aria-label="How attempts are shown">
                <button aria-pressed=${!this.showsOutputs} @click=${() => (this.showsOutputs = false)}>Changes</button>
                <button aria-pressed=${this.showsOutputs} @click=${() => (this.showsOutputs = true)}>Outputs</button>
              </div>`
              : nothing
          }
        </div>
      </div>
      ${this.showsOutputs ? this.#outputs() : this.#changes()}`;
  }

  #strip() {
    const { attempts, pair } = this;
    const first = Math.max(
      0,
      Math.min(pair[1] - MOST_IN_STRIP / 2, attempts.length - MOST_IN_STRIP),
    );
    const shown = attempts.slice(first, first + MOST_IN_STRIP);
    const more = attempts.length - shown.length;
    return html`<ol class="strip" start=${first + 1} aria-label="Attempts">
      ${shown.map((attempt, index) => {
        const at = first + index;
        const isPressed = !this.showsOutputs && (at === pair[0] || at === pair[1]);
        return html`<li>${index > 0 ? html`<span class="arrow" aria-hidden="true">→</span>` : nothing}
          <button aria-pressed=${isPressed} title=${chosenTitle(at)} @click=${() => this.#choose(at)}>
            ${verdict(attempt)}<span>${attempt.attempt} <span class="soft">${drawnName(shortened(attempt.model))}</span></span>
          </button></li>`;
      })}
      ${more > 0 ? html`<li class="soft">and ${more.toLocaleString("en")} more</li>` : nothing}
    </ol>`;
  }

  /** Shows the next attempt, or one before. @param {number} by */
  move(by) {
    const at = (this.showsOutputs ? this.firstOutput : this.pair[1]) + by;
    const first = this.showsOutputs ? 0 : 1;
    if (at >= first && at < this.attempts.length) this.#choose(at);
  }

  /** @param {number} at */
  #choose(at) {
    if (this.showsOutputs) {
      this.firstOutput = at;
      this.updateComplete.then(() =>
        this.renderRoot.querySelector(`#attempt-${at}`)?.scrollIntoView({ block: "nearest" }),
      );
      return;
    }
    this.pair = at === 0 ? [0, 1] : [at - 1, at];
  }

  #changes() {
    const [before, after] = this.pair;
    const [left, right] = [this.attempts[before], this.attempts[after]];
    const names = [`attempt ${left.attempt}`, `attempt ${right.attempt}`];
    return html`<section class="card" aria-label="What changed">
      <header>
        <h4>Attempt ${right.attempt}</h4>
        <label class="soft">compared with
          <select .value=${String(before)} @change=${this.#compareWith}>
            ${this.attempts
              .slice(0, MOST_IN_STRIP)
              .map((attempt, at) =>
                at === after
                  ? nothing
                  : html`<option value=${at} ?selected=${at === before}>attempt ${attempt.attempt} (${attempt.verified ? "verified" : "not verified"})</option>`,
              )}
          </select></label>
        <label class="soft end"><input type="checkbox" .checked=${this.ignoresNumbers}
          @change=${this.#ignoreNumbers}> ignore numbers</label>
      </header>
      <div class="pair">${[left, right].map(
        (attempt) => html`<div>
          ${verdictTag(attempt)} <span class="model mono">${drawnName(attempt.model)}</span>
          ${attempt.output_summary ? html`<long-text .text=${attempt.output_summary}></long-text>` : nothing}
        </div>`,
      )}</div>
      <output-diff .left=${left.runner_output ?? ""} .right=${right.runner_output ?? ""}
        .ignoresNumbers=${this.ignoresNumbers} .leftName=${names[0]} .rightName=${names[1]}></output-diff>
    </section>`;
  }

  #compareWith = (/** @type {Event} */ { target }) => {
    const { value } = /** @type {HTMLSelectElement} */ (target);
    this.pair = [Number(value), this.pair[1]];
  };

  #ignoreNumbers = (/** @type {Event} */ { target }) => {
    this.ignoresNumbers = /** @type {HTMLInputElement} */ (target).checked;
  };

  #outputs() {
    const { attempts, firstOutput } = this;
    const shown = attempts.slice(firstOutput, firstOutput + MOST_OUTPUTS);
    const move = (/** @type {number} */ by) => () => {
      this.firstOutput = Math.max(0, Math.min(attempts.length - 1, firstOutput + by));
    };
    const after = attempts.length - firstOutput - shown.length;
    return html`
      ${firstOutput > 0 ? html`<button class="more" @click=${move(-MOST_OUTPUTS)}>${firstOutput.toLocaleString("en")} before these</button>` : nothing}
      <div class="outputs">${shown.map((attempt, index) => this.#output(attempt, firstOutput + index))}</div>
      ${after > 0 ? html`<button class="more" @click=${move(MOST_OUTPUTS)}>${after.toLocaleString("en")} after these</button>` : nothing}`;
  }

  /**
   * @param {Attempt} attempt
   * @param {number} at
   */
  #output(attempt, at) {
    const { output_summary: summary = "", runner_output: output = "" } = attempt;
    const text = (/** @type {string} */ name, /** @type {string} */ whole) => {
      const field = `attempts[${at}].${name}`;
      return html`<long-text .text=${whole} .isRaw=${this.isRaw}
        .marks=${this.places.filter((place) => place.field === field)}
        .current=${this.current?.field === field ? this.current : null}></long-text>`;
    };
    return html`<section class="card" id="attempt-${at}" aria-label="Attempt ${attempt.attempt}">
      <header>
        <h4>Attempt ${attempt.attempt}</h4>${verdictTag(attempt)}
        <span class="model mono">${drawnName(attempt.model)}</span>
        ${output ? html`<copy-button name="output of attempt ${attempt.attempt}" .text=${() => output}>Output</copy-button>` : nothing}
      </header>
      ${summary ? html`<div class="summary">${text("output_summary", summary)}</div>` : nothing}
      ${
        output
          ? html`<div class="output" title=${lengthText(output.length)}>${text("runner_output", output)}</div>`
          : summary
            ? nothing
            : html`<p class="nothing">It has no output.</p>`
      }
    </section>`;
  }
}
customElements.define("attempts-view", AttemptsView);

/**
 * Returns the pair that shows most: the last failure before the first success, and that success;
 * else the last two.
 *
 * @param {readonly Attempt[]} attempts
 * @returns {[number, number]}
 */
function firstPair(attempts) {
  const fixed = attempts.findIndex(
    ({ verified }, at) => verified && at > 0 && !attempts[at - 1].verified,
  );
  const last = fixed === -1 ? attempts.length - 1 : fixed;
  return [Math.max(0, last - 1), last];
}

/**
 * @param {readonly Attempt[]} attempts
 * @param {readonly number[]} pair
 */
function hasTexts(attempts, pair) {
  return pair.some((at) => attempts[at].runner_output || attempts[at].output_summary);
}

/** Returns which attempt a place is in. @param {Place} place */
function attemptOf({ field }) {
  const match = /^attempts\[(\d+)\]/.exec(field);
  return match ? Number(match[1]) : null;
}

/** @param {Attempt} attempt */
function verdict({ verified }) {
  return verified
    ? html`<span class="good" role="img" aria-label="verified">✓</span>`
    : html`<span class="bad" role="img" aria-label="not verified">✗</span>`;
}

/** @param {Attempt} attempt */
function verdictTag({ verified }) {
  return verified
    ? html`<span class="tag good">✓ verified</span>`
    : html`<span class="tag bad">✗ not verified</span>`;
}

/** @param {number} at */
function chosenTitle(at) {
  return at === 0 ? "The first attempt" : "What changed from the attempt before";
}

/** @param {string} model */
function shortened(model) {
  return plainly(model.length > 40 ? `${model.slice(0, 40)}…` : model);
}
