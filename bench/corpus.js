// Makes log entries as agent runs write them. The same seed makes the same bytes on every machine.

import { appendFileSync, closeSync, openSync } from "node:fs";

import { encode } from "skill-log";

import { Random } from "../tests/conformance/random.js";

/**
 * A class of sizes. `percent` of each hundred entries have a line of `from` to `to` bytes, without
 * its line end. Sizes are log-uniform: half of them lie below the geometric mean of `from` and
 * `to`.
 *
 * @typedef {{ name: string, percent: number, from: number, to: number }} SizeClass
 */

/**
 * The sizes in a session: many short entries, some with a runner's output, few with whole files.
 * The sizes lie within 2–20 KB and 50–300 KB, whether a KB is 1,000 or 1,024 bytes.
 *
 * @type {SizeClass[]}
 */
export const mix = [
  { name: "small", percent: 80, from: 300, to: 800 },
  { name: "medium", percent: 18, from: 2_048, to: 20_000 },
  { name: "large", percent: 2, from: 51_200, to: 300_000 },
];

/**
 * One attempt and a note, of 930 bytes on average.
 *
 * @type {SizeClass[]}
 */
export const note = [{ name: "note", percent: 100, from: 740, to: 1_150 }];

/** The entries of each hundred with text that is not ASCII. */
export const nonAsciiPercent = 5;

/**
 * @typedef {object} CorpusOptions
 * @property {number} [seed]
 * @property {string} [sessionId]
 * @property {SizeClass[]} [classes] whose percentages add up to 100
 */

/**
 * Makes entries without end. Each hundred of them has the exact shares of sizes and of non-ASCII
 * text.
 *
 * @param {CorpusOptions} [options]
 * @returns {Generator<import("skill-log").EntryInput, never>}
 */
export function* corpus({ seed = 1, sessionId = "bench", classes = mix } = {}) {
  const random = new Random(seed);
  const sizes = classes.flatMap((each) => Array(each.percent).fill(each));
  const scripts = Array.from(sizes, (_, i) => i < nonAsciiPercent);
  let time = Date.UTC(2026, 0, 5, 8);
  for (;;) {
    random.shuffle(sizes);
    random.shuffle(scripts);
    for (const [i, { from, to }] of sizes.entries()) {
      time += random.between(200, 90_000);
      const size = Math.round(from * (to / from) ** random.fraction());
      const entry = makeEntry(random, {
        sessionId,
        time,
        size,
        texts: scripts[i] ? random.pick(nonAscii) : ascii,
      });
      // V8 keeps concatenated strings as trees. Flatten them here, so that no first run pays for
      // it.
      yield JSON.parse(JSON.stringify(entry));
    }
  }
}

/**
 * @param {number} count
 * @param {CorpusOptions} [options]
 */
export function entries(count, options) {
  const source = corpus(options);
  return Array.from({ length: count }, () => source.next().value);
}

/**
 * Writes a log of at least `bytes` bytes. Returns its bytes and its entries.
 *
 * @param {string} path
 * @param {number} bytes
 * @param {CorpusOptions} [options]
 */
export function writeLog(path, bytes, options) {
  const file = openSync(path, "wx");
  const source = corpus(options);
  const written = { bytes: 0, entries: 0 };
  try {
    while (written.bytes < bytes) {
      /** @type {Uint8Array[]} */
      const lines = [];
      // About a megabyte at a time.
      for (
        const end = Math.min(bytes, written.bytes + 1e6);
        written.bytes < end;
        written.entries++
      ) {
        const line = encode(source.next().value);
        lines.push(line);
        written.bytes += line.length;
      }
      appendFileSync(file, Buffer.concat(lines));
    }
    return written;
  } finally {
    closeSync(file);
  }
}

/**
 * Returns the bytes of an entry's canonical line, without its line end. `<`, `>` and `&` take six
 * bytes. (U+2028 and U+2029 do too, but the corpus has none.)
 *
 * @param {unknown} value
 */
export function lineLength(value) {
  const json = JSON.stringify(value);
  return Buffer.byteLength(json) + 5 * (json.match(/[<>&]/g)?.length ?? 0);
}

/**
 * @param {Random} random
 * @param {{ sessionId: string, time: number, size: number, texts: Texts }} wanted
 */
