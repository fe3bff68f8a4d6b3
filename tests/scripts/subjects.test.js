// Which subjects of commits are well-formed.

import assert from "node:assert/strict";
import test from "node:test";

import { faultOf } from "../../scripts/subjects.js";

/** Each subject with what is wrong with it. @type {[string, RegExp | null][]} */
const subjects = [
  ["Add a formatter", null],
  ["`repair` keeps pending bytes", null],
  ["Need Node 20.19 to develop", null],
  ["x".repeat(61), /^has 61 characters; 60 is the limit$/],
  ["X".repeat(60), null],
  ["add a formatter", /capital letter/],
  ["Add a formatter.", /full stop/],
  ["Added a formatter", /^begins with "Added"/],
  ["Adding a formatter", /^begins with "Adding"/],
];

for (const [subject, fault] of subjects) {
  test(`${fault ? "refuses" : "accepts"} the subject "${subject}"`, () => {
    if (fault) assert.match(String(faultOf(subject)), fault);
    else assert.equal(faultOf(subject), null);
  });
}
