// The JSON Schema of an entry: every written entry is valid under it, and little else is.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import test from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { encode } from "skill-log";

import { canonicalize } from "../../conformance/outcome.js";
import { randomEntry } from "../../conformance/random-entries.js";
import { randomLines } from "../../conformance/random-lines.js";
import { Random } from "../../conformance/random.js";
import { canonicalizeVectors, failing } from "../../conformance/vectors.js";
import { entry } from "../support/lines.js";

const schema = createRequire(import.meta.url)("skill-log/entry.schema.json");

const ajv = new Ajv2020({ allErrors: true, strict: true });
addFormats.default(ajv);
const validate = ajv.compile(schema);

/**
 * Returns the path and the keyword of each fault of an entry or a line.
 *
 * @param {unknown} value
 */
function faults(value) {
  const parsed = value instanceof Uint8Array ? JSON.parse(Buffer.from(value).toString()) : value;
  return validate(parsed)
    ? []
    : (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
}

test("is valid when checked by the meta schema, whose draft it names", () => {
  assert.equal(schema.$schema, "https://json-schema.org/draft/2020-12/schema");
  assert.ok(ajv.validateSchema(schema), ajv.errorsText());
});

test("has a description and the format's order when it lists an entry's members", () => {
  const attempt = {
    attempt: 1,
    model: "m",
    output_summary: "o",
    runner_output: "r",
    verified: true,
  };
  const texts = { phase: "p", project_root: "/p", file_path: "f", model_used: "m", message: "m" };
  const full = JSON.parse(
    Buffer.from(
      encode(entry("x", { ...texts, input: null, attempts: [attempt], duration_ms: 1 })),
    ).toString(),
  );
  const { Attempt } = schema.$defs;
  assert.equal(schema.title, "Entry");
  assert.deepEqual(Object.keys(schema.properties), Object.keys(full));
  assert.deepEqual(Object.keys(Attempt.properties), Object.keys(full.attempts[0]));
  for (const described of [
    schema,
    Attempt,
    ...Object.values(schema.properties),
    ...Object.values(Attempt.properties),
  ]) {
    assert.match(described.description, /^[A-Z].*\.$/s);
  }
});

test("finds no fault when Go wrote a line", async () => {
  const written = canonicalizeVectors().filter(({ ok }) => ok);
  assert.equal(written.length, 1700);
  assert.deepEqual(await failing(written, ({ out }) => assert.deepEqual(faults(out), [])), []);
});

test("finds no fault when the package encodes any entry", () => {
  const random = new Random(11);
  for (let i = 0; i < 3000; i++) {
    const line = encode(randomEntry(random, "s-1"));
    assert.deepEqual(faults(line), [], Buffer.from(line).toString());
  }
});

test("finds no fault when any readable line is written again", () => {
  let written = 0;
  for (const line of randomLines(new Random(12), 10_000, [])) {
    const outcome = canonicalize(line);
    if ("step" in outcome) continue;
    assert.deepEqual(faults(outcome.out), [], line.toString("base64"));
    written += 1;
  }
  assert.ok(written > 3_000, `${written} lines`);
});

test("finds no fault when, and only when, a timestamp is canonical", () => {
  const digits = (/** @type {number} */ min, /** @type {number} */ max) =>
    fc.integer({ min, max }).map((number) => String(number).padStart(2, "0"));
  const timestamp = fc
    .tuple(
      fc.constantFrom("0000", "0001", "1582", "1900", "2000", "2023", "2024", "9999", "12024"),
      fc.constant("-"),
      fc.oneof(fc.constant("02"), digits(0, 13)),
      fc.constant("-"),
      fc.oneof(digits(28, 31), digits(0, 32)),
      fc.constantFrom("T", "T", "T", "t", " "),
      fc.oneof(digits(0, 24), fc.constant("7")),
      fc.constant(":"),
      digits(0, 60),
      fc.constant(":"),
      digits(0, 61),
      fc.constantFrom("", ".5", ".50", ".000000001", ".123456789", ".1234567891", ",5", ".", ".0"),
      fc.oneof(
        fc.constantFrom("Z", "z", "", "+0200", "+02"),
        fc
          .tuple(fc.constantFrom("+", "-"), digits(0, 25), fc.constant(":"), digits(0, 60))
          .map((parts) => parts.join("")),
      ),
    )
    .map((parts) => parts.join(""));
  const seen = { valid: 0, not: 0 };
  const agrees = (/** @type {string} */ text) => {
    const line = Buffer.from(JSON.stringify(entry("x", { timestamp: text })));
    const outcome = canonicalize(line);
    const isCanonical = "out" in outcome && outcome.out.equals(line);
    assert.equal(faults(line).length === 0, isCanonical, text);
    seen[isCanonical ? "valid" : "not"] += 1;
  };
  fc.assert(fc.property(timestamp, agrees), {
    numRuns: 20_000,
    seed: 13,
    examples: [
      ["0001-01-01T00:00:00Z"],
      ["0000-02-29T00:00:00Z"],
      ["1900-02-29T00:00:00Z"],
      ["9999-12-31T23:59:59.999999999+23:59"],
      ["2026-01-02T03:04:05-00:01"],
      ["2026-01-02T03:04:05+00:00"],
      ["2026-01-02T03:04:05+24:00"],
      ["2016-12-31T23:59:60Z"],
      ["2026-01-02T03:04:05Z\n"],
    ],
  });
  assert.ok(seen.valid > 300 && seen.not > 300, JSON.stringify(seen));
});

test("finds no fault when integers are at the ends of 64 bits", () => {
  for (const number of [-(2n ** 63n), -1, 1, 2 ** 53, 2n ** 63n - 1n]) {
    const attempts = [{ attempt: number, model: "m", verified: true }];
    assert.deepEqual(faults(encode(entry("x", { duration_ms: number, attempts }))), []);
  }
  // An engine with all 64 bits reads these limits exactly; JSON.parse rounds them.
  const { minimum, maximum } = schema.properties.duration_ms;
  assert.deepEqual([minimum, maximum], [-(2 ** 63), 2 ** 63]);
});

const attempt = { attempt: 1, model: "m", verified: false };

/** @type {[name: string, value: unknown, ...faults: string[]][]} */
const notValid = [
  ["no object", [], " type"],
  ["null, which is read as an empty entry", null, " type"],
  ["no session_id", without("session_id"), " required"],
  ["no timestamp", without("timestamp"), " required"],
  ["no skill", without("skill"), " required"],
  ["no final_status", without("final_status"), " required"],
  ["no member", {}, ...Array(4).fill(" required")],
  ["an unknown member", entry("x", { finalStatus: "ok" }), " additionalProperties"],
  ["a member in another case", entry("x", { Phase: "red" }), " additionalProperties"],
  ["a number for a string", entry("x", { session_id: 1 }), "/session_id type"],
  ["null for a string", entry("x", { message: null }), "/message type"],
  ["a string for a number", entry("x", { duration_ms: "1" }), "/duration_ms type"],
  ["a fraction", entry("x", { duration_ms: 1.5 }), "/duration_ms type", "/duration_ms format"],
  ["a number beyond 64 bits", entry("x", { duration_ms: 1e19 }), "/duration_ms maximum"],
  ["a number below 64 bits", entry("x", { duration_ms: -1e19 }), "/duration_ms minimum"],
  ["a duration of 0", entry("x", { duration_ms: 0 }), "/duration_ms not"],
  ...["phase", "project_root", "file_path", "model_used", "message"].map(
    (name) =>
      /** @type {[string, unknown, string]} */ ([
        `${name} empty`,
        entry("x", { [name]: "" }),
        `/${name} minLength`,
      ]),
  ),
  ["a timestamp that is a number", entry("x", { timestamp: 0 }), "/timestamp type"],
  [
    "a timestamp without an offset",
    entry("x", { timestamp: "2026-01-02T03:04:05" }),
    "/timestamp format",
    "/timestamp pattern",
  ],
  ["the 31st of April", entry("x", { timestamp: "2026-04-31T03:04:05Z" }), "/timestamp format"],
  ["a leap second", entry("x", { timestamp: "2016-12-31T23:59:60Z" }), "/timestamp pattern"],
  [
    "ten digits of a fraction",
    entry("x", { timestamp: "2026-01-02T03:04:05.1234567891Z" }),
    "/timestamp pattern",
  ],
  [
    "a fraction that ends in 0",
    entry("x", { timestamp: "2026-01-02T03:04:05.10Z" }),
    "/timestamp pattern",
  ],
  [
    "an offset of 0 that is not Z",
    entry("x", { timestamp: "2026-01-02T03:04:05+00:00" }),
    "/timestamp pattern",
  ],
  ["attempts that are no array", entry("x", { attempts: attempt }), "/attempts type"],
  ["no attempts in an array", entry("x", { attempts: [] }), "/attempts minItems"],
  ["an attempt that is null", entry("x", { attempts: [attempt, null] }), "/attempts/1 type"],
  [
    "an attempt without its members",
    entry("x", { attempts: [{}] }),
    ...Array(3).fill("/attempts/0 required"),
  ],
  [
    "an attempt with an unknown member",
    entry("x", { attempts: [{ ...attempt, note: "" }] }),
    "/attempts/0 additionalProperties",
  ],
  [
    "an attempt with an empty string",
    entry("x", { attempts: [{ ...attempt, runner_output: "" }] }),
    "/attempts/0/runner_output minLength",
  ],
  [
    "an attempt numbered by a string",
    entry("x", { attempts: [{ ...attempt, attempt: "1" }] }),
    "/attempts/0/attempt type",
  ],
  [
    "an attempt verified by a string",
    entry("x", { attempts: [{ ...attempt, verified: "true" }] }),
    "/attempts/0/verified type",
  ],
];

/** @param {string} name */
function without(name) {
  return Object.fromEntries(Object.entries(entry("x")).filter(([each]) => each !== name));
}

for (const [name, value, ...expected] of notValid) {
  test(`finds the fault when a line has: ${name}`, () =>
    assert.deepEqual(faults(value).sort(), expected.sort()));
}
