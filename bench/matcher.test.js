// Checks where the peers without a search find a text.

import assert from "node:assert/strict";
import { test } from "node:test";

import { matcher } from "./matcher.js";

const entry = {
  session_id: "run-1",
  input: { diff: ["one", { deepKey: "Größe" }], ticket: 42 },
  attempts: [{ attempt: 1, output_summary: "two" }],
  message: "three",
};

for (const [what, text, isFound] of /** @type {const} */ ([
  ["a member", "three", true],
  ["an attempt", "two", true],
  ["a string inside input", "Größe", true],
  ["a key inside input", "deepKey", true],
  ["another case", "THREE", false],
  ["a number", "42", false],
  ["a key of the format", "message", false],
])) {
  test(`${isFound ? "finds" : "does not find"} a text in ${what}`, () => {
    assert.equal(matcher({ text })(entry), isFound);
  });
}

test("finds a text in another case when case is ignored, in an entry and in a line", () => {
  const holds = matcher({ text: "GRÖSSE", ignoreCase: true });
  assert.equal(holds(entry), false); // ß is not ss.
  const folds = matcher({ text: "GRÖßE", ignoreCase: true });
  assert.ok(folds(entry));
  assert.ok(folds(JSON.stringify(entry)));
});
