// Damage in full: what happened, why, and the bytes of it and around it. Nothing is changed here.

import { LitElement, css, html, nothing } from "lit";

import { countText } from "../app/figures.js";
import { glyphs } from "../app/glyphs.js";
import { problemOf } from "../app/problems.js";
import { controls } from "../app/tokens.js";
import { bandText, stretchOf } from "../entries/band-row.js";
import { isSameBand } from "../entries/bands.js";
import { plainly } from "../entry/hidden-characters.js";
import { ascii, divided, hex, shownRanges, textOf } from "./byte-text.js";

/** @import { LogIndex } from "skill-log" */
/** @import { Band } from "../entries/bands.js" */
/** @import { Logs } from "../sources/opened.js" */
/** @import { Part, Stretch } from "./byte-text.js" */

/** How many bytes of damage are shown at first, and at most. */
const FIRST = 1200;
const MOST = 64 * 1024;

/** How many bytes a line of numbers has, wide and narrow. */
const WIDE = 16;
const NARROW = 8;

/** What each part is, for people. @type {Record<Part, string>} */
const PARTS = {
  around: "around it",
  damaged: "damaged",
  recovered: "recovered entry",
  doubtful: "doubtful",
  pending: "without an end",
};

/** @typedef {{ start: number, bytes: Uint8Array, parts: Stretch[] }} Shown part of the file */

/** @fires close, and damage-shown when its bytes are there */
export class DamageView extends LitElement {
  static properties = {
    logs: { attribute: false },
    index: { attribute: false },
    session: { attribute: false },
    band: { attribute: false },
    isNarrow: { type: Boolean },
    form: { state: true },
    shown: { state: true },
    left: { state: true },
    problem: { state: true },
    most: { state: true },
  };

  static styles = [
    controls,
    css`
      :host { display: block; position: relative; container-type: inline-size; overflow-y: auto;
        border-top: 1px solid var(--line); background: var(--surface); }
      section { padding: var(--space-3) var(--space-4) var(--space-4); display: grid; gap: var(--space-3); }
      .top { display: flex; align-items: center; gap: var(--space-2); min-width: 0; }
      .top > .glyph { color: var(--warn); flex: none; }
      h3 { font-size: var(--text-large); }
      .tag { flex: none; }
      .close { margin-inline-start: auto; flex: none; }
      dl { margin: 0; display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 3px var(--space-3); }
      dt { color: var(--text-soft); }
      dd { margin: 0; overflow-wrap: anywhere; user-select: text; }
      .bar { display: flex; flex-wrap: wrap; gap: var(--space-2) var(--space-3); align-items: center; }
      .forms { display: flex; }
      .forms button { height: 24px; padding: 0 10px; font-size: var(--text-small); border-radius: 0; margin-left: -1px; }
      .forms button:first-child { border-radius: var(--radius) 0 0 var(--radius); margin: 0; }
      .forms button:last-child { border-radius: 0 var(--radius) var(--radius) 0; }
      .forms button[aria-pressed="true"] { background: var(--accent-soft); color: var(--accent); border-color: var(--accent); position: relative; }
      .legend { display: flex; flex-wrap: wrap; gap: 4px var(--space-3); font-size: var(--text-small); color: var(--text-soft); }
      .legend span { display: inline-flex; align-items: center; gap: 5px; }
      .legend i { width: 12px; height: 12px; border-radius: 3px; border-bottom: 2px solid transparent; }
      .bytes { border: 1px solid var(--line); border-radius: var(--radius-large); background: var(--background);
        padding: var(--space-2) var(--space-3); font: 12px / 1.6 var(--font-mono); overflow-x: auto; user-select: text; }
      .text { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; }
      .around { color: var(--text-soft); }
      .damaged { background: var(--bad-soft); border-bottom: 2px solid var(--bad); }
      .recovered { background: var(--good-soft); border-bottom: 2px solid var(--good); }
      .doubtful, .pending { background: var(--warn-soft); border-bottom: 2px dashed var(--warn); }
      .code { padding: 0 3px; margin: 0 1px; border-radius: 3px; font: 600 .8em var(--font-mono);
        color: var(--text); background: var(--hover); outline: 1px solid var(--line-strong); outline-offset: -1px; white-space: nowrap; }
      .code.is-byte { color: var(--bad); outline-color: var(--bad); }
      .code.is-end { opacity: .8; outline-style: dotted; }
      .hex { white-space: pre; }
      .hex div { display: flex; gap: 2ch; }
      .hex .at { color: var(--text-soft); min-width: 8ch; text-align: end; flex: none; user-select: none; }
      .hex .around { color: var(--text); }
      .hex b { font-weight: inherit; }
      .left { color: var(--text-soft); font-size: var(--text-small); padding: 4px 0; }
      @container (width < 560px) {
        section { padding: var(--space-3); }
        .bytes { padding: var(--space-2); font-size: 11px; }
        .hex div { gap: 1ch; }
      }
    `,
  ];

