// What the steps of `npm test` and `npm run test:all` need, and how long they may take.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import test from "node:test";

import { limitRuns, run } from "../../scripts/command.js";
import { runLimit, runStep, steps } from "../../scripts/test.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

const sleep = () => run(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"]);

test("needs no programs but Node's and Rust's when npm test runs", () => {
  const light = Object.entries(steps).filter(([, { isRest }]) => !isRest);
  assert.ok(light.length > 8);
  for (const [name, { needs = {} }] of light) {
    const { components, ...rest } = needs;
    assert.deepEqual(rest, {}, name);
  }
});

test("ends a command when its time is over", (t) => {
  t.after(() => limitRuns(Infinity));
  limitRuns(200);
  const start = performance.now();
  assert.throws(sleep, /^Error: ended, because its time was over: /);
  assert.ok(performance.now() - start < 30_000);
  assert.throws(sleep, /^Error: no time is left for /);
});

const tooLate = [
  {
    title: "ends a step when its budget is over",
    budget: 0.003,
    left: 600_000,
    message: /ended, because .*\nslow took longer than its budget of 0\.003 minutes, which is in /,
  },
  {
    title: "ends a step when the time of the whole run is over",
    budget: 8,
    left: 200,
    message: /ended, because .*\nthe run took longer than its limit of 75 minutes, which is in /,
  },
  {
    title: "starts no command of a step when the time of the whole run is over before",
    budget: 8,
    left: -1,
    message:
      /no time is left for .*\nthe run took longer than its limit of 75 minutes, which is in /,
  },
];

for (const { title, budget, left, message } of tooLate) {
  test(title, async () => {
    const start = performance.now();
    await assert.rejects(runStep("slow", { budget, run: sleep }, start + left), { message });
    assert.ok(performance.now() - start < 30_000);
  });
}

test("fails a step when it passes after its budget", async () => {
  const pause = () => new Promise((/** @type {(_: void) => void} */ done) => setTimeout(done, 50));
  await assert.rejects(runStep("slow", { budget: 0.0005, run: pause }, Infinity), {
    message: /^all of slow passed, but too late\nslow took longer than its budget/,
  });
});

test("counts the time of the run's earlier commands when TESTS_STARTED is set", () => {
  const started = Math.floor(Date.now() / 1000) - runLimit * 60;
  const { status, stderr } = spawnSync(process.execPath, ["scripts/test.js", "eslint"], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, TESTS_STARTED: String(started) },
  });
  assert.match(stderr, /^no time is left for .*\nthe run took longer than its limit/);
  assert.equal(status, 1);
});

test("names the steps or options that exist when a word is neither", () => {
  const rows = [
    ["fnt", /^unknown step fnt\. The steps are: fmt, clippy, /],
    ["--al", /^unknown option --al\. The options are: --all, --rest, --install$/m],
  ];
  for (const [word, message] of /** @type {[string, RegExp][]} */ (rows)) {
    const { status, stderr } = spawnSync(process.execPath, ["scripts/test.js", word], {
      cwd: root,
      encoding: "utf8",
    });
    assert.match(stderr, message);
    assert.equal(status, 2);
  }
});
