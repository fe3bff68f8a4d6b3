// Appends entries that are to be synced within a minute, and ends at once. Prints each sync.
//
//   late-writer.js DIR HOW

import fs, { writeSync } from "node:fs";

import { append, SessionLog } from "skill-log";

import { numberedEntry } from "../numbered-entry.js";

const [dir, how] = process.argv.slice(2);
const entry = (/** @type {string} */ session) =>
  numberedEntry({ session, writer: "late", number: 0 });

const { fdatasyncSync } = fs;
fs.fdatasyncSync = (fd) => {
  if (how === "its last line, with a disk that fails") throw new Error("EIO: i/o error, fdatasync");
  fdatasyncSync(fd);
  writeSync(1, `synced ${fs.readlinkSync(`/proc/self/fd/${fd}`)}\n`);
};

const sync = { within: 60_000 };
const log = await SessionLog.open(dir, "kept", { sync });
log.append(entry("kept"));
append(dir, "left", entry("left"), { sync });

switch (how) {
  case "process.exit()":
    process.exit();
    break;
  case "SIGKILL":
    process.kill(process.pid, "SIGKILL");
    break;
  case "an exception":
    throw new Error("intended");
  case "an unhandled rejection":
    Promise.reject(new Error("intended"));
    break;
}
