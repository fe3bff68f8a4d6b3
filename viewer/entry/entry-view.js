// One entry in full: what it says of itself, its attempts, its input, and its line.

import { LitElement, css, html, nothing } from "lit";

import { toneOf } from "../app/tones.js";
import { controls } from "../app/tokens.js";
import { gapBetween } from "../time/runs.js";
import { durationText, momentOf } from "../time/times.js";
import { drawn, drawnName, drawnStyles } from "./drawn-text.js";
import { asked, TookTooLong } from "./entry-work.js";
import { plainly } from "./hidden-characters.js";
import { prettyJson } from "./pretty-json.js";

import "./attempts-view.js";
import "./copy-button.js";
import "./json-tree.js";
import "./long-text.js";

/** @import { PropertyValues, TemplateResult } from "lit" */
/** @import { Attempt, Entry, LogIndex, Place, RawJson, Row } from "skill-log" */
/** @import { Search } from "../app/store.js" */
/** @import { Logs } from "../sources/opened.js" */
/** @import { Zone } from "../time/times.js" */

/** A longer path takes two columns. */
const SHORT_NAME = 30;

/** The most hits that are marked. */
const MOST_PLACES = 1000;

/** The most of them in one string. */
const MOST_PER_STRING = 200;

/** Up to this many bytes the line is shown with its entry. */
const SHORT_LINE = 4_000_000;

/**
 * Up to this many bytes an entry is read without being asked for: the package reads it as a whole,
 * and the page draws it, in at most some 40 ms of the page's thread. Of a larger one, only the start
 * of its line is shown.
 */
const MOST_UNASKED = 6_000_000;
const START_OF_LARGE = 8000;

/** @typedef {Entry<RawJson>} RawEntry */

/**
 * `<entry-view .index .row .search .zone>`: `search` marks its hits, `zone` is of the times.
 */
export class EntryView extends LitElement {
  static properties = {
    index: { attribute: false },
    row: { attribute: false },
    search: { attribute: false },
    zone: {},
    entry: { state: true },
    places: { state: true },
    currentPlace: { state: true },
    problem: { state: true },
    searchProblem: { state: true },
    line: { state: true },
    large: { state: true },
    start: { state: true },
    logs: { attribute: false },
    session: { attribute: false },
  };

  static styles = [
    controls,
    drawnStyles,
    css`
      /* What only screen readers see must not lengthen the page. */
      :host { display: block; position: relative; container-type: inline-size; overflow-wrap: anywhere; }
      article { padding: var(--space-4) var(--space-5) var(--space-6); }
      header.top { display: flex; flex-wrap: wrap; gap: var(--space-2) var(--space-3);
        align-items: center; }
      h2 { font-size: var(--text-title); line-height: 1.25; min-width: 0; letter-spacing: -.01em; }
      h2 .phase { font-weight: 400; color: var(--text-soft); }
      .status { font-size: var(--text-normal); line-height: 24px; padding: 0 10px; font-weight: 600; }
      .copies { margin-inline-start: auto; display: flex; flex-wrap: wrap; gap: 2px; }
      .message { margin-top: var(--space-3); font-size: var(--text-large); max-width: 90ch; }
      dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 230px), 1fr));
        gap: var(--space-3) var(--space-5); margin: var(--space-4) 0 0; padding: var(--space-3) 0;
        border-block: 1px solid var(--line); }
      dl > div { min-width: 0; }
      dl .wide { grid-column: span 2; }
      dt { font-size: var(--text-small); color: var(--text-soft); }
      dd { margin: 0; }
      dd small { display: block; font-size: var(--text-small); color: var(--text-soft); }
      section { margin-top: var(--space-5); }
      .heading { display: flex; align-items: center; gap: var(--space-3); margin-bottom: var(--space-2); }
      h3 { font-size: var(--text-large); }
      .heading copy-button { margin-inline-start: auto; }
      .box { border: 1px solid var(--line); border-radius: var(--radius-large); overflow: hidden;
        padding: var(--space-2); background: var(--background); }
      .line { padding: var(--space-2) var(--space-3); font: 12px / 1.55 var(--font-mono); }
      .hits { position: sticky; top: 0; z-index: 2; display: flex; align-items: center;
        gap: var(--space-2); padding: var(--space-1) var(--space-5); background: var(--surface);
        border-bottom: 1px solid var(--line); font-size: var(--text-small); }
      .hits button { height: 24px; }
      .hits .where { color: var(--text-soft); min-width: 0; overflow: hidden; white-space: nowrap;
        text-overflow: ellipsis; }
      .hits .end { margin-inline-start: auto; display: flex; gap: var(--space-1); }
      .problem, .wait { padding: var(--space-5); }
      .problem p { margin-top: var(--space-1); color: var(--text-soft); }
      bdi { unicode-bidi: isolate; }
      @container (width < 560px) {
        article { padding: var(--space-3) var(--space-3) var(--space-5); }
        .hits { padding-inline: var(--space-3); }
        .copies { margin-inline-start: 0; }
        dl { grid-template-columns: 1fr 1fr; gap: var(--space-2) var(--space-3); }
        h2 { font-size: 18px; }
      }
    `,
  ];

