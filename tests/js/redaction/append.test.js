// What is replaced in entries before they are written, and what stays.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { append, decode, encode, RawJson, redactEntry, SessionLog } from "skill-log";

import { exampleOf, SHAPES } from "../../../js/secrets/shapes.js";
import { entry } from "../support/lines.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const TOKEN = exampleOf(SHAPES.find(({ literals }) => literals.includes("ghp_")) ?? SHAPES[0]);
const FAMILY = "GitHub personal access token";
const MASK = `[masked: ${FAMILY}]`;
const PASSWORD = "correct horse";

/**
 * Appends an entry, and returns its line and what append returned.
 *
 * @param {import("node:test").TestContext} t
 * @param {any} given an entry or several
 * @param {import("skill-log").OpenOptions} options
 */
async function appended(t, given, options) {
  const dir = temporaryFolder(t);
  const log = await SessionLog.open(dir, "s", options);
  const result = await log.append(given);
  await log.close();
  const text = fs.readFileSync(path.join(dir, "s.jsonl"), "utf8");
  return {
    result,
    text,
    entries: text
      .trimEnd()
      .split("\n")
      .map((line) => decode(line)),
  };
}

/** Each place of an entry that may have a secret. @type {[path: string, make: (text: string) => object][]} */
const places = [
  ["skill", (skill) => ({ skill })],
  ["phase", (phase) => ({ phase })],
  ["project_root", (project_root) => ({ project_root })],
  ["final_status", (final_status) => ({ final_status })],
  ["file_path", (file_path) => ({ file_path })],
  ["model_used", (model_used) => ({ model_used })],
  ["message", (message) => ({ message })],
  ["attempts[0].model", (model) => ({ attempts: [{ attempt: 1, model, verified: true }] })],
  [
    "attempts[1].output_summary",
    (output_summary) => ({
      attempts: [
        { attempt: 1, model: "m", verified: false },
        { attempt: 2, model: "m", output_summary, verified: true },
      ],
    }),
  ],
  [
    "attempts[0].runner_output",
    (runner_output) => ({ attempts: [{ attempt: 1, model: "m", runner_output, verified: true }] }),
  ],
  ["input", (input) => ({ input })],
  ["input.a.b-c", (text) => ({ input: { a: { "b-c": text } } })],
  ['input["a b"][1]', (text) => ({ input: { "a b": [1, text] } })],
  ["input[20]", (text) => ({ input: [...Array.from({ length: 20 }, () => "x"), text] })],
  ["input.at", (text) => ({ input: { at: { toJSON: () => text } } })],
  ["input.boxed", (text) => ({ input: { boxed: new String(text) } })],
  ["input.message", (text) => ({ input: Object.assign(new Error(text), { stack: "s" }) })],
  ["input.stack", (text) => ({ input: Object.assign(new Error("m"), { stack: text }) })],
  ["input.raw[0]", (text) => ({ input: new RawJson(JSON.stringify({ raw: [text] })) })],
  ["input", (text) => ({ input: new RawJson(JSON.stringify(text)) })],
];

for (const [where, make] of places)
  test(`replaces a secret when it is in ${where}`, async (t) => {
    const given = entry("a", make(`before ${TOKEN} after`));
    const before = structuredCloneOf(given);
    const { result, text } = await appended(t, given, { redact: true });
    assert.ok(!text.includes(TOKEN.slice(0, 12)), text);
    assert.ok(text.includes(`before ${MASK} after`), text);
    assert.equal(result.bytes, Buffer.byteLength(text));
    assert.deepEqual(result.redacted, [{ name: FAMILY, path: where, count: 1 }]);
    assert.deepEqual(structuredCloneOf(given), before);
  });

for (const [where, make] of places)
  test(`writes what it writes without the option when nothing is found in ${where}`, async (t) => {
    const given = { ...entry("a", make("a task, é 🎉 \ud800")), session_id: undefined };
    const plain = await appended(t, given, {});
    const { text, result } = await appended(t, given, { redact: true, maxStringBytes: 1000 });
    assert.equal(text, plain.text);
    assert.deepEqual(Object.keys(result), ["bytes"]);
  });

/** @param {any} value which structuredClone may refuse */
function structuredCloneOf(value) {
  return JSON.stringify(value, (_, each) => (each instanceof Error ? { ...each } : each));
}

