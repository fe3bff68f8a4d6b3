// Hosts that write, die and are damaged, while an export of all of them is killed again and again.

import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { Random } from "../conformance/random.js";

const program = fileURLToPath(new URL("../../dist/cli/skill-log.js", import.meta.url));
const writer = fileURLToPath(new URL("host-writer.js", import.meta.url));

/** What damages a log between two lives of its writer. A fragment is of a line that is appended. */
const DAMAGE = [
  '{"session_id":"session-0","timestamp":"2026-05-01T00:00',
  "\nwhat is this?\n",
  "\0".repeat(500),
  '{"level":"info"}\n',
  "\n\n",
];

/**
 * @typedef {object} WrittenHosts
 * @property {string} logs a folder that has a folder per host
 * @property {string} lake what was exported
 * @property {string[]} exportWords the words of the command that exports
 * @property {Set<string>} appended the entries that were appended, as "HOST/NUMBER SESSION"
 * @property {Set<string>} began those, and others that a killed process may have appended
 * @property {{ writers: number, exports: number }} killed
 */

/**
 * Lets hosts write, each a process of its own, and exports what they write. Kills both now and then.
 *
 * @param {string} folder
 * @param {object} of
 * @param {number} of.seed
 * @param {number} of.hosts
 * @param {number} of.sessions of each host
 * @param {number} of.entries in all
 * @param {number} of.exportKills at least how many exports are killed
 * @param {number} of.writerKills how many times each host dies
 * @param {string[]} [of.options] of the export
 * @returns {Promise<WrittenHosts>} after an export that came to its end
 */
export async function writeHosts(
  folder,
  { seed, hosts, sessions, entries, exportKills, writerKills, options = [] },
) {
  const random = new Random(seed);
  const logs = path.join(folder, "logs");
  const lake = path.join(folder, "lake");
  const names = Array.from({ length: hosts }, (_, index) => `host-${index}`);
  for (const name of names) fs.mkdirSync(path.join(logs, name), { recursive: true });
  const exportWords = [
    "export",
    ...names.map((name) => path.join(logs, name)),
    ...["--partition", "-o", lake, "--quiet"],
    ...options,
  ];
  const killed = { writers: 0, exports: 0 };
  const each = Math.ceil(entries / hosts / sessions);
  const ledgerOf = (/** @type {string} */ name) => path.join(folder, `${name}.ledger`);

  let isWriting = true;
  const writing = Promise.all(
    names.map(async (name) => {
      const dir = path.join(logs, name);
      for (let life = 0; life <= writerKills; life += 1) {
        // Each life but the last ends at some part of the work.
        const until = life < writerKills ? random.fraction() : 1;
        const words = [writer, dir, ledgerOf(name), name, `${sessions}`, `${each}`];
        const child = spawn(process.execPath, words, { stdio: ["ignore", "inherit", "inherit"] });
        const ended = once(child, "close");
        if (until < 1) {
          const whole = 2 * each * sessions * 15;
          while (child.exitCode === null && sizeOf(ledgerOf(name)) < until * whole)
            await Promise.race([pause(5), ended]);
          child.kill("SIGKILL");
        }
        const [code, signal] = await ended;
        if (signal === "SIGKILL") killed.writers += 1;
        else if (code !== 0) throw new Error(`the writer of ${name} ended with ${signal ?? code}`);
        for (const file of fs.readdirSync(dir))
          if (life < writerKills && random.chance(0.5))
            fs.appendFileSync(path.join(dir, file), random.pick(DAMAGE));
      }
    }),
  ).finally(() => (isWriting = false));
  const exporting = (async () => {
    while (isWriting || killed.exports < exportKills) {
      const start = performance.now();
      const child = spawn(process.execPath, [program, ...exportWords], { stdio: "ignore" });
      const ended = once(child, "close");
      await Promise.race([pause(50 + random.fraction() * 700), ended]);
      child.kill("SIGKILL");
      const [code, signal] = await ended;
      if (signal === "SIGKILL") killed.exports += 1;
      else if (code !== 0) throw new Error(`an export ended with ${signal ?? code}`);
      // Writers need the processors too.
      if (isWriting) await pause((performance.now() - start) / 2);
    }
  })();
  await Promise.all([writing, exporting]);
  await runExport(exportWords);

  const appended = new Set();
  const began = new Set();
  for (const name of names)
    for (const line of fs.readFileSync(ledgerOf(name), "utf8").split("\n")) {
      const [event, session, number] = line.split(" ");
      if (event === "appended") appended.add(`${name}/${number} session-${session}`);
      if (event === "began") began.add(`${name}/${number} session-${session}`);
    }
  return { logs, lake, exportWords, appended, began, killed };
}

/**
 * Runs the command to its end.
 *
 * @param {string[]} words
 */
export async function runExport(words) {
  const child = spawn(process.execPath, [program, ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (printed += text));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`the export ended with ${code}`);
  return printed;
}

/** @param {string} file */
function sizeOf(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
