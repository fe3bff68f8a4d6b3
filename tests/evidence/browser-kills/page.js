// A tab that appends to a log of OPFS, and follows and repairs it, until its browser is killed.

/** @import { Entry } from "skill-log" */

import { SessionLog, SkillLogError } from "skill-log";

/**
 * What a tab does until its browser is killed: the name of a method of `at`, and what it is given.
 *
 * @typedef {{ what: "append" | "create" | "follow" | "repair" } & Record<string, any>} Work
 */

/** What is not reported yet. @type {[what: string, value: string | number][]} */
let news = [];
let isReporting = false;

/** How often an append may find the file held by others, for about a second each time. */
const MOST_BUSY = 5;

/**
 * Reports what happened: one request at a time, because browsers have few connections for all tabs.
 *
 * @param {"acknowledged" | "synced" | "created" | "followed" | "repaired" | "refused" | "wrong"} what
 * @param {string | number} value numbers are added up
 */
async function report(what, value) {
  const last = news.at(-1);
  if (typeof value === "number" && last?.[0] === what) last[1] = Number(last[1]) + value;
  else news.push([what, value]);
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
      await untilFree(() => log.append(entry, { sync }));
      report(sync ? "synced" : "acknowledged", `${tab} ${number}`);
    }
  },

  /**
   * Makes new logs, and syncs the only entry of each.
   *
   * @param {{ session: string, every: number }} of
   */
  async create({ session, every }) {
    for (let number = 0; ; number += 1) {
      const created = `${session}-${number}`;
      const log = await SessionLog.open("logs", created);
      await untilFree(() => log.append(createdEntry(created), { sync: true }));
      await log.close();
      report("created", created);
      await new Promise((done) => setTimeout(done, every));
    }
  },

  /**
   * Follows a log, and checks that the entries of each tab come in order, each of them once.
   *
   * @param {{ session: string }} of
   */
  async follow({ session }) {
    const log = await SessionLog.open("logs", session);
    /** @type {Map<string, number>} */
    const next = new Map();
    for await (const { entry } of log.follow({ from: "start", onDamage() {} })) {
      const { skill, phase } = /** @type {Entry} */ (entry);
      const expected = next.get(skill) ?? 0;
      if (nameOf(/** @type {Entry} */ (entry)) !== `${skill} ${expected}`)
        throw new Error(`${skill} ${phase} follows where ${expected} must`);
      next.set(skill, expected + 1);
      report("followed", 1);
    }
    throw new Error("it ended");
  },

  /**
   * Tears a line of a log as a killed writer does, and repairs the log, again and again.
   *
   * @param {{ session: string, every: number }} of
   */
  async repair({ session, every }) {
    const log = await SessionLog.open("logs", session);
    const tearer = new Worker("/tear.js");
    for (;;) {
      tearer.postMessage(session);
      const failure = await new Promise((done) => {
        tearer.onmessage = ({ data }) => done(data);
      });
      if (failure) throw new Error(failure);
      try {
        const { repaired } = await log.repair();
        if (repaired > 0) report("repaired", 1);
      } catch (error) {
        const { code } = /** @type {{ code?: string }} */ (error);
        // Other tabs write without a pause.
        if (code !== "BUSY") throw error;
      }
      await new Promise((done) => setTimeout(done, every));
    }
  },

  /**
   * Reads a log, appends an entry, repairs the log and reads it again.
   *
   * @param {{ session: string }} of
   * @returns {Promise<import("./working-tabs.js").Found>} what was found until a step was refused
   */
  async recover({ session }) {
    const log = await SessionLog.open("logs", session);
    const entryNames = async () => {
      const entries = await log.read({ onDamage() {} });
      return entries.map((entry) => nameOf(/** @type {Entry} */ (entry)));
    };
    /** @type {import("./working-tabs.js").Found} */
    const found = { names: [], later: null, damaged: 0, isPending: false };
    const later = { session_id: session, skill: "later", phase: "0", final_status: "ok" };
    const steps = {
      read: async () => void (found.names = await entryNames()),
      async verify() {
        const { damaged, pending } = await log.verify();
        found.damaged = damaged;
        found.isPending = pending !== null;
      },
      append: () => log.append(later),
      repair: () => log.repair(),
      "read again": async () => void (found.later = await entryNames()),
    };
    for (const [step, run] of Object.entries(steps)) {
      try {
        await run();
      } catch (error) {
        if (!(error instanceof SkillLogError)) throw error;
        const why = `${error.message}: ${error.cause}`;
        found.refused = { step, code: error.code, why, bare: await bare(session) };
        break;
      }
    }
    await log.close();
    return found;
  },

  /**
   * Reads new logs. Returns those whose only entry is there, and throws if another one is.
   *
   * @param {{ sessions: string[] }} of
   * @returns {Promise<string[]>}
   */
  async readCreated({ sessions }) {
    const found = [];
    for (const session of sessions) {
      const log = await SessionLog.open("logs", session);
      const entries = await log.read({ onDamage() {} });
      await log.close();
      const isOwn = entries.every((entry) => {
        const { skill, message } = /** @type {Entry} */ (entry);
        return skill === "created" && message === createdEntry(session).message;
      });
      if (entries.length > 1 || !isOwn) throw new Error(`an entry was invented in ${session}`);
      if (entries.length === 1) found.push(session);
    }
    return found;
  },

  /** Removes all logs, which would fill the disk otherwise. */
  async clear() {
    const root = await navigator.storage.getDirectory();
    for (;;) {
      try {
        await root.removeEntry("logs", { recursive: true });
        return;
      } catch (error) {
        const { name } = /** @type {DOMException} */ (error);
        if (name === "NotFoundError") return;
        // A tab that was just closed still has a file.
        if (name !== "NoModificationAllowedError") throw error;
        await new Promise((done) => setTimeout(done, 10));
      }
    }
  },
};

