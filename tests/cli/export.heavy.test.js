// Reads exports with the package, Python, zcat and zstd, and interrupts exports.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import zlib from "node:zlib";

import { decode, encode, RawJson, SessionLog } from "skill-log";

import { withoutLoneSurrogates } from "../../js/cli/json-text.js";
import { damaged } from "../conformance/random-damage.js";
import { randomEntry } from "../conformance/random-entries.js";
import { Random } from "../conformance/random.js";
import { onDisk } from "../faults/small-disk.js";
import { temporaryFolder } from "../js/support/temporary-folder.js";
import { inPipe, program } from "./running.js";

/** @import { Entry } from "skill-log" */

/**
 * Runs a command that must succeed.
 *
 * @param {string} command
 * @param {Parameters<typeof inPipe>[1]} where
 */
async function done(command, where) {
  const outcome = await inPipe(command, where);
  assert.equal(outcome.status, 0, outcome.stderr.toString());
  return outcome;
}

/**
 * Writes a log of random entries with some damaged lines.
 *
 * @param {string} file
 * @param {number} seed
 * @param {number} count
 */
function writeDamagedLog(file, seed, count) {
  const random = new Random(seed);
  const line = () => {
    const { input, ...fields } = randomEntry(random, `s-${seed}`);
    // Raw, so that lone surrogates stay, as other writers leave them.
    const raw = input === undefined ? {} : { input: new RawJson(JSON.stringify(input)) };
    const entry = Buffer.from(encode({ ...fields, ...raw })).toString("latin1");
    return random.chance(0.1)
      ? entry
          .replace(/"input":\d+/, '"input": 12345678901234567890123 ')
          .replace(/"duration_ms":\d+/, '"duration_ms":-9223372036854775808')
      : entry;
  };
  const lines = Array.from({ length: count }, () =>
    random.chance(0.15) ? damaged(random, line(), line()) : line(),
  );
  fs.writeFileSync(file, lines.join(""), "latin1");
}

/**
 * Returns the readable entries of a log.
 *
 * @param {string} file
 * @param {"raw" | "parsed"} [input]
 */
async function entriesOf(file, input = "parsed") {
  return (await SessionLog.from(file)).read({ input, onDamage: () => {} });
}

for (const seed of [1, 2, 3]) {
  test(`exports exactly the readable entries when logs are damaged (${seed})`, async (t) => {
    const cwd = temporaryFolder(t);
    const files = ["a.jsonl", "b.jsonl", "c.jsonl"];
    files.forEach((file, at) => writeDamagedLog(path.join(cwd, file), 10 * seed + at, 400));
    await done(`skill-log export ${files.join(" ")} -o clean.jsonl`, { cwd });
    const clean = await SessionLog.from(path.join(cwd, "clean.jsonl"));
    const raw = (
      await Promise.all(files.map((file) => entriesOf(path.join(cwd, file), "raw")))
    ).flat();
    assert.ok(raw.length > 1000);
    const { damaged, recovered, pending } = await clean.verify();
    assert.deepEqual({ damaged, recovered, pending }, { damaged: 0, recovered: 0, pending: null });
    // Equal bytes, except for bytes that are not UTF-8 and for lone surrogates.
    const lines = withoutLoneSurrogates(
      raw.map((entry) => Buffer.from(encode(entry)).toString()).join(""),
    );
    assert.ok(/\\ud/.test(raw.map(({ input }) => input?.text).join()));
    assert.ok(lines.includes("12345678901234567890123") && lines.includes("-9223372036854775808"));
    assert.equal(fs.readFileSync(path.join(cwd, "clean.jsonl"), "utf8"), lines);
    assert.deepEqual(
      await clean.read({ strict: true }),
      lines
        .split("\n")
        .slice(0, -1)
        .map((line) => decode(line)),
    );
    // A clean log does not change.
    await done("skill-log export clean.jsonl | cmp - clean.jsonl", { cwd });
  });
}