  #work = new AbortController();
  #search = new AbortController();
  #decoder = new TextDecoder();

  constructor() {
    super();
    /** @type {LogIndex | null} */
    this.index = null;
    /** @type {number | null} */
    this.row = null;
    /** @type {Search | null} */
    this.search = null;
    /** @type {Zone} */
    this.zone = "local";
    /** @type {{ row: Row, entry: RawEntry, place: string, before: string } | null} */
    this.entry = null;
    /** @type {readonly Place[]} */
    this.places = [];
    /** @type {Place | null} */
    this.currentPlace = null;
    /** @type {{ what: string, advice: string } | null} */
    this.problem = null;
    this.searchProblem = "";
    /** @type {string | null} */
    this.line = null;
    /** The row of a large entry that waits to be asked for. @type {Row | null} */
    this.large = null;
    /** The start of its line. */
    this.start = "";
    /** Whose bytes are shown of a large entry. @type {Pick<Logs, "open"> | null} */
    this.logs = null;
    /** The session of rows that name none. @type {string | null} */
    this.session = null;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#work.abort();
    this.#search.abort();
  }

  /** @param {PropertyValues<this>} changed */
  willUpdate(changed) {
    if (changed.has("index") || changed.has("row")) this.#load();
    else if (changed.has("search")) this.#find();
  }

  /** @param {boolean} [isAsked] whether a person asked for a large entry */
  async #load(isAsked = false) {
    this.#work.abort();
    const { signal } = (this.#work = new AbortController());
    const { index, row } = this;
    this.problem = null;
    this.places = [];
    this.currentPlace = null;
    this.line = null;
    this.large = null;
    this.start = "";
    if (!index || row === null) {
      this.entry = null;
      return;
    }
    try {
      const facts = index.row(row);
      if (facts.length > MOST_UNASKED && !isAsked) {
        this.large = facts;
        this.entry = null;
        await this.#readStart(facts, signal);
        return;
      }
      const entry = /** @type {RawEntry} */ (await index.entry(row, { input: "raw", signal }));
      if (signal.aborted) return;
      this.entry = { row: facts, entry, ...placeAmong(index, row, facts) };
      await this.#find();
    } catch (error) {
      if (signal.aborted) return;
      this.entry = null;
      this.problem = problemOf(error);
    }
  }

