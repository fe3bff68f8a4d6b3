import { describe, SkillLogError } from "./errors.js";

/** File systems allow names of 255 bytes. This leaves room for the suffixes of a log's files. */
const MAX_BYTES = 200;

/** Names that Windows reserves for devices: in any case, with any extension. */
const RESERVED =
  /^(con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])[ ]*(\.|$)/i;

/** Matches most ids, and none with a fault: reserved names are shorter and have no hyphen. */
const USUAL = /^(?=[\w-]{7}|\w*-)[\w-]{1,64}$/;

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
  if (USUAL.test(id)) return null;
  return FAULTS.find(([is]) => is(id))?.[1] ?? null;
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

/**
 * Refuses an id of a log in a directory or in its subdirectories, before any path is made of it.
 *
 * @param {unknown} id
 * @returns {string}
 */
export function checkSessionPath(id) {
  const parts = typeof id === "string" ? id.split("/") : [];
  const isBelow = parts.slice(0, -1).every((part) => part !== "" && part !== "." && part !== "..");
  checkSessionId(isBelow && parts.length > 0 ? parts[parts.length - 1] : id);
  return /** @type {string} */ (id);
}

/**
 * Returns the name of a session in its directory.
 *
 * @param {string} id it may have the path of a subdirectory before it
 */
export function nameIn(id) {
  return id.slice(id.lastIndexOf("/") + 1);
}
