// Which rooms of js/ may import which. `node scripts/test.js layers` checks it: scripts/layers.js hands over js/ and viewer/ with their type imports.
//
//   entry points → serving → sessions → remote, copying → session-log → redaction, indexing, following, reading, damage, threads → entry, storage → wasm → errors

/** What stands above a room, from the top: nothing below may import it. */
const entryPoints = "^js/(index|secrets|slim|thread|worker)\\.js$";
const serving = "^js/serving/";
const sessions = "^js/sessions/";
const remote = "^js/(remote|copying)/";
const sessionLog = "^js/session-log\\.js$";
const work = "^js/(indexing|following|reading|damage|threads)/";
const redaction = "^js/redaction/";
const entry = "^js/entry/";
const storage = "^js/storage/";
const wasm = "^js/wasm/";
/** What any room may use: it uses no room itself, but the shapes. */
const ground = "^js/(builtins|errors|inspected|line-end|options|session-id|types|waits)\\.js$";

/**
 * @param {string} name
 * @param {string} comment
 * @param {string} from
 * @param {string | string[]} to
 */
function forbid(name, comment, from, to) {
  return { name, comment, severity: "error", from: { path: from }, to: { path: to } };
}

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "A circle of imports has no order to be read in.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-import-of-cli",
      comment: "The command line is a shell over the public API.",
      severity: "error",
      from: { pathNot: "^js/cli/" },
      to: { path: "^js/cli/" },
    },
    {
      name: "cli-imports-the-public-api",
      comment:
        "The command line shows what any caller can do: it uses the entry point and the shapes.",
      severity: "error",
      from: { path: "^js/cli/" },
      to: { path: "^js/", pathNot: ["^js/cli/", "^js/index\\.js$", "^js/types\\.js$"] },
    },
    forbid("serving-is-below-entry-points", "What answers requests is used.", serving, entryPoints),
    forbid(
      "viewer-imports-the-public-api",
      "The page shows what any page can do: it imports the package by its name.",
      "^viewer/",
      "^js/",
    ),
    forbid("no-import-of-viewer", "The page stands above the package.", "^js/", "^viewer/"),
    forbid(
      "viewer-parts-are-below-the-shell",
      "A part gets what it shows as properties: only the shell knows the parts.",
      "^viewer/(?!main\\.js$|app/viewer\\.js$|sharing/page/main\\.js$)",
      "^viewer/(main|app/viewer)\\.js$",
    ),
    forbid(
      "sessions-are-below-serving",
      "Many logs as one are read in any thread, and know no server of theirs.",
      sessions,
      [entryPoints, serving],
    ),
    forbid(
      "remote-is-below-sessions",
      "The logs of a server are one kind of logs that sessions have.",
      remote,
      [entryPoints, serving, sessions],
    ),
    forbid(
      "session-log-is-below-sessions",
      "The class delegates to the rooms. One log knows no other.",
      sessionLog,
      [entryPoints, serving, sessions, remote],
    ),
    forbid(
      "work-is-below-session-log",
      "What reads, follows, indexes and repairs logs knows no session.",
      work,
      [entryPoints, serving, sessions, remote, sessionLog],
    ),
    forbid(
      "redaction-is-below-session-log",
      "What is replaced in texts knows no file. It loads the shapes of secrets, and carries none.",
      redaction,
      [
        ...[entryPoints, serving, sessions, remote, sessionLog, work, storage],
        "^js/secrets/(?!(mask|registered)\\.js$)",
      ],
    ),
    forbid("entry-is-below-work", "An entry and its line know no file.", entry, [
      entryPoints,
      serving,
      sessions,
      remote,
      sessionLog,
      work,
      redaction,
      storage,
    ]),
    forbid(
      "storage-is-below-work",
      "A platform's files are bytes to it: their contract is storage.d.ts.",
      storage,
      [entryPoints, serving, sessions, remote, sessionLog, work, redaction, entry],
    ),
    forbid(
      "wasm-is-below-storage",
      "The core is started, and lent out; it knows no entry and no file.",
      wasm,
      [entryPoints, serving, sessions, remote, sessionLog, work, redaction, entry, storage],
    ),
    forbid("ground-is-below-all", "Errors, options and shapes are for every room.", ground, [
      entryPoints,
      serving,
      sessions,
      remote,
      sessionLog,
      work,
      redaction,
      entry,
      wasm,
      "^js/storage/(?!storage\\.js$)",
    ]),
    forbid(
      "secrets-are-apart",
      "Shapes of secrets are loaded without the package, when they are asked for.",
      "^js/secrets/",
      ["^js/(?!secrets/)[^/]+/", entryPoints],
    ),
    forbid(
      "node-imports-no-browser",
      "A platform's wing knows no other platform.",
      "^js/storage/node/",
      "^js/storage/browser/",
    ),
    forbid(
      "browser-imports-no-node",
      "A platform's wing knows no other platform.",
      "^js/storage/browser/",
      "^js/storage/node/",
    ),
  ],
  options: {
    doNotFollow: { path: ["node_modules", "^dist/"] },
  },
};
