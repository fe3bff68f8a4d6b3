// What both sides of the protocol know: its paths, its limits and its frames. docs/protocol.md
// describes it.

/** The path of each resource, below the address of the server. */
export const PATHS = {
  sessions: "api/v1/sessions",
  rows: "api/v1/rows",
  search: "api/v1/search",
  log: "api/v1/log",
  looks: "api/v1/looks",
  events: "api/v1/events",
  reports: "api/v1/reports",
};

/** Lines of JSON. */
export const LINES_TYPE = "application/x-ndjson";

/** Frames. */
export const FRAMES_TYPE = "application/vnd.skill-log.frames";

/** Server-sent events. */
export const EVENTS_TYPE = "text/event-stream";

/** Headers of a log: which file it is, when it was changed last, and its version. */
export const FILE_HEADER = "skill-log-file";
export const MODIFIED_HEADER = "skill-log-modified";
export const VERSION_HEADER = "skill-log-version";

/** The code of the error that an answer without a body has. */
export const ERROR_HEADER = "skill-log-error";

/** The kinds of frames. */
export const FRAME = /** @type {const} */ ({ json: 1, rows: 2 });

/** A frame starts with its kind, a byte, and the length of what follows, a number of 32 bits. */
export const FRAME_HEAD = 5;

/** The most bytes of a frame. */
export const MOST_FRAME_BYTES = 64 << 20;

/** The most rows, and the most logs, of a frame. */
export const FRAME_ROWS = 1 << 14;
export const FRAME_LOGS = 1 << 10;

/**
 * The most places in what is sent of the damage of a log: one for each description, and one for each
 * doubtful entry. The number of damaged lines is in `damaged`.
 */
export const MOST_DAMAGE = 10_000;

/** The most ids that a request names. With more, the client chooses from the answer. */
export const MOST_IDS = 64;

/**
 * The longest URL that names several ids or logs, in characters. Servers refuse longer ones, many
 * from 8 KiB on.
 */
export const LONGEST_URL = 7500;

/** The longest text, or source of a regular expression, that is searched, in UTF-16 units. */
export const LONGEST_SEARCH = 1000;

/** The most bytes that a request for a log gets at once. */
export const MOST_RANGE_BYTES = 16 << 20;

/** How often an idle stream of events sends a comment, in milliseconds. */
export const EVENTS_PULSE = 15_000;

/** The codes of errors that a server names. The client makes `IO_ERROR` of any other. */
export const SENT_CODES = /** @type {const} */ ([
  "CLOSED",
  "INVALID_ARGUMENT",
  "INVALID_SESSION_ID",
  "IO_ERROR",
  "NOT_A_REGULAR_FILE",
  "NOT_FOUND",
  "OUT_OF_MEMORY",
  "READ_ONLY",
  "REPLACED",
]);

const encoder = new TextEncoder();

/**
 * Makes a frame.
 *
 * @param {number} kind
 * @param {Uint8Array} bytes
 */
export function frameOf(kind, bytes) {
  const frame = new Uint8Array(FRAME_HEAD + bytes.length);
  frame[0] = kind;
  new DataView(frame.buffer).setUint32(1, bytes.length, true);
  frame.set(bytes, FRAME_HEAD);
  return frame;
}

/**
 * Makes a frame of JSON.
 *
 * @param {object} value
 */
export function jsonFrame(value) {
  return frameOf(FRAME.json, encoder.encode(JSON.stringify(value)));
}

/**
 * Makes a line of JSON.
 *
 * @param {unknown} value
 */
export function jsonLine(value) {
  return encoder.encode(`${JSON.stringify(value)}\n`);
}