test("writes the fields of all entries when Python reads the CSV", async (t) => {
  const cwd = temporaryFolder(t);
  writeDamagedLog(path.join(cwd, "log.jsonl"), 4, 1000);
  const script =
    "import csv, json, sys; csv.field_size_limit(1 << 30); json.dump(list(csv.DictReader(open('log.csv', newline='', encoding='utf-8'))), sys.stdout)";
  const { stdout } = await done(`skill-log export log.jsonl -o log.csv && python3 -c "${script}"`, {
    cwd,
  });
  const rows = JSON.parse(stdout.toString());
  const entries = await entriesOf(path.join(cwd, "log.jsonl"), "raw");
  assert.equal(rows.length, entries.length);
  for (const [at, entry] of entries.entries()) {
    const { attempts = [], input, ...fields } = entry;
    const { attempts: count, attempts_json, verified, ...others } = rows[at];
    /** @type {Record<string, string>} */
    const expected = {
      session_id: "",
      timestamp: "",
      skill: "",
      phase: "",
      project_root: "",
      final_status: "",
      file_path: "",
      model_used: "",
      duration_ms: "",
      message: "",
    };
    for (const [name, value] of Object.entries(fields)) expected[name] = String(value);
    assert.deepEqual(others, { ...expected, input: withoutLoneSurrogates(input?.text ?? "") });
    assert.equal(count, String(attempts.length));
    assert.equal(verified, attempts.length === 0 ? "" : String(attempts.at(-1)?.verified));
    assert.deepEqual(attempts_json === "" ? [] : JSON.parse(attempts_json), attempts);
  }
});

/**
 * Reads a CSV file like spreadsheets of different countries; prints the cells that one would run,
 * and the rows.
 */
const spreadsheets = `
import csv, io, json, re, sys, unicodedata
text = open('out.csv', newline='', encoding='utf-8').read()
assert text[0] == '\\ufeff'
text = text[1:]
rows = list(csv.DictReader(io.StringIO(text, newline='')))
cells = [cell for delimiter in ',;\\t' for row in csv.reader(io.StringIO(text, newline=''), delimiter=delimiter) for cell in row]
cells += re.split('[;\\t\\r\\n]', text)
bare = lambda cell: unicodedata.normalize('NFKC', re.sub('^[\\\\s\\u200b\\x00-\\x1f]+', '', cell)).replace('\\u2212', '-')
number = re.compile('-[0-9]+$')
obeyed = [cell for cell in cells if bare(cell)[:1] in ('=', '+', '-', '@') and not number.match(cell)]
obeyed += [cell for row in rows for cell in row.values() if cell[:1] in ('\\t', '\\r', '\\n')]
json.dump({'obeyed': obeyed, 'rows': rows}, sys.stdout)`;

test("leaves no formula for any separator when CSV is written with --escape-formulas", async (t) => {
  const cwd = temporaryFolder(t);
  const random = new Random(11);
  const alphabet = [
    ...'=+-@\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\u2212;;,\t\r\n""\'  \u00a0\u3000\u200b\u000ba1|',
  ];
  const text = () =>
    Array.from({ length: 1 + random.below(8) }, () => alphabet[random.below(alphabet.length)]).join(
      "",
    );
  const entries = Array.from({ length: 3000 }, () => ({
    session_id: `s${text()}`,
    timestamp: "2026-03-01T09:00:00Z",
    skill: text(),
    phase: text(),
    final_status: text(),
    message: text(),
    duration_ms: -5,
    input: random.below(2) === 0 ? -1 : { [text()]: [text(), -1] },
    attempts: [{ attempt: -1, model: text(), output_summary: text(), verified: true }],
  }));
  fs.writeFileSync(
    path.join(cwd, "log.jsonl"),
    Buffer.concat(entries.map((entry) => Buffer.from(encode(entry)))),
  );
  fs.writeFileSync(path.join(cwd, "spreadsheets.py"), spreadsheets);
  const { stdout } = await done(
    "skill-log export log.jsonl -o out.csv --escape-formulas && python3 spreadsheets.py",
    { cwd },
  );
  const { obeyed, rows } = JSON.parse(stdout.toString());
  assert.deepEqual(obeyed.slice(0, 5), []);
  assert.equal(rows.length, entries.length);
  // Only apostrophes were added; JSON and numbers are unchanged.
  const plain = (/** @type {string} */ value) => value.replaceAll("'", "");
  for (const [at, { skill, message, input, attempts }] of entries.entries()) {
    assert.deepEqual([rows[at].skill, rows[at].message].map(plain), [skill, message].map(plain));
    assert.deepEqual(JSON.parse(plain(rows[at].input)), JSON.parse(plain(JSON.stringify(input))));
    assert.deepEqual(
      JSON.parse(plain(rows[at].attempts_json)),
      JSON.parse(plain(JSON.stringify(attempts))),
    );
    JSON.parse(rows[at].input);
    assert.equal(rows[at].duration_ms, "-5");
  }
});

