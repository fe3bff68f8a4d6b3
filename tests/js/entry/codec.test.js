// Encoding and decoding of single entries, from JavaScript.

import assert from "node:assert/strict";
import test from "node:test";
import vm from "node:vm";
import fc from "fast-check";
import { decode, encode, RawJson, SkillLogError } from "skill-log";

import { entry, line } from "../support/lines.js";

const text = fc.string({ unit: "binary", maxLength: 30 });
const optionalText = fc.option(text, { nil: undefined });
const int64 = fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));

const anyEntry = fc.record(
  {
    session_id: text,
    timestamp: fc.date({
      min: new Date(Date.UTC(1, 0)),
      max: new Date("9999-12-31T23:59:59.999Z"),
      noInvalidDate: true,
    }),
    skill: text,
    phase: optionalText,
    project_root: optionalText,
    input: fc.jsonValue(),
    attempts: fc.array(
      fc.record({
        attempt: int64,
        model: text,
        output_summary: optionalText,
        runner_output: optionalText,
        verified: fc.boolean(),
      }),
      { maxLength: 3 },
    ),
    final_status: text,
    file_path: optionalText,
    model_used: optionalText,
    duration_ms: int64,
    message: optionalText,
  },
  { requiredKeys: ["session_id", "skill", "final_status", "timestamp"] },
);

/** Whether an optional member with this value is not written. @param {unknown} value */
const isEmpty = (value) => value === undefined || value === "" || value === 0 || value === 0n;

/**
 * Returns an object's members without the empty ones that are not required.
 *
 * @param {object} object
 * @param {string[]} required
 */
function writtenMembers(object, required) {
  const members = Object.entries(object);
  return Object.fromEntries(
    members.filter(([name, value]) => required.includes(name) || !isEmpty(value)),
  );
}

/**
 * Returns what reading makes of an entry to append: no empty optional members, and integers as
 * numbers where numbers hold them.
 *
 * @param {import("skill-log").EntryInput & { timestamp: Date }} input
 */
function asRead(input) {
  const integer = (/** @type {number | bigint} */ value) =>
    Number.isSafeInteger(Number(value)) ? Number(value) + 0 || 0 : BigInt(value);
  const read = writtenMembers(input, ["session_id", "skill", "final_status", "input"]);
  const milliseconds = input.timestamp.toISOString();
  read.timestamp = milliseconds.replace(/\.?0*Z$/, "Z").replace(/^\+00/, "");
  if ("duration_ms" in read) read.duration_ms = integer(read.duration_ms);
  if ("input" in read) read.input = JSON.parse(JSON.stringify(input.input));
  if (input.attempts && input.attempts.length > 0) {
    read.attempts = input.attempts.map((attempt) => ({
      ...writtenMembers(attempt, ["attempt", "model", "verified"]),
      attempt: integer(attempt.attempt),
    }));
  } else delete read.attempts;
  return read;
}

test("returns the same entry when any entry is encoded and decoded", () => {
  fc.assert(
    fc.property(anyEntry, (input) => {
      assert.deepEqual(decode(encode(input)), asRead(input));
    }),
    { numRuns: 500 },
  );
});

test("decodes to what JSON.parse returns when a line is canonical", () => {
  fc.assert(
    fc.property(anyEntry, (input) => {
      const line = encode(input);
      const parsed = JSON.parse(Buffer.from(line).toString());
      const plain = (/** @type {string} */ _, /** @type {unknown} */ value) =>
        typeof value === "bigint" ? Number(value) : value;
      assert.deepEqual(JSON.parse(JSON.stringify(decode(line), plain)), parsed);
    }),
    { numRuns: 500 },
  );
});

test("encodes to the same bytes when an entry was decoded with a raw input", () => {
  fc.assert(
    fc.property(anyEntry, (input) => {
      const line = encode(input);
      assert.deepEqual(encode(decode(line, { input: "raw" })), line);
    }),
  );
});

test("decodes, or throws with the fault's offset, when given any bytes", () => {
  const json = fc.constantFrom(...'{}[]":,\\0-.e \n'.split("")).map((char) => char.charCodeAt(0));
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(255), json), { maxLength: 200 }), (bytes) => {
      try {
        decode(Uint8Array.from(bytes));
      } catch (error) {
        assert(error instanceof SkillLogError);
        assert.equal(error.code, "INVALID_LINE");
        assert(error.offset !== undefined);
        assert(error.offset >= 0 && error.offset <= bytes.length);
      }
    }),
    { numRuns: 2000 },
  );
});