function makeEntry(random, { sessionId, time, size, texts }) {
  const [skill, phases] = random.pick(skills);
  const model = random.pick(models);
  const long = size > 1_500;
  const last = random.between(1, long ? 4 : 1);
  const attempts = Array.from({ length: last }, (_, i) => ({
    attempt: i + 1,
    model,
    output_summary: "",
    ...((long || random.chance(0.3)) && { runner_output: "" }),
    verified: i + 1 === last && random.chance(0.85),
  }));
  const input = random.chance(0.5)
    ? { ticket: random.below(5_000), labels: [random.pick(labels), random.pick(labels)], spec: "" }
    : {
        globs: ["src/**/*.ts"],
        matches: random.below(60),
        temperature: random.below(20) / 10,
        dry_run: random.chance(0.2),
        diff: "",
      };
  const entry = {
    session_id: sessionId,
    // Go writes RFC 3339 without trailing zeros.
    timestamp: new Date(time).toISOString().replace(/\.?0+Z$/, "Z"),
    skill,
    ...(phases.length > 0 && { phase: random.pick(phases) }),
    project_root: `/home/dev/${random.pick(texts.projects)}`,
    input,
    attempts,
    final_status: random.pick(statuses),
    file_path: random.pick(files),
    model_used: model,
    duration_ms: Math.round(40 * 15_000 ** random.fraction()),
    message: "",
  };
  // A short line has room for fewer fields.
  for (const key of ["input", "file_path", "attempts", "model_used"]) {
    if (size - lineLength(entry) >= 20 * slots(entry, texts).length) break;
    delete entry[/** @type {keyof typeof entry} */ (key)];
  }
  fill(random, entry, size, texts);
  return entry;
}

/**
 * Lists the fields that take text. Fields with a limit come first, and the others share the rest.
 *
 * @param {any} entry
 * @param {Texts} texts
 * @returns {{ holder: any, key: string, pieces: Piece[], limit: number }[]}
 */
function slots(entry, { prose, output, code }) {
  const { attempts = [], input } = entry;
  return [
    { holder: entry, key: "message", pieces: prose, limit: 240 },
    ...attempts.map((/** @type {object} */ holder) => ({
      holder,
      key: "output_summary",
      pieces: prose,
      limit: 400,
    })),
    ...(input
      ? [{ holder: input, key: "spec" in input ? "spec" : "diff", pieces: code, limit: Infinity }]
      : []),
    ...attempts
      .filter((/** @type {object} */ attempt) => "runner_output" in attempt)
      .map((/** @type {object} */ holder) => ({
        holder,
        key: "runner_output",
        pieces: output,
        limit: Infinity,
      })),
  ];
}

/**
 * Writes text into an entry's empty fields until its line has exactly `size` bytes.
 *
 * @param {Random} random
 * @param {any} entry
 * @param {number} size
 * @param {Texts} texts
 */
function fill(random, entry, size, texts) {
  const places = slots(entry, texts);
  let left = size - lineLength(entry);
  for (const [i, { holder, key, pieces, limit }] of places.entries()) {
    const others = places.length - i - 1;
    const bytes =
      others === 0
        ? left
        : Math.min(
            limit,
            Math.ceil((left / (others + 1)) * (0.5 + random.fraction())),
            left - others,
          );
    holder[key] = text(random, pieces, bytes);
    left -= bytes;
  }
}

/**
 * Makes text that takes exactly `bytes` bytes in a line.
 *
 * @param {Random} random
 * @param {Piece[]} pieces
 * @param {number} bytes
 */
function text(random, pieces, bytes) {
  let result = "";
  for (let left = bytes; ; ) {
    const piece = random.pick(pieces);
    if (piece.bytes > left) return result + plain.slice(0, left);
    result += piece.text;
    left -= piece.bytes;
  }
}

/** Text with the bytes it takes in a line. @typedef {{ text: string, bytes: number }} Piece */

/** @param {string[]} texts */
function measured(texts) {
  return texts.map((text) => ({ text, bytes: lineLength(text) - 2 }));
}

const skills = /** @type {[string, string[]][]} */ ([
  ["plan", ["explore", "outline"]],
  ["tdd", ["red", "green", "refactor"]],
  ["review", ["tests", "code", "security"]],
  ["debug", ["reproduce", "bisect", "fix"]],
  ["search", []],
  ["write-docs", ["draft", "check"]],
  ["migrate", ["dry-run", "apply"]],
  ["commit", []],
]);
const statuses = [
  "success",
  "success",
  "success",
  "success",
  "pass",
  "needs_changes",
  "failed",
  "timeout",
  "cancelled",
];
const models = [
  "claude-opus-4-5",
  "claude-sonnet-4-5",
  "claude-haiku-4-5",
  "gpt-5",
  "local/qwen3-coder-30b",
];
const labels = [
  "search",
  "i18n",
  "billing",
  "flaky",
  "good first issue",
  "p1",
  "api",
  "performance",
];
const files = [
  "src/index.ts",
  "src/search/normalize.ts",
  "tests/search/normalize.test.ts",
  "cmd/server/main.go",
  "README.md",
];