/**
 * Writes a log whose text compresses badly.
 *
 * @param {string} file
 * @param {number} megabytes
 */
function writeLongLog(file, megabytes) {
  const random = new Random(5);
  const text = Buffer.from(Array.from({ length: 1 << 20 }, () => random.below(256)));
  for (let at = 0; at < megabytes; at += 1) {
    const line = (/** @type {number} */ from) =>
      encode({
        session_id: "long",
        timestamp: new Date(Date.UTC(2026, 0, at)),
        skill: "tdd",
        final_status: "pass",
        message: text.toString("base64", from, from + 700),
      });
    fs.appendFileSync(
      file,
      Buffer.concat(Array.from({ length: 1 << 10 }, (_, row) => line(row * 1000 + at))),
    );
  }
}

/** Removes Node's Zstandard, so that the bundled library is used. */
const withoutNodes = `--import=${"data:text/javascript,import zlib from 'node:zlib'; delete zlib.createZstdCompress".replaceAll(" ", "%20")}`;

/**
 * Library → the options for Node. Some versions of Node have no Zstandard.
 *
 * @type {Record<string, string>}
 */
const libraries = {
  ...("createZstdCompress" in zlib && { "Node's library": "" }),
  "the bundled library": withoutNodes,
};

for (const [name, options] of Object.entries(libraries)) {
  test(`writes one frame that zstd can read when ${name} compresses`, async (t) => {
    const cwd = temporaryFolder(t);
    writeLongLog(path.join(cwd, "long.jsonl"), 20);
    const env = { NODE_OPTIONS: options };
    await done(
      "skill-log export long.jsonl -o all.jsonl.zst && zstd -qt all.jsonl.zst && zstd -qdc all.jsonl.zst | cmp - long.jsonl",
      { cwd, env },
    );
    await done("skill-log export long.jsonl --compress zstd | cmp - all.jsonl.zst", { cwd, env });
    const { stdout } = await done("zstd -l all.jsonl.zst", { cwd });
    assert.match(stdout.toString(), /^ *1 +0 /m);
    await done(
      "skill-log export long.jsonl --partition -o days --compress zstd && zstd -qdc $(ls -v days/*/*) | cmp - long.jsonl",
      { cwd, env },
    );
  });
}

test("writes one member that zcat and Python can read when it compresses with gzip", async (t) => {
  const cwd = temporaryFolder(t);
  writeLongLog(path.join(cwd, "long.jsonl"), 20);
  await done(
    "skill-log export long.jsonl -o all.jsonl.gz && zcat all.jsonl.gz | cmp - long.jsonl",
    { cwd },
  );
  const script =
    "import zlib; member = zlib.decompressobj(31); member.decompress(open('all.jsonl.gz', 'rb').read()); print(member.eof, member.unused_data)";
  assert.equal((await done(`python3 -c "${script}"`, { cwd })).stdout.toString(), "True b''\n");
  await done(
    "skill-log export long.jsonl --partition -o days --compress gzip && zcat $(ls -v days/*/*) | cmp - long.jsonl",
    { cwd },
  );
});

