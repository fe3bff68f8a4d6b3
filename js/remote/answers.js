// Checks what a server says of logs. What has another shape is refused, and members that are not
// known are left out.

import { pendingSince } from "../damage/verify.js";

/** @import { Damage, Pending, Report, SessionSummary } from "../types.js" */
/** @import { Look } from "../storage/storage.js" */
/** @import { Server } from "./server.js" */

const KINDS = ["corrupt", "fused", "nul", "torn", "too_long"];

/** The longest texts, in UTF-16 units: names of files, and texts of entries. */
const LONGEST_NAME = 10_000;
const LONGEST_TEXT = 1 << 20;

/** RFC 3339 as the core writes it. */
const TIMESTAMP = /^\d{4,5}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d{2,3}:\d\d)$/;

/** The latest time of a Date. */
const LATEST = 8_640_000_000_000_000;

/**
 * @param {any} value
 * @returns {value is number}
 */
export function isCount(value) {
  return Number.isSafeInteger(value) && value >= 0;
}

/**
 * @param {any} value
 * @param {number} [longest]
 * @returns {value is string}
 */
export function isText(value, longest = LONGEST_TEXT) {
  return typeof value === "string" && value.length <= longest;
}

/**
 * @param {any} value
 * @returns {value is string}
 */
export function isName(value) {
  return isText(value, LONGEST_NAME);
}

/**
 * Returns a time that is sent as a text or as milliseconds since 1970.
 *
 * @param {any} value
 * @returns {Date | null}
 */
export function dateIn(value) {
  const isTime = typeof value === "number" || isText(value, 40);
  const date = isTime ? new Date(value) : null;
  return date && Math.abs(date.getTime()) <= LATEST ? date : null;
}

/** Reads what a server sends. */
export class Answers {
  #server;

  /** @param {Server} server */
  constructor(server) {
    this.#server = server;
  }

  /**
   * Throws unless something holds.
   *
   * @param {unknown} holds
   * @param {string} what
   * @returns {asserts holds}
   */
  check(holds, what) {
    if (!holds) throw this.#server.invalid(what);
  }

  /**
   * @param {any} sent
   * @returns {Pending | null}
   */
  pending(sent) {
    if (sent === undefined || sent === null) return null;
    const { offset, length } = sent;
    const modified = sent.modified === undefined ? undefined : dateIn(sent.modified);
    this.check(isCount(offset) && isCount(length) && modified !== null, "pending bytes");
    return modified ? pendingSince({ offset, length }, modified.getTime()) : { offset, length };
  }

  /**
   * @param {any} sent
   * @param {string | undefined} session
   * @returns {Damage}
   */
  damage(sent, session) {
    const { kind, reason, offset, length, line, lines, recovered, doubtful } = Object(sent);
    const areNumbers =
      [offset, length, recovered].every(isCount) &&
      [line, lines].every((each) => each === undefined || isCount(each));
    this.check(areNumbers && KINDS.includes(kind) && isText(reason), "damage");
    const areDoubtful =
      doubtful === undefined ||
      (Array.isArray(doubtful) &&
        doubtful.every((place) => isCount(place?.offset) && isCount(place?.length)));
    this.check(areDoubtful, "doubtful bytes");
    return {
      kind,
      reason,
      offset,
      length,
      ...(line !== undefined && { line }),
      ...(lines !== undefined && { lines }),
      recovered,
      ...(doubtful !== undefined && {
        doubtful: doubtful.map((/** @type {any} */ place) => ({
          offset: place.offset,
          length: place.length,
        })),
      }),
      ...(session !== undefined && { session }),
    };
  }

  /**
   * @param {any} sent
   * @param {string | undefined} session
   */
  damages(sent = [], session) {
    this.check(Array.isArray(sent), "damage");
    return sent.map((/** @type {any} */ each) => this.damage(each, session));
  }

  /**
   * @param {any} sent
   * @returns {SessionSummary}
   */
  summary(sent) {
    const { id, bytes, entries, damaged, foreign, unsafe, link, archived, error } = sent;
    const modified = dateIn(sent.modified);
    this.check(isName(id) && modified, "a summary without a name or a time");
    this.check([bytes, entries, damaged, foreign].every(isCount), "numbers of a summary");
    const areTexts = [unsafe, link].every((text) => text === undefined || isName(text));
    this.check(areTexts, "texts of a summary");
    const { first, last, skill, final_status } = sent;
    const areOfEntries =
      [first, last].every((time) => isText(time) && TIMESTAMP.test(time)) &&
      [skill, final_status].every((text) => isText(text));
    this.check(entries === 0 || areOfEntries, "the entries of a summary");
    return {
      id,
      bytes,
      modified,
      ...(unsafe !== undefined && { unsafe }),
      ...(link !== undefined && { link }),
      ...(archived === true && { archived }),
      entries,
      ...(entries > 0 && { first, last, skill, final_status }),
      damaged,
      pending: this.pending(sent.pending),
      foreign,
      ...(error !== undefined && { error: this.#server.errorOf(error) }),
    };
  }

  /**
   * @param {any} sent
   * @returns {[id: string, look: Look]}
   */
  look(sent) {
    const { id, identity, size, changed, version } = sent;
    const isLook = isName(id) && isName(identity) && isCount(size) && isName(version);
    this.check(isLook && typeof changed === "number", "a look at a log");
    return [id, { identity, size, changed, version }];
  }

  /**
   * @param {any} sent
   * @returns {Report & { session: string }}
   */
  report(sent) {
    const { session, bytes, lines, entries, recovered, foreign, doubtful, damaged } = sent;
    const counts = { bytes, lines, entries, recovered, foreign, doubtful, damaged };
    this.check(isName(session) && Object.values(counts).every(isCount), "a report");
    return {
      session,
      ...counts,
      damage: this.damages(sent.damage, session),
      pending: this.pending(sent.pending),
    };
  }
}