const prose = [
  "The test fails for the reason it was written for. ",
  "Reads the whole file first; a stream would do. ",
  "3 of 41 cases fail, all of them in the date parser. ",
  "Renamed `load` to `read`, as everywhere else. ",
  "No change needed: the guard is in the caller. ",
  'The "strict" flag is ignored when the list is empty. ',
  "Retries are bounded now (5, then an error). ",
  "Coverage is 91.4 %, see the report. ",
  "It's the same bug as in the importer. ",
  "Moved to src/search/fold.ts; imports follow. ",
];
const output = [
  "ok  \tgithub.com/acme/search/internal/fold\t0.013s\n",
  "--- FAIL: TestNormalize/empty_list (0.00s)\n    normalize_test.go:87: got [], want nil\n",
  "    ok 12 - reads a log that ends in the middle of a line (4 ms)\n",
  "\u001b[32mPASS\u001b[39m tests/search/normalize.test.ts\n",
  "  at Object.<anonymous> (/home/dev/acme/tests/fold.test.ts:112:19)\n",
  'Error: expected "strasse" but got ""\n',
  "npm warn deprecated glob@7.2.3: versions before 9 are not supported\n",
  "Test Suites: 1 failed, 37 passed, 38 total\n",
  "running 224 tests ... 224 passed, 0 failed (1.84 s)\n",
  "thread 'main' panicked at src/decode.rs:214:9:\nassertion `left == right` failed\n",
];
const code = [
  'export function fold(text: string): string {\n  return text.normalize("NFKD").toLowerCase();\n}\n',
  "-  if (a && b < 3) return null;\n+  if (a && b <= 3) return [];\n",
  "\tfor i := range lines {\n\t\tif len(lines[i]) == 0 {\n\t\t\tcontinue\n\t\t}\n",
  '<li class="hit"><a href="/s?q=a&amp;p=2">next</a></li>\n',
  'const path = "C:\\\\logs\\\\today.jsonl";\n',
  "// Sorted by time, then by name: ties are common.\n",
  "let (head, tail) = line.split_at(end);\n",
  "SELECT skill, count(*) FROM runs WHERE status = 'failed' GROUP BY 1;\n",
];

/** @typedef {{ projects: string[], prose: Piece[], output: Piece[], code: Piece[] }} Texts */

/** @type {Texts} */
const ascii = {
  projects: ["acme-shop", "street-search", "ledger", "weather-station", "notes"],
  prose: measured(prose),
  output: measured(output),
  code: measured(code),
};

/**
 * Text that is not ASCII, mixed with ASCII: Latin-1 alone, and text that takes two bytes per letter
 * in V8.
 *
 * @type {Texts[]}
 */
const nonAscii = [
  {
    project: "straßensuche",
    words: [
      "Die Prüfung schlägt für „Größe“ fehl. ",
      "Naïve façade: déjà vu, señor. ",
      "Übergröße wird gekürzt. ",
    ],
  },
  {
    project: "étude-café",
    words: [
      "Le résumé a été créé à l'été. ",
      "À vérifier : la clé est périmée. ",
      "Réécrit le schéma. ",
    ],
  },
  {
    project: "検索サービス",
    words: ["テストが三件失敗しました。", "日付の解析を修正しました。", "変更は不要です。"],
  },
  { project: "搜索-服务", words: ["所有测试均已通过。", "修复了空列表的错误。", "请检查时区。"] },
  {
    project: "launch-🚀",
    words: ["All green ✅🎉 ", "Flaky again 😅, retried 👍🏽 ", "⚠️ slow: 👩‍💻 look here "],
  },
].map(({ project, words }) => ({
  projects: [project],
  prose: measured([...words, ...prose.slice(0, 3)]),
  output: measured([...words.map((line) => `${line}\n`), ...output]),
  code: measured([...words.map((line) => `// ${line}\n`), ...code]),
}));

/** Fills the end of a text when no piece fits: longer than any piece, one byte per letter. */
const plain = "and so on, for as long as there is room left in the line. ".repeat(4);
