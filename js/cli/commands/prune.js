// `skill-log prune`: its options, its report, and the removal.

import path from "node:path";

import { InvalidArgumentError } from "commander";
import prettyBytes from "pretty-bytes";

import { DirectoryLock } from "../archiving/directory-lock.js";
import { sessionsNamed, sessionsOf } from "../archiving/session-files.js";
import { UsageError } from "../failures.js";
import { jsonText } from "../json-text.js";
import { AUDIT_NAME, AuditLog } from "../pruning/audit-log.js";
import { decide } from "../pruning/decision.js";
import { factsOf } from "../pruning/session-facts.js";
import { EXTENSION, refuseEmpty } from "../selection/operands.js";
import { localTime, parseAge } from "../selection/times.js";
import { counted } from "../terminal/counted.js";
import { exitWhenReaderLeaves, reportFailureOf, stdout, warn } from "../terminal/output.js";
import { printable } from "../terminal/printable.js";
import { Progress } from "../terminal/progress.js";

/** @import { Command } from "commander" */
/** @import { Kept } from "../pruning/decision.js" */
/** @import { PrunedSession } from "../pruning/session-facts.js" */

/**
 * @typedef {object} Options
 * @property {{ age: number, text: string }} older
 * @property {number} [keep]
 * @property {string[]} [keepStatus]
 * @property {boolean} [damaged]
 * @property {boolean} [unsafe]
 * @property {boolean} [yes]
 * @property {string} [audit]
 * @property {boolean} [json]
 * @property {boolean} cache
 */

/** Sessions that are written down by one write, and then removed. */
const BATCH = 50;

/** @param {Command} command */
export function define(command) {
  command
    .usage("[options] DIRECTORY [SESSION...]")
    .argument("<DIRECTORY>", "a directory of logs")
    .argument(
      "[SESSION...]",
      "ids of sessions in it, or patterns such as 'build-*' (none: all sessions)",
    )
    .requiredOption(
      "--older <age>",
      "remove sessions that were not active for so long",
      (text) => ({
        age: parseAge(text),
        text,
      }),
    )
    .option("--yes", "remove them; without it, only report what would be removed")
    .option("--keep <n>", "keep the N sessions that were active last", parseCount)
    .option(
      "--keep-status <text>",
      "keep sessions that have an entry with this status; may be given several times",
      (text, /** @type {string[]} */ before = []) => [...before, text],
    )
    .option("--damaged", "also remove sessions with damaged lines")
    .option("--unsafe", "also remove logs whose names cannot be session ids")
    .option(
      "--audit <file>",
      `where what is removed is written down; default: ${AUDIT_NAME} in the DIRECTORY`,
    )
    .option("--json", "print one JSON object per session that is removed, or old and kept")
    .option("--no-cache", "read the logs without the cache, and write none")
    .addHelpText(
      "after",
      `
A session was active when its files were changed, or at the time of its latest
entry, whichever is later. Its log, its archive and its .damaged file are removed
together. Sessions are kept that are links, are being archived, have an unfinished
last entry, lines that are not skill-log entries, or no entries; and those that
change while the command runs.

With --yes, the audit gets a line of JSON for each session before the session is
removed: its id, its files with their bytes and SHA-256, its entries, and the first
and last time of them. It is on the disk when the session is removed.

Exit status: 0 on success, and without --yes; 1 when a session could not be removed;
2 for wrong usage.

Examples:
  $ skill-log prune logs --older 90d                     only report
  $ skill-log prune logs --older 90d --yes
  $ skill-log prune logs 'build-*' --older 2w --keep 100 --keep-status fail`,
    )
    .action(prune);
}

/** @param {string} text */
function parseCount(text) {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("Expected a whole number.");
  return Number(text);
}

/**
 * @param {string} dir
 * @param {string[]} operands
 * @param {Options} options
 */
async function prune(dir, operands, options) {
  const { older, yes = false, json = false, audit = path.join(dir, AUDIT_NAME) } = options;
  refuseEmpty([dir, audit, ...operands]);
  if (audit.endsWith(EXTENSION) && path.resolve(path.dirname(audit)) === path.resolve(dir))
    throw new UsageError(`--audit ${audit}: would be listed as a session; choose another name`);
  if (!yes) exitWhenReaderLeaves();
  const now = Date.now();
  const named = sessionsNamed(sessionsOf(dir), dir, operands);
  const progress = new Progress("reading", []);
  const { cache } = options;
  const sessions = await factsOf(dir, named, { since: now - older.age, cache, progress });
  progress.stop();
  const decisions = decide(sessions, { ...options, now, older: older.age });
  const chosen = [...decisions].flatMap(([each, kept]) => (kept === null ? [each] : []));
  const report = new Report({ older: older.text, yes, json });
  for (const [session, kept] of decisions) await report.keep(session, kept);
  if (!yes) for (const session of chosen) await report.remove(session);
  else if (chosen.length > 0) await removeAll(chosen, { dir, audit, older: older.text, report });
  await report.end();
}

/**
 * Writes down and removes sessions.
 *
 * @param {PrunedSession[]} sessions
 * @param {{ dir: string, audit: string, older: string, report: Report }} options
 */
