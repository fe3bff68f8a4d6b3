// A tab that appends to a log of OPFS, and follows and repairs it, until its browser is killed.

/** @import { Entry } from "skill-log" */

import { SessionLog } from "skill-log";

/** How many followed entries are reported at once. */
const REPORTED = 50;

/** What is not reported yet. @type {[what: string, value: string | number][]} */
let news = [];
let isReporting = false;

/**
 * Reports what happened: one request at a time, because browsers have few connections for all tabs.
 *
 * @param {"acknowledged" | "followed" | "repaired" | "wrong"} what
 * @param {string | number} value
 */
async function report(what, value) {
  news.push([what, value]);
  if (isReporting) return;
  isReporting = true;
  while (news.length > 0) {
    const body = JSON.stringify(news);
    news = [];
    await fetch("/news/", { method: "POST", body });
  }
  isReporting = false;
}

const at = {
  /**
   * Appends to a log. Reports each acknowledged entry at once.
   *
   * @param {{ session: string, tab: string, messages: number[], syncs: boolean }} of `messages`
   *   has the length of each entry's message, which are appended again and again
   */
  async append({ session, tab, messages, syncs }) {
    const log = await SessionLog.open("logs", session);
    for (let number = 0; ; number += 1) {
      const entry = {
        session_id: session,
        skill: tab,
        phase: `${number}`,
        final_status: "ok",
        message: messageOf(tab, number, messages[number % messages.length]),
      };
      const sync = syncs && number % 4 === 0;
      try {
        await log.append(entry, { sync });
        report("acknowledged", `${tab} ${number}`);
      } catch (error) {
        report("wrong", `append: ${error}`);
        return;
      }
    }
  },

  /** Follows a log, and checks that entries come once and in order. @param {{ session: string }} of */
  async follow({ session }) {
    const log = await SessionLog.open("logs", session);
    /** @type {Map<string, number>} */
    const last = new Map();
    let seen = 0;
    for await (const { entry } of log.follow({ from: "start", onDamage() {} })) {
      const { skill, phase } = /** @type {Entry} */ (entry);
      if (Number(phase) <= (last.get(skill) ?? -1))
        report("wrong", `followed ${skill} ${phase} again`);
      last.set(skill, Number(phase));
      seen += 1;
      if (seen % REPORTED === 0) report("followed", REPORTED);
    }
  },

  /** Repairs a log again and again. @param {{ session: string, every: number }} of */
  async repair({ session, every }) {
    const log = await SessionLog.open("logs", session);
    for (;;) {
      await new Promise((done) => setTimeout(done, every));
      try {
        await log.repair();
        report("repaired", 1);
      } catch (error) {
        const { code } = /** @type {{ code?: string }} */ (error);
        // Other tabs write without a pause.
        if (code !== "BUSY" && code !== "REPLACED") report("wrong", `repair: ${error}`);
      }
    }
  },

  /**
   * Reads a log, appends an entry, repairs the log and reads it again.
   *
   * @param {{ session: string }} of
   * @returns {Promise<{ names: string[], later: string[], damaged: number, isPending: boolean }>}
   */
  async recover({ session }) {
    const log = await SessionLog.open("logs", session);
    const names = async () => {
      const entries = await log.read({ onDamage() {} });
      return entries.map((entry) => nameOf(/** @type {Entry} */ (entry)));
    };
    const first = await names();
    const { damaged, pending } = await log.verify();
    await log.append({ session_id: session, skill: "later", phase: "0", final_status: "ok" });
    await log.repair();
    const later = await names();
    await log.close();
    return { names: first, later, damaged, isPending: pending !== null };
  },
};

/**
 * Makes a message that only this entry has.
 *
 * @param {string} tab
 * @param {number} number
 * @param {number} length
 */
function messageOf(tab, number, length) {
  const word = `${tab}-${number} `;
  return word.repeat(Math.ceil(length / word.length)).slice(0, length);
}

/**
 * Names an entry, and says so if it is not as it was appended.
 *
 * @param {Entry} entry
 */
function nameOf({ skill, phase, message = "" }) {
  const isOwn = skill === "later" || message === messageOf(skill, Number(phase), message.length);
  return isOwn ? `${skill} ${phase}` : `invented: ${skill} ${phase} ${message.slice(0, 80)}`;
}

Object.assign(globalThis, { at });
