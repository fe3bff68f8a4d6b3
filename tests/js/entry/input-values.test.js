// How the values of an entry are written: plain values as JSON.stringify writes them, Errors with
// their facts, and values that change at each look as they were at the first look.

import assert from "node:assert/strict";
import test from "node:test";
import vm from "node:vm";
import fc from "fast-check";
import { decode, encode, RawJson, SessionLog, SkillLogError } from "skill-log";

import { temporaryFolder } from "../support/temporary-folder.js";

const good = {
  session_id: "s",
  timestamp: "2026-01-02T03:04:05Z",
  skill: "tdd",
  final_status: "ok",
};

/**
 * Returns the JSON of an `input` in its line.
 *
 * @param {unknown} input
 */
function spelled(input) {
  return decode(encode({ ...good, input }), { input: "raw" }).input?.text;
}

/** Returns an `input` as it is read back. @param {unknown} input */
function written(input) {
  return decode(encode({ ...good, input })).input;
}

/** Returns a JSON text as Go's encoder writes it. @param {string} json */
function asGo(json) {
  return json.replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(...'a"\\\n\u0000<é😀') }),
  fc.string({ unit: "binary", minLength: 35, maxLength: 45 }),
);
// A first key `session_id` is escaped because readers look for it in damaged lines.
const key = fc
  .oneof(text, fc.constantFrom("__proto__", "constructor", "toString", "0", "10", ""))
  .filter((name) => name !== "session_id");
const scalar = fc.oneof(
  text,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom(null, -0, 1e21, 5e-324),
);
/** @typedef {import("fast-check").LetrecTypedTie<{ plain: unknown }>} Tie */

const { plain } = fc.letrec((/** @type {Tie} */ tie) => ({
  plain: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    scalar,
    fc.array(tie("plain"), { maxLength: 5 }),
    fc.array(fc.oneof({ weight: 20, arbitrary: scalar }, tie("plain"), fc.constant(undefined)), {
      minLength: 14,
      maxLength: 40,
    }),
    fc.dictionary(key, fc.oneof(tie("plain"), fc.constant(undefined)), { maxKeys: 5 }),
  ),
}));

test("writes what JSON.stringify writes when the value is plain", () => {
  fc.assert(
    fc.property(plain, (input) => {
      assert.equal(spelled(input), asGo(JSON.stringify(input)));
    }),
    { numRuns: 3000 },
  );
});

test("writes what JSON.stringify writes when a value is an object of any kind", () => {
  class Point {
    x = 1;
    y = undefined;
    #z = 2;
    get sum() {
      return this.x + this.#z;
    }
  }
  for (const input of [
    new Date(0),
    [new Date(0)],
    new URL("http://a/b"),
    Buffer.from("ab"),
    { b: Buffer.alloc(0) },
    new Point(),
    [new Point()],
    new Number(7),
    new String('a"b'),
    Object(true),
    [Object(false), new Number(-0)],
    Object.create(null),
    {},
    [],
    [[]],
    new Array(3),
    Object.assign([1], { named: 2 }),
    { toJSON: () => 7 },
    { toJSON: () => undefined, a: 1 },
    [{ toJSON: () => undefined }],
    { a: { toJSON: () => undefined } },
    {
      toJSON(/** @type {string} */ key) {
        return [key];
      },
    },
    [
      1,
      {
        toJSON(/** @type {string} */ key) {
          return { key, of: typeof key };
        },
      },
    ],
    [...Array(20).fill(0), { toJSON: (/** @type {string} */ key) => key }],
    {
      toJSON() {
        return Object.defineProperty({ a: 1 }, "toJSON", { value: () => "not asked" });
      },
    },
    Object.assign(() => 1, { toJSON: () => 2 }),
    { a: 1, [Symbol("b")]: 2 },
    { [Symbol("a")]: 1 },
    vm.runInNewContext(
      "({ a: [1, { b: null }], c: new Number(2), d: Object.create(null), e: new Date(0) })",
    ),
    (function (/** @type {number[]} */ ..._) {
      return arguments;
    })(1, 2),
    new Proxy({ a: [1] }, {}),
    new Proxy([1, 2], {}),
    { x: new RawJson("[1]") },
    Object.create({}, { a: { value: 1, enumerable: true } }),
  ]) {
    const expected = JSON.stringify(input);
    assert.equal(
      encode({ ...good, input }).length,
      encode(expected === undefined ? good : { ...good, input: new RawJson(asGo(expected)) })
        .length,
    );
    if (expected !== undefined) assert.equal(spelled(input), asGo(expected));
  }
});