/**
 * Returns the UTC day of a timestamp.
 *
 * @param {string} timestamp
 */
function utcDay(timestamp) {
  return new Date(timestamp).toISOString().slice(0, 10);
}

test("divides entries by UTC day with few open files when there are ten thousand days", async (t) => {
  const cwd = temporaryFolder(t);
  const random = new Random(6);
  const days = Array.from({ length: 10_000 }, (_, day) => Date.UTC(2000, 0, 1 + day));
  const lines = random.shuffle([...days, ...days]).map((day, at) =>
    Buffer.from(
      encode({
        session_id: "s",
        timestamp: new Date(day + random.below(86_400_000))
          .toISOString()
          .replace("Z", random.pick(["Z", "+13:45", "-11:00"])),
        skill: "tdd",
        final_status: "pass",
        message: String(at),
      }),
    ).toString(),
  );
  fs.writeFileSync(path.join(cwd, "log.jsonl"), lines.join(""));
  await done("ulimit -n 40; skill-log export log.jsonl --partition -o days", { cwd });
  /** @type {Record<string, string>} */
  const expected = {};
  for (const line of lines) {
    const day = `date=${utcDay(JSON.parse(line).timestamp)}`;
    expected[day] = (expected[day] ?? "") + line;
  }
  const found = fs.readdirSync(path.join(cwd, "days")).map((day) => {
    assert.deepEqual(fs.readdirSync(path.join(cwd, "days", day)), ["part-0.jsonl"]);
    return [day, fs.readFileSync(path.join(cwd, "days", day, "part-0.jsonl"), "utf8")];
  });
  assert.deepEqual(Object.fromEntries(found), expected);
});

test("uses the first or last day when a UTC day is outside the years 0 to 9999", async (t) => {
  const cwd = temporaryFolder(t);
  const timestamps = [
    "0000-01-01T00:00:00+01:00",
    "0000-01-01T23:59:59.999Z",
    "0000-12-31T23:30:00-01:00",
    "9999-12-31T23:59:59-01:00",
    "9999-12-30T23:59:59-01:00",
  ];
  fs.writeFileSync(
    path.join(cwd, "log.jsonl"),
    Buffer.concat(
      timestamps.map((timestamp) =>
        encode({ session_id: "s", timestamp, skill: "a", final_status: "b" }),
      ),
    ),
  );
  const { stdout } = await done(
    "skill-log export log.jsonl --partition -o days && cd days && grep -rh -o 'date=.*\\|[0-9-]*T[^\"]*' --with-filename . | sort",
    { cwd },
  );
  assert.equal(
    stdout.toString().replaceAll("./date=", "").replaceAll("/part-0.jsonl", ""),
    [
      "0000-01-01:0000-01-01T00:00:00+01:00",
      "0000-01-01:0000-01-01T23:59:59.999Z",
      "0001-01-01:0000-12-31T23:30:00-01:00",
      "9999-12-31:9999-12-30T23:59:59-01:00",
      "9999-12-31:9999-12-31T23:59:59-01:00",
      "",
    ].join("\n"),
  );
});

/**
 * Starts an export, and waits until it writes.
 *
 * @param {string} cwd contains long.jsonl
 * @param {string[]} args
 * @param {string} [place] the directory of its temporary files
 */
