import { invalidArgument, OWN } from "../errors.js";
import { fewLogs } from "../indexing/few-logs.js";
import { LogIndex } from "../indexing/log-index.js";
import { checkOptions, checkSignal, syncOption } from "../options.js";
import { accessTo } from "../session-log.js";
import { distinctLines } from "./distinct-lines.js";

/** @import { MergeOptions, MergeReport } from "../types.js" */
/** @import { SessionLog } from "../session-log.js" */

/**
 * Merges copies of a session, such as those of several machines, into a new log: their entries in the
 * order of their timestamps, each once. Entries are the same when their canonical lines are. Of equal
 * timestamps, those of the first log come first, each log's in its order.
 *
 * Damage, pending bytes and doubtful entries are left out. They stay in the logs that are merged, which
 * do not change. The new log appears in one step, with all its entries, or not at all.
 *
 * @param {readonly SessionLog<any, any>[]} from any logs, also those of `SessionLog.from`
 * @param {SessionLog<any, any>} to must have no file yet
 * @param {MergeOptions} [options]
 * @returns {Promise<MergeReport>}
 * @throws {SkillLogError} `EXISTS` when there is a log already; `REPLACED` when a log changes
 *   meanwhile other than by appends
 */
export async function mergeSessions(from, to, options) {
  const { sync, signal } = checkOptions(options, ["sync", "signal"]);
  checkSignal(signal);
  if (!Array.isArray(from)) throw invalidArgument("from", from, "an array of logs");
  const { create } = accessTo("to", to);
  const logs = from.map((log, at) => accessTo(`from[${at}]`, log).indexed());
  const ids = from.map(({ id }) => id);
  const index = new LogIndex(OWN, fewLogs(logs, ids));
  await index.refresh({ signal });
  const counts = { entries: 0, repeated: 0 };
  const bytes = await create(distinctLines(index, counts, signal), syncOption(sync));
  return { ...counts, damaged: index.damaged, bytes };
}
