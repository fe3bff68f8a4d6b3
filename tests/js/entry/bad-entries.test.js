// A bad entry is refused before anything is written. The error says where the fault is, what was
// expected, and what was there instead.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import vm from "node:vm";

import { RawJson, SessionLog, SkillLogError, append, encode, read } from "skill-log";

import { temporaryFolder } from "../support/temporary-folder.js";

const session = "s";
const good = {
  session_id: session,
  timestamp: "2026-01-02T03:04:05Z",
  skill: "tdd",
  final_status: "ok",
};
const attempt = { attempt: 1, model: "m", verified: true };

const fields =
  "session_id, timestamp, skill, phase, project_root, input, attempts, final_status, file_path, model_used, duration_ms, message";
const attemptFields = "attempt, model, output_summary, runner_output, verified";
const time = "a string with an RFC 3339 time, or a Date";
const date = "a valid Date from the year 0 to 9999";
const json = "what JSON can hold";
const copyable = "what JSON can hold, or an object with a toJSON";
const integer = "a whole number";
const int64 = "a whole number of 64 bits with a sign";

const throwing = { get: () => notToday(), enumerable: true };

/** @type {any} */
const cycle = { list: [{}] };
cycle.list[0].again = cycle;

/**
 * A bad entry (or its difference from a good entry) and the facts of its error. The message is made
 * of the facts, unless `message` is given.
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {object} [with]
 * @property {unknown} [entry]
 * @property {string} field
 * @property {string} expected
 * @property {string} got
 * @property {string} [message]
 */

