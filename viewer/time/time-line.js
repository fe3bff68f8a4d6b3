// Entries over time, and what their time went into. Drawn here, because the plot library would take
// a tenth of what the page may be, for bars.

import { LitElement, css, html, nothing, svg } from "lit";

import { changeView } from "../app/change-view.js";
import { OwnSize } from "../app/own-size.js";
import { problemOf } from "../app/problems.js";
import { controls } from "../app/tokens.js";
import { plotOf, sharesOf, TONES } from "./plot.js";
import { durationText, momentOf } from "./times.js";

/** @import { PropertyValues } from "lit" */
/** @import { LogIndex } from "skill-log" */
/** @import { Problem } from "../app/store.js" */
/** @import { Plot } from "./plot.js" */
/** @import { longestShares } from "./time-spans.js" */
/** @import { Zone } from "./times.js" */

/** Heights in CSS pixels: of the bars, and of the strip that says when entries ran. */
const BARS = 44;
const STRIP = 5;
/** The most rows of a table. */
const MOST_ROWS = 200;
/** A quiet stretch that is narrower is not named. */
const NAMED = 70;

const BY = /** @type {const} */ ([
  ["skill", "skill"],
  ["phase", "phase"],
  ["model_used", "model"],
]);

/**
 * `<time-line .index .rows .range .zone>`
 */
export class TimeLine extends LitElement {
  static properties = {
    index: { attribute: false },
    rows: { attribute: false },
    range: { attribute: false },
    zone: {},
    width: { state: true },
    plot: { state: true },
    shares: { state: true },
    problem: { state: true },
    dragged: { state: true },
    shows: { state: true },
    by: { state: true },
  };

  static styles = [
    controls,
    css`
      :host { display: block; position: relative; padding: var(--space-2) var(--space-4);
        border-bottom: 1px solid var(--line); background: var(--surface); }
      .head { display: flex; flex-wrap: wrap; align-items: center; gap: 2px var(--space-2);
        font-size: var(--text-small); color: var(--text-soft); }
      .head .end { margin-inline-start: auto; display: flex; gap: 2px; }
      button { height: 22px; padding: 0 8px; font-size: var(--text-small); }
      svg.plot { display: block; width: 100%; cursor: crosshair; touch-action: pan-y; margin-top: 4px; }
      .good { fill: var(--good); } .bad { fill: var(--bad); } .warn { fill: var(--warn); }
      .plain { fill: var(--line-strong); }
      path { opacity: .85; }
      .busy { fill: var(--accent); }
      .idle { fill: var(--hover); }
      .stall { fill: var(--warn-soft); }
      .base { fill: var(--line); }
      text { font: 10.5px var(--font-ui); fill: var(--text-soft); text-anchor: middle; }
      .drag { fill: var(--accent); opacity: .2; stroke: var(--accent); }
      .ends { display: flex; justify-content: space-between; font-size: var(--text-small);
        color: var(--text-soft); }
      .problem { margin: 0; font-size: var(--text-small); color: var(--text-soft); }
      .below { max-height: 220px; overflow: auto; margin-top: var(--space-2); }
      table { border-collapse: collapse; font-size: var(--text-small); }
      th, td { text-align: end; padding: 2px var(--space-3) 2px 0; font-weight: 400; white-space: nowrap; }
      th { color: var(--text-soft); } th:first-child { text-align: start; }
      ol { list-style: none; margin: var(--space-1) 0 0; padding: 0; display: grid; gap: 3px; }
      li { display: grid; grid-template-columns: minmax(80px, 1fr) 2fr 76px; gap: var(--space-2);
        align-items: center; font-size: var(--text-small); }
      li .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate; }
      li .number { text-align: end; }
      meter { width: 100%; height: 10px; border: 0; border-radius: 3px; background: var(--hover); }
      meter::-webkit-meter-bar { background: var(--hover); border: 0; border-radius: 3px; }
      meter::-webkit-meter-optimum-value { background: var(--accent); border-radius: 3px; }
      meter::-moz-meter-bar { background: var(--accent); border-radius: 3px; }
    `,
  ];

  #work = new AbortController();
  #adding = new AbortController();

  constructor() {
    super();
    new OwnSize(this, (width) => {
      this.width = Math.max(100, Math.round(width));
    });
    /** @type {LogIndex | null} */
    this.index = null;
    this.rows = new Uint32Array();
    /** @type {{ since: number, until: number } | null} */
    this.range = null;
    /** @type {Zone} */
    this.zone = "local";
    this.width = 0;
    /** @type {Plot | null} */
    this.plot = null;
    /** @type {ReturnType<typeof longestShares> | null} null: they are being added up, or not shown */
    this.shares = null;
    /** @type {Problem | null} */
    this.problem = null;
    /** The stretch that is being chosen, in pixels. @type {[number, number] | null} */
    this.dragged = null;
    /** @type {"" | "table" | "shares"} */
    this.shows = "";
    /** @type {typeof BY[number][0]} */
    this.by = "skill";
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#work.abort();
    this.#adding.abort();
  }