test("writes what JSON.rawJSON holds when the engine has it", (t) => {
  if (!("rawJSON" in JSON)) return t.skip("no JSON.rawJSON here");
  const raw = /** @type {any} */ (JSON).rawJSON;
  assert.equal(
    spelled({ id: raw("12345678901234567890.10"), a: [raw('"\\u0041"')] }),
    '{"id":12345678901234567890.10,"a":["\\u0041"]}',
  );
});

test("calls toJSON of a bigint when a program has added one to BigInt", () => {
  const { prototype } = /** @type {any} */ (BigInt);
  prototype.toJSON = function () {
    return String(this);
  };
  try {
    assert.equal(spelled([1n, { a: 2n ** 64n }]), '["1",{"a":"18446744073709551616"}]');
  } finally {
    delete prototype.toJSON;
  }
});

test("writes what it checked when a program has added a toJSON to all arrays or objects", () => {
  for (const { prototype } of /** @type {{ prototype: any }[]} */ ([Array, Object])) {
    let calls = 0;
    Object.defineProperty(prototype, "toJSON", {
      configurable: true,
      value() {
        calls += 1;
        return calls === 1 ? this : "again";
      },
    });
    try {
      const input = Array.from({ length: 20 }, (_, at) => `a${at}`);
      assert.equal(spelled(input), `[${input.map((each) => `"${each}"`).join(",")}]`);
    } finally {
      delete prototype.toJSON;
    }
  }
});