/** @type {Case[]} */
const cases = [
  // No object.
  { name: "null", entry: null, field: "entry", expected: "an object", got: "null" },
  { name: "undefined", entry: undefined, field: "entry", expected: "an object", got: "undefined" },
  {
    name: "a string",
    entry: '{"skill":"tdd"}',
    field: "entry",
    expected: "an object",
    got: 'the string "{\\"skill\\":\\"tdd\\"}"',
  },
  { name: "a number", entry: 7, field: "entry", expected: "an object", got: "the number 7" },
  {
    name: "a function",
    entry: () => good,
    field: "entry",
    expected: "an object",
    got: "a function",
  },

  // A property that the format does not know.
  typo("finalStatus", "final_status", { finalStatus: "ok" }),
  typo("FINAL_STATUS", "final_status", { FINAL_STATUS: "ok" }),
  typo("sessionId", "session_id", { sessionId: session }),
  typo("durationMs", "duration_ms", { durationMs: "ok" }),
  typo("model-used", "model_used", { "model-used": "ok" }),
  typo(
    "attempts[0].outputSummary",
    "output_summary",
    { attempts: [{ ...attempt, outputSummary: "ok" }] },
    "attempt",
  ),
  unknown("colour", fields, { colour: "ok" }),
  unknown("", fields, { "": "ok" }),
  unknown(
    "attempts[1].verifed",
    attemptFields,
    { attempts: [attempt, { ...attempt, verifed: "ok" }] },
    "attempt",
  ),
  unknown(
    "attempts[0].final_status",
    attemptFields,
    { attempts: [{ ...attempt, final_status: "ok" }] },
    "attempt",
  ),
  { ...unknown("undefinedToo", fields, { undefinedToo: undefined }), got: "undefined" },

  // Required.
  missing("skill", { skill: undefined }),
  missing("final_status", { final_status: undefined }),
  missing("attempts[0].attempt", { attempts: [{ ...attempt, attempt: undefined }] }),
  missing("attempts[1].model", { attempts: [attempt, { attempt: 2, verified: true }] }),
  missing("attempts[0].verified", { attempts: [{ attempt: 1, model: "m" }] }),

  // A value of the wrong type.
  ...[
    "session_id",
    "skill",
    "phase",
    "project_root",
    "final_status",
    "file_path",
    "model_used",
    "message",
  ].flatMap((name) => notText(name, (value) => ({ [name]: value }))),
  ...["model", "output_summary", "runner_output"].flatMap((name) =>
    notText(`attempts[0].${name}`, (value) => ({ attempts: [{ ...attempt, [name]: value }] })),
  ),
  ...notInteger("duration_ms", (value) => ({ duration_ms: value })),
  ...notInteger("attempts[1].attempt", (value) => ({
    attempts: [attempt, { ...attempt, attempt: value }],
  })),
  wrong(
    "attempts[0].verified",
    { attempts: [{ ...attempt, verified: "true" }] },
    "true or false",
    'the string "true"',
  ),
  wrong(
    "attempts[0].verified",
    { attempts: [{ ...attempt, verified: 1 }] },
    "true or false",
    "the number 1",
  ),
  wrong(
    "attempts[0].verified",
    { attempts: [{ ...attempt, verified: null }] },
    "true or false",
    "null",
  ),
  wrong("attempts", { attempts: attempt }, "an array of objects", "an object"),
  wrong("attempts", { attempts: null }, "an array of objects", "null"),
  wrong("attempts", { attempts: "[]" }, "an array of objects", 'the string "[]"'),
  wrong("attempts", { attempts: new Set([attempt]) }, "an array of objects", "an object (Set)"),
  wrong("attempts[1]", { attempts: [attempt, null] }, "an object", "null"),
  wrong("attempts[1]", { attempts: [attempt, "m"] }, "an object", 'the string "m"'),
  wrong("attempts[1]", { attempts: [attempt, [attempt]] }, "an object", "an array"),
  wrong("attempts[0]", { attempts: new Array(2) }, "an object", "undefined"),

  // A timestamp that is no point in time.
  wrong("timestamp", { timestamp: new Date(NaN) }, date, "an invalid Date"),
  wrong("timestamp", { timestamp: new Date(8.64e15) }, date, "a Date"),
  wrong("timestamp", { timestamp: new Date(-8.64e15) }, date, "a Date"),
  wrong("timestamp", { timestamp: 1_767_323_045 }, time, "the number 1767323045"),
  wrong("timestamp", { timestamp: null }, time, "null"),
  ...[
    "",
    "now",
    "2026-01-02",
    "2026-01-02 03:04:05Z",
    "2026-01-02T03:04:05",
    "2026-01-02T03:04Z",
    "2026-13-02T03:04:05Z",
    "2026-02-29T03:04:05Z",
    "2026-01-02T24:00:00Z",
    "2026-01-02T03:04:60Z",
    "2026-01-02T03:04:05+0700",
    "2026-01-02T03:04:05+24:00",
    "2026-01-02T03:04:05+25:00",
    " 2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05Z ",
    "26-01-02T03:04:05Z",
    "+02026-01-02T03:04:05Z",
    "Fri, 02 Jan 2026 03:04:05 GMT",
  ].map((timestamp) => wrong("timestamp", { timestamp }, time, `the string "${timestamp}"`)),

  // An input that JSON cannot hold.
  wrong("input", { input: () => 1 }, json, "a function"),
  wrong("input", { input: Symbol("a") }, json, "a symbol"),
  wrong("input", { input: NaN }, json, "the number NaN"),
  wrong("input", { input: -Infinity }, json, "the number -Infinity"),
  wrong("input", { input: 7n }, json, "the bigint 7"),
  wrong("input", { input: new Date(NaN) }, json, "an invalid Date"),
  wrong("input…run", { input: { tool: { run: () => 1 } } }, json, "a function"),
  wrong("input…tag", { input: { tag: Symbol("a") } }, json, "a symbol"),
  wrong("input…1", { input: { sizes: [1, NaN] } }, json, "the number NaN"),
  wrong("input…size", { input: [{ size: Infinity }] }, json, "the number Infinity"),
  wrong("input…id", { input: { id: 2n ** 64n } }, json, "the bigint 18446744073709551616"),
  wrong("input…when", { input: { when: new Date(NaN) } }, json, "an invalid Date"),
  wrong("input", { input: { toJSON: () => () => 1 } }, json, "a function"),

  // An input that holds something but would be written as {}.
  ...opaque("an object (Map)", new Map([["a", 1]])),
  ...opaque("an object (Map)", Object.assign(new Map(), { size_of_it: 1 })),
  ...opaque("an object (Set)", new Set()),
  ...opaque("an object (WeakMap)", new WeakMap()),
  ...opaque("an object (RegExp)", /a/g),
  ...opaque("an object (Promise)", Promise.resolve(1)),
  ...opaque("an object (ArrayBuffer)", new ArrayBuffer(2)),
  ...opaque("an object (Uint8Array)", Uint8Array.of(1, 2)),
  ...opaque("an object (Float64Array)", new Float64Array(0)),
  ...opaque("an object (DataView)", new DataView(new ArrayBuffer(2))),
  ...opaque("an object (Symbol)", Object(Symbol("a"))),
  ...opaque("an object (URLSearchParams)", new URLSearchParams("a=1")),
  ...opaque(
    "an instance of Counter",
    new (class Counter {
      #count = 1;
      next() {
        return this.#count++;
      }
    })(),
  ),
  ...opaque("an instance of a class without a name", new (class {})()),
  ...opaque("an object (Map)", vm.runInNewContext("new Map([[1, 2]])")),
  ...opaque("an object (Set)", vm.runInNewContext("new Set([1])")),
  ...opaque("an object (RegExp)", vm.runInNewContext("/a/")),
  ...opaque(
    "an instance of Counter",
    vm.runInNewContext("class Counter { #count = 1 } new Counter()"),
  ),
  wrong(
    "input…seen",
    { input: { toJSON: () => ({ seen: new Set([1]) }) } },
    copyable,
    "an object (Set)",
  ),
  wrong(
    "input…seen",
    { input: Object.assign(new Error("x"), { seen: new Set([1]) }) },
    copyable,
    "an object (Set)",
  ),
  wrong("input…20", { input: [...Array(20).fill(1), NaN] }, json, "the number NaN"),
  wrong("input…20", { input: [...Array(20).fill("a"), () => 1] }, json, "a function"),

  // A value that throws when it is read.
  ...[
    "session_id",
    "timestamp",
    "skill",
    "phase",
    "project_root",
    "input",
    "attempts",
    "final_status",
    "file_path",
    "model_used",
    "duration_ms",
    "message",
  ].map((name) => throws(name, Object.defineProperty({ ...good }, name, throwing))),
  ...["attempt", "model", "output_summary", "runner_output", "verified"].map((name) =>
    throws(`attempts[1].${name}`, {
      ...good,
      attempts: [attempt, Object.defineProperty({ ...attempt }, name, throwing)],
    }),
  ),
  throws("attempts[1]", {
    ...good,
    attempts: Object.defineProperty([attempt, attempt], 1, throwing),
  }),
  throws("attempts", { ...good, attempts: new Proxy([attempt], { get: () => notToday() }) }),
  throws("entry", new Proxy(good, { ownKeys: () => notToday() })),
  throws(
    "skill",
    {
      ...good,
      skill: {
        toString: () => notToday(),
        get [Symbol.toStringTag]() {
          return notToday();
        },
      },
    },
    { expected: "a string", got: "an object" },
  ),

  because("it contains itself", { input: cycle }),
  because("not today", {
    input: {
      toJSON() {
        throw new Error("not today");
      },
    },
  }),
  because("not today", {
    input: {
      get a() {
        throw new Error("not today");
      },
    },
  }),
  because("not today", { input: new Proxy({}, { ownKeys: () => notToday() }) }),
  because("not today", { input: { a: new Proxy({ a: 1 }, { getPrototypeOf: () => notToday() }) } }),
  because("not today", {
    input: { a: new Proxy({ a: 1 }, { getOwnPropertyDescriptor: () => notToday() }) },
  }),
  because("not today", { input: [new Proxy([], { get: () => notToday() })] }),
  because("not today", { input: [Object.defineProperty(new Error("x"), "stack", throwing)] }),
  because("not today", {
    input: {
      get a() {
        return notToday(new SkillLogError("CLOSED", "not today"));
      },
    },
  }),
  because('the string "not today"', {
    input: {
      get a() {
        throw "not today";
      },
    },
  }),
  because("undefined", {
    input: {
      get a() {
        throw undefined;
      },
    },
  }),
  because("an object", {
    input: {
      get a() {
        throw gone();
      },
    },
  }),
  because("nested too deep", { input: nested(10_000) }),
  because("nested too deep", { input: { a: nested(1_000_000) } }),
  because("nested too deep", {
    input: {
      toJSON() {
        return { next: { toJSON: this.toJSON } };
      },
    },
  }),
];