  /** @param {PropertyValues<this>} changed */
  willUpdate(changed) {
    const isOther = changed.has("index") || changed.has("rows");
    if (isOther || changed.has("width")) void this.#draw();
    if (isOther || changed.has("by") || changed.has("shows")) void this.#addUp();
  }

  async #draw() {
    this.#work.abort();
    const { signal } = (this.#work = new AbortController());
    const { index, rows, width } = this;
    this.problem = null;
    if (!index || width === 0 || rows.length === 0) {
      this.plot = null;
      return;
    }
    try {
      const plot = await plotOf(index, rows, width, signal);
      if (!signal.aborted) this.plot = plot;
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  async #addUp() {
    this.#adding.abort();
    const { signal } = (this.#adding = new AbortController());
    const { index, rows, by } = this;
    if (!index || this.shows !== "shares") {
      this.shares = null;
      return;
    }
    try {
      const shares = await sharesOf(index, rows, by, signal);
      if (!signal.aborted) this.shares = shares;
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  /** @param {unknown} error */
  #fail(error) {
    this.plot = null;
    this.shares = null;
    this.problem = problemOf(error, "The timeline cannot be drawn.");
  }

  render() {
    const { plot, problem } = this;
    if (problem)
      return html`<p class="problem" role="status">${problem.what} ${problem.where} ${problem.advice}</p>`;
    if (!plot || plot.histogram.counts.length === 0) return nothing;
    const { start, width, counts } = plot.histogram;
    const end = start + width * counts.length;
    const toggle = (/** @type {typeof this.shows} */ what) => () => {
      this.shows = this.shows === what ? "" : what;
    };
    return html`
      <div class="head">
        <span>each bar ${durationText(width)}</span>
        <span class="end">
          ${this.range ? html`<button @click=${() => changeView(this, { range: null })}>Whole time</button>` : nothing}
          <button class="quiet" aria-expanded=${this.shows === "shares"} @click=${toggle("shares")}>Where the time went</button>
          <button class="quiet" aria-expanded=${this.shows === "table"} @click=${toggle("table")}>Table</button>
        </span>
      </div>
      ${this.#picture(plot)}
      <div class="ends number" aria-hidden="true"><span>${this.#moment(start)}</span><span>${this.#moment(end)}</span></div>
      ${this.shows === "table" ? this.#table(plot) : this.shows === "shares" ? this.#shares() : nothing}`;
  }

  /** @param {Plot} plot */
  #picture({ histogram: { counts, width }, tones, busy, quiet }) {
    const step = this.width / counts.length;
    const most = counts.reduce((one, other) => Math.max(one, other), 1);
    const base = new Float64Array(counts.length);
    const bars = TONES.map((tone) => {
      const path = [];
      for (let at = 0; at < counts.length; at += 1) {
        const count = tones[tone][at];
        if (count === 0) continue;
        // A single entry can still be seen beside thousands.
        const height = Math.max(2, (count / most) * (BARS - 4));
        path.push(
          `M${(at * step).toFixed(1)} ${(BARS - base[at]).toFixed(1)}v${-height.toFixed(1)}h${Math.max(1, step - 1).toFixed(1)}v${height.toFixed(1)}z`,
        );
        base[at] += height;
      }
      return svg`<path class=${tone} d=${path.join("")}></path>`;
    });
    const strip = Array.from(busy, (part, at) =>
      part > 0
        ? `M${(at * step).toFixed(1)} ${BARS + 2}h${(step * Math.min(1, part)).toFixed(1)}v${STRIP}h${-(step * Math.min(1, part)).toFixed(1)}z`
        : "",
    ).join("");
    const total = counts.reduce((one, other) => one + other, 0);
    return html`<svg class="plot" height=${BARS + STRIP + 3} role="img"
      aria-label=${`${total.toLocaleString("en")} entries over time. The table has the numbers.`}
      @pointerdown=${this.#pointerDown} @pointermove=${this.#pointerMove} @pointerup=${this.#pointerUp}
      @pointercancel=${() => (this.dragged = null)} @dblclick=${() => changeView(this, { range: null })}>
      <g aria-hidden="true">
      ${quiet.map(({ from, to, isStall }) => {
        const [x, wide] = [from * step, (to - from) * step];
        const title = `${isStall ? "stall: an entry ran" : "idle"} ${durationText((to - from) * width)}`;
        return svg`<rect class=${isStall ? "stall" : "idle"} x=${x} y="0" width=${wide} height=${BARS} rx="3"><title>${title}</title></rect>
          ${wide > NAMED ? svg`<text x=${x + wide / 2} y=${BARS / 2 + 4}>${wide > 2 * NAMED || !isStall ? title : "stall"}</text>` : nothing}`;
      })}
      <rect class="base" x="0" y=${BARS} width=${this.width} height="1"></rect>
      ${bars}
      <path class="busy" d=${strip}><title>when entries ran</title></path>
      ${
        this.dragged
          ? svg`<rect class="drag" x=${Math.min(...this.dragged)} y="0" width=${Math.abs(this.dragged[0] - this.dragged[1])} height=${BARS + STRIP + 2}></rect>`
          : nothing
      }
      </g>
    </svg>`;
  }

  /** @param {PointerEvent} event */
  #at({ clientX, currentTarget }) {
    const { left } = /** @type {Element} */ (currentTarget).getBoundingClientRect();
    return Math.max(0, Math.min(this.width, clientX - left));
  }

  #pointerDown = (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0) return;
    /** @type {Element} */ (event.currentTarget).setPointerCapture(event.pointerId);
    const at = this.#at(event);
    this.dragged = [at, at];
  };

