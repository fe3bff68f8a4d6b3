// Makes by hand what an index holds of an entry, for the peers without an index.

/** @param {any} entry as `JSON.parse` returns it */
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