  #work = new AbortController();

  constructor() {
    super();
    /** @type {Logs | null} */
    this.logs = null;
    /** @type {LogIndex | null} */
    this.index = null;
    /** The session of a log that does not know its own. @type {string | null} */
    this.session = null;
    /** @type {Band | null} */
    this.band = null;
    this.isNarrow = false;
    /** @type {"text" | "hex"} */
    this.form = "text";
    /** @type {readonly Shown[] | null} */
    this.shown = null;
    /** The bytes between what is shown. */
    this.left = 0;
    /** @type {string | null} */
    this.problem = null;
    this.most = FIRST;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#work.abort();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    const before = /** @type {Band | null | undefined} */ (changed.get("band"));
    if (changed.has("band") && !(before && this.band && isSameBand(before, this.band))) {
      this.most = FIRST;
      this.shown = null;
    }
    if (["band", "index", "logs", "most"].some((name) => changed.has(name))) void this.#read();
  }

  async #read() {
    this.#work.abort();
    const { signal } = (this.#work = new AbortController());
    const { logs, index, band, most } = this;
    const id = band?.session ?? this.session;
    if (!logs || !index || !band || id === null) return;
    const damage = stretchOf(band);
    const { ranges, left } = shownRanges(damage, most);
    try {
      const log = logs.open(id);
      const stretches = stretchesOf(index, band);
      const shown = await Promise.all(
        ranges.map(async ({ start, end }) => {
          const bytes = await log.bytes({ from: start, to: end, signal });
          return wholeCharacters(start, bytes, damage, stretches);
        }),
      );
      if (signal.aborted) return;
      this.shown = shown;
      this.left = left;
      this.problem = null;
    } catch (error) {
      if (signal.aborted) return;
      const { what, advice } = problemOf(error, "These bytes cannot be read.");
      this.problem = [what, advice].filter(Boolean).join(" ");
    }
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (changed.has("shown")) this.dispatchEvent(new CustomEvent("damage-shown"));
  }

  render() {
    const { band } = this;
    if (!band) return nothing;
    const { what, where, why, notes } = bandText(band);
    return html`<section aria-label="Damage">
      <div class="top">
        ${glyphs.warning}
        <h3>${what}</h3>
        ${notes.map((note) => html`<span class="tag warn">${note}</span>`)}
        <button
          class="quiet icon close"
          aria-label="Close the damage"
          title="Close (Esc)"
          @click=${() => this.dispatchEvent(new CustomEvent("close"))}
        >
          ${glyphs.close}
        </button>
      </div>
      <dl>
        ${band.session === undefined ? nothing : html`<dt>Log</dt><dd><bdi>${plainly(band.session)}</bdi></dd>`}
        <dt>Where</dt><dd class="number">${where}</dd>
        <dt>Why</dt><dd>${plainly(why)}</dd>
        <dt>Now</dt><dd>${whatNow(band)}</dd>
      </dl>
      ${this.#bytes()}
    </section>`;
  }

