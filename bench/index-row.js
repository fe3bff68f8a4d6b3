// What an index holds of an entry, made by hand: for the peers, which have no index.

/** @param {any} entry as `JSON.parse` gives it */
export function indexRow({
  timestamp,
  skill,
  phase,
  final_status,
  model_used,
  duration_ms,
  attempts = [],
}) {
  return {
    timestamp: Date.parse(timestamp),
    skill,
    phase,
    final_status,
    model_used,
    duration_ms,
    attempts: attempts.length,
    verified: attempts.at(-1)?.verified,
  };
}