async function removeAll(sessions, { dir, audit, older, report }) {
  // Files of a session that is archived meanwhile would move while they are removed.
  const lock = new DirectoryLock(dir);
  try {
    const log = new AuditLog(audit);
    const progress = new Progress("removing", sessions);
    try {
      for (let at = 0; at < sessions.length; at += BATCH) {
        const batch = sessions.slice(at, at + BATCH);
        await removeBatch(batch, { dir, lock, log, older, report, progress });
      }
    } finally {
      progress.stop();
      log.close();
    }
  } finally {
    lock.release();
  }
}

/**
 * @param {PrunedSession[]} batch
 * @param {{ dir: string, lock: DirectoryLock, log: AuditLog, older: string, report: Report,
 *   progress: Progress }} options
 */
async function removeBatch(batch, { dir, lock, log, older, report, progress }) {
  /** @type {Map<PrunedSession, object>} */
  const described = new Map();
  try {
    for (const session of batch) {
      try {
        described.set(session, await describe(session, { dir, older }));
      } catch (error) {
        await report.fail(session, error);
      }
    }
    log.append([...described.values()]);
    for (const session of described.keys()) {
      try {
        lock.check();
        session.check();
        for (const file of session.files) {
          const late = file.remove();
          if (late > 0)
            await warn(
              `${file.path}: ${counted(late, "byte")} were appended as it was removed; they are in a new file of this name`,
            );
        }
        await report.remove(session);
      } catch (error) {
        const reason = /** @type {Error} */ (error).message;
        log.append([{ event: "kept", time: new Date(), session_id: session.id, reason }]);
        await report.fail(session, error);
      }
      progress.update({ bytes: session.bytes });
      progress.next();
    }
  } finally {
    for (const { files } of batch) for (const file of files) file.close();
  }
}

/**
 * Returns the line of the audit.
 *
 * @param {PrunedSession} session
 * @param {{ dir: string, older: string }} options
 */
async function describe({ id, files, bytes, contents }, { dir, older }) {
  const described = [];
  for (const file of files) described.push(await file.describe());
  return {
    event: "remove",
    time: new Date(),
    session_id: id,
    directory: path.resolve(dir),
    files: described,
    bytes,
    entries: contents?.entries,
    first: contents?.first,
    last: contents?.last,
    damaged: contents?.damaged,
    older,
  };
}

/** What was removed, and what was kept. */
class Report {
  #options;
  #removed = 0;
  #bytes = 0;
  #old = 0;
  #young = 0;

  /** @param {{ older: string, yes: boolean, json: boolean }} options */
  constructor(options) {
    this.#options = options;
  }

  /**
   * Adds a session that is removed, or would be.
   *
   * @param {PrunedSession} session
   */
  async remove(session) {
    const { yes, json } = this.#options;
    this.#removed += 1;
    this.#bytes += session.bytes;
    if (json) {
      await stdout.json(jsonText(factsFor(session, yes ? "removed" : "would remove")));
      return;
    }
    const { bold, red, yellow } = stdout.style;
    const { name, bytes, contents, active } = session;
    const entries = counted(contents?.entries ?? 0, "entry", "entries");
    await stdout.line(
      `${bold(printable(name))}: ${prettyBytes(bytes)}, ${entries}, active last ${localTime([Math.floor(active / 1000), 0])}: ${yes ? red("removed") : yellow("would be removed")}`,
    );
  }

  /**
   * Adds a session that is kept.
   *
   * @param {PrunedSession} session
   * @param {Kept} kept
   */
  async keep(session, kept) {
    if (kept === null) return;
    if (kept === "not old") {
      this.#young += 1;
      return;
    }
    this.#old += 1;
    const { why: reason } = kept;
    if (this.#options.json) await stdout.json(jsonText({ ...factsFor(session, "kept"), reason }));
    else
      await stdout.line(
        `${stdout.style.bold(printable(session.name))}: kept: ${printable(reason)}`,
      );
  }

  /**
   * @param {PrunedSession} session
   * @param {unknown} error an unexpected one is thrown again
   */
  fail({ name }, error) {
    return reportFailureOf(name, error);
  }

  async end() {
    const { older, yes, json } = this.#options;
    if (!json) {
      const parts = [
        this.#removed === 0
          ? `nothing ${yes ? "was" : "would be"} removed`
          : `${counted(this.#removed, "session")} ${yes ? "removed" : "would be removed"} (${prettyBytes(this.#bytes)})`,
        ...(this.#old > 0 ? [`${counted(this.#old, "old session")} kept`] : []),
        ...(this.#young > 0 ? [`${counted(this.#young, "session")} active within ${older}`] : []),
      ];
      await stdout.line(parts.join("; "));
    }
    if (yes || this.#removed === 0) return;
    if (json) await warn("nothing was removed; run the command again with --yes to remove");
    else await stdout.line("\nNothing was removed. Run the command again with --yes to remove.");
  }
}

/**
 * @param {PrunedSession} session
 * @param {string} action
 */
function factsFor({ id, bytes, active, contents }, action) {
  return {
    id,
    action,
    bytes,
    entries: contents?.entries,
    first: contents?.first,
    last: contents?.last,
    active: new Date(active),
  };
}
