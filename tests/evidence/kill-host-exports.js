// Exports of hosts are killed (SIGKILL) at any moment, while their logs grow, are damaged and are
// archived.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { DirectoryLock } from "../../js/cli/archiving/directory-lock.js";
import { HostLake } from "../../js/cli/exporting/lake/host-lake.js";
import { UNKNOWN } from "../../js/cli/exporting/lake/log-reading.js";
import { batchName, SUMMARY, SUMMARY_EVERY } from "../../js/cli/exporting/lake/summary.js";
import { root } from "../../scripts/command.js";
import { linesOf, segmentsOf } from "../cli/hosts/exported-lake.js";
import { archiveOrUnarchive } from "../cli/hosts/quick-archive.js";
import { lineOf, numberedEntry } from "../faults/numbered-entry.js";
import { caseRandom } from "./case-random.js";
import { removeOrKeep } from "./kept-folders.js";
import { momentOf } from "./moments.js";

/** @import { Random } from "../conformance/random.js" */

const program = join(root, "dist", "cli", "skill-log.js");

const HOSTS = ["a", "b"];
const SESSIONS = 3;
const DAYS = 3;

/** How many entries a session gets between two exports at most. */
const MOST_ENTRIES = 100;

/** About how many changes an export makes that its directory's watcher sees. */
const CHANGES = 7;

/** How many milliseconds an export takes, about. */
const DURATION = 300;

const TEMPORARY = /^\.skill-log-.*\.tmp$/;

/** @type {import("./row.js").Row} */
export const row = {
  name: "kill-host-exports",
  about:
    "Kills `skill-log export` of hosts at any moment, while their logs grow and are damaged, while two exports run at once, and while `skill-log archive` and `unarchive` run and are killed",
  counts: "kills",
  short: 6,
  full: 2000,
  async open(seed) {
    const base = mkdtempSync(join(tmpdir(), "skill-log-kills-"));
    await exportOften(join(base, "often"));
    return {
      run: (number) => killExport(base, seed, number),
      close: async (isFailed) => removeOrKeep(row.name, base, isFailed),
    };
  },
};

/** The logs of hosts, and the ledger of what was written to them. */
class Hosts {
  #random;
  #next = 0;
  /** The entries that were appended, as "HOST LINE". @type {Set<string>} */
  written = new Set();

  /** @param {string} base @param {Random} random */
  constructor(base, random) {
    this.base = base;
    this.#random = random;
    for (const host of HOSTS) mkdirSync(join(base, host), { recursive: true });
  }

