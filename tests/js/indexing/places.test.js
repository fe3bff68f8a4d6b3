// LogIndex.places and places find where a text stands.

import assert from "node:assert/strict";
import test from "node:test";
import { places, RawJson, SessionLog } from "skill-log";

import { entry, line } from "../support/lines.js";

/** @param {string} text */
const indexOf = async (text) => (await SessionLog.from(Buffer.from(text))).index();

const attempts = [
  { attempt: 1, model: "m", output_summary: "a hit", verified: false },
  { attempt: 2, model: "hit", runner_output: "hit", verified: true },
];

test("returns the path, the offsets and the excerpt of each place in an entry", async () => {
  const index = await indexOf(
    `${line("x")}\n${line("hit", {
      message: "😀 Hit and hit",
      attempts,
      input: { hit: ["hit"], a: { "b c": { hit: 1 } } },
    })}\n`,
  );
  const found = await index.places(1, "hit");
  assert.deepEqual(
    found.map(({ field, key, start }) => [field, key ?? false, start]),
    [
      ["skill", false, 0],
      ["message", false, 11],
      ["attempts[0].output_summary", false, 2],
      ["attempts[1].model", false, 0],
      ["attempts[1].runner_output", false, 0],
      ["input", true, 0],
      ["input.hit[0]", false, 0],
      ['input.a["b c"]', true, 0],
    ],
  );
  assert.deepEqual(found[1], {
    field: "message",
    length: 14,
    start: 11,
    end: 14,
    excerpt: { text: "😀 Hit and hit", start: 11, end: 14 },
  });
  const ignoring = await index.places(1, "HIT", { ignoreCase: true });
  assert.equal(ignoring.length, found.length + 1);
  assert.deepEqual(await index.places(0, "hit"), []);
  assert.deepEqual(await index.places(1, /h(?=it and)/i), await index.places(1, "H"));
  assert.deepEqual(places(await index.entry(1), "hit"), found);
  assert.deepEqual(places(await index.entry(1, { input: "raw" }), "hit"), found);
});

test("cuts excerpts between characters when the string is long", () => {
  const message = `${"😀".repeat(30)}hit${"😀".repeat(30)}`;
  const [place] = places(entry("x", { message }), "hit", { around: 5 });
  assert.deepEqual(place, {
    field: "message",
    length: 123,
    start: 60,
    end: 63,
    excerpt: { text: "😀😀😀hit😀😀", start: 6, end: 9 },
  });
  const [bare] = places(entry("x", { message }), "hit", { around: 0 });
  assert.deepEqual(bare.excerpt, { text: "hit", start: 0, end: 3 });
  const [long] = places(entry("x", { message: "a".repeat(5000) }), /a+/);
  assert.deepEqual([long.start, long.end], [0, 5000]);
  assert.deepEqual(long.excerpt, { text: "a".repeat(1000), start: 0, end: 1000 });
});

test("returns no more places than most and mostPerString when there are many", () => {
  const many = entry("x", { message: "a".repeat(500), file_path: "aaa", input: ["aa"] });
  const fields = (/** @type {any} */ options) =>
    places(many, "a", options).map(({ field }) => field);
  assert.equal(fields({}).length, 100);
  assert.deepEqual(fields({ most: 2 }), ["message", "message"]);
  assert.deepEqual(fields({ most: 0 }), []);
  assert.deepEqual(fields({ mostPerString: 1 }), ["message", "file_path", "input[0]"]);
  assert.equal(places(many, "", { most: 1000 }).length > 500, true);
});

test("finds what is in both members when input has two of one name", async () => {
  const index = await indexOf('{"skill":"x","input":{"k":"one hit","k":"hit"}}\n');
  assert.deepEqual(
    (await index.places(0, "hit")).map(({ field, start }) => [field, start]),
    [
      ["input.k", 4],
      ["input.k", 0],
    ],
  );
});

test("finds U+FFFD when a string has a lone surrogate", async () => {
  const index = await indexOf('{"skill":"a\\ud83d","input":"b\\ud83d"}\n');
  for (const wanted of ["\ud83d", "\ufffd", /\ufffd/])
    assert.deepEqual(
      (await index.places(0, wanted)).map(({ field, start }) => [field, start]),
      [
        ["skill", 1],
        ["input", 1],
      ],
    );
});

test("rejects when the row, the text or an option is wrong, or the signal is aborted", async () => {
  const index = await indexOf(line("a"));
  /** @type {[call: (index: any) => Promise<unknown>, message: RegExp][]} */
  const refused = [
    [(index) => index.places(1, "a"), /^row: /],
    [(index) => index.places(0), /^text: expected a string or a RegExp, got undefined$/],
    [(index) => index.places(0, ["a"]), /^text: /],
    [(index) => index.places(0, "a", { most: -1 }), /^options\.most: expected a whole number/],
    [(index) => index.places(0, "a", { around: 0.5 }), /^options\.around: /],
    [(index) => index.places(0, "a", { ignoreCase: "yes" }), /^options\.ignoreCase: /],
    [(index) => index.places(0, "a", { rows: [] }), /^options\.rows: unknown option/],
    [async () => places(/** @type {any} */ (null), "a"), /^entry: /],
    [async () => places(entry("x"), "a", /** @type {any} */ ({ signal: 1 })), /^options\.signal: /],
  ];
  for (const [call, message] of refused)
    await assert.rejects(async () => call(index), { code: "INVALID_ARGUMENT", message });
  const reason = new Error("enough");
  await assert.rejects(
    index.places(0, "a", { signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
  assert.equal(places(entry("x", { input: new RawJson('"a"') }), "a").length, 1);
});
