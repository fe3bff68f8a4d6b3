/**
 * Returns the row that an index must have of a record.
 *
 * @param {Pick<import("skill-log").LogRecord, "entry" | "offset" | "length" | "recovered">} record
 * @returns {import("skill-log").Row}
 */
export function rowOf({ entry, offset, length, recovered }) {
  const { timestamp, skill, phase, final_status, model_used, duration_ms, attempts = [] } = entry;
  return {
    offset,
    length,
    timestamp,
    skill,
    ...(phase !== undefined && { phase }),
    final_status,
    ...(model_used !== undefined && { model_used }),
    ...(duration_ms !== undefined && { duration_ms }),
    attempts: attempts.length,
    ...(attempts.length > 0 && { verified: attempts[attempts.length - 1].verified }),
    recovered,
    // In these tests, only lines of another format have no session_id.
    ...(entry.session_id === "" && { foreign: true }),
  };
}

/**
 * Returns every row of an index.
 *
 * @param {import("skill-log").LogIndex} index
 */
export function rowsOf(index) {
  return Array.from({ length: index.length }, (_, i) => index.row(i));
}