test("finds a value by its key when the key says what it is", async (t) => {
  for (const input of [
    { env: { DB_PASSWORD: "hunter2hunter2" } },
    new RawJson('{"env": {"DB_PASSWORD": "hunter2hunter2"}}'),
  ]) {
    const { result, entries } = await appended(t, entry("a", { input }), { redact: true });
    assert.deepEqual(entries[0].input, { env: { DB_PASSWORD: "[masked: secret in a variable]" } });
    assert.deepEqual(result.redacted, [
      { name: "secret in a variable", path: "input.env.DB_PASSWORD", count: 1 },
    ]);
  }
});

test("replaces keys, and keeps them apart, when secrets are keys", async (t) => {
  const other = TOKEN.replace("p9", "q8");
  const input = { [TOKEN]: 1, [MASK]: 2, [other]: { deep: TOKEN } };
  const { result, entries } = await appended(t, entry("a", { input }), { redact: true });
  assert.deepEqual(entries[0].input, {
    [`${MASK} 2`]: 1,
    [MASK]: 2,
    [`${MASK} 3`]: { deep: MASK },
  });
  assert.ok(!JSON.stringify(result).includes(TOKEN.slice(0, 12)));
  assert.deepEqual(result.redacted?.at(-1), {
    name: FAMILY,
    path: `input["${MASK} 3"].deep`,
    count: 1,
  });
  const raw = new RawJson(`{"${TOKEN}":1.0,"${other}":[1e2]}`);
  const { text } = await appended(t, entry("a", { input: raw }), { redact: true });
  assert.ok(text.includes(`"input":{"${MASK}":1.0,"${MASK} 2":[1e2]}`), text);
});

test("keeps the spelling of all else when input is raw", async (t) => {
  const json = `{"n": 123456789012345678901, "a": 1, "a": 2, "u": "\\u0041", "t": "${TOKEN}", "f": 1.50}`;
  const { text } = await appended(t, entry("a", { input: new RawJson(json) }), { redact: true });
  assert.ok(
    text.includes(
      `"input":{"n":123456789012345678901,"a":1,"a":2,"u":"\\u0041","t":"${MASK}","f":1.50}`,
    ),
    text,
  );
});

test("refuses a raw input, and writes nothing, when it is not JSON", async (t) => {
  for (const json of [`["${TOKEN}"`, `["${TOKEN}]`, `{"a" "${TOKEN}"}`, `["\\x", "${TOKEN}"]`]) {
    const input = new RawJson("0");
    input.bytes = Buffer.from(json);
    const dir = temporaryFolder(t);
    const log = await SessionLog.open(dir, "s", { redact: true });
    await assert.rejects(log.append(entry("a", { input })), {
      code: "INVALID_ENTRY",
      field: "input",
    });
    assert.deepEqual(fs.readdirSync(dir), []);
  }
});

test("never changes the session id or the timestamp", async (t) => {
  const dir = temporaryFolder(t);
  const log = await SessionLog.open(dir, TOKEN, {
    redact: () => "other",
    maxStringBytes: 64,
  });
  await log.append(entry("a", { session_id: TOKEN }));
  assert.deepEqual(await log.read(), [
    { ...entry("other"), session_id: TOKEN, final_status: "other" },
  ]);
});

test("replaces the caller's own values when they are in a list", async (t) => {
  const secret = 'pa"ss/w0rd';
  const given = entry("a", {
    message: `${secret} ${encodeURIComponent(secret)} ${JSON.stringify({ secret })} ${TOKEN}`,
    input: { [PASSWORD]: [PASSWORD + PASSWORD] },
  });
  const { result, text } = await appended(t, given, { redact: [secret, PASSWORD] });
  const { message, input } = decode(text.trimEnd());
  assert.equal(
    message,
    `[masked: literal 0] [masked: literal 0] {"secret":"[masked: literal 0]"} ${TOKEN}`,
  );
  assert.deepEqual(input, { "[masked: literal 1]": ["[masked: literal 1][masked: literal 1]"] });
  assert.deepEqual(result.redacted, [
    { name: "literal 1", path: 'input["[masked: literal 1]"]', count: 1 },
    { name: "literal 1", path: 'input["[masked: literal 1]"][0]', count: 2 },
    { name: "literal 0", path: "message", count: 3 },
  ]);
  const both = await appended(t, given, { redact: [secret, true] });
  assert.ok(!both.text.includes(TOKEN));
});

