// Every line of a log, from a file to a pipe. Each run is a new process.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { counted } from "../counted.js";
import { logOf } from "../logs.js";
import { has, lineEnds } from "../peers/commands.js";

const program = fileURLToPath(new URL("../../dist/cli/skill-log.js", import.meta.url));

/**
 * Runs a command, and counts the line ends that it prints, chunk by chunk.
 *
 * @param {string} command
 * @param {string[]} args
 */
async function printedLines(command, args) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  let count = 0;
  child.stdout.on("data", (chunk) => (count += lineEnds(chunk)));
  const [status] = await once(child, "close");
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}`);
  return count;
}

/**
 * Makes a row of a command that prints every line of a log of 200 MB.
 *
 * @param {string} name
 * @param {string} title
 * @param {number} atLeast how many times as fast as jq, which also writes each line anew
 * @param {(path: string) => string[]} args
 * @returns {import("../measure.js").Row}
 */
function row(name, title, atLeast, args) {
  return {
    name,
    title,
    rounds: 7,
    setUp({ quick }) {
      const { path, bytes, entries } = logOf(quick ? 20 : 200);
      const contender = (
        /** @type {string} */ name,
        /** @type {string} */ command,
        /** @type {string[]} */ args,
        about = {},
      ) => counted(name, entries, () => printedLines(command, args), { process: true, ...about });
      return {
        unit: "MB/s",
        value: (time) => bytes / 1_000 / time,
        contenders: [
          contender(title.replaceAll("`", ""), process.execPath, [program, ...args(path)]),
          ...(has("jq") ? [contender("jq -c .", "jq", ["-c", ".", path], { atLeast })] : []),
          ...(has("cat") ? [contender("cat", "cat", [path], { lesser: true })] : []),
        ],
      };
    },
  };
}

/** @type {import("../measure.js").Row[]} */
export const rows = [
  row("bulk/read", "`skill-log read --json` of a 200 MB session", 6, (path) => [
    "read",
    path,
    "--json",
  ]),
  row("bulk/export", "`skill-log export` of a 200 MB session", 6, (path) => ["export", path]),
  row(
    "bulk/select",
    "`skill-log read --json --since` of a 200 MB session, all selected",
    4,
    (path) => ["read", path, "--json", "--since", "2000-01-01"],
  ),
];
