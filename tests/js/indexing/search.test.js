// LogIndex.search and places find what a filter over the decoded entries finds.

import assert from "node:assert/strict";
import test from "node:test";
import vm from "node:vm";
import fc from "fast-check";
import { places, SessionLog } from "skill-log";

import { entry, line } from "../support/lines.js";

/** @param {string | Uint8Array} text */
async function indexOf(text) {
  return (await SessionLog.from(Buffer.from(text))).index();
}

/**
 * Returns each string value of an entry, and each key and string of its `input`.
 *
 * @param {any} entry
 */
function stringsOf({ input, attempts = [], ...members }) {
  /** @type {unknown[]} */
  const strings = [...Object.values(members), ...attempts.flatMap(Object.values)];
  const walk = (/** @type {unknown} */ value) => {
    if (typeof value === "string") strings.push(value);
    if (typeof value !== "object" || value === null) return;
    if (!Array.isArray(value)) strings.push(...Object.keys(value));
    Object.values(value).forEach(walk);
  };
  walk(input);
  return strings.flatMap((each) => (typeof each === "string" ? [wellFormed(each)] : []));
}

/** Returns a text with U+FFFD for each lone surrogate. @param {string} text */
function wellFormed(text) {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}

/**
 * @param {any[]} entries
 * @param {string} text
 * @param {boolean} ignoreCase
 */
function filtered(entries, text, ignoreCase) {
  // `iu` is Unicode's simple case folding.
  const pattern = new RegExp(
    wellFormed(text).replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"),
    ignoreCase ? "iu" : "u",
  );
  return entries.flatMap((each, row) =>
    stringsOf(each).some((string) => pattern.test(string)) ? [row] : [],
  );
}

/**
 * @type {[what: string, lines: string[], text: string, rows: number[], ignoringCase?: number[]][]}
 */
const cases = [
  [
    "any field that is a string",
    [
      "session_id",
      "skill",
      "phase",
      "project_root",
      "final_status",
      "file_path",
      "model_used",
      "message",
    ].map((field) => line("a", { [field]: `a ${field}!` })),
    "!",
    [0, 1, 2, 3, 4, 5, 6, 7],
  ],
  [
    "attempts",
    [
      line("a", {
        attempts: [
          { attempt: 1, model: "m1", output_summary: "o2", runner_output: "r3", verified: true },
        ],
      }),
    ],
    "m1",
    [0],
  ],
  [
    "the second attempt's output",
    [
      line("a", {
        attempts: [1, 2].map((attempt) => ({
          attempt,
          model: "m",
          runner_output: `run ${attempt}`,
          verified: true,
        })),
      }),
    ],
    "run 2",
    [0],
  ],
  [
    "keys and strings of input",
    [line("a", { input: { deep: [{ "a key": 1 }] } }), line("b", { input: ["x", ["a key"]] })],
    "a key",
    [0, 1],
  ],
  ["input that is a string", [line("a", { input: "whole" })], "hole", [0]],
  ["nothing in keys of the format", [line("a", { message: "m" })], "message", []],
  [
    "nothing in numbers and literals",
    [line("a", { duration_ms: 12345, input: [12345, true, null] })],
    "12345",
    [],
  ],
  ["nothing across two strings", [line("a", { input: ["ab", "cd"] })], "bc", []],
  ["nothing between strings", [line("a", { input: ["ab", "cd"] })], ",", []],
  [
    "the timestamp as it is decoded",
    ['{"session_id":"s","timestamp":"2026-01-02T3:04:05.60Z","skill":"a","final_status":"x"}'],
    "T03:04:05.6Z",
    [0],
  ],
  ["the zero time when the timestamp is absent", ['{"skill":"a"}'], "0001-01-01T00:00:00Z", [0]],
  [
    "nothing in a value that a later member replaces",
    ['{"skill":"first","skill":"second"}'],
    "first",
    [],
  ],
  ["nothing in an unknown member", ['{"skill":"a","other":"text"}'], "text", []],
  [
    "characters that are escaped in any way",
    [
      '{"skill":"\\u0061\\u003Cb"}',
      '{"skill":"a<b"}',
      '{"skill":"a\\u003cb"}',
      '{"skill":"\\\\u0061<b"}',
    ],
    "a<b",
    [0, 1, 2],
  ],
  ["line ends and quotes", [line("a", { message: 'say "x"\nthen' })], '"x"\nt', [0]],
  ["an escaped slash", ['{"skill":"a\\/b"}'], "a/b", [0]],
  ["pairs of surrogates", ['{"skill":"\\ud83d\\ude00"}', '{"skill":"😀"}'], "😀", [0, 1]],
  [
    "a lone surrogate",
    ['{"skill":"\\ud83d\\ude00"}', '{"skill":"\\ud83d"}', '{"skill":"\ufffd"}'],
    "\ud83d",
    [1, 2],
  ],
  ["every entry when the text is empty", [line("a"), "{}"], "", [0, 1]],
  [
    "another case when case is ignored",
    [line("a", { message: "Straße ΣΑΣ K ſ" }), line("b", { message: "STRASSE" })],
    "STRAẞE",
    [],
    [0],
  ],
  ["a final sigma when case is ignored", [line("a", { message: "σας" })], "ΣΑΣ", [], [0]],
  [
    "the Kelvin sign when case is ignored",
    [line("a", { message: "300 \u212a" })],
    "300 k",
    [],
    [0],
  ],
  [
    "nothing for İ, which simple case folding does not change",
    [line("a", { message: "İ" })],
    "i",
    [],
    [],
  ],
];