test("writes 9,999 levels, and refuses 10,000, when arrays or objects are nested", () => {
  /** @type {((inner: unknown, at: number) => unknown)[]} */
  const nestings = [
    (inner) => [inner],
    (inner) => ({ a: inner }),
    (inner, at) => (at % 2 ? [inner] : { a: inner }),
  ];
  for (const around of nestings) {
    let value = around(1, 0);
    for (let at = 1; at < 9_999; at += 1) value = around(value, at);
    const line = encode({ ...good, input: value });
    assert.equal(decode(line, { input: "raw" }).input?.text.match(/[[{]/g)?.length, 9_999);
    assert.throws(() => encode({ ...good, input: [value] }), {
      code: "INVALID_ENTRY",
      field: "input",
      message: /nested too deep/,
    });
  }
});

test("writes an Error's facts when an input is an Error or holds one", () => {
  const error = new TypeError("x");
  assert.deepEqual(written({ error }), {
    error: { name: "TypeError", message: "x", stack: error.stack },
  });
  assert.deepEqual(written(error), { name: "TypeError", message: "x", stack: error.stack });

  const failure = Object.assign(new Error("open", { cause: "no such file" }), {
    code: "ENOENT",
    errno: -2,
    absent: undefined,
  });
  assert.deepEqual(written(failure), {
    name: "Error",
    message: "open",
    stack: failure.stack,
    code: "ENOENT",
    errno: -2,
    cause: "no such file",
  });

  const several = new AggregateError([error, "a text", { plain: true }], "two", { cause: failure });
  assert.deepEqual(written(several), {
    name: "AggregateError",
    message: "two",
    stack: several.stack,
    cause: written(failure),
    errors: [written(error), "a text", { plain: true }],
  });

  const foreign = vm.runInNewContext("new RangeError('far', { cause: new Error('near') })");
  assert.deepEqual(
    [written(foreign).name, written(foreign).message, written(foreign).cause.message],
    ["RangeError", "far", "near"],
  );

  const refused = new DOMException("no", "AbortError");
  assert.deepEqual([written(refused).name, written(refused).message], ["AbortError", "no"]);

  class HttpError extends Error {
    name = "HttpError";
    status = 404;
  }
  const http = new HttpError("gone");
  assert.deepEqual(written([http]), [
    { name: "HttpError", message: "gone", stack: http.stack, status: 404 },
  ]);

  assert.deepEqual(written(Object.assign(new Error("x"), { toJSON: () => "its own" })), "its own");
  assert.deepEqual(written(Object.defineProperty(new Error("x"), "stack", { value: undefined })), {
    name: "Error",
    message: "x",
  });
  try {
    encode({ ...good, skill: /** @type {any} */ (1) });
  } catch (found) {
    assert.ok(found instanceof SkillLogError);
    assert.deepEqual(written(found), {
      name: "SkillLogError",
      message: found.message,
      stack: found.stack,
      code: "INVALID_ENTRY",
      field: "skill",
      got: "the number 1",
      expected: "a string",
    });
  }
});

test("writes a part of an Error when its causes or its stack have no end", () => {
  const self = new Error("self");
  self.cause = self;
  assert.equal(written(self).cause, "[left out]");

  const [a, b] = [new Error("a"), new Error("b")];
  a.cause = { of: [b] };
  b.cause = a;
  assert.equal(written(a).cause.of[0].cause, "[left out]");

  let chain = new Error("0");
  for (let depth = 1; depth < 100_000; depth += 1)
    chain = new Error(String(depth), { cause: chain });
  let left = written(chain);
  for (let depth = 0; depth < 8; depth += 1) {
    assert.equal(left.message, String(99_999 - depth));
    left = left.cause;
  }
  assert.equal(left, "[left out]");

  // Each Error holds all Errors before it: a tree of them has 2 ** 30.
  const many = [new Error("first")];
  for (let at = 1; at < 30; at += 1) many.push(new AggregateError([...many], `the ${at}th`));
  const stacks = JSON.stringify(written(many.at(-1))).match(/"stack"/g);
  assert.ok(stacks && stacks.length <= 1001, `${stacks?.length} stacks`);
  // Errors that are in no other Error are all written.
  const flat = /** @type {Error[]} */ (written(Array.from({ length: 2000 }, () => new Error("x"))));
  assert.equal(
    flat.every(({ message }) => message === "x"),
    true,
  );

  const long = Object.assign(new Error("x"), { stack: `${"s".repeat(8191)}😀${"s".repeat(1e6)}` });
  assert.equal(written(long).stack, `${"s".repeat(8191)}…`);
});

/**
 * Wraps a value so that each property read is counted, and returns something else the second time.
 *
 * @param {any} value
 * @param {Map<string, number>} asked
 * @param {string} path
 * @returns {any}
 */
function fickle(value, asked, path) {
  if (typeof value !== "object" || value === null) return value;
  const first = (/** @type {string} */ what) => {
    const times = (asked.get(what) ?? 0) + 1;
    asked.set(what, times);
    return times === 1;
  };
  return new Proxy(value, {
    get(target, name, receiver) {
      if (typeof name === "symbol") return Reflect.get(target, name, receiver);
      const found = Reflect.get(target, name, target);
      if (first(`${path}.${name}`)) return fickle(found, asked, `${path}.${name}`);
      return typeof found === "string" ? NaN : () => "another time";
    },
    ownKeys(target) {
      return first(`${path} keys`)
        ? Reflect.ownKeys(target)
        : ["another_time", ...(Array.isArray(target) ? ["length"] : [])];
    },
  });
}

test("reads each value once when an entry's values change at each look", () => {
  const attempt = fc.record({
    attempt: fc.integer(),
    model: text,
    output_summary: text,
    runner_output: text,
    verified: fc.boolean(),
  });
  fc.assert(
    fc.property(
      plain,
      fc.array(attempt, { minLength: 1, maxLength: 3 }),
      text,
      (input, attempts, message) => {
        const entry = {
          ...good,
          phase: "p",
          project_root: "/",
          input,
          attempts,
          file_path: "f",
          model_used: "m",
          duration_ms: 7,
          message,
        };
        const asked = new Map();
        assert.deepEqual(
          encode(fickle(entry, asked, "entry")),
          encode(JSON.parse(JSON.stringify(entry))),
        );
        for (const [what, times] of asked) assert.equal(times, 1, what);
        assert.ok(
          asked.has("entry.message") &&
            asked.has("entry.attempts.0.model") &&
            asked.has("entry keys"),
        );
      },
    ),
    { numRuns: 500 },
  );
});

test("rejects with INVALID_ENTRY, or writes what it read, when values are hostile", async (t) => {
  const log = await SessionLog.open(temporaryFolder(t), "s");
  let answers = /** @type {unknown[]} */ ([]);
  const answer = (/** @type {any} */ value) => {
    answers.push(value);
    return value;
  };
  const hostile = fc.constantFrom(
    () => {
      throw new Error("no");
    },
    () => {
      throw null;
    },
    () => {
      throw new SkillLogError("CLOSED", "no");
    },
    () => encode({ ...good, input: NaN }),
    () => answer(encode(good).length),
    () => {
      void log.append(good);
      return answer("appended");
    },
    () => answer(NaN),
    () => answer(undefined),
    () => answer("a text"),
    () => Symbol("a"),
    () => 7n,
    () => answer(() => 1),
    () => new Map(),
    () => answer(null),
    () => Object.create(Promise.prototype),
    () => Proxy.revocable({}, {}).proxy,
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
    () => new Proxy([], { get: (_, name) => (name === "length" ? -1 : undefined) }),
    () => new Proxy([], { get: (_, name) => (name === "length" ? "many" : undefined) }),
    () => ({
      get [Symbol.toStringTag]() {
        throw new Error("no tag");
      },
    }),
    () =>
      Object.defineProperty(new (class {})(), Symbol.toStringTag, {
        get() {
          throw new Error("no tag");
        },
      }),
    function recurse() {
      return { toJSON: recurse };
    },
    function encodes() {
      return encode({ ...good, input: { toJSON: encodes } });
    },
  );
  /** @type {((hostile: () => any) => unknown)[]} */
  const positions = [
    (what) => ({
      get a() {
        return what();
      },
    }),
    (what) => ({ toJSON: what }),
    (what) => [1, { toJSON: what }],
    (what) =>
      new Proxy(
        {},
        {
          ownKeys: () => ["a"],
          getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true }),
          get: (_, name) => (name === "a" ? what() : undefined),
        },
      ),
    (what) => Object.defineProperty(new Error("x"), "cause", { get: what }),
    (what) => Object.defineProperty([...Array(30).keys()], 20, { get: what }),
    (what) => ({
      get toJSON() {
        return () => what();
      },
    }),
  ];
  const position = fc.constantFrom(...positions);
  await fc.assert(
    fc.asyncProperty(hostile, position, fc.boolean(), async (what, at, isSecond) => {
      const before = (await log.read()).length;
      const bad = { ...good, input: at(what) };
      let refusal;
      answers = [];
      try {
        await log.append(isSecond ? [good, bad] : bad);
      } catch (error) {
        refusal = error;
      }
      const appended = answers.filter((value) => value === "appended").length;
      const entries = (await log.read()).slice(before);
      if (refusal) {
        assert.ok(refusal instanceof SkillLogError, String(refusal));
        assert.equal(refusal.code, "INVALID_ENTRY");
        assert.ok(refusal.field?.startsWith("input"), refusal.field);
        assert.equal(refusal.index, isSecond ? 1 : undefined);
        assert.equal(entries.length, appended);
      } else {
        assert.equal(entries.length, appended + (isSecond ? 2 : 1));
        const json = JSON.stringify(entries.at(-1)?.input) ?? "";
        for (const value of answers)
          if (typeof value === "string" || Number.isFinite(value))
            assert.ok(json.includes(JSON.stringify(value)), json);
      }
    }),
    { numRuns: 400 },
  );
  await log.close();
});