/**
 * @param {string} field
 * @param {string} meant
 * @param {object} difference with "ok" as the property's value
 * @param {string} [noun]
 */
function typo(field, meant, difference, noun = "entry") {
  const got = field === "sessionId" ? `the string "${session}"` : 'the string "ok"';
  const message = `${field}: no property of an ${noun}; did you mean ${meant}?`;
  return {
    name: `a typo: ${field}`,
    with: difference,
    field,
    expected: `the property ${meant}`,
    got,
    message,
  };
}

/**
 * @param {string} field
 * @param {string} known
 * @param {object} difference
 * @param {string} [noun]
 */
function unknown(field, known, difference, noun = "entry") {
  const message = `${field}: no property of an ${noun}; known are ${known}`;
  return {
    name: `a property of its own: ${field}`,
    with: difference,
    field,
    expected: `one of ${known}`,
    got: 'the string "ok"',
    message,
  };
}

/**
 * @param {string} field
 * @param {object} difference
 */
function missing(field, difference) {
  const message = `${field}: missing, but required`;
  return {
    name: `no ${field}`,
    with: difference,
    field,
    expected: "a value",
    got: "undefined",
    message,
  };
}

/**
 * @param {string} field
 * @param {object} difference
 * @param {string} expected
 * @param {string} got
 */