for (const [what, lines, text, rows, ignoring = rows] of cases) {
  test(`finds ${what}`, async () => {
    const index = await indexOf(`${lines.join("\n")}\n`);
    assert.deepEqual([...(await index.search(text))], rows);
    assert.deepEqual([...(await index.search(text, { ignoreCase: true }))], ignoring);
  });
}

/** @type {[what: string, lines: string[], pattern: RegExp, rows: number[]][]} */
const patterns = [
  [
    "any string by itself",
    [line("a", { message: "one two" }), line("b", { input: ["one", "two"] })],
    /one.*two/,
    [0],
  ],
  [
    "the start and the end of each string",
    [line("a", { message: "bug" }), line("bug"), line("a", { input: { bug: 1 } }), line("debug")],
    /^bug$/,
    [0, 1, 2],
  ],
  ["decoded characters", ['{"skill":"a\\u0041\\n<"}', '{"skill":"aA\\\\n<"}'], /aA\n</, [0]],
  ["characters beyond U+FFFF", ['{"skill":"\\ud83d\\ude00"}', '{"skill":"😀x"}'], /^.$/u, [0]],
  ["a lone surrogate as U+FFFD", ['{"skill":"\\ud83d"}'], /^\ufffd$/, [0]],
  ["the timestamp", [line("a"), line("b", { timestamp: "2027-01-01T00:00:00Z" })], /^2027/, [1]],
  ["nothing in keys of the format and in numbers", [line("a", { duration_ms: 7 })], /skill|7/, []],
  ["members of one name", ['{"skill":"a","input":{"k":"x1","k":"x2"}}'], /x1/, [0]],
  [
    "an empty string, but no absent one",
    [
      line("a", { phase: "p" }),
      line("", { phase: "p" }),
      line("a", { input: [""] }),
      line("a", { input: { "": 1 } }),
      line("a", { attempts: [{ attempt: 1, model: "", verified: true }] }),
      line("a", { attempts: [{ attempt: 1, model: "m", verified: true }] }),
    ],
    /^$/,
    [1, 2, 3, 4],
  ],
  ["every entry when the pattern is empty", [line("a"), "{}"], /(?:)/, [0, 1]],
];

for (const [what, lines, pattern, rows] of patterns) {
  test(`finds ${what} when it has a RegExp`, async () => {
    const index = await indexOf(`${lines.join("\n")}\n`);
    assert.deepEqual([...(await index.search(pattern))], rows);
    for (const [row] of lines.entries())
      assert.equal((await index.places(row, pattern)).length > 0, rows.includes(row));
  });
}

test("finds the same when a RegExp is global or sticky, and leaves its lastIndex", async () => {
  const index = await indexOf([line("ab"), line("xab"), line("x")].join("\n"));
  for (const flags of ["", "g", "y", "gy", "m"]) {
    const pattern = new RegExp("ab", flags);
    pattern.lastIndex = 1;
    assert.deepEqual([...(await index.search(pattern))], [0, 1]);
    assert.equal(pattern.lastIndex, 1);
  }
  const foreign = vm.runInNewContext("/AB/i");
  assert.deepEqual([...(await index.search(foreign, { rows: [2, 1] }))], [1]);
  assert.deepEqual([...(await index.search(/AB/))], []);
  assert.deepEqual([...(await index.search(/AB/, { ignoreCase: true }))], [0, 1]);
});

test("reports hits of a RegExp while it searches, and stops when the signal is aborted", async () => {
  const lines = Array.from({ length: 2000 }, (_, at) =>
    line(`e${at}`, { message: "x".repeat(1500) }),
  );
  const index = await indexOf(lines.join("\n"));
  /** @type {number[]} */
  const reported = [];
  const controller = new AbortController();
  const searching = index.search(/^e\d*7$/, {
    signal: controller.signal,
    onProgress: ({ hits }) => {
      reported.push(...hits);
      if (reported.length > 100) controller.abort(new Error("enough"));
    },
  });
  await assert.rejects(searching, { message: "enough" });
  assert(reported.length < 200);
  assert.deepEqual(reported, [...(await index.search(/^e\d*7$/))].slice(0, reported.length));
});

test("finds recovered entries, and nothing in damaged bytes, when lines are damaged", async () => {
  const index = await indexOf(
    `${line("a").slice(0, 40)}${line("b", { message: "here" })}\nhere\n${line("c", { message: "here" })}`,
  );
  assert.deepEqual([...(await index.search("here"))], [0, 1]);
});

