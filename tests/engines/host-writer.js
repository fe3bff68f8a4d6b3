// A host: a process that appends to its sessions until it is killed, and keeps a ledger of what it
// was told is appended. The words of the command line are its folder, its ledger, its host's name,
// how many sessions it has, and how many entries each gets.

import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";

import { SessionLog } from "skill-log";

import { writtenEntry } from "./written-entry.js";

const [, , dir, ledger, host, sessions, entries] = process.argv;

/** Where each session goes on: what a killed process began is not begun again. */
const next = Array.from({ length: Number(sessions) }, () => 0);
if (existsSync(ledger))
  for (const line of readFileSync(ledger, "utf8").split("\n")) {
    const [event, session, number] = line.split(" ");
    if (event === "began") next[Number(session)] = Number(number) + 1;
  }

const fd = openSync(ledger, "a");
const logs = await Promise.all(
  next.map((_, session) => SessionLog.open(dir, `session-${session}`)),
);
while (next.some((number) => number < Number(entries))) {
  const waiting = next.flatMap((number, session) => {
    if (number >= Number(entries)) return [];
    next[session] += 1;
    writeSync(fd, `began ${session} ${number}\n`);
    return [
      logs[session]
        .append(writtenEntry(host, session, number))
        .then(() => writeSync(fd, `appended ${session} ${number}\n`)),
    ];
  });
  await Promise.all(waiting);
}
await Promise.all(logs.map((log) => log.close()));
closeSync(fd);
