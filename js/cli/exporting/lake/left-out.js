// What an export leaves out: damage, doubtful entries, foreign lines, and members that the format
// does not have.

import { counted } from "../../terminal/counted.js";

/** @import { Damage } from "../../../types.js" */

/**
 * What was left out, as JSON.
 *
 * @typedef {object} LeftOutFacts
 * @property {number} damaged_lines
 * @property {number} doubtful entries on damaged lines that may be parts of others
 * @property {number} foreign lines that are JSON of another sort
 * @property {Record<string, number>} unknown_members how many entries lack which member
 * @property {number} more_members how often a member was left out that is not named
 */

/** How many names of members are kept: whoever writes a log chooses them. */
const MOST_NAMES = 1000;

/** The most names in a line for people. */
const SHOWN_NAMES = 8;

/** Counts what is left out. */
export class LeftOut {
  damagedLines = 0;
  doubtful = 0;
  foreign = 0;
  moreMembers = 0;
  /** @type {Map<string, number>} */
  members = new Map();

  /** @param {Damage} damage */
  addDamage({ lines = 1, doubtful = [] }) {
    this.damagedLines += lines;
    this.doubtful += doubtful.length;
  }

  /** @param {string} name @param {number} [count] */
  addMember(name, count = 1) {
    const before = this.members.get(name);
    if (before === undefined && this.members.size >= MOST_NAMES) this.moreMembers += count;
    else this.members.set(name, (before ?? 0) + count);
  }

  /** @param {LeftOut} other */
  add(other) {
    this.damagedLines += other.damagedLines;
    this.doubtful += other.doubtful;
    this.foreign += other.foreign;
    this.moreMembers += other.moreMembers;
    for (const [name, count] of other.members) this.addMember(name, count);
  }

  get isEmpty() {
    return this.damagedLines + this.doubtful + this.foreign + this.members.size === 0;
  }

  /** @returns {LeftOutFacts} */
  toJSON() {
    return {
      damaged_lines: this.damagedLines,
      doubtful: this.doubtful,
      foreign: this.foreign,
      unknown_members: Object.fromEntries(this.members),
      more_members: this.moreMembers,
    };
  }

  /** @param {LeftOutFacts} facts */
  static from({ damaged_lines, doubtful, foreign, unknown_members, more_members }) {
    const left = new LeftOut();
    left.damagedLines = damaged_lines;
    left.doubtful = doubtful;
    left.foreign = foreign;
    left.members = new Map(Object.entries(unknown_members));
    left.moreMembers = more_members;
    return left;
  }

  /** Returns the counts for people, such as "2 damaged lines, 1 foreign line". */
  toString() {
    const names = [...this.members].slice(0, SHOWN_NAMES).map(([name, count]) => {
      return `${name} (${count.toLocaleString("en")})`;
    });
    const more = this.members.size - names.length;
    return [
      ...(this.damagedLines > 0 ? [counted(this.damagedLines, "damaged line")] : []),
      ...(this.doubtful > 0 ? [counted(this.doubtful, "doubtful entry", "doubtful entries")] : []),
      ...(this.foreign > 0 ? [counted(this.foreign, "foreign line")] : []),
      ...(names.length > 0
        ? [`unknown members: ${names.join(", ")}${more > 0 ? `, and ${more} more` : ""}`]
        : []),
    ].join(", ");
  }
}
