// The members of a line that the format does not have, and those that a foreign line lacks.

/** The members of an entry, and of an attempt. */
export const MEMBERS = new Set([
  "session_id",
  "timestamp",
  "skill",
  "phase",
  "project_root",
  "input",
  "attempts",
  "final_status",
  "file_path",
  "model_used",
  "duration_ms",
  "message",
]);
export const ATTEMPT_MEMBERS = new Set([
  "attempt",
  "model",
  "output_summary",
  "runner_output",
  "verified",
]);

/** The members that every writer of the format writes. */
export const REQUIRED = ["session_id", "timestamp", "skill", "final_status"];

/**
 * Returns the facts about a line's members.
 *
 * @param {Uint8Array} json a line that decodes
 * @returns {{ isForeign: boolean, unknown: string[] }} `unknown`: each name once, such as `note` or
 *   `attempts[].note`
 */
export function memberFacts({ buffer, byteOffset, length }) {
  /** @type {unknown} */
  let value;
  try {
    value = JSON.parse(Buffer.from(buffer, byteOffset, length).toString());
  } catch {
    // A line decodes only if it is JSON, but for lines that are longer than a string can be.
    return { isForeign: false, unknown: [] };
  }
  if (typeof value !== "object" || value === null) return { isForeign: true, unknown: [] };
  /** @type {Set<string>} */
  const unknown = new Set();
  /** @type {Set<string>} */
  const present = new Set();
  for (const [name, member] of Object.entries(value)) {
    const known = folded(name);
    present.add(known);
    if (!MEMBERS.has(known)) unknown.add(name);
    else if (known === "attempts" && Array.isArray(member))
      for (const attempt of member)
        for (const inside of Object.keys(attempt ?? {}))
          if (!ATTEMPT_MEMBERS.has(folded(inside))) unknown.add(`attempts[].${inside}`);
  }
  return { isForeign: !REQUIRED.every((name) => present.has(name)), unknown: [...unknown] };
}

/**
 * Returns a name as Go compares it: in any case, where the long s is an s, and the Kelvin sign is a
 * k.
 *
 * @param {string} name
 */
function folded(name) {
  return name.toLowerCase().replaceAll("ſ", "s");
}
