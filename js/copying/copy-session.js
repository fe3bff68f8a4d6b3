import { SkillLogError } from "../errors.js";
import { checkOptions, checkSignal, offsetOption, syncOption } from "../options.js";
import { bytesBefore, endOfEntries } from "./log-bytes.js";
import { accessTo } from "../session-log.js";

/** @import { CopyOptions, CopyReport } from "../types.js" */
/** @import { SessionLog } from "../session-log.js" */

/**
 * Copies a log to a new one, byte for byte: damage too, but not pending bytes at its end, which a
 * writer may still complete. With `until`, the new log has what the first one had at that moment: a
 * fork. The entries keep the session id that they have.
 *
 * The new log appears in one step, with all its bytes, or not at all. Appends to the first log may go
 * on meanwhile.
 *
 * @param {SessionLog<any, any>} from any log, also one of `SessionLog.from`
 * @param {SessionLog<any, any>} to must have no file yet
 * @param {CopyOptions} [options]
 * @returns {Promise<CopyReport>}
 * @throws {SkillLogError} `NOT_FOUND` when there is nothing to copy; `EXISTS` when there is a log
 *   already; `INVALID_ARGUMENT` when the log ends before `until`; `REPLACED` when it is cut meanwhile
 */
export async function copySession(from, to, options) {
  const { until, sync, signal } = checkOptions(options, ["until", "sync", "signal"]);
  checkSignal(signal);
  const end = until === undefined ? null : offsetOption(until, "until", 0);
  const { create } = accessTo("to", to);
  const source = await accessTo("from", from).open(signal);
  try {
    const size = await source.size();
    if (end !== null && end > size)
      throw new SkillLogError(
        "INVALID_ARGUMENT",
        `options.until: expected at most ${size}, the bytes of the log, got ${end}`,
      );
    const chunks = bytesBefore(source, end ?? (await endOfEntries(source, signal)), signal);
    return { bytes: await create(chunks, syncOption(sync)) };
  } finally {
    await source.close();
  }
}