  #bytes() {
    const { problem, shown, form } = this;
    if (problem !== null) return html`<p role="alert">${plainly(problem)}</p>`;
    if (!shown) return html`<p class="soft" role="status">Reading…</p>`;
    if (shown.every(({ bytes }) => bytes.length === 0))
      return html`<p class="soft">The file has no bytes here any more.</p>`;
    const parts = new Set(shown.flatMap((each) => each.parts.map(({ part }) => part)));
    return html`<div class="bar">
        <div class="forms" role="group" aria-label="How bytes are shown">
          ${
            /** @type {const} */ (["text", "hex"]).map(
              (each) => html`<button
              aria-pressed=${each === form ? "true" : "false"}
              @click=${() => (this.form = each)}
            >
              ${each === "text" ? "Text" : "Hex"}
            </button>`,
            )
          }
        </div>
        <div class="legend" aria-hidden="true">
          ${[...parts].map((part) =>
            part === "around" ? nothing : html`<span><i class=${part}></i>${PARTS[part]}</span>`,
          )}
        </div>
      </div>
      <div class="bytes ${form}" role="region" tabindex="0" aria-label="Bytes as ${form}">${shown.map(
        (each, at) =>
          html`${at > 0 ? this.#left() : nothing}${form === "text" ? asText(each) : asHex(each, this.isNarrow ? NARROW : WIDE)}`,
      )}</div>`;
  }

  #left() {
    return html`<div class="left">
      … ${countText(this.left)} bytes are left out here.
      ${
        this.most < MOST
          ? html`<button @click=${() => (this.most = Math.min(MOST, this.most * 8))}>Show more</button>`
          : nothing
      }
    </div>`;
  }
}
customElements.define("damage-view", DamageView);

/**
 * Returns what the parts of damage are.
 *
 * @param {LogIndex} index
 * @param {Band} band
 * @returns {Stretch[]}
 */
function stretchesOf(index, band) {
  const { offset, length } = stretchOf(band);
  const end = offset + length;
  const { session, damage } = band;
  const rows = index.select({ recovered: true, ...(session !== undefined && { session }) });
  const offsets = index.column("offset", rows);
  const lengths = index.column("length", rows);
  /** @type {Stretch[]} */
  const stretches = [{ start: offset, end, part: damage ? "damaged" : "pending" }];
  for (const [at, start] of offsets.entries())
    if (start >= offset && start < end)
      stretches.push({ start, end: start + lengths[at], part: "recovered" });
  for (const { offset: start, length: own } of damage?.doubtful ?? [])
    stretches.push({ start, end: start + own, part: "doubtful" });
  return stretches;
}

/**
 * Leaves out the parts of characters that a range cut, unless they are of the damage.
 *
 * @param {number} from where the bytes start in the file
 * @param {Uint8Array} bytes
 * @param {{ offset: number, length: number }} damage
 * @param {readonly Stretch[]} stretches
 * @returns {Shown}
 */
function wholeCharacters(from, bytes, { offset, length }, stretches) {
  let [start, end] = [from, from + bytes.length];
  const isRest = (/** @type {number} */ at) => (bytes[at - from] & 0xc0) === 0x80;
  const isInside = (/** @type {number} */ at) => at >= offset && at < offset + length;
  for (let left = 3; left > 0 && start > 0 && start < end && isRest(start); left -= 1)
    if (isInside(start)) break;
    else start += 1;
  let last = end - 1;
  while (last > start && end - last < 4 && isRest(last)) last -= 1;
  const needs =
    bytes[last - from] < 0xc0
      ? 1
      : bytes[last - from] < 0xe0
        ? 2
        : bytes[last - from] < 0xf0
          ? 3
          : 4;
  if (end - last < needs && !isInside(last)) end = last;
  return {
    start,
    bytes: bytes.subarray(start - from, end - from),
    parts: divided({ start, end }, stretches),
  };
}

/** @param {Shown} shown */
function asText({ start, bytes, parts }) {
  return parts.map(
    (each) =>
      html`<span class=${each.part}
        ><span class="for-readers">${each.part === "around" ? "" : `${PARTS[each.part]}: `}</span
        >${textOf(bytes.subarray(each.start - start, each.end - start)).map(({ text, kind }) =>
          kind === undefined
            ? text
            : html`<span class="code is-${kind}">${text}</span>${kind === "end" && text === "LF" ? "\n" : nothing}`,
        )}</span
      >`,
  );
}

/**
 * @param {Shown} shown
 * @param {number} width how many bytes a line has
 */
function asHex({ start, bytes, parts }, width) {
  const lines = [];
  let part = 0;
  const partAt = (/** @type {number} */ at) => {
    while (parts[part].end <= at) part += 1;
    return parts[part].part;
  };
  for (let from = start - (start % width); from < start + bytes.length; from += width) {
    /** @type {{ part: Part | "", numbers: string, characters: string }[]} */
    const runs = [];
    for (let at = from; at < from + width; at += 1) {
      const isIn = at >= start && at < start + bytes.length;
      const own = isIn ? partAt(at) : "";
      const byte = bytes[at - start];
      const last = runs.at(-1);
      const space = at + 1 < from + width ? " " : "";
      const number = `${isIn ? hex(byte) : "  "}${space}`;
      const character = isIn ? ascii(byte) : " ";
      if (last?.part === own) {
        last.numbers += number;
        last.characters += character;
      } else runs.push({ part: own, numbers: number, characters: character });
    }
    lines.push(
      html`<div
        ><span class="at">${countText(from)}</span
        ><span>${runs.map(({ part: own, numbers }) => html`<b class=${own}>${numbers}</b>`)}</span
        ><span aria-hidden="true">${runs.map(({ part: own, characters }) => html`<b class=${own}>${characters}</b>`)}</span
      ></div>`,
    );
  }
  return lines;
}

/**
 * Returns what damage means for what is read, and what a person can do.
 *
 * @param {Band} band
 */
function whatNow({ damage, pending }) {
  if (pending)
    return pending.unfinished
      ? "The next append ends this line, and so does skill-log repair."
      : "It becomes an entry when the rest of it is written.";
  const doubtful = damage?.doubtful?.length ?? 0;
  return [
    "Nothing is changed from this page. All other entries are read as usual;",
    "skill-log repair cleans the log and keeps these bytes in a file of their own.",
    doubtful > 0
      ? "A doubtful piece may be an entry, or an object that another entry’s input holds."
      : "",
  ].join(" ");
}
