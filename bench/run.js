// Measures the package beside its peers.
//
//   node bench/run.js                           every row
//   node bench/run.js encode append/open        those whose names begin so
//   node bench/run.js --rounds 41 append/open   a steadier median
//   node bench/run.js --quick                   a tenth of the work, 3 rounds: does it run?
//   node bench/run.js --profile encode/note     where the package's time goes, no peers

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { Failure, say, script } from "../scripts/command.js";
import { machine, watchOthers } from "./machine.js";
import { measure } from "./measure.js";
import { profile } from "./profile.js";
import { percent, table } from "./report.js";
import { rows as append } from "./rows/append.js";
import { rows as codec } from "./rows/codec.js";
import { rows as read } from "./rows/read.js";
import { rows as start } from "./rows/start.js";
import { folder } from "./scratch.js";

/** @typedef {import("./measure.js").Row} Row */

const rows = [...codec, ...read, ...append, ...start];

script(import.meta.url, async () => {
  const { chosen, rounds, quick, profiled } = choice();
  if (profiled) {
    for (const row of chosen) await profileRow(row, { rounds, quick });
  } else {
    await measureRows(chosen, { rounds, quick });
  }
});

function choice() {
  const { values, positionals } = usage(() =>
    parseArgs({
      allowPositionals: true,
      options: { rounds: { type: "string" }, quick: { type: "boolean" }, profile: { type: "boolean" } },
    }),
  );
  const { quick = false, profile: profiled = false } = values;
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) throw new Failure(`--rounds ${values.rounds}: not a whole number above 0`, 2);
  const unknown = positionals.filter((prefix) => !rows.some(({ name }) => name.startsWith(prefix)));
  if (unknown.length > 0) throw new Failure(`no such row: ${unknown.join(", ")}. There are: ${rows.map(({ name }) => name).join(", ")}`, 2);
  const chosen = rows.filter(({ name }) => positionals.length === 0 || positionals.some((prefix) => name.startsWith(prefix)));
  return { chosen, rounds, quick, profiled };
}

/**
 * @template T
 * @param {() => T} parse
 */
function usage(parse) {
  try {
    return parse();
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error), 2);
  }
}

/**
 * @param {Row[]} chosen
 * @param {{ rounds?: number, quick: boolean }} options
 */
async function measureRows(chosen, options) {
  const facts = machine(folder);
  const sinceStart = watchOthers();
  say(`${facts.processor}, ${facts.cores} cores; ${facts.kernel}; Node ${facts.node}; files on ${facts.fileSystem}`);
  const measured = [];
  for (const { name, title, rounds: enough, setUp } of chosen) {
    const rounds = options.rounds ?? (options.quick ? 3 : enough);
    say(`${name}: ${rounds} rounds`);
    const job = await setUp(options);
    const since = watchOthers();
    const results = await measure(job, rounds);
    measured.push({ name, title, unit: job.unit, rounds, others: since(), results });
  }
  const others = sinceStart();
  say(table(measured));
  say(`Other processes took ${percent(others)} of the processors meanwhile.`);
  const path = join(folder, "results.json");
  writeFileSync(path, `${JSON.stringify({ date: new Date(), machine: facts, others, quick: options.quick, rows: measured }, null, 2)}\n`);
  say(`Every round's figures are in ${path}`);
}

/**
 * @param {Row} row
 * @param {{ rounds?: number, quick: boolean }} options
 */
async function profileRow({ name, rounds: enough, setUp }, { rounds = enough, quick }) {
  const job = await setUp({ quick });
  const path = join(folder, `${name.replace("/", "-")}.cpuprofile`);
  say(`${name}, ${job.contenders[0].name}\n${await profile(job.contenders[0], rounds, path)}\nDevTools opens ${path}`);
}
