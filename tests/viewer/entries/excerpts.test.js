import assert from "node:assert/strict";
import { test } from "node:test";

import { excerptOf, wantedText } from "../../../viewer/entries/excerpts.js";

const entry = {
  session_id: "s",
  timestamp: "2026-01-01T00:00:00Z",
  skill: "tdd",
  attempts: [
    { attempt: 1, model: "m", runner_output: "expected 200, got 500: TIMEOUT\n", verified: false },
    { attempt: 2, model: "m", output_summary: "asks once", verified: true },
  ],
  final_status: "pass",
  file_path: "src/a.js",
};
const search = { text: "timeout", isExact: false, isPattern: false };

test("says the message on one line, else the last attempt, else the file", () => {
  const said = (/** @type {object} */ other) => excerptOf({ ...entry, ...other }, null);
  assert.deepEqual(said({ message: "first\n\tsecond\u0000 \u001b[31mred" }), {
    text: "first second [31mred",
    field: "",
    marks: [],
  });
  assert.deepEqual(said({}), { text: "asks once", field: "attempt 2", marks: [] });
  assert.deepEqual(said({ attempts: [] }).text, "src/a.js");
  assert.equal(said({ message: "x".repeat(1e6) }).text.length, 400);
});

test("shows where a text was found, with its mark", () => {
  const { text, field, marks } = excerptOf(
    { ...entry, message: "The store is asked once" },
    search,
  );
  assert.equal(field, "attempts[0].runner_output");
  assert.equal(text, "expected 200, got 500: TIMEOUT ");
  assert.deepEqual(
    marks.map(({ start, end }) => text.slice(start, end)),
    ["TIMEOUT"],
  );
});

test("prefers the message when a text is there too, and counts the other places", () => {
  const long = `${"a".repeat(500)} timeout ${"b".repeat(500)}`;
  const { text, field, marks } = excerptOf({ ...entry, message: long }, search);
  assert.equal(field, "+1");
  assert.match(text, /^…a+ timeout b+…$/);
  assert.equal(text.slice(marks[0].start, marks[0].end), "timeout");
});

test("minds case and reads patterns as it is told, and says why a pattern is wrong", () => {
  assert.equal(excerptOf(entry, { ...search, isExact: true }).text, "asks once");
  const found = excerptOf(entry, { text: "got \\d+", isExact: false, isPattern: true });
  assert.equal(found.text.slice(found.marks[0].start, found.marks[0].end), "got 500");
  const wrong = wantedText({ text: "(", isExact: false, isPattern: true });
  assert.match("error" in wrong ? wrong.error : "", /Unterminated group/);
});