  #pointerMove = (/** @type {PointerEvent} */ event) => {
    if (this.dragged) this.dragged = [this.dragged[0], this.#at(event)];
  };

  #pointerUp = () => {
    const { dragged } = this;
    this.dragged = null;
    if (!dragged || !this.plot || Math.abs(dragged[0] - dragged[1]) < 4) return;
    const { start, width, counts } = this.plot.histogram;
    const instant = (/** @type {number} */ pixels) =>
      start + (pixels / this.width) * width * counts.length;
    this.#zoom(instant(Math.min(...dragged)), instant(Math.max(...dragged)));
  };

  /**
   * @param {number} since
   * @param {number} until
   */
  #zoom(since, until) {
    changeView(this, { range: { since: Math.floor(since), until: Math.ceil(until) } });
  }

  /** @param {number} instant */
  #moment(instant) {
    const { date, time } = momentOf(
      new Date(instant).toISOString(),
      this.zone === "own" ? "utc" : this.zone,
    );
    return `${date} ${time.replace(/\.0+$/, "")}`;
  }

  /** @param {Plot} plot */
  #table({ histogram: { start, width, counts, series = [] } }) {
    const filled = Array.from(counts.keys()).filter((at) => counts[at] > 0);
    return html`<div class="below" tabindex="0" role="region" aria-label="Entries over time"><table>
      <thead><tr><th scope="col">From</th><th scope="col">Entries</th>${series.map(({ name }) => html`<th scope="col"><bdi>${name.slice(0, 40) || "no status"}</bdi></th>`)}<td></td></tr></thead>
      <tbody>${filled.slice(0, MOST_ROWS).map((at) => {
        const from = start + at * width;
        return html`<tr class="number"><th scope="row">${this.#moment(from)}</th><td>${counts[at].toLocaleString("en")}</td>
          ${series.map((each) => html`<td>${each.counts[at].toLocaleString("en")}</td>`)}
          <td><button @click=${() => this.#zoom(from, from + width)} aria-label=${`Only these from ${this.#moment(from)}, ${durationText(width)}`}>Only these</button></td></tr>`;
      })}</tbody></table>
      ${filled.length > MOST_ROWS ? html`<p class="soft">and ${(filled.length - MOST_ROWS).toLocaleString("en")} more</p>` : nothing}</div>`;
  }

  #shares() {
    if (!this.shares) return html`<p class="below" role="status">Adding up…</p>`;
    const { longest, rest, total } = this.shares;
    const percent = (/** @type {number} */ part) => `${Math.round((100 * part) / (total || 1))} %`;
    return html`<div class="below">
      <div class="head"><strong>${durationText(Math.round(total))} in all</strong> by
        ${BY.map(([column, name]) => html`<button aria-pressed=${this.by === column} @click=${() => (this.by = column)}>${name}</button>`)}</div>
      <ol>${longest.map(
        ({
          name,
          duration,
          entries,
        }) => html`<li title=${`${entries.toLocaleString("en")} entries, ${percent(duration)}`}>
          <span class="name">${name.slice(0, 100) || `no ${this.by === "phase" ? "phase" : "name"}`}</span>
          <meter min="0" max=${total || 1} .value=${duration} aria-label=${percent(duration)}></meter>
          <span class="number">${durationText(Math.round(duration))}</span></li>`,
      )}${rest > 0 ? html`<li><span class="name soft">others</span><meter min="0" max=${total} .value=${rest} aria-label=${percent(rest)}></meter><span class="number">${durationText(Math.round(rest))}</span></li>` : nothing}</ol></div>`;
  }
}
customElements.define("time-line", TimeLine);