test("decodes a line when it is bytes or a string, with or without a line end", () => {
  const expected = entry("é漢😀");
  const text = line("é漢😀");
  for (const given of [
    text,
    `${text}\n`,
    `${text}\r\n`,
    Buffer.from(text),
    new Uint8Array(Buffer.from(text)),
  ]) {
    assert.deepEqual(decode(given), expected);
  }
});

test("keeps integers exact, as bigints, when they are beyond ±2^53", () => {
  const big = 2n ** 53n;
  const written = entry("x", {
    duration_ms: -(2n ** 63n),
    attempts: [
      { attempt: 1, model: "m", verified: true },
      { attempt: big, model: "m", verified: true },
    ],
  });
  const read = decode(encode(written));
  assert.equal(read.duration_ms, -(2n ** 63n));
  assert.deepEqual(
    read.attempts?.map(({ attempt }) => attempt),
    [1, big],
  );
  assert.deepEqual(decode(encode(read)), read);
  assert.equal(decode(encode(entry("x", { duration_ms: 2 ** 53 - 1 }))).duration_ms, 2 ** 53 - 1);
});

test("rounds integers as JSON.parse does when integers is number", () => {
  const big = 2n ** 53n;
  for (const integer of [
    0n,
    -1n,
    big - 1n,
    big,
    big + 1n,
    big + 2n,
    big + 3n,
    -big - 1n,
    -big - 3n,
    2n ** 60n + 127n,
    2n ** 60n + 128n,
    2n ** 60n + 129n,
    2n ** 60n + 384n,
    2n ** 63n - 1n,
    -(2n ** 63n),
  ]) {
    const attempts = [{ attempt: integer, model: "m", verified: true }];
    const written = encode(entry("x", { duration_ms: integer, attempts }));
    const read = decode(written, { integers: "number" });
    assert.deepEqual(read, JSON.parse(Buffer.from(written).toString()), String(integer));
    if (integer !== 0n) assert.equal(BigInt(decode(written).duration_ms ?? 0), integer);
  }
  const options = /** @type {const} */ ({ input: "raw", integers: "number" });
  const { input, duration_ms } = decode(line("x", { input: 1.5, duration_ms: big }), options);
  assert(input instanceof RawJson);
  assert.equal(duration_ms, 2 ** 53);
});

test("keeps what JSON.parse would lose when an input is decoded raw", () => {
  const bytes = Buffer.from(
    '{"n":12345678901234567890,"n":1.10,"bad":"\xff","e":"\\u003c"}',
    "latin1",
  );
  const written = encode(entry("x", { input: new RawJson(bytes) }));
  const { input } = decode(written, { input: "raw" });
  assert(input instanceof RawJson);
  assert.deepEqual(Buffer.from(input.bytes), bytes);
  assert.equal(input.text, '{"n":12345678901234567890,"n":1.10,"bad":"\ufffd","e":"\\u003c"}');
  assert.deepEqual(input.value, { n: 1.1, bad: "\ufffd", e: "<" });
  assert.deepEqual(decode(written).input, input.value);
  assert.equal(JSON.stringify({ input }), JSON.stringify({ input: input.value }));
  assert.equal(decode(line("x"), { input: "raw" }).input, undefined);
});

test("throws with the fault's offset when a RawJson is made of no JSON value", () => {
  /** @type {[string, number][]} */
  const cases = [
    ["", 0],
    ["{", 1],
    ["1 2", 2],
    ["nul", 3],
    ['"\n"', 1],
  ];
  for (const [json, offset] of cases) {
    assert.throws(() => new RawJson(json), { code: "INVALID_LINE", offset }, json);
  }
  // @ts-expect-error no bytes and no string
  assert.throws(() => new RawJson({}), { code: "INVALID_ARGUMENT" });
  const changed = new RawJson("[1]");
  changed.bytes[0] = 0x78;
  assert.throws(() => encode(entry("x", { input: changed })), {
    code: "INVALID_ENTRY",
    field: "input",
  });
});

test("escapes as Go does, and writes U+FFFD when a surrogate stands alone", () => {
  assert.equal(
    line("<&>\u2028\u2029\ud800\u007f"),
    line("x").replace('"x"', '"\\u003c\\u0026\\u003e\\u2028\\u2029\ufffd\u007f"'),
  );
});

