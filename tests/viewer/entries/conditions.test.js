import assert from "node:assert/strict";
import { test } from "node:test";

import {
  described,
  wantedOf,
  withFlag,
  withoutFacet,
  withText,
} from "../../../viewer/entries/conditions.js";

test("wants a value, others like it, not it, or nothing of it when it is chosen", () => {
  let filter = withText({}, "skill", "tdd", "only");
  assert.deepEqual(filter, { skill: ["tdd"] });
  filter = withText(filter, "skill", "release", "only");
  assert.deepEqual(filter, { skill: ["tdd", "release"] });
  filter = withText(filter, "skill", "tdd", "not");
  assert.deepEqual(filter, { skill: ["release"], not: { skill: ["tdd"] } });
  assert.equal(wantedOf(filter, "skill", "tdd"), "not");
  assert.equal(wantedOf(filter, "skill", "release"), "only");
  assert.equal(wantedOf(filter, "skill", "plan"), null);
  filter = withText(withText(filter, "skill", "tdd", null), "skill", "release", null);
  assert.deepEqual(filter, {});
});

test("understands a single text and the empty text when a link has them", () => {
  const filter = { phase: "", not: { final_status: "pass" } };
  assert.equal(wantedOf(filter, "phase", ""), "only");
  assert.deepEqual(withText(filter, "phase", "red", "only").phase, ["", "red"]);
  assert.deepEqual(
    described(filter).map(({ text, isNot }) => [text, isNot]),
    [
      ["status pass", true],
      ["no phase", false],
    ],
  );
});

test("keeps every other condition when one is removed", () => {
  const filter = {
    skill: ["tdd"],
    verified: false,
    min_duration_ms: 5,
    not: { skill: ["release"], recovered: true },
  };
  const conditions = described(filter);
  assert.deepEqual(
    conditions.map(({ text, isNot }) => (isNot ? `not ${text}` : text)),
    ["skill tdd", "not skill release", "not verified", "not recovered", "from 5 ms"],
  );
  assert.deepEqual(conditions[1].without, { ...filter, not: { recovered: true } });
  assert.deepEqual(conditions[2].without, {
    skill: ["tdd"],
    min_duration_ms: 5,
    not: filter.not,
  });
  assert.deepEqual(conditions[3].without, { ...filter, not: { skill: ["release"] } });
});

test("sets a flag, and takes a facet out with its `not`", () => {
  assert.deepEqual(withFlag({ not: { foreign: true } }, "verified", true), {
    verified: true,
    not: { foreign: true },
  });
  assert.deepEqual(withoutFacet({ foreign: true, not: { foreign: true } }, "foreign"), {});
});
