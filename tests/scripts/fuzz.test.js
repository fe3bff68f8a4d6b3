// Checks how the executions of the fuzz targets are counted and added up.

import assert from "node:assert/strict";
import test from "node:test";

import { executionsOf, withExecutions } from "../../scripts/fuzz.js";

const report = `INFO: seed corpus: files: 12 min: 1b max: 4096b
Done 91234 runs in 61 second(s)
stat::number_of_executed_units: 91234
stat::average_exec_per_sec:     1495
`;

const page = `before

<!-- executions: added by \`npm run fuzz -- --write\` -->
<!-- end of the executions -->

after
`;

const about = { rows: "Rows cross", scan: "Any bytes \\| in any chunks" };

/** @param {number} executions @param {string} [date] */
const tried = (executions, date = "2026-11-30") => ({ executions, date, commit: "0123456789" });

test("reads how many inputs were tried when a target was run", () => {
  assert.equal(executionsOf(report), 91234);
});

test("throws when a target reports no number of executions", () => {
  assert.throws(() => executionsOf("ABORTING"), /no number of executions/);
});

test("adds executions to those of the page when targets ran again", () => {
  const once = withExecutions(page, about, { rows: tried(1000), scan: tried(5) });
  const twice = withExecutions(once, about, { scan: tried(2_000_000, "2026-12-01") });
  assert.match(twice, /^\| `rows` \| Rows cross \| 1,000 \| 2026-11-30 \| `0123456789` \|$/m);
  assert.match(twice, /^\| `scan` \| .* \| 2,000,005 \| 2026-12-01 \| `0123456789` \|$/m);
  assert.match(twice, /^\| all \| \| 2,001,005 \| \| \|$/m);
  assert.match(twice, /^before\n[^]*\nafter\n$/);
});

test("keeps the table as it is when nothing ran", () => {
  const once = withExecutions(page, about, { rows: tried(1000) });
  assert.equal(withExecutions(once, about, {}), once);
});

test("keeps the executions of a target when it is gone", () => {
  const once = withExecutions(page, about, { rows: tried(1000), scan: tried(5) });
  const later = withExecutions(once, { rows: about.rows }, {});
  assert.match(later, /^\| `scan` \| Any bytes \\\| in any chunks \| 5 \| 2026-11-30 \| /m);
  assert.match(later, /^\| all \| \| 1,005 \| \| \|$/m);
});

test("has a line without executions when a target is new", () => {
  const once = withExecutions(page, { rows: about.rows }, { rows: tried(1) });
  assert.match(withExecutions(once, about, {}), /^\| `scan` \| .* \| 0 \| \| \|$/m);
});

test("throws when the page lacks the marks of its table", () => {
  assert.throws(() => withExecutions("no table", about, {}), /lacks the marks/);
});