test("asks a function for each value when it is given one", async (t) => {
  /** @type {[string, string][]} */
  const asked = [];
  const redact = (/** @type {string} */ text, /** @type {string} */ where) => {
    asked.push([text, where]);
    return where === "input.b[0]" ? "" : text;
  };
  const attempts = [{ attempt: 1, model: "m", verified: true }];
  const given = entry("a", { input: { b: ["x", "y"], n: 1 }, attempts });
  const { result, entries } = await appended(t, given, { redact });
  assert.deepEqual(asked, [
    ["x", "input.b[0]"],
    ["y", "input.b[1]"],
    ["a", "skill"],
    ["ok", "final_status"],
    ["m", "attempts[0].model"],
  ]);
  assert.deepEqual(entries[0].input, { b: ["", "y"], n: 1 });
  assert.deepEqual(result.redacted, [{ name: "function", path: "input.b[0]", count: 1 }]);
});

test("names the field, and writes nothing, when a function fails", async (t) => {
  for (const [redact, got] of /** @type {[any, string][]} */ ([
    [() => undefined, "undefined"],
    [() => 1, "the number 1"],
    [
      () => {
        throw new TypeError("no");
      },
      "an error",
    ],
  ])) {
    const dir = temporaryFolder(t);
    for (const more of [{ message: "m" }, { input: ["m"] }]) {
      const log = await SessionLog.open(dir, "s", {
        redact: (text, where) => (text === "m" ? redact(text, where) : text),
      });
      await assert.rejects(log.append(entry("a", more)), (/** @type {any} */ error) => {
        assert.equal(error.code, "INVALID_ENTRY");
        assert.equal(error.field, "message" in more ? "message" : "input[0]");
        assert.equal(error.got, got);
        return true;
      });
    }
    assert.deepEqual(fs.readdirSync(dir), []);
  }
});

test("refuses an option, and shows no secret, when it is not what it must be", async (t) => {
  const dir = temporaryFolder(t);
  for (const [options, message] of /** @type {[any, RegExp][]} */ ([
    [{ redact: "hunter2" }, /^options\.redact: expected true, false, an array/],
    [{ redact: 1 }, /got the number 1/],
    [{ redact: ["hunter2"] }, /options\.redact\[0\]: .*at least 8 characters.*got one of 7/],
    [{ redact: [true, ""] }, /options\.redact\[1\].*got one of 0/],
    [{ redact: [process.env.SKILL_LOG_NO_SUCH_VARIABLE] }, /got undefined/],
    [{ redact: [null] }, /got null/],
    [{ redact: [false] }, /got a boolean/],
    [{ maxStringBytes: 63 }, /options\.maxStringBytes: expected a whole number from 64/],
    [{ maxStringBytes: 1e12 }, /options\.maxStringBytes/],
    [{ maxStringBytes: "1" }, /options\.maxStringBytes/],
  ])) {
    /** @param {any} error */
    const isRefused = (error) => {
      assert.equal(error.code, "INVALID_ARGUMENT");
      assert.match(error.message, message);
      assert.ok(!error.message.includes("hunter2"));
      return true;
    };
    await assert.rejects(SessionLog.open(dir, "s", options), isRefused);
    await assert.rejects(append(dir, "s", entry("a"), options), isRefused);
    await assert.rejects(redactEntry(entry("a"), options), isRefused);
  }
  assert.deepEqual(fs.readdirSync(dir), []);
});

test("uses the option of an append, else that of the log", async (t) => {
  const dir = temporaryFolder(t);
  const log = await SessionLog.open(dir, "s", { redact: true, maxStringBytes: 100 });
  const message = `${TOKEN} ${"x".repeat(100)}`;
  await log.append(entry("a", { message }));
  await log.append(entry("b", { message }), { redact: false });
  await log.append(entry("c", { message }), { maxStringBytes: 1000 });
  await append(dir, "s", entry("d", { message }), { redact: true });
  const [a, b, c, d] = (await log.read()).map((each) => each.message);
  assert.match(String(a), /^\[masked: .*\] x+…\[cut: \d+ bytes\]$/);
  assert.match(String(b), new RegExp(`^${TOKEN} x+…\\[cut: \\d+ bytes\\]$`));
  assert.equal(c, `${MASK} ${"x".repeat(100)}`);
  assert.equal(d, c);
});