/** Makes the only entry of a new log. @param {string} session */
function createdEntry(session) {
  const message = messageOf(session, 0, 500);
  return { session_id: session, skill: "created", phase: "0", final_status: "ok", message };
}

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

/**
 * Returns what the browser itself refuses of a log.
 *
 * @param {string} session
 * @returns {Promise<import("./bare.js").Bare>}
 */
async function bare(session) {
  const worker = new Worker("/bare.js");
  worker.postMessage(session);
  const refused = await new Promise((done) => {
    worker.onmessage = ({ data }) => done(data);
  });
  worker.terminate();
  return refused;
}

/**
 * Appends until other tabs leave the file long enough. What `BUSY` refused must not be in the log, or
 * the entry is there twice.
 *
 * @param {() => Promise<unknown>} append
 */
async function untilFree(append) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await append();
      return;
    } catch (error) {
      const { code } = /** @type {{ code?: string }} */ (error);
      if (code !== "BUSY" || attempt === MOST_BUSY) throw error;
      report("refused", 1);
    }
  }
}

/**
 * Begins what does not end until the browser is killed. Reports when it fails.
 *
 * @param {Work} work
 */
function begin({ what, ...of }) {
  const work = /** @type {(of: any) => Promise<unknown>} */ (at[what]);
  work(of).catch((error) => report("wrong", `${what}: ${error}`));
}

/** Joins the first tab with those that it opens: these say "ready", and it says "begin". */
const channel = new BroadcastChannel("tabs");

/**
 * Begins work in this tab, and at the same time in new ones. A tab that opens while others work
 * would take several times as long.
 *
 * @param {Work[]} works
 */
async function beginAll([own, ...others]) {
  let ready = 0;
  await new Promise((done) => {
    channel.onmessage = () => {
      ready += 1;
      if (ready === others.length) done(null);
    };
    for (const work of others) {
      const url = `/tab#${encodeURIComponent(JSON.stringify(work))}`;
      // Without an opener, a tab may have a process of its own.
      open(url, "_blank", "noopener");
    }
  });
  channel.postMessage("begin");
  begin(own);
}

if (location.hash) {
  const work = JSON.parse(decodeURIComponent(location.hash.slice(1)));
  channel.onmessage = ({ data }) => {
    if (data === "begin") begin(work);
  };
  channel.postMessage("ready");
}

Object.assign(globalThis, { at, beginAll });