function wrong(field, difference, expected, got) {
  return { name: `${field} is ${got}`, with: difference, field, expected, got };
}

/**
 * @param {string} got
 * @param {object} value
 */
function opaque(got, value) {
  return [
    wrong("input", { input: value }, copyable, got),
    wrong("input…it", { input: [{ it: value }] }, copyable, got),
  ];
}

/**
 * @param {Error} [error]
 * @returns {never}
 */
function notToday(error = new Error("not today")) {
  throw error;
}

/** Returns an object that throws at every use. */
function gone() {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/**
 * @param {string} field
 * @param {object} entry
 * @param {{ expected: string, got: string }} [facts]
 */
function throws(field, entry, facts) {
  const { expected, got } = facts ?? { expected: "a value", got: "an error when it was read" };
  return {
    name: `${field} throws`,
    entry,
    field,
    expected,
    got,
    message: `${field}: expected ${expected}, got ${got}${facts ? "" : ": not today"}`,
  };
}

/**
 * @param {string} reason
 * @param {object} difference
 */
function because(reason, difference) {
  const input = Object.values(difference)[0];
  const got = Array.isArray(input) ? "an array" : "an object";
  return {
    name: `input: ${reason}, ${got}`,
    with: difference,
    field: "input",
    expected: json,
    got,
    message: `input: expected ${json}: ${reason}`,
  };
}

/**
 * @param {string} field
 * @param {(value: unknown) => object} difference
 */
function notText(field, difference) {
  // For session_id, the log compares the value with its own id first.
  const expected = field === "session_id" ? `the log's own, "${session}", or none` : "a string";
  return [
    wrong(field, difference(null), expected, "null"),
    wrong(field, difference(7), expected, "the number 7"),
    wrong(field, difference(7n), expected, "the bigint 7"),
    wrong(field, difference(false), expected, "the boolean false"),
    wrong(field, difference(["ok"]), expected, "an array"),
    wrong(field, difference({}), expected, "an object"),
    wrong(field, difference(new String("ok")), expected, "an object (String)"),
    wrong(
      field,
      difference(() => "ok"),
      expected,
      "a function",
    ),
    wrong(field, difference(Symbol("ok")), expected, "a symbol"),
    wrong(field, difference(new Date(0)), expected, "a Date"),
  ];
}

/**
 * @param {string} field
 * @param {(value: unknown) => object} difference
 */
function notInteger(field, difference) {
  return [
    wrong(field, difference(null), integer, "null"),
    wrong(field, difference("12"), integer, 'the string "12"'),
    wrong(field, difference(true), integer, "the boolean true"),
    wrong(field, difference([12]), integer, "an array"),
    wrong(field, difference(NaN), integer, "the number NaN"),
    wrong(field, difference(Infinity), integer, "the number Infinity"),
    wrong(field, difference(-Infinity), integer, "the number -Infinity"),
    wrong(field, difference(0.5), integer, "the number 0.5"),
    wrong(field, difference(2n ** 63n), int64, "the bigint 9223372036854775808"),
    wrong(field, difference(-(2n ** 63n) - 1n), int64, "the bigint -9223372036854775809"),
    wrong(field, difference(2 ** 63), int64, "the number 9223372036854776000"),
    wrong(field, difference(1e300), int64, "the number 1e+300"),
    wrong(field, difference(10n ** 100n), int64, "the bigint of more than 40 digits"),
  ];
}

/** @param {number} depth */
function nested(depth) {
  /** @type {unknown[]} */
  let array = [];
  for (let i = 1; i < depth; i++) array = [array];
  return array;
}

for (const row of cases) {
  const {
    name,
    field,
    expected,
    got,
    message = `${field}: expected ${expected}, got ${got}`,
  } = row;
  const bad = row.with ? { ...good, ...row.with } : row.entry;
  test(`rejects with INVALID_ENTRY when the entry is bad: ${name}`, async (t) => {
    const refused = (/** @type {unknown} */ error, /** @type {string} */ of) => {
      assert.ok(error instanceof SkillLogError, `${of}: ${error}`);
      assert.deepEqual(
        {
          of,
          code: error.code,
          field: error.field,
          expected: error.expected,
          got: error.got,
          message: error.message,
        },
        {
          of,
          code: "INVALID_ENTRY",
          field,
          expected,
          got,
          message,
        },
      );
      return true;
    };
    const folder = temporaryFolder(t);
    const dir = join(folder, "logs");
    const file = join(folder, `${session}.jsonl`);
    await append(folder, session, good);
    const before = readFileSync(file);
    const fresh = await SessionLog.open(dir, session);
    const open = await SessionLog.open(folder, session);

    /** @type {Record<string, () => Promise<unknown>>} */
    const calls = {
      append: () => append(dir, session, /** @type {any} */ (bad)),
      "append, synced": () => append(dir, session, /** @type {any} */ (bad), { sync: true }),
      "SessionLog.append": () => fresh.append(/** @type {any} */ (bad)),
      "SessionLog.append of several, one good": () =>
        fresh.append([good, /** @type {any} */ (bad)]),
      "SessionLog.append of several, one good, at last": () =>
        fresh.append([/** @type {any} */ (bad), good]),
      "append to a file": () => append(folder, session, /** @type {any} */ (bad)),
      "SessionLog.append to a file": () => open.append([good, /** @type {any} */ (bad)]),
    };
    for (const [of, call] of Object.entries(calls)) {
      await assert.rejects(call, (error) => refused(error, of));
      assert.ok(!existsSync(dir), `${of} made the directory`);
      assert.deepEqual(readFileSync(file), before, `${of} wrote`);
    }
    // `encode` has no log, so it compares no session_id.
    if (field !== "session_id" || name.endsWith("throws"))
      assert.throws(
        () => encode(/** @type {any} */ (bad)),
        (error) => refused(error, "encode"),
      );

    // Both logs take good entries afterwards.
    await fresh.append(good);
    await open.append(good);
    assert.equal((await fresh.read()).length, 1);
    assert.equal((await open.read()).length, 2);
    await fresh.close();
    await open.close();
  });
}

test("rejects with the entry's index when one of several entries is bad", async (t) => {
  const log = await SessionLog.open(temporaryFolder(t), session);
  for (const bad of [
    { ...good, skill: 1 },
    { ...good, timestamp: "now" },
  ]) {
    await assert.rejects(log.append([good, good, /** @type {any} */ (bad)]), {
      code: "INVALID_ENTRY",
      index: 2,
    });
    await assert.rejects(
      log.append(/** @type {any} */ (bad)),
      (error) => !("index" in /** @type {object} */ (error)),
    );
  }
  await assert.rejects(
    log.append([good, { ...good, message: "x".repeat(200) }], { maxLineBytes: 200 }),
    { code: "LINE_TOO_LONG", index: 1 },
  );
  assert.deepEqual(await log.read(), []);
  await log.close();
});

test("throws at once when a value holds itself in many places", () => {
  /** @type {any} */
  const knot = { list: [] };
  knot.list.push(knot, knot, { a: knot, b: knot });
  assert.throws(() => encode({ ...good, input: knot }), { code: "INVALID_ENTRY", field: "input" });
});

test("writes a value in each place when it stands in many places but not in itself", () => {
  const shared = { a: [1] };
  assert.ok(
    Buffer.from(encode({ ...good, input: [shared, shared, { shared }] })).includes(
      '"input":[{"a":[1]},{"a":[1]},{"shared":{"a":[1]}}]',
    ),
  );
});

test("refuses an array when append or encode expects one entry", async (t) => {
  const dir = join(temporaryFolder(t), "logs");
  for (const several of [[], [good], [good, good]]) {
    const facts = {
      code: "INVALID_ENTRY",
      field: "entry",
      message: "entry: expected an object, got an array",
    };
    await assert.rejects(() => append(dir, session, /** @type {any} */ (several)), facts);
    assert.throws(() => encode(/** @type {any} */ (several)), facts);
    assert.ok(!existsSync(dir));
  }
  const log = await SessionLog.open(dir, session);
  await assert.rejects(() => log.append(/** @type {any} */ ([[good]])), {
    code: "INVALID_ENTRY",
    field: "entry",
  });
  assert.deepEqual(await log.append([]), { bytes: 0 });
  assert.ok(!existsSync(dir), "appending no entries made the directory");
  await log.close();
});

test("refuses an entry when its session is another log's, or missing in encode", async (t) => {
  const dir = join(temporaryFolder(t), "logs");
  const log = await SessionLog.open(dir, session);
  const facts = {
    code: "INVALID_ENTRY",
    field: "session_id",
    expected: 'the log\'s own, "s", or none',
    got: 'the string "other"',
    message: 'session_id: expected the log\'s own, "s", or none, got the string "other"',
  };
  const other = { ...good, session_id: "other" };
  await assert.rejects(() => append(dir, session, other), facts);
  await assert.rejects(() => log.append(other), facts);
  await assert.rejects(() => log.append([good, other]), facts);
  await assert.rejects(() => log.append({ ...good, session_id: "" }), {
    code: "INVALID_ENTRY",
    field: "session_id",
  });
  assert.ok(!existsSync(dir));
  await log.close();

  const { session_id, ...none } = good;
  assert.equal(session_id, session);
  assert.throws(() => encode(none), {
    code: "INVALID_ENTRY",
    field: "session_id",
    message: "session_id: missing, but required",
  });
  for (const id of [null, 7, {}, ["s"]]) {
    assert.throws(() => encode({ ...good, session_id: /** @type {any} */ (id) }), {
      code: "INVALID_ENTRY",
      field: "session_id",
      expected: "a string",
    });
  }
});

test("writes the number when it is boxed, and refuses NaN, Infinity and a bigint", () => {
  for (const size of [new Number(NaN), new Number(Infinity), Object(1n)]) {
    assert.throws(() => encode({ ...good, input: { size } }), {
      name: "SkillLogError",
      code: "INVALID_ENTRY",
      field: "input…size",
    });
  }
  assert.ok(
    Buffer.from(
      encode({ ...good, input: [new Number(7), new String("a"), Object(true)] }),
    ).includes('"input":[7,"a",true]'),
  );
});

test("takes all or none of an entry's inherited members when its class has getters", async (t) => {
  class Run {
    get session_id() {
      return session;
    }
    get timestamp() {
      return "2026-01-02T03:04:05Z";
    }
    skill = "tdd";
    final_status = "ok";
  }
  const dir = temporaryFolder(t);
  const start = new Date();
  await append(dir, session, new Run());
  const [{ session_id, timestamp }] = await read(dir, session);
  assert.equal(session_id, session);
  assert.ok(timestamp === good.timestamp || new Date(timestamp) >= start, timestamp);
  let line;
  try {
    line = encode(new Run());
  } catch (error) {
    assert.ok(error instanceof SkillLogError);
    assert.equal(error.message, "session_id: missing, but required");
  }
  if (line)
    assert.ok(
      Buffer.from(line).includes(`"session_id":"${session}"`),
      Buffer.from(line).toString(),
    );
});

test("rejects with LINE_TOO_LONG, and writes nothing, when a line is too long", async (t) => {
  const dir = join(temporaryFolder(t), "logs");
  const long = { ...good, message: "m".repeat(1000) };
  const { length } = encode(long);
  const log = await SessionLog.open(dir, session, { maxLineBytes: length - 1 });
  const facts = { name: "SkillLogError", code: "LINE_TOO_LONG", length, limit: length - 1 };
  await assert.rejects(() => log.append(long), facts);
  await assert.rejects(() => log.append([good, long]), facts);
  await assert.rejects(() => append(dir, session, long, { maxLineBytes: length - 1 }), facts);
  assert.ok(!existsSync(dir));
  await log.append(long, { maxLineBytes: length });
  await log.close();
});

test("throws when a RawJson is not one JSON value, or is nested deeper than Go reads", () => {
  /** @type {[any, string, string][]} */
  const table = [
    ["", "INVALID_LINE", ""],
    ["{", "INVALID_LINE", ""],
    ["nope", "INVALID_LINE", ""],
    ["1 2", "INVALID_LINE", ""],
    ["NaN", "INVALID_LINE", ""],
    ['{"a":1,}', "INVALID_LINE", ""],
    [7, "INVALID_ARGUMENT", "json: expected a Uint8Array or a string, got the number 7"],
    [{}, "INVALID_ARGUMENT", "json: expected a Uint8Array or a string, got an object"],
  ];
  for (const [value, code, message] of table) {
    assert.throws(
      () => new RawJson(value),
      (error) => {
        assert.ok(error instanceof SkillLogError);
        assert.equal(error.code, code);
        if (message) assert.equal(error.message, message);
        return true;
      },
    );
  }
  const deep = (/** @type {number} */ depth) => "[".repeat(depth) + "]".repeat(depth);
  // The entry around it is one level.
  const deepest = encode({ ...good, input: new RawJson(deep(9999)) });
  assert.ok(Buffer.from(deepest).includes(deep(9999)));
  assert.throws(() => encode({ ...good, input: new RawJson(deep(10_000)) }), SkillLogError);
});