  grow() {
    for (const host of HOSTS)
      for (let session = 0; session < SESSIONS; session += 1) {
        const count = this.#random.below(MOST_ENTRIES);
        const parts = Array.from({ length: count }, () => this.#part(host, `s${session}`));
        appendFileSync(join(this.base, host, `s${session}.jsonl`), Buffer.concat(parts));
      }
  }

  /** Returns the bytes of an entry, or of an entry behind damage. @param {string} host @param {string} session */
  #part(host, session) {
    const number = (this.#next += 1);
    const entry = numberedEntry({ session, writer: host, number, length: 700 });
    const day = entry.timestamp.replace(/-\d\dT/, `-0${1 + (number % DAYS)}T`);
    const line = lineOf({ ...entry, timestamp: day });
    this.written.add(`${host} ${line.toString().trimEnd()}`);
    if (!this.#random.chance(0.05)) return line;
    const damage = [
      line.subarray(0, 300),
      Buffer.from("what is this?\n"),
      Buffer.alloc(99),
      "\n\n",
    ];
    return Buffer.concat([Buffer.from(this.#random.pick(damage)), line]);
  }

  /** Starts an export of all hosts. */
  start() {
    const hosts = HOSTS.map((host) => `${host}=${join(this.base, host)}`);
    return started(["export", ...hosts, "--partition", "-o", this.lake, "--quiet"]);
  }

  /** Starts to archive all sessions of a host, or to unarchive a session that has an archive. */
  startArchiving() {
    const dir = join(this.base, this.#random.pick(HOSTS));
    const [archive] = readdirSync(dir).filter((name) => name.endsWith(".zst"));
    return started(
      archive !== undefined && this.#random.chance(0.5)
        ? ["unarchive", dir, archive.replace(/\.jsonl\.zst$/, "")]
        : ["archive", dir, "--idle", "0s"],
    );
  }

  /** Archives some sessions, and undoes that for others that are archived. */
  async archive() {
    for (const host of HOSTS) {
      const dir = join(this.base, host);
      const lock = new DirectoryLock(dir);
      for (let session = 0; session < SESSIONS; session += 1)
        if (this.#random.chance(0.5)) await archiveOrUnarchive(dir, `s${session}`, lock);
      lock.release();
    }
  }

  async export() {
    const { ended, errors } = this.start();
    const [code] = await ended;
    assert.equal(code, 0, errors());
  }

  get lake() {
    return join(this.base, "lake");
  }
}

/**
 * Starts the program.
 *
 * @param {string[]} words
 */
function started(words) {
  const child = spawn(process.execPath, [program, ...words], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
  return { child, ended: once(child, "close"), errors: () => errors };
}

/**
 * Makes a directory to which every host was exported so often that the next export writes a summary,
 * without a new entry.
 *
 * @param {string} lake
 */
async function exportOften(lake) {
  const format = { extension: ".jsonl", compression: undefined, header: Buffer.alloc(0) };
  for (const host of HOSTS) {
    const hostLake = HostLake.open(lake, host);
    const batch = hostLake.startBatch(format);
    batch.begin("gone");
    batch.end(UNKNOWN);
    await hostLake.commit(batch, format);
    const folder = join(lake, "_skill-log", `host=${host}`);
    for (let number = 2; number < SUMMARY_EVERY; number += 1)
      cpSync(join(folder, batchName(1)), join(folder, batchName(number)), { recursive: true });
  }
}

/**
 * @param {Map<string, Buffer>} segments
 * @param {Hosts} hosts
 * @returns {Set<string>}
 */
function checkOnce(segments, hosts) {
  const lines = linesOf(segments).map(({ line, host }) => `${host} ${line}`);
  const distinct = new Set(lines);
  assert.equal(distinct.size, lines.length, "an entry is there twice");
  for (const each of lines) assert.ok(hosts.written.has(each), `nobody wrote ${each}`);
  return distinct;
}

/**
 * Kills an export, and completes it.
 *
 * @param {string} base
 * @param {number} seed
 * @param {number} number
 */
async function killExport(base, seed, number) {
  const random = caseRandom(seed, number);
  const hosts = new Hosts(join(base, `${number}`), random);
  hosts.grow();
  if (random.chance(0.5)) {
    cpSync(join(base, "often"), hosts.lake, { recursive: true });
    const last = batchName(SUMMARY_EVERY - 1);
    // The second export writes the summary, or the first one.
    if (random.chance(0.5))
      for (const host of HOSTS)
        rmSync(join(hosts.lake, "_skill-log", `host=${host}`, last), { recursive: true });
  }
  const isArchived = random.chance(0.5);
  const archive = async () => isArchived && (await hosts.archive());
  await archive();
  if (random.chance(0.5)) {
    await hosts.export();
    await archive();
    hosts.grow();
  }
  const before = segmentsOf(hosts.lake);
  const state = join(hosts.lake, "_skill-log");
  // Where batches appear, of one host or the other.
  const dir = join(state, `host=${random.pick(HOSTS)}`);
  mkdirSync(dir, { recursive: true });
  const isDouble = random.chance(0.15);
  const isArchiving = random.chance(0.3);
  /** @type {ReturnType<Hosts["start"]>[]} */
  const started = [];
  /** @type {ReturnType<Hosts["start"]> | undefined} */
  let archiving;
  await momentOf(random, {
    dir,
    changes: CHANGES,
    duration: DURATION,
    begin: () => {
      if (isArchiving) archiving = hosts.startArchiving();
      started.push(hosts.start());
      if (isDouble) started.push(hosts.start());
      return started[0].ended;
    },
  });
  const [{ child, ended, errors }, other] = started;
  child.kill("SIGKILL");
  if (archiving) {
    archiving.child.kill("SIGKILL");
    const [status, signal] = await archiving.ended;
    assert.ok(status === 0 || signal === "SIGKILL", archiving.errors());
  }
  const [code, signal] = await ended;
  assert.ok(code === 0 || signal === "SIGKILL", errors());
  if (other) {
    const [status] = await other.ended;
    assert.equal(status, 0, `of two exports, the other failed: ${other.errors()}`);
  }

  const left = segmentsOf(hosts.lake);
  for (const [path, bytes] of before)
    assert.ok(left.get(path)?.equals(bytes), `${path} was changed`);
  const exported = checkOnce(left, hosts);
  const names = existsSync(state)
    ? readdirSync(state, { recursive: true, encoding: "utf8" }).map((name) =>
        name.split("/").at(-1),
      )
    : [];
  const isCut = names.some((name) => TEMPORARY.test(name ?? ""));
  const isSummary = names.includes(SUMMARY);
  const isSummaryCut =
    isCut &&
    HOSTS.some((host) => {
      const folder = join(state, `host=${host}`);
      return (existsSync(folder) ? readdirSync(folder) : []).some(
        (name) => TEMPORARY.test(name) && statSync(join(folder, name)).isFile(),
      );
    });
  const isWaiting = names.some(
    (name, at) => name?.endsWith(".segment") && !TEMPORARY.test(names[at - 1] ?? ""),
  );
  const wasWhole = exported.size === hosts.written.size;

  if (random.chance(0.5)) hosts.grow();
  await archive();
  await hosts.export();
  const after = segmentsOf(hosts.lake);
  for (const [path, bytes] of left)
    assert.ok(after.get(path)?.equals(bytes), `${path} was changed`);
  assert.equal(checkOnce(after, hosts).size, hosts.written.size, "an entry was not exported");
  const remains = readdirSync(state, { recursive: true, encoding: "utf8" });
  for (const name of remains)
    assert.doesNotMatch(name, /\.tmp|\.segment/, "what a kill left stays");
  await hosts.export();
  assert.deepEqual(
    [...segmentsOf(hosts.lake).keys()],
    [...after.keys()],
    "a segment has nothing new",
  );
  rmSync(hosts.base, { recursive: true });
  if (signal !== "SIGKILL") return 0;
  const met = {
    "before it wrote": 0,
    "while it wrote a batch": 0,
    "while segments waited": 0,
    "while it wrote a summary": 0,
    "between hosts": 0,
    "when complete": 0,
    "while another export ran": isDouble ? 1 : 0,
    "with a summary": isSummary ? 1 : 0,
    "with archives": isArchived ? 1 : 0,
    "while it was archived": isArchiving ? 1 : 0,
  };
  if (isWaiting) met["while segments waited"] = 1;
  else if (isSummaryCut) met["while it wrote a summary"] = 1;
  else if (isCut) met["while it wrote a batch"] = 1;
  else if (wasWhole) met["when complete"] = 1;
  else met[left.size > before.size ? "between hosts" : "before it wrote"] = 1;
  return { units: 1, met };
}
