// Every command that reads logs reads all of a 1 GB log in bounded memory.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import test from "node:test";

import { logOf } from "../../bench/logs.js";
import { program } from "./running.js";

const log = logOf(1024);

/** The most bytes of memory above those of `skill-log --version`. */
const LARGEST_RISE = 150e6;

/**
 * @typedef {{ lines: number, bytes: number, hash: string, end: string, peak: number }} Seen the
 *   printed output, its end, and the peak memory
 */

/**
 * Each command, and the check of its output.
 *
 * @type {Record<string, { args: string[], check: (seen: Seen) => void }>}
 */
const runs = {
  "read --json": {
    args: ["read", log.path, "--json"],
    check: ({ hash }) => assert.equal(hash, hashOf(log.path)),
  },
  read: { args: ["read", log.path], check: ({ lines }) => assert.equal(lines, log.entries) },
  "read --last 100000": {
    args: ["read", log.path, "--json", "--last", "100000"],
    check: ({ lines }) => assert.equal(lines, 100_000),
  },
  "read --skill": {
    args: ["read", log.path, "--skill", "no such skill"],
    check: ({ bytes }) => assert.equal(bytes, 0),
  },
  tail: { args: ["tail", log.path, "--json"], check: ({ lines }) => assert.equal(lines, 10) },
  "list -l": {
    args: ["list", "-l", log.path, "--json"],
    check: ({ end }) => assert.equal(JSON.parse(end).entries, log.entries),
  },
  stats: {
    args: ["stats", log.path, "--json"],
    check({ end }) {
      const { entries, over_time: bars } = JSON.parse(end);
      assert.equal(entries, log.entries);
      assert.equal(
        bars.reduce(
          (/** @type {number} */ sum, /** @type {{ entries: number }} */ bar) => sum + bar.entries,
          0,
        ),
        log.entries,
      );
    },
  },
  search: {
    args: ["search", "2026-01-20T00:", log.path, "--json"],
    check: ({ lines }) => assert.ok(lines > 0 && lines < 1000, `${lines} hits`),
  },
  verify: {
    args: ["verify", log.path, "--json"],
    check: ({ end }) =>
      assert.deepEqual(pick(JSON.parse(end)), {
        bytes: log.bytes,
        entries: log.entries,
        damaged: 0,
      }),
  },
  repair: {
    args: ["repair", log.path, "--json"],
    check: ({ end }) =>
      assert.deepEqual(pick(JSON.parse(end)), {
        bytes: log.bytes,
        entries: log.entries,
        damaged: 0,
      }),
  },
  export: { args: ["export", log.path], check: ({ hash }) => assert.equal(hash, hashOf(log.path)) },
  "export, CSV": {
    args: ["export", log.path, "--format", "csv"],
    check: ({ bytes }) => assert.ok(bytes > log.bytes / 2),
  },
};

test("reads a log of 1 GB in bounded memory when any command reads it", async (t) => {
  const { peak: start } = await seen(["--version"]);
  for (const [name, { args, check }] of Object.entries(runs)) {
    await t.test(name, async (t) => {
      const found = await seen(args);
      t.diagnostic(`${((found.peak - start) / 1e6).toFixed(0)} MB more`);
      check(found);
      assert.ok(
        found.peak - start < LARGEST_RISE,
        `its memory rose by ${found.peak - start} bytes`,
      );
    });
  }
});

/** @param {{ bytes: number, entries: number, damaged: number }} report */
function pick({ bytes, entries, damaged }) {
  return { bytes, entries, damaged };
}

/** @type {Map<string, string>} */
const hashes = new Map();

/** @param {string} file */
function hashOf(file) {
  const hash = hashes.get(file) ?? createHash("sha256").update(fs.readFileSync(file)).digest("hex");
  hashes.set(file, hash);
  return hash;
}

/**
 * Runs the program, and samples its memory.
 *
 * @param {string[]} args
 * @returns {Promise<Seen>}
 */
async function seen(args) {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let peak = 0;
  const look = () => {
    // The program may have ended.
    const status = fs.existsSync(`/proc/${child.pid}`)
      ? fs.readFileSync(`/proc/${child.pid}/status`, "utf8")
      : "";
    peak = Math.max(peak, 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0));
  };
  const timer = setInterval(look, 10);
  const hash = createHash("sha256");
  let [lines, bytes, end] = [0, 0, ""];
  child.stdout.on("data", (/** @type {Buffer} */ data) => {
    hash.update(data);
    bytes += data.length;
    for (let at = data.indexOf(10); at >= 0; at = data.indexOf(10, at + 1)) lines += 1;
    end = (end + data.subarray(-10_000).toString()).slice(-100_000);
  });
  const [status] = await once(child, "close");
  clearInterval(timer);
  assert.equal(status, 0);
  return { lines, bytes, hash: hash.digest("hex"), end, peak };
}
