// Encoding and decoding single entries, from JavaScript.

import assert from "node:assert/strict";
import test from "node:test";
import vm from "node:vm";
import fc from "fast-check";
import { decode, encode, RawJson, SkillLogError } from "skill-log";

import { entry, line } from "../lines.js";

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

/** What an entry to append is when it is read: empty optional fields absent, integers as numbers where they fit. */
function asRead(input) {
  const integer = (value) =>
    Number.isSafeInteger(Number(value)) ? Number(value) + 0 || 0 : BigInt(value);
  const given = (object, keep) =>
    Object.fromEntries(Object.entries(object).filter(([name, value]) => keep(name, value)));
  const isEmpty = (value) => value === undefined || value === "" || value === 0 || value === 0n;
  const read = given(
    input,
    (name, value) =>
      ["session_id", "skill", "final_status"].includes(name) || name === "input" || !isEmpty(value),
  );
  const milliseconds = input.timestamp.toISOString();
  read.timestamp = milliseconds.replace(/\.?0*Z$/, "Z").replace(/^\+00/, "");
  if ("duration_ms" in read) read.duration_ms = integer(read.duration_ms);
  if ("input" in read) read.input = JSON.parse(JSON.stringify(input.input));
  if (input.attempts?.length > 0) {
    read.attempts = input.attempts.map((attempt) => ({
      ...given(
        attempt,
        (name, value) => ["attempt", "model", "verified"].includes(name) || !isEmpty(value),
      ),
      attempt: integer(attempt.attempt),
    }));
  } else delete read.attempts;
  return read;
}

test("any entry outlives encoding and decoding", () => {
  fc.assert(
    fc.property(anyEntry, (input) => {
      assert.deepEqual(decode(encode(input)), asRead(input));
    }),
    { numRuns: 500 },
  );
});

test("a decoded entry is what JSON.parse makes of its canonical line", () => {
  fc.assert(
    fc.property(anyEntry, (input) => {
      const line = encode(input);
      const parsed = JSON.parse(Buffer.from(line).toString());
      const plain = (_, value) => (typeof value === "bigint" ? Number(value) : value);
      assert.deepEqual(JSON.parse(JSON.stringify(decode(line), plain)), parsed);
    }),
    { numRuns: 500 },
  );
});

test("any entry read raw is encoded to the bytes it came from", () => {
  fc.assert(
    fc.property(anyEntry, (input) => {
      const line = encode(input);
      assert.deepEqual(encode(decode(line, { input: "raw" })), line);
    }),
  );
});

test("any bytes decode, or give an error that says where", () => {
  const json = fc.constantFrom(...'{}[]":,\\0-.e \n'.split("")).map((char) => char.charCodeAt(0));
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(255), json), { maxLength: 200 }), (bytes) => {
      try {
        decode(Uint8Array.from(bytes));
      } catch (error) {
        assert(error instanceof SkillLogError);
        assert.equal(error.code, "INVALID_LINE");
        assert(error.offset >= 0 && error.offset <= bytes.length);
      }
    }),
    { numRuns: 2000 },
  );
});

test("a line may be bytes or text, with its line end or without", () => {
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

test("integers beyond ±2^53 are bigints, and stay what they were", () => {
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
    read.attempts.map(({ attempt }) => attempt),
    [1, big],
  );
  assert.deepEqual(decode(encode(read)), read);
  assert.equal(decode(encode(entry("x", { duration_ms: 2 ** 53 - 1 }))).duration_ms, 2 ** 53 - 1);
});

test("integers are rounded as JSON.parse rounds them when integers is number", () => {
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

test("a raw input keeps what JSON.parse would lose", () => {
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

test("what is no JSON value is no RawJson", () => {
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
  assert.throws(() => new RawJson({}), { code: "INVALID_ARGUMENT" });
  const changed = new RawJson("[1]");
  changed.bytes[0] = 0x78;
  assert.throws(() => encode(entry("x", { input: changed })), {
    code: "INVALID_ENTRY",
    field: "input",
  });
});

test("what Go escapes is escaped, and a lone surrogate becomes U+FFFD", () => {
  assert.equal(
    line("<&>\u2028\u2029\ud800\u007f"),
    line("x").replace('"x"', '"\\u003c\\u0026\\u003e\\u2028\\u2029\ufffd\u007f"'),
  );
});

/** Values of `input`, how they are spelled in a line, and, where it differs, how a RawJson of the same spelling is. */
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

test("no object in an input begins as an entry does, and its value is the same", () => {
  const inputOf = (/** @type {Uint8Array} */ bytes) => decode(bytes, { input: "raw" }).input;
  for (const { input, json, raw = json } of spelled) {
    const written = encode(entry("x", { input }));
    assert.equal(inputOf(written)?.text, json);
    assert.deepEqual(decode(written).input, JSON.parse(json));
    // What is given as it is spelled stays so: digests are taken of it.
    assert.equal(inputOf(encode(entry("x", { input: new RawJson(raw) })))?.text, raw);
  }
});

test("a line of many megabytes is encoded and decoded", () => {
  const message = 'é"\\\u0001'.repeat(2_000_000);
  assert.equal(decode(encode(entry("x", { message }))).message, message);
});

test("a timestamp keeps its offset and nanoseconds, and is now where there is none", () => {
  assert.equal(
    decode(encode(entry("x", { timestamp: "2026-01-02T3:04:05,1234567891+05:30" }))).timestamp,
    "2026-01-02T03:04:05.123456789+05:30",
  );
  const before = Date.now();
  const { timestamp } = decode(encode(entry("x", { timestamp: undefined })));
  assert(Date.parse(timestamp) >= before && Date.parse(timestamp) <= Date.now());
});

test("values from another realm are what they are", () => {
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

test("text that no string can hold is refused, not thrown about", () => {
  const half = "x".repeat(2 ** 28);
  assert.throws(() => encode(entry("x", { phase: half, message: half })), {
    code: "LINE_TOO_LONG",
  });
});

test("an error is named as it is exported", () => {
  assert.throws(
    () => decode("x"),
    (error) => error.name === "SkillLogError" && error.constructor.name === "SkillLogError",
  );
});

test("arguments of the wrong type are refused", () => {
  for (const options of [null, { inptu: "raw" }])
    assert.throws(() => decode("{}", options), { code: "INVALID_ARGUMENT" });
  assert.throws(() => decode(5), {
    code: "INVALID_ARGUMENT",
    message: "line: expected a Uint8Array or a string, got the number 5",
  });
  assert.throws(() => decode("{}", { integers: "bigint" }), {
    code: "INVALID_ARGUMENT",
    message: 'options.integers: expected "exact" or "number", got the string "bigint"',
  });
  assert.throws(() => decode("{}", { input: "bytes" }), {
    code: "INVALID_ARGUMENT",
    message: 'options.input: expected "parsed" or "raw", got the string "bytes"',
  });
});