test("searches the given rows in order, and reports hits, when it has rows", async () => {
  const lines = Array.from({ length: 3000 }, (_, i) =>
    line(`e${i}`, { message: i % 10 === 0 ? "x".repeat(3000) + "hit" : "miss" }),
  );
  const index = await indexOf(lines.join("\n"));
  /** @type {number[]} */
  const reported = [];
  /** @type {[rows: number, total: number][]} */
  const progress = [];
  const hits = await index.search("hit", {
    onProgress: ({ rows, total, hits }) => {
      reported.push(...hits);
      progress.push([rows, total]);
    },
  });
  assert.deepEqual(
    [...hits],
    Array.from({ length: 300 }, (_, i) => i * 10),
  );
  assert.deepEqual(reported, [...hits]);
  assert(progress.length > 1);
  assert.deepEqual(progress.at(-1), [3000, 3000]);
  const rows = [2990, 5, 10, 0, 10];
  assert.deepEqual([...(await index.search("hit", { rows }))], [2990, 10, 0, 10]);
  assert.deepEqual([...(await index.search("hit", { rows: [] }))], []);
});

test("rejects when the text or an option is wrong, or the signal is aborted", async () => {
  const index = await indexOf(line("a"));
  // @ts-expect-error no string
  await assert.rejects(index.search(5), {
    code: "INVALID_ARGUMENT",
    message: "text: expected a string or a RegExp, got the number 5",
  });
  await assert.rejects(index.search("a", { rows: [1] }), { code: "INVALID_ARGUMENT" });
  // @ts-expect-error no boolean
  await assert.rejects(index.search("a", { ignoreCase: 1 }), { code: "INVALID_ARGUMENT" });
  const reason = new Error("enough");
  await assert.rejects(
    index.search("a", { signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
});

test("searches in a time that grows with the length when the text is long", async () => {
  // With a time that grows with the length's square, each search would take minutes.
  const length = 400_000;
  const message = { backslashes: "\\".repeat(length), as: "a".repeat(length) };
  const index = await indexOf(
    [message.backslashes, message.as].map((text) => line("x", { message: text })).join("\n"),
  );
  assert.deepEqual([...(await index.search("\ufffd\\"))], []);
  assert.deepEqual([...(await index.search(message.backslashes))], [0]);
  assert.deepEqual([...(await index.search(`${message.as.slice(length / 2)}b`))], []);
  assert.deepEqual([...(await index.search(message.as.slice(length / 2)))], [1]);
});

/**
 * Escapes some characters of the strings in a JSON text.
 *
 * @param {string} json
 * @param {() => boolean} choose whether to escape the next character
 */
function escapedAtRandom(json, choose) {
  return json.replaceAll(/\\u[0-9a-f]{4}|\\.|[^"\\{}[\],:]/g, (character) => {
    if (character.length > 1 || /[-+.0-9eETZ\sa-z]/.test(character)) return character;
    return choose()
      ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0").toUpperCase()}`
      : character;
  });
}

test("finds what a filter finds when entries and text are random", async () => {
  const char = fc.constantFrom(
    ...'aAbBkKsSßẞéÉσςΣ漢😀\u212aſ "\\/<>&\n\t\u0000\u2028\ufffd\ud83d0:T-',
  );
  const text = fc.array(char, { maxLength: 8 }).map((chars) => chars.join(""));
  const input = fc.jsonValue({ stringUnit: char, maxDepth: 2 });
  const anyEntry = fc.record({
    skill: text,
    message: text,
    input: fc.option(input, { nil: undefined }),
    output: text,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyEntry, { maxLength: 8 }),
      text,
      fc.boolean(),
      fc.nat(),
      async (all, needle, ignoreCase, seed) => {
        let state = seed;
        const choose = () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) % 4 === 0;
        const lines = all.map(({ skill, message, input, output }, at) => {
          const made = entry(skill, {
            message,
            input,
            attempts: [{ attempt: 1, model: "m", runner_output: output, verified: false }],
          });
          return at % 2 === 0
            ? escapedAtRandom(JSON.stringify(made), choose)
            : JSON.stringify(made);
        });
        const log = await SessionLog.from(Buffer.from(`${lines.join("\n")}\n`));
        const entries = await log.read();
        assert.equal(entries.length, all.length);
        const index = await log.index();
        const expected = filtered(entries, needle, ignoreCase);
        assert.deepEqual([...(await index.search(needle, { ignoreCase }))], expected);
        const escaped = wellFormed(needle).replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
        const pattern = new RegExp(escaped, ignoreCase ? "iu" : "u");
        assert.deepEqual([...(await index.search(pattern))], expected);
        for (const [row, each] of entries.entries())
          for (const wanted of [needle, pattern])
            assert.equal(places(each, wanted, { ignoreCase }).length > 0, expected.includes(row));
      },
    ),
    { numRuns: 3000 },
  );
});
