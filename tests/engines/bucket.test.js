// `aws s3 sync` and `rclone copy` copy an exported directory to a bucket, while exports are killed and
// afterwards.

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

const skip = withoutEngines("rclone");

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
 * A program that copies a directory to a bucket of its own, or back. Returns the files that it copied.
 *
 * @typedef {object} Copier
 * @property {(from: string) => string[]} up
 * @property {(to: string) => string[]} down
 */

/**
 * Starts a server of buckets, which ends with the test.
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
      return url;
    } catch (error) {
      if (tries > 600 || server.exitCode !== null) throw error;
      await pause(100);
    }
  }
}

/**
 * @param {string} program
 * @param {Record<string, string>} env
 * @param {number[]} good exit statuses
 * @returns {(...words: string[]) => string} returns what it prints
 */
function runner(program, env, good) {
  return (...words) => {
    const { status, stdout, stderr } = spawnSync(program, words, {
      env: { PATH: process.env.PATH, ...env },
      encoding: "utf8",
    });
    assert.ok(good.includes(Number(status)), stderr);
    return stdout + stderr;
  };
}

/** @param {string} url of the server @returns {Copier} */
function awsCopier(url) {
  const env = {
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_DEFAULT_REGION: "us-east-1",
    // Without the files of the user.
    AWS_CONFIG_FILE: path.join(enginesFolder, "none"),
    AWS_SHARED_CREDENTIALS_FILE: path.join(enginesFolder, "none"),
  };
  // 2: a file has gone while it was copied.
  const aws = runner(programOf("aws"), env, [0, 2]);
  aws("--endpoint-url", url, "s3", "mb", "s3://aws");
  const sync = (/** @type {string[]} */ ...words) =>
    aws("--endpoint-url", url, "s3", "sync", ...words)
      .split(/[\r\n]+/)
      .filter((line) => /^(upload|download|delete):/.test(line));
  return { up: (from) => sync(from, "s3://aws"), down: (to) => sync("s3://aws", to) };
}

/** @param {string} url of the server @returns {Copier} */
function rcloneCopier(url) {
  const env = {
    RCLONE_CONFIG: path.join(enginesFolder, "none"),
    RCLONE_CONFIG_BUCKETS_TYPE: "s3",
    RCLONE_CONFIG_BUCKETS_PROVIDER: "Other",
    RCLONE_CONFIG_BUCKETS_ENDPOINT: url,
    RCLONE_CONFIG_BUCKETS_ACCESS_KEY_ID: "test",
    RCLONE_CONFIG_BUCKETS_SECRET_ACCESS_KEY: "test",
    RCLONE_CONFIG_BUCKETS_REGION: "us-east-1",
  };
  // 1 and 6: a file has gone or grown while it was copied.
  const rclone = runner("rclone", env, [0, 1, 6]);
  rclone("mkdir", "buckets:rclone");
  const copy = (/** @type {string[]} */ ...words) =>
    rclone("copy", "-v", "--retries", "1", ...words)
      .split("\n")
      .filter((line) => /: Copied \(/.test(line));
  return { up: (from) => copy(from, "buckets:rclone"), down: (to) => copy("buckets:rclone", to) };
}

test("has each entry once in buckets when aws and rclone copy while exports are killed", {
  skip,
}, async (t) => {
  const url = await startBuckets(t);
  const copiers = Object.entries({ aws: awsCopier(url), rclone: rcloneCopier(url) });
  const folder = temporaryFolder(t);
  const lake = path.join(folder, "lake");
  let isDone = false;
  const copying = (async () => {
    while (!isDone) {
      if (fs.existsSync(lake)) for (const [, { up }] of copiers) up(lake);
      await pause(300);
    }
  })();
  const { logs, exportWords, appended, began } = await writeHosts(folder, {
    ...{ seed: 3, hosts: 4, sessions: 2, entries: 2000, exportKills: 8, writerKills: 1 },
  }).finally(() => (isDone = true));
  await copying;
  for (const [name, { up }] of copiers) {
    up(lake);
    assert.deepEqual(up(lake), [], `a second copy by ${name} copies something`);
  }
  await runExport(exportWords);
  const segments = segmentsOf(lake);
  for (const [, { up }] of copiers)
    assert.ok(
      up(lake).every((line) => line.includes("_skill-log")),
      "an export without news changes a segment",
    );

  // Another machine gets the bucket, and goes on there.
  fs.appendFileSync(
    path.join(logs, "host-0", "session-0.jsonl"),
    '\n{"session_id":"session-0","timestamp":"2026-05-01T00:00:00Z","skill":"a","phase":"host-0/new","final_status":"x"}\n',
  );
  for (const [name, { up, down }] of copiers) {
    const copy = path.join(folder, `copy-${name}`);
    down(copy);
    assert.deepEqual([...segmentsOf(copy).keys()], [...segments.keys()]);
    for (const [name, bytes] of segmentsOf(copy))
      assert.ok(segments.get(name)?.equals(bytes), name);
    await runExport(exportWords.map((word) => (word === lake ? copy : word)));
    const exported = linesOf(segmentsOf(copy)).map(({ line }) => {
      const { phase, session_id: session } = JSON.parse(line);
      return `${phase} ${session}`;
    });
    const distinct = new Set(exported);
    assert.equal(distinct.size, exported.length, "an entry is there twice");
    assert.ok(distinct.delete("host-0/new session-0"));
    for (const identity of distinct) assert.ok(began.has(identity), `nobody wrote ${identity}`);
    for (const identity of appended) assert.ok(distinct.has(identity), `${identity} is missing`);
    const uploads = up(copy);
    assert.equal(uploads.filter((line) => line.includes("date=")).length, 1, uploads.join("\n"));
  }
});
