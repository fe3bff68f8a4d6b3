// A session id becomes a file name. The package refuses an id that could leave the directory, or
// that some system cannot have as a name, before it makes any path.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { SessionLog, SkillLogError, append, listSessions, read, removeSession } from "skill-log";

const base = mkdtempSync(join(tmpdir(), "skill-log-session-id-"));
after(() => rmSync(base, { recursive: true }));

const entry = { skill: "tdd", final_status: "ok" };

/** @type {Record<string, unknown[]>} */
const refused = {
  "it is empty": [""],
  "it leads elsewhere": [
    "..",
    ".",
    "../up",
    "a/../../up",
    "..\\up",
    "a\\..\\..\\up",
    "/absolute",
    "/etc/passwd",
    "C:\\absolute",
    "C:up",
    "\\\\host\\share",
    "\\\\?\\C:\\x",
    "a/b",
    "a\\b",
    "/",
    "\\",
    "a/",
    "./a",
    "~/../a",
    "a..b",
    "...",
    "file:///etc/passwd",
    "up/..",
  ],
  "it would be hidden": [".hidden", ".jsonl", ".git"],
  "Windows drops its end": ["a.", "a ", "a..", "a. ", "a .", " ", "a.b."],
  "Windows has other uses for a character": [
    "a<b",
    "a>b",
    "a:b",
    "a:$DATA",
    'a"b',
    "a|b",
    "a?b",
    "a*b",
    "*",
    "?",
  ],
  "it holds a control character": [
    "a\0b",
    "a\0",
    "\0",
    "a\0.jsonl",
    "a\x01b",
    "a\x07b",
    "a\tb",
    "a\nb",
    "a\rb",
    "a\n",
    "\n",
    "a\x1bb",
    "a\x1f",
    "a\x7fb",
    "a\x80b",
    "a\x85b",
    "a\x9fb",
  ],
  "it is a device on Windows": [
    "CON",
    "PRN",
    "AUX",
    "NUL",
    "con",
    "Prn",
    "aUX",
    "nul",
    "CONIN$",
    "conout$",
    ...["COM", "com", "LPT", "Lpt"].flatMap((name) =>
      [..."123456789¹²³"].map((digit) => name + digit),
    ),
    "con.txt",
    "NUL.tar.gz",
    "aux.2026-01-02",
    "Com1.log",
    "lpt¹.x",
    "COM².",
    "nul .txt",
    "con.a b",
    "prn.jsonl",
  ],
  "it is too long": [
    "a".repeat(201),
    "a".repeat(10_000),
    "é".repeat(101),
    "日".repeat(67),
    "🪵".repeat(51),
    `${"a".repeat(199)}é`,
  ],
  "it holds a lone surrogate": ["\ud83d", "a\ud83d", "\ude00a", "\ude00\ud83d", "a\udfffb"],
  "it is no string": [
    undefined,
    null,
    0,
    7,
    NaN,
    7n,
    true,
    false,
    [],
    ["a"],
    ["../up"],
    {},
    { toString: () => "a" },
    new String("a"),
    Symbol("a"),
    () => "a",
    Buffer.from("a"),
    new URL("file:///a"),
    new Date(0),
  ],
};

const accepted = [
  "a",
  "0",
  "7",
  "A-Z_a-z.0-9",
  "2026-01-02T03-04-05.678Z",
  "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
  "a.b",
  "a.b.c",
  "a.jsonl",
  "a.damaged",
  "with spaces inside",
  "-rf",
  "--help",
  "~",
  "~root",
  "$HOME",
  "$(id)",
  "`id`",
  "a;b",
  "a&b",
  "a'b",
  "a,b",
  "a=b",
  "a@b",
  "a+b",
  "a!b",
  "#1",
  "100%",
  "%2e%2e%2f",
  "%00",
  "(1)",
  "[1]",
  "{1}",
  "^",
  "_",
  "__proto__",
  "constructor",
  "null",
  "undefined",
  "true",
  "NaN",
  "Überprüfung",
  "e\u0301",
  "日本語",
  "сессия",
  "جلسة",
  "סשן",
  "🪵",
  "👩‍👩‍👧‍👦",
  "\u{1f600}",
  "a\u2028b",
  "\u00a0a",
  "a\u00adb",
  "İ",
  "ﬁ",
  "console",
  "con-1",
  "con_",
  "auxiliary",
  "prnt",
  "nul1",
  "nulls",
  "com",
  "com10",
  "com1a",
  "comA",
  "lpt",
  "lpt10",
  "acon",
  "a.con",
  "com⁴",
  "conin",
  "conin$x",
  "a".repeat(200),
  "é".repeat(100),
  "🪵".repeat(50),
  `${"日".repeat(66)}ab`,
];

