// The results that each part of parts.js must return, in every target.

const escaped =
  String.raw`{"session_id":"s","timestamp":"2026-01-02T03:04:05.123456789+01:00","skill":"tdd","phase":"green",` +
  String.raw`"input":{"files":["a\u003cb\u003e.rs"],"ключ":"\u2028","deep":[{"n":1.5}]},` +
  String.raw`"attempts":[{"attempt":1,"model":"m-large","output_summary":"two findings","verified":true}],"final_status":"pass","duration_ms":1234}`;

export const codec = {
  line: `${escaped}\n`,
  decoded: JSON.parse(escaped),
  refused: "INVALID_ENTRY",
};

export const files = { dropped: ["tdd", "review"], indexed: "review", bytes: ["tdd", "review"] };

export const storage = {
  skills: ["tdd", "review", "docs", "commit"],
  damage: ["torn"],
  again: ["tdd", "review", "docs", "commit"],
  followed: "commit",
  rows: 4,
  failed: [1],
  hits: [1],
  found: { found: "a needle" },
  sessions: ["s"],
  removed: true,
  left: 0,
};

/** The results of all parts, where there is storage. */
export const everything = { codec, files, storage };

const unavailable = "STORAGE_UNAVAILABLE";
export const noStorage = {
  append: unavailable,
  open: unavailable,
  read: unavailable,
  listSessions: unavailable,
  removeSession: unavailable,
};
