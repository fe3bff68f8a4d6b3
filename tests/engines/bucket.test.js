// `aws s3 sync` copies an exported directory to a bucket, while exports are killed and afterwards.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { enginesFolder, inEnvironment } from "../../scripts/setup.js";
import { linesOf, segmentsOf } from "../cli/hosts/exported-lake.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { withoutEngines } from "./engine.js";
import { runExport, writeHosts } from "./written-hosts.js";

const programOf = (/** @type {string} */ name) =>
  inEnvironment(enginesFolder, name, process.platform);

const skip = withoutEngines();

/** Returns a port that nobody listens on. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}

/**
 * Starts a server of buckets, which ends with the test. Makes the bucket `lake`.
 *
 * @param {import("node:test").TestContext} t
 */
async function startBuckets(t) {
  const port = await freePort();
  const server = spawn(programOf("moto_server"), ["-H", "127.0.0.1", "-p", `${port}`], {
    stdio: "ignore",
  });
  t.after(() => server.kill());
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries += 1) {
    try {
      await fetch(url);
      break;
    } catch (error) {
      if (tries > 600 || server.exitCode !== null) throw error;
      await pause(100);
    }
  }
  const env = {
    PATH: process.env.PATH,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_DEFAULT_REGION: "us-east-1",
    // Without the files of the user.
    AWS_CONFIG_FILE: path.join(enginesFolder, "none"),
    AWS_SHARED_CREDENTIALS_FILE: path.join(enginesFolder, "none"),
  };
  /** @param {string[]} words @returns {string[]} the lines that it prints */
  const aws = (...words) => {
    const options = ["--endpoint-url", url, "s3", ...words];
    const { status, stdout, stderr } = spawnSync(programOf("aws"), options, {
      env,
      encoding: "utf8",
    });
    // 2: a file has gone while it was copied.
    assert.ok(status === 0 || status === 2, stderr);
    return stdout.split(/[\r\n]+/).filter((line) => /^(upload|download|delete):/.test(line));
  };
  aws("mb", "s3://lake");
  return aws;
}

test("has each entry once in a bucket when aws s3 sync copies while exports are killed", {
  skip,
}, async (t) => {
  const aws = await startBuckets(t);
  const folder = temporaryFolder(t);
  const lake = path.join(folder, "lake");
  let isDone = false;
  const syncing = (async () => {
    while (!isDone) {
      if (fs.existsSync(lake)) aws("sync", "--only-show-errors", lake, "s3://lake");
      await pause(300);
    }
  })();
  const { logs, exportWords, appended, began } = await writeHosts(folder, {
    ...{ seed: 3, hosts: 4, sessions: 2, entries: 2000, exportKills: 8, writerKills: 1 },
  }).finally(() => (isDone = true));
  await syncing;
  aws("sync", lake, "s3://lake");

  assert.deepEqual(aws("sync", lake, "s3://lake"), [], "a second copy copies nothing");
  await runExport(exportWords);
  const segments = segmentsOf(lake);
  const state = aws("sync", lake, "s3://lake");
  assert.ok(
    state.every((line) => line.includes("_skill-log")),
    "an export without news changes a segment",
  );

  // Another machine gets the bucket, and goes on there.
  const copy = path.join(folder, "copy");
  aws("sync", "s3://lake", copy);
  assert.deepEqual([...segmentsOf(copy).keys()], [...segments.keys()]);
  for (const [name, bytes] of segmentsOf(copy)) assert.ok(segments.get(name)?.equals(bytes), name);
  fs.appendFileSync(
    path.join(logs, "host-0", "session-0.jsonl"),
    '\n{"session_id":"session-0","timestamp":"2026-05-01T00:00:00Z","skill":"a","phase":"host-0/new","final_status":"x"}\n',
  );
  const there = exportWords.map((word) => (word === lake ? copy : word));
  await runExport(there);
  const exported = linesOf(segmentsOf(copy)).map(({ line }) => {
    const { phase, session_id: session } = JSON.parse(line);
    return `${phase} ${session}`;
  });
  const distinct = new Set(exported);
  assert.equal(distinct.size, exported.length, "an entry is there twice");
  assert.ok(distinct.delete("host-0/new session-0"));
  for (const identity of distinct) assert.ok(began.has(identity), `nobody wrote ${identity}`);
  for (const identity of appended) assert.ok(distinct.has(identity), `${identity} is missing`);

  const uploads = aws("sync", copy, "s3://lake");
  assert.equal(uploads.filter((line) => line.includes("date=")).length, 1, uploads.join("\n"));
});