/** @type {Record<string, (dir: string, id: any) => Promise<unknown>>} */
const calls = {
  append: (dir, id) => append(dir, id, entry),
  // As when a caller takes both from one source.
  "append of an entry with this session_id": (dir, id) =>
    append(dir, id, { ...entry, session_id: id }),
  read: (dir, id) => read(dir, id),
  "strict read": (dir, id) => read(dir, id, { strict: true }),
  "SessionLog.open": (dir, id) => SessionLog.open(dir, id),
  removeSession: (dir, id) => removeSession(dir, id),
};

for (const [why, ids] of Object.entries(refused)) {
  for (const [name, call] of Object.entries(calls)) {
    test(`refuses an id in ${name} when ${why}`, async () => {
      for (const id of ids) {
        const home = join(base, "refused", "of");
        mkdirSync(home, { recursive: true });
        const title = typeof id === "string" ? JSON.stringify(id) : String(typeof id);
        // The directory does not exist either, and the call must not make it.
        const error = await call(join(home, "logs"), id).then(
          () => assert.fail(`${title} is accepted`),
          (reason) => reason,
        );
        assert.ok(error instanceof SkillLogError, `${title}: ${error}`);
        assert.equal(error.code, "INVALID_SESSION_ID", title);
        assert.equal(error.session_id, typeof id === "string" ? id : undefined, title);
        assert.match(error.message, /^session id: \S/, title);
        // The message holds nothing that a terminal would act on.
        assert.doesNotMatch(error.message, /[\p{Cc}\p{Cs}]/u, title);
        assert.ok(error.message.length < 120, error.message);
        assert.deepEqual(readdirSync(join(base, "refused"), { recursive: true }), ["of"], title);
        assert.deepEqual(readdirSync(base), ["refused"], title);
        rmSync(join(base, "refused"), { recursive: true });
      }
    });
  }
}

test("says in the message what is wrong when it refuses an id", async () => {
  const messages = {
    "": 'session id: the string "" is empty',
    "../up": 'session id: the string "../up" holds a path separator',
    "a..b": 'session id: the string "a..b" holds ".."',
    ".git": 'session id: the string ".git" starts with a dot',
    "a.": 'session id: the string "a." ends in a dot or a space',
    "a:b": 'session id: the string "a:b" holds one of < > : " | ? *',
    "a\0": 'session id: the string "a\\u0000" holds a control character',
    "\ud83d": 'session id: the string "\\ud83d" holds a lone surrogate',
    "nul.txt": 'session id: the string "nul.txt" is a name that Windows reserves for a device',
    ["a".repeat(201)]: `session id: the string "${"a".repeat(40)}…" has more than 200 bytes`,
  };
  for (const [id, message] of Object.entries(messages))
    await assert.rejects(() => read(base, id), { message });
  await assert.rejects(() => read(base, /** @type {any} */ (7)), {
    message: "session id: expected a string, got the number 7",
  });
  await assert.rejects(() => read(base, /** @type {any} */ (undefined)), {
    message: "session id: expected a string, got undefined",
  });
});

for (const id of accepted) {
  const shown = id.length > 40 ? `${id.slice(0, 40)}…` : id;
  test(`appends, reads, lists and removes when the id is ${JSON.stringify(shown)}`, async () => {
    const dir = join(base, "accepted", "logs");
    await append(dir, id, entry);
    assert.ok(existsSync(join(dir, `${id}.jsonl`)));
    const log = await SessionLog.open(dir, id);
    await log.append({ ...entry, session_id: id });
    await log.close();
    assert.deepEqual(
      (await read(dir, id)).map(({ session_id }) => session_id),
      [id, id],
    );
    const [{ id: listed, unsafe }] = await listSessions(dir);
    assert.deepEqual({ listed, unsafe }, { listed: id, unsafe: undefined });
    assert.equal(await removeSession(dir, id), true);
    assert.deepEqual(readdirSync(dir), []);
    rmSync(join(base, "accepted"), { recursive: true });
  });
}