test("has the thrown value as its cause when a getter, a Proxy or a toJSON throws", () => {
  const reason = new SkillLogError("CLOSED", "no");
  const fail = () => {
    throw reason;
  };
  for (const [field, entry] of /** @type {[string, any][]} */ ([
    ["input", { ...good, input: { toJSON: fail } }],
    [
      "input",
      {
        ...good,
        input: {
          get a() {
            return fail();
          },
        },
      },
    ],
    [
      "skill",
      {
        ...good,
        get skill() {
          return fail();
        },
      },
    ],
    ["entry", new Proxy(good, { ownKeys: fail })],
  ])) {
    assert.throws(
      () => encode(entry),
      (error) =>
        error instanceof SkillLogError &&
        error.code === "INVALID_ENTRY" &&
        error.field === field &&
        error.cause === reason &&
        error !== reason,
    );
  }
});

test("encodes the next entry when the entry before it used up the stack", () => {
  const nest = () => {
    try {
      nest();
    } catch {
      // At each depth on the way back: first too deep for any call, at last shallow enough for all.
      try {
        encode({ ...good, input: { a: [1, "b"] } });
      } catch {
        throw new Error("deeper");
      }
    }
  };
  for (let times = 0; times < 5; times += 1) {
    nest();
    assert.deepEqual(decode(encode({ ...good, input: [times] })).input, [times]);
    assert.deepEqual(
      decode(encode({ ...good, input: { toJSON: () => nest() ?? times } })).input,
      times,
    );
  }
  const swallows = {
    toJSON() {
      try {
        return String(encode({ ...good, input: swallows }).length);
      } catch {
        return "too deep";
      }
    },
  };
  encode({ ...good, input: swallows });
  assert.deepEqual(decode(encode(good)).skill, "tdd");
});

test("writes the time of a Date when it has methods of its own", () => {
  const date = Object.assign(new Date(0), {
    toISOString: () => "garbage",
    getUTCFullYear: () => 99999,
    getTime: () => NaN,
  });
  assert.equal(decode(encode({ ...good, timestamp: date })).timestamp, "1970-01-01T00:00:00Z");
});

test("writes a RawJson's bytes as they were when a getter changes them later", () => {
  const bytes = Buffer.from('"first"');
  const entry = {
    ...good,
    input: new RawJson(bytes),
    get message() {
      bytes.fill(0x20);
      return "m";
    },
  };
  assert.equal(decode(encode(entry)).input, "first");
});