async function begun(cwd, args, place = cwd) {
  const child = spawn(process.execPath, [program, "export", "long.jsonl", ...args], {
    cwd,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = new Promise((resolve) =>
    child.on("close", (code, signal) => resolve(signal ?? code)),
  );
  const written = () =>
    fs
      .readdirSync(place)
      .filter((name) => name.endsWith(".tmp"))
      .some((name) => {
        const stat = fs.statSync(path.join(place, name));
        return stat.isDirectory()
          ? fs.readdirSync(path.join(place, name)).length > 0
          : stat.size > 0;
      });
  while (!written()) {
    assert.equal(child.exitCode, null, "it ended before it was seen to write");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return { child, ended };
}

for (const [what, args, made] of /** @type {[string, string[], string[]][]} */ ([
  ["a file", ["-o", "out.jsonl"], []],
  ["a compressed file", ["-o", "out.csv.zst"], []],
  ["a new directory", ["--partition", "-o", "out"], []],
  ["an existing directory", ["--partition", "-o", "out"], ["out"]],
  ["a compressed directory", ["--partition", "-o", "out", "--compress", "gzip"], []],
])) {
  test(`leaves nothing incomplete when an export to ${what} is interrupted`, async (t) => {
    const cwd = temporaryFolder(t);
    writeLongLog(path.join(cwd, "long.jsonl"), 40);
    for (const name of made) fs.mkdirSync(path.join(cwd, name));
    const place = path.join(cwd, ...made);
    const before = fs.readdirSync(place);
    for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGKILL"])) {
      const { child, ended } = await begun(cwd, args, place);
      child.kill(signal);
      assert.equal(await ended, signal);
      const left = fs.readdirSync(place).filter((name) => !before.includes(name));
      if (signal === "SIGKILL") assert.match(left.join(), /^\.skill-log-[0-9a-f]{12}\.tmp$/);
      else assert.deepEqual(left, []);
    }
    // What SIGKILL left does not disturb the next export.
    await done(`skill-log export long.jsonl --force ${args.join(" ")}`, { cwd });
    const left = fs.readdirSync(place).filter((name) => name.endsWith(".tmp"));
    assert.equal(left.length, made.length > 0 ? 0 : 1);
  });
}

const linux = { skip: process.platform !== "linux" && "a disk is mounted as Linux does it" };

for (const args of [
  "-o disk/out.jsonl",
  "-o disk/out.csv.gz",
  "--partition -o disk/out",
  "--partition -o disk/out --compress zstd",
  "--partition -o disk",
]) {
  test(`reports a full disk, and leaves nothing on it, when called with ${args}`, linux, (t) => {
    const cwd = temporaryFolder(t);
    const disk = path.join(cwd, "disk");
    writeLongLog(path.join(cwd, "long.jsonl"), 4);
    fs.mkdirSync(disk);
    const [command, ...rest] = [
      ...onDisk(disk, 'status=0; "$@" || status=$?; ls -A disk; exit $status'),
      process.execPath,
      program,
      "export",
      "long.jsonl",
      ...args.split(" "),
    ];
    const { status, stdout, stderr } = spawnSync(command, rest, { cwd, encoding: "utf8" });
    assert.deepEqual(
      { status, stdout, stderr },
      {
        status: 1,
        stdout: "",
        stderr: `skill-log: error: cannot write ${args.match(/-o (\S+)/)?.[1]}: no space left on device\n`,
      },
    );
  });
}

test("lets only the owner read its files when it exports", async (t) => {
  const cwd = temporaryFolder(t);
  writeLongLog(path.join(cwd, "long.jsonl"), 1);
  await done(
    "umask 0; skill-log export long.jsonl -o out.jsonl; skill-log export long.jsonl --partition -o out; skill-log export long.jsonl --partition -o gz --compress gzip",
    { cwd },
  );
  const { stdout } = await done("find out* gz -printf '%m %y\\n' | sort -u", { cwd });
  assert.equal(stdout.toString(), "600 f\n700 d\n");
});

test("ends quietly when its reader leaves", async (t) => {
  const cwd = temporaryFolder(t);
  writeLongLog(path.join(cwd, "long.jsonl"), 10);
  for (const options of ["", "--format csv", "--compress gzip", "--compress zstd"]) {
    const { stderr } = await done(
      `set -o pipefail; skill-log export long.jsonl ${options} | head -c 10 | wc -c`,
      { cwd },
    );
    assert.equal(stderr.toString(), "");
  }
});