/** Values of `input`, their JSON in a line, and, where it differs, the JSON of the same RawJson. */
const spelled = [
  { input: { session_id: "x" }, json: '{"session\\u005fid":"x"}', raw: '{"session_id":"x"}' },
  {
    input: [{ session_id: 1, skill: "x" }, { a: { session_id: {} } }],
    json: '[{"session\\u005fid":1,"skill":"x"},{"a":{"session\\u005fid":{}}}]',
    raw: '[{"session_id":1,"skill":"x"},{"a":{"session_id":{}}}]',
  },
  { input: { skill: "x", session_id: "second" }, json: '{"skill":"x","session_id":"second"}' },
  { input: { Session_id: "x" }, json: '{"Session_id":"x"}' },
  { input: { session_idx: "x" }, json: '{"session_idx":"x"}' },
  { input: { "a\ud800": "\udc00" }, json: '{"a\ufffd":"\ufffd"}' },
  { input: '{"session_id":"x"}', json: '"{\\"session_id\\":\\"x\\"}"' },
];

test("escapes session_id when an object in an input starts with it, and keeps the value", () => {
  const inputOf = (/** @type {Uint8Array} */ bytes) => decode(bytes, { input: "raw" }).input;
  for (const { input, json, raw = json } of spelled) {
    const written = encode(entry("x", { input }));
    assert.equal(inputOf(written)?.text, json);
    assert.deepEqual(decode(written).input, JSON.parse(json));
    // A RawJson keeps its bytes because callers take digests of them.
    assert.equal(inputOf(encode(entry("x", { input: new RawJson(raw) })))?.text, raw);
  }
});

test("encodes and decodes a line when it has many megabytes", () => {
  const message = 'é"\\\u0001'.repeat(2_000_000);
  assert.equal(decode(encode(entry("x", { message }))).message, message);
});

test("keeps a timestamp's offset and nanoseconds, and writes now when it is absent", () => {
  assert.equal(
    decode(encode(entry("x", { timestamp: "2026-01-02T3:04:05,1234567891+05:30" }))).timestamp,
    "2026-01-02T03:04:05.123456789+05:30",
  );
  const before = Date.now();
  const { timestamp } = decode(encode(entry("x", { timestamp: undefined })));
  assert(Date.parse(timestamp) >= before && Date.parse(timestamp) <= Date.now());
});

test("encodes and decodes values as usual when they come from another realm", () => {
  const other = (/** @type {string} */ code) => vm.runInNewContext(code);
  assert.equal(
    decode(encode(entry("x", { timestamp: other("new Date(0)") }))).timestamp,
    "1970-01-01T00:00:00Z",
  );
  assert.equal(
    decode(other(`Uint8Array.from(${JSON.stringify([...Buffer.from(line("x"))])})`)).skill,
    "x",
  );
  assert.deepEqual(
    decode(encode(entry("x", { input: other("({ a: [1, new Date(0)] })") }))).input,
    { a: [1, "1970-01-01T00:00:00.000Z"] },
  );
  for (const value of ["new Date(NaN)", "new Number(NaN)", "Object(1n)", "() => 1"]) {
    assert.throws(
      () => encode(entry("x", { input: { d: other(value) } })),
      { code: "INVALID_ENTRY", field: "input…d" },
      value,
    );
  }
});

test("throws LINE_TOO_LONG when a line would be longer than any string", () => {
  const half = "x".repeat(2 ** 28);
  assert.throws(() => encode(entry("x", { phase: half, message: half })), {
    code: "LINE_TOO_LONG",
  });
});

test("throws a SkillLogError, with the name of its class, when a line is refused", () => {
  assert.throws(
    () => decode("x"),
    (/** @type {Error} */ error) =>
      error.name === "SkillLogError" && error.constructor.name === "SkillLogError",
  );
});

test("throws INVALID_ARGUMENT when an argument is of the wrong type", () => {
  for (const options of /** @type {any[]} */ ([null, { inptu: "raw" }]))
    assert.throws(() => decode("{}", options), { code: "INVALID_ARGUMENT" });
  // @ts-expect-error no line
  assert.throws(() => decode(5), {
    code: "INVALID_ARGUMENT",
    message: "line: expected a Uint8Array or a string, got the number 5",
  });
  // @ts-expect-error no way to read integers
  assert.throws(() => decode("{}", { integers: "bigint" }), {
    code: "INVALID_ARGUMENT",
    message: 'options.integers: expected "exact" or "number", got the string "bigint"',
  });
  // @ts-expect-error no way to read an input
  assert.throws(() => decode("{}", { input: "bytes" }), {
    code: "INVALID_ARGUMENT",
    message: 'options.input: expected "parsed" or "raw", got the string "bytes"',
  });
});
