// The steps of `npm test` and of `npm run test:all`: what they need, and how long they may take.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import test from "node:test";

import { limitRuns, run } from "../../scripts/command.js";
import { steps } from "../../scripts/test.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Minutes that all steps may take together. */
const LIMIT = 75;

test("the budgets of all steps fit into what a whole run may take", () => {
  const sum = Object.values(steps).reduce((minutes, { budget }) => minutes + budget, 0);
  assert.ok(sum <= LIMIT, `${sum} minutes`);
});

test("the steps of npm test need no program but those of Node and Rust", () => {
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
  const sleep = () => run(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"]);
  assert.throws(sleep, /^Error: ended, because its time was over: /);
  assert.ok(performance.now() - start < 30_000);
  assert.throws(sleep, /^Error: no time is left for /);
});

test("refuses a step and an option that there is not, with those that there are", () => {
  const rows = [
    ["fnt", /^no such step: fnt\. There are: fmt, clippy, /],
    ["--al", /^unknown: --al\. There are: --all, --rest, --install$/m],
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
