import { describe, SkillLogError } from "./errors.js";

/** File systems allow names of 255 bytes. This leaves room for the suffixes of a log's files. */
const MAX_BYTES = 200;

/** Names that Windows reserves for devices: in any case, with any extension. */
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])[ ]*(\.|$)/i;

const encoder = new TextEncoder();

/** @type {[(id: string) => boolean, string][]} */
const FAULTS = [
  [(id) => id === "", "is empty"],
  [(id) => encoder.encode(id).length > MAX_BYTES, `has more than ${MAX_BYTES} bytes`],
  [(id) => /[/\\]/.test(id), "holds a path separator"],
  [(id) => id.includes(".."), 'holds ".."'],
  [(id) => id.startsWith("."), "starts with a dot"],
  [(id) => /[. ]$/.test(id), "ends in a dot or a space"],
  [(id) => /[<>:"|?*]/.test(id), 'holds one of < > : " | ? *'],
  [(id) => /\p{Cc}/u.test(id), "holds a control character"],
  [(id) => /\p{Cs}/u.test(id), "holds a lone surrogate"],
  [(id) => RESERVED.test(id), "is a name that Windows reserves for a device"],
];

/**
 * Returns why an id cannot be a file name on every system; null where it can.
 *
 * @param {string} id
 */
export function sessionIdFault(id) {
  return FAULTS.find(([is]) => is(id))?.[1] ?? null;
}

/**
 * Returns why the parts of a relative path, between its slashes, cannot be ids; null where they can.
 *
 * @param {string} path
 */
export function sessionPathFault(path) {
  for (const part of path.split("/")) {
    const fault = sessionIdFault(part);
    if (fault !== null) return fault;
  }
  return null;
}

/**
 * Refuses what cannot be the id of a log in a directory, before any path is made of it.
 *
 * @param {unknown} id
 * @param {boolean} recursive whether the id may be a relative path
 * @returns {string}
 */
export function checkSessionPath(id, recursive) {
  if (!recursive || typeof id !== "string") return checkSessionId(id);
  for (const part of id.split("/")) checkSessionId(part);
  return id;
}

/**
 * Refuses an id that is no safe file name, before any path is made of it.
 *
 * @param {unknown} id
 * @returns {string}
 */
export function checkSessionId(id) {
  if (typeof id !== "string") {
    throw new SkillLogError(
      "INVALID_SESSION_ID",
      `session id: expected a string, got ${describe(id)}`,
    );
  }
  const fault = sessionIdFault(id);
  if (fault !== null) {
    throw new SkillLogError("INVALID_SESSION_ID", `session id: ${describe(id)} ${fault}`, {
      session_id: id,
    });
  }
  return id;
}