  /**
   * Reads the start of a large entry's line.
   *
   * @param {Row} row
   * @param {AbortSignal} signal
   */
  async #readStart({ session = this.session ?? "", offset }, signal) {
    const log = this.logs?.open(session);
    try {
      const bytes = await log?.bytes({ from: offset, to: offset + START_OF_LARGE, signal });
      // What ends within a character is left out.
      if (bytes && !signal.aborted) this.start = new TextDecoder().decode(bytes, { stream: true });
    } catch {
      // Whoever wants all of it learns why it cannot be read.
    }
  }

  async #find() {
    this.#search.abort();
    const { signal } = (this.#search = new AbortController());
    this.searchProblem = "";
    this.places = [];
    this.currentPlace = null;
    const { search, entry: loaded } = this;
    if (!search || search.text === "" || !loaded) return;
    try {
      const { input, ...entry } = loaded.entry;
      const text = search.isPattern ? new RegExp(search.text, "u") : search.text;
      const options = {
        ignoreCase: !search.isExact,
        most: MOST_PLACES,
        mostPerString: MOST_PER_STRING,
      };
      const given = { entry, input: input?.bytes ?? null, text, options };
      const places = await asked("places", given, signal);
      if (!signal.aborted) this.places = places;
    } catch (error) {
      if (signal.aborted) return;
      this.searchProblem =
        error instanceof TookTooLong
          ? "Searching this entry takes too long."
          : `The search failed: ${error instanceof Error ? error.message : error}`;
    }
  }

  /** Shows the next attempt, or one before. @param {number} by */
  moveToAttempt(by) {
    const attempts = /** @type {any} */ (this.renderRoot.querySelector("attempts-view"));
    attempts?.move(by);
    attempts?.scrollIntoView({ block: "nearest" });
  }

  /** Shows the next hit, or one before. @param {number} by */
  async showHit(by = 1) {
    const { places } = this;
    if (places.length === 0) return;
    const at = this.currentPlace ? places.indexOf(this.currentPlace) + by : by > 0 ? 0 : -1;
    const place = places[(at + places.length) % places.length];
    this.currentPlace = place;
    await this.updateComplete;
    const shown = (/** @type {string} */ selector) =>
      /** @type {any} */ (this.renderRoot.querySelector(selector));
    if (/^attempts\[/.test(place.field)) await shown("attempts-view")?.showCurrent();
    else if (place.field === "message") await shown(".message long-text")?.showCurrent();
    else if (/^input($|[.[])/.test(place.field)) await shown("json-tree")?.showPlace(place);
    else shown("mark.current")?.scrollIntoView({ block: "center" });
  }

  render() {
    if (this.problem)
      return html`<div class="problem" role="alert"><strong>${plainly(this.problem.what)}</strong>
        <p>${plainly(this.problem.advice)}</p></div>`;
    if (this.large) return this.#question(this.large);
    if (!this.entry)
      return this.row === null
        ? nothing
        : html`<p class="wait soft" role="status">Reading the entry…</p>`;
    const { entry } = this.entry;
    const attempts = /** @type {Attempt[]} */ (entry.attempts ?? []);
    return html`
      ${this.#hits()}
      <article aria-label="Entry">
        ${this.#top()}
        ${
          entry.message
            ? html`<div class="message"><long-text .text=${entry.message}
              .marks=${this.#placesOf("message")} .current=${this.#currentOf("message")}></long-text></div>`
            : nothing
        }
        ${this.#facts()}
        ${
          attempts.length > 0
            ? html`<section aria-labelledby="attempts">
              <div class="heading"><h3 id="attempts">${attempts.length === 1 ? "One attempt" : `${attempts.length.toLocaleString("en")} attempts`}</h3></div>
              <attempts-view .attempts=${attempts} .current=${this.#currentIn("attempts[")}
                .places=${this.#placesIn("attempts[")}></attempts-view>
            </section>`
            : nothing
        }
        ${
          entry.input
            ? html`<section aria-labelledby="input">
              <div class="heading"><h3 id="input">Input</h3>
                <copy-button name="input as JSON" .text=${() => entry.input?.text ?? ""}>JSON</copy-button></div>
              <div class="box"><json-tree .bytes=${entry.input.bytes} .current=${this.#currentIn("input")}
                .places=${this.#placesIn("input")}></json-tree></div>
            </section>`
            : nothing
        }
        ${this.#lineSection()}
      </article>`;
  }

  /** @param {Row} row */
  #question({ final_status: status, skill, length, timestamp }) {
    const { date, time, offset } = momentOf(timestamp, this.zone);
    return html`<article aria-label="Entry">
      <header class="top"><span class="tag status ${toneOf(status)}"><bdi>${drawnName(status.slice(0, 200))}</bdi></span>
        <h2><bdi>${drawnName(skill.slice(0, 200))}</bdi></h2>
        <span class="soft number">${plainly(`${date} ${time} ${offset}`)}</span></header>
      <p class="message">This entry is large: ${(length / 1e6).toFixed(1)} MB. ${this.start ? "Below is the start of its line." : nothing}</p>
      <p class="message"><button class="primary" @click=${() => this.#load(true)}>Show all</button>
        <span class="soft">The page may stop for a moment.</span></p>
      ${this.start ? html`<div class="box line"><long-text .text=${this.start} .isRaw=${true}></long-text></div>` : nothing}
    </article>`;
  }

  #hits() {
    const { places, currentPlace, searchProblem } = this;
    if (searchProblem) return html`<div class="hits" role="status">${plainly(searchProblem)}</div>`;
    if (places.length === 0) return nothing;
    const at = currentPlace ? places.indexOf(currentPlace) + 1 : 0;
    const most = places.length === MOST_PLACES ? " or more" : "";
    return html`<div class="hits">
      <span class="number" role="status">${at > 0 ? `Hit ${at} of ${places.length}${most}` : `${places.length}${most} ${places.length === 1 ? "hit" : "hits"}`}</span>
      <span class="where mono">${currentPlace ? drawnName(currentPlace.field.slice(0, 200)) : nothing}</span>
      <span class="end">
        <button @click=${() => this.showHit(-1)} aria-label="Previous hit in this entry">↑</button>
        <button @click=${() => this.showHit(1)} aria-label="Next hit in this entry">↓</button>
      </span>
    </div>`;
  }

  #top() {
    const { entry, row } = /** @type {NonNullable<typeof this.entry>} */ (this.entry);
    return html`<header class="top">
      ${entry.final_status ? html`<span class="tag status ${toneOf(entry.final_status)}"><bdi>${this.#name("final_status", entry.final_status)}</bdi></span>` : nothing}
      <h2><bdi>${entry.skill ? this.#name("skill", entry.skill) : "no skill"}</bdi>${
        entry.phase
          ? html` <span class="phase">· <bdi>${this.#name("phase", entry.phase)}</bdi></span>`
          : nothing
      }</h2>
      ${row.recovered ? html`<span class="tag warn" title="It stood on a damaged line">recovered</span>` : nothing}
      ${row.foreign ? html`<span class="tag warn" title="It lacks a member that every writer of the format writes">foreign</span>` : nothing}
      <div class="copies" role="group" aria-label="Copy">
        <copy-button name="session id" .text=${() => entry.session_id}>Session</copy-button>
        ${entry.file_path ? html`<copy-button name="file path" .text=${() => entry.file_path ?? ""}>Path</copy-button>` : nothing}
        <copy-button name="line" .text=${() => this.#readLine()}>Line</copy-button>
        <copy-button name="entry as JSON in lines" .text=${async () => prettyJson(await this.#readLine())}>JSON</copy-button>
      </div>
    </header>`;
  }

  #facts() {
    const { entry, row, place, before } = /** @type {NonNullable<typeof this.entry>} */ (
      this.entry
    );
    const zones = /** @type {Zone[]} */ (["local", "utc", "own"]);
    const moment = (/** @type {Zone} */ zone) => {
      const { date, time, offset } = momentOf(entry.timestamp, zone);
      return { text: `${date} ${time}`, offset };
    };
    const main = moment(this.zone);
    const others = zones
      .filter((zone) => zone !== this.zone)
      .map(moment)
      .filter(
        ({ offset }, at, all) =>
          isOther(offset, main.offset) &&
          all.findIndex((other) => !isOther(other.offset, offset)) === at,
      );
    /** @type {(term: string, shown: unknown, isWide?: boolean) => TemplateResult} */
    const fact = (term, shown, isWide = false) =>
      html`<div class=${isWide ? "wide" : ""}><dt>${term}</dt><dd>${shown}</dd></div>`;
    const name = (
      /** @type {"model_used" | "project_root" | "file_path" | "session_id"} */ field,
    ) => html`<bdi class="mono">${this.#name(field, entry[field] ?? "")}</bdi>`;
    return html`<dl>
      ${fact(
        "Ended",
        html`<span class="number">${plainly(main.text)}</span> <span class="soft">${main.offset}</span>
        ${others.map(({ text, offset }) => html`<small class="number">${plainly(text)} ${offset}</small>`)}`,
      )}
      ${fact(
        "Duration",
        html`<span class="number">${entry.duration_ms ? durationText(entry.duration_ms) : "not known"}</span>
        ${before ? html`<small>${before}</small>` : nothing}`,
      )}
      ${entry.model_used ? fact("Model", name("model_used")) : nothing}
      ${fact("Session", name("session_id"))}
      ${fact(
        "Place in the log",
        html`<span class="number">${place}</span>
        <small class="number">byte ${row.offset.toLocaleString("en")}, ${row.length.toLocaleString("en")} long</small>`,
      )}
      ${entry.file_path ? fact("File", name("file_path"), entry.file_path.length > SHORT_NAME) : nothing}
      ${entry.project_root ? fact("Project", name("project_root"), entry.project_root.length > SHORT_NAME) : nothing}
    </dl>`;
  }

  #lineSection() {
    const { row } = /** @type {NonNullable<typeof this.entry>} */ (this.entry);
    const isShown = this.line !== null;
    return html`<section aria-labelledby="line">
      <div class="heading"><h3 id="line">Line</h3>
        <button aria-expanded=${isShown} @click=${this.#toggleLine}>${isShown ? "Hide" : "Show"}</button>
        <span class="soft">as the format spells it${row.length > SHORT_LINE ? `, ${(row.length / 1e6).toFixed(1)} MB` : ""}</span>
        ${isShown ? html`<copy-button name="line" .text=${() => this.#readLine()}>Line</copy-button>` : nothing}</div>
      ${isShown ? html`<div class="box line"><long-text .text=${this.line} .isRaw=${true}></long-text></div>` : nothing}
    </section>`;
  }

  #toggleLine = async () => {
    const { entry } = this;
    try {
      const line = this.line === null ? await this.#readLine() : null;
      if (entry === this.entry) this.line = line;
    } catch (error) {
      this.problem = problemOf(error);
    }
  };

  /** Returns the entry's line, without its line end. */
  async #readLine() {
    const { index, row } = this;
    if (!index || row === null) return "";
    let text = "";
    for await (const bytes of index.lines([row], { signal: this.#work.signal }))
      text += this.#decoder.decode(bytes);
    return text.replace(/\n$/, "");
  }

  /**
   * Draws a short text of the entry, with its hits.
   *
   * @param {string} field
   * @param {string} text
   */
  #name(field, text) {
    const isLong = text.length > 2000;
    const marks = this.#placesOf(field);
    const nodes = drawn(isLong ? text.slice(0, 2000) : text, {
      marks,
      current: this.#currentOf(field),
      isRaw: true,
    });
    return html`${nodes}${isLong ? html`<span class="soft"> … ${(text.length - 2000).toLocaleString("en")} more characters</span>` : nothing}`;
  }

  /** @param {string} field */
  #placesOf(field) {
    return this.places.filter((place) => place.field === field);
  }

  /** @param {string} field */
  #currentOf(field) {
    return this.currentPlace?.field === field ? this.currentPlace : null;
  }

  /** @param {string} start of fields */
  #placesIn(start) {
    // The same array while nothing changed, so that elements have nothing to do.
    this.#parts ??= new Map();
    if (this.#partsOf !== this.places) {
      this.#partsOf = this.places;
      this.#parts.clear();
    }
    const known = this.#parts.get(start);
    const places = known ?? this.places.filter(({ field }) => field.startsWith(start));
    this.#parts.set(start, places);
    return places;
  }

  /** @type {Map<string, readonly Place[]> | undefined} */
  #parts;
  /** @type {readonly Place[] | undefined} */
  #partsOf;

  /** @param {string} start of fields */
  #currentIn(start) {
    return this.currentPlace?.field.startsWith(start) ? this.currentPlace : null;
  }
}
customElements.define("entry-view", EntryView);

/**
 * Returns where a row stands in its log, and how long after the entry before its run started.
 *
 * @param {LogIndex} index
 * @param {number} row
 * @param {Row} facts
 */
function placeAmong(index, row, facts) {
  const { session } = facts;
  const rows = index.select(session === undefined ? {} : { session });
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle] < row) low = middle + 1;
    else high = middle;
  }
  const place = `entry ${(low + 1).toLocaleString("en")} of ${rows.length.toLocaleString("en")}`;
  if (low === 0) return { place, before: "" };
  const earlier = index.row(rows[low - 1]);
  const gap = gapBetween(earlier, facts);
  if (!Number.isFinite(gap)) return { place, before: "" };
  return {
    place,
    before:
      gap < 0
        ? "started before the entry above ended"
        : `started ${durationText(gap)} after the entry above ended`,
  };
}

/**
 * Returns whether two offsets differ.
 *
 * @param {string} one
 * @param {string} other
 */
function isOther(one, other) {
  return one.replace("UTC", "+00:00") !== other.replace("UTC", "+00:00");
}

/** @param {unknown} error */
function problemOf(error) {
  const { code, message = String(error) } = /** @type {{ code?: string, message?: string }} */ (
    error
  );
  if (code === "REPLACED")
    return {
      what: "This entry is no longer in the log.",
      advice: "The log was removed, replaced or cut since it was read. Open it again.",
    };
  if (code === "FILE_CHANGED")
    return {
      what: "The file was changed since it was opened.",
      advice: "Open it again, or start `skill-log view` to follow it while it grows.",
    };
  return { what: "The entry cannot be read.", advice: message };
}
