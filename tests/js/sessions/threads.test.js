// Other threads change nothing but the time that reading takes.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";

import { line } from "../support/lines.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { lines, PART } from "./long-lines.js";

/** What stops other threads from working, as a program that runs first. */
const breaks = {
  "cannot start": `const { Worker } = workers;
    workers.Worker = class { constructor() { throw new Error("forbidden"); } };`,
  "is not there": `const { Worker } = workers;
    workers.Worker = class extends Worker { constructor() { super("/missing.js"); } };`,
  "ends at once": `const { Worker } = workers;
    workers.Worker = class extends Worker {
      constructor() { super("process.exit(1)", { eval: true }); } };`,
  "ends during its work": `const { Worker } = workers;
    workers.Worker = class extends Worker {
      postMessage(message) { super.postMessage(message); setTimeout(() => this.terminate(), 20); } };`,
  works: "",
};

for (const [what, broken] of Object.entries(breaks)) {
  test(`finds the same, and the process ends by itself, when a thread ${what}`, (t) => {
    const dir = temporaryFolder(t);
    fs.writeFileSync(path.join(dir, "long.jsonl"), lines(2 * PART));
    for (let at = 0; at < 1600; at += 1)
      fs.writeFileSync(path.join(dir, `${at}.jsonl`), `${line("a")}\n${line("b")}\n`);
    const program = `
      import { createRequire, syncBuiltinESMExports } from "node:module";
      const workers = createRequire(import.meta.url)("node:worker_threads");
      ${broken}
      syncBuiltinESMExports();
      const { Sessions } = await import(${JSON.stringify(pathToFileURL(path.resolve("dist/index.js")).href)});
      const sessions = await Sessions.open(${JSON.stringify(dir)}, { threads: 3 });
      const index = await sessions.index();
      const reports = await sessions.verify();
      let sum = 0;
      for (const { entries } of reports) sum += entries;
      const hits = await index.search("ok");
      console.log(JSON.stringify([index.length, index.removed, sum, hits.length]));`;
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ["--input-type=module", "-e", program],
      { encoding: "utf8", timeout: 60_000 },
    );
    assert.equal(stderr, "");
    const [length, removed, sum, hits] = JSON.parse(stdout);
    assert.deepEqual([removed, sum, hits, status], [0, length, length, 0]);
    assert.ok(length > 3200);
  });
}

test("has threads that end when nothing is to be done, and work again later", (t) => {
  const file = path.join(temporaryFolder(t), "long.jsonl");
  fs.writeFileSync(file, lines(9 * PART));
  const program = `
    import { once } from "node:events";
    import { appendFileSync } from "node:fs";
    import { createRequire, syncBuiltinESMExports } from "node:module";
    const workers = createRequire(import.meta.url)("node:worker_threads");
    const started = [];
    workers.Worker = class extends workers.Worker {
      constructor(...given) { super(...given); started.push(once(this, "exit")); } };
    syncBuiltinESMExports();
    const { setTimeout: real } = globalThis;
    globalThis.setTimeout = (done, time) => real(done, time === 10_000 ? 50 : time);
    const { SessionLog } = await import(${JSON.stringify(pathToFileURL(path.resolve("dist/index.js")).href)});
    const log = await SessionLog.from(${JSON.stringify(file)});
    await log.index({ threads: 2 });
    const index = await log.index({ threads: 2 });
    const lengths = [index.length];
    const alive = setInterval(() => {}, 1000);
    await started[0];
    clearInterval(alive);
    appendFileSync(${JSON.stringify(file)}, ${JSON.stringify(`${line("z")}
`)}.repeat(800_000));
    const { removed } = await index.refresh();
    console.log(JSON.stringify([started.length, removed, index.length - lengths[0]]));`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", program],
    { encoding: "utf8", timeout: 60_000 },
  );
  assert.equal(stderr, "");
  assert.deepEqual([JSON.parse(stdout), status], [[2, 0, 800_000], 0]);
});

test("lets the process go on when listing ends while a thread works", (t) => {
  const dir = temporaryFolder(t);
  for (let at = 0; at < 3000; at += 1)
    fs.writeFileSync(path.join(dir, `${at}.jsonl`), `${line("a")}\n`.repeat(80));
  const program = `
    const { Sessions } = await import(${JSON.stringify(pathToFileURL(path.resolve("dist/index.js")).href)});
    for (let round = 0; round < 10; round += 1) {
      const sessions = await Sessions.open(${JSON.stringify(dir)}, { threads: 2 });
      let count = 0;
      for await (const _ of sessions.list()) if (++count === 200) break;
      // The thread answers meanwhile, and the answer waits.
      for (const until = performance.now() + 20; performance.now() < until; );
      await sessions.close();
      await new Promise((done) => setTimeout(done, 20));
    }`;
  const { stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
    timeout: 60_000,
  });
  assert.deepEqual({ stderr, status }, { stderr: "", status: 0 });
});