test("numbers the entries when several are appended", async (t) => {
  const given = [entry("a"), entry("b", { message: `${TOKEN} ${TOKEN}` })];
  const { result } = await appended(t, given, { redact: true });
  assert.deepEqual(result.redacted, [{ name: FAMILY, path: "message", count: 2, index: 1 }]);
});

test("writes when append is called when the log was opened with the option", async (t) => {
  const dir = temporaryFolder(t);
  const log = await SessionLog.open(dir, "s", { redact: true });
  const going = log.append(entry("a", { message: TOKEN }));
  assert.ok(fs.readFileSync(path.join(dir, "s.jsonl"), "utf8").includes(MASK));
  await going;
});

test("gives no long path when a value is nested deep or its key is long", async (t) => {
  let input = /** @type {any} */ (TOKEN);
  for (let level = 0; level < 5_000; level += 1) input = level % 2 ? [input] : { key: input };
  const { result } = await appended(t, entry("a", { input: { ["k".repeat(1e5)]: input } }), {
    redact: true,
  });
  const [{ path: where }] = result.redacted ?? [];
  assert.ok(where.length < 520, `${where.length}`);
  assert.match(where, /^input\.k+….*…$/);
});

test("returns the entry itself when nothing in it is replaced, else a copy", async () => {
  const attempts = [{ attempt: 1, model: "m", verified: true }];
  const same = entry("a", { attempts, input: new RawJson('{"a": 1.0}') });
  const options = { redact: true, maxStringBytes: 100 };
  assert.deepEqual(await redactEntry(same, options), { entry: same });
  assert.equal((await redactEntry(same, options)).entry, same);
  const given = { ...same, message: TOKEN };
  const { entry: copy, redacted } = await redactEntry(given, options);
  assert.deepEqual(copy, { ...same, message: MASK });
  assert.equal(copy.attempts, attempts);
  assert.equal(copy.input, same.input);
  assert.equal(given.message, TOKEN);
  assert.deepEqual(redacted, [{ name: FAMILY, path: "message", count: 1 }]);
});

test("returns what append writes when the entry is redacted first", async (t) => {
  for (const [, make] of places) {
    const given = entry("a", make(`${TOKEN} ${"é".repeat(100)}`));
    const options = { redact: true, maxStringBytes: 80 };
    const { entry: copy, ...changes } = await redactEntry(given, options);
    const { text, result } = await appended(t, given, options);
    assert.equal(Buffer.from(encode(copy)).toString(), text);
    // In another order: append reads the fields in that of the format.
    const sorted = (/** @type {import("skill-log").Changes} */ { redacted, cut }) =>
      JSON.stringify([redacted, cut]);
    assert.equal(sorted(changes), sorted(result));
  }
});

test("refuses what is no entry when it is redacted", async () => {
  for (const wrong of [null, "a", [], 1])
    await assert.rejects(redactEntry(/** @type {any} */ (wrong), { redact: true }), {
      code: "INVALID_ARGUMENT",
    });
});

/** Entries that are refused, with a secret in them. @type {Record<string, (secret: string) => object>} */
const refusals = {
  "a name": (secret) => ({ [secret]: 1 }),
  "a name of an attempt": (secret) => ({ attempts: [{ attempt: 1, [secret]: 1 }] }),
  "a key": (secret) => ({ input: { [secret]: NaN } }),
  "a timestamp": (timestamp) => ({ timestamp }),
  "a number": (duration_ms) => ({ duration_ms }),
  "a long number": (secret) => ({ duration_ms: "x".repeat(20) + secret + secret }),
  attempts: (attempts) => ({ attempts }),
  "a session": (session_id) => ({ session_id }),
};

for (const [what, make] of Object.entries(refusals)) {
  test(`shows no secret in an error when ${what} is refused`, async (t) => {
    const log = await SessionLog.open(temporaryFolder(t), "s");
    for (const [secret, redact] of /** @type {[string, any][]} */ ([
      [TOKEN, true],
      [PASSWORD, [PASSWORD]],
    ]))
      await assert.rejects(log.append({ ...entry("k"), ...make(secret) }, { redact }), (error) => {
        const { code, message, stack, field, got } = /** @type {any} */ (error);
        assert.equal(code, "INVALID_ENTRY");
        for (const text of [message, stack, field, got])
          assert.ok(!text.includes(secret.slice(0, 8)), text);
        return true;
      });
    await log.close();
  });
}
