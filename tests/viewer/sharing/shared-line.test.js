// What goes out of a line: the same line but for its secrets and the fields that are left out.

import assert from "node:assert/strict";
import test from "node:test";

import { decode, encode } from "skill-log";

import { exampleOf, SHAPES } from "../../../js/secrets/shapes.js";
import { markdownOf } from "../../../viewer/sharing/markdown.js";
import { sharedLine } from "../../../viewer/sharing/shared-line.js";
import { fileNames, noteOf, sharedPage } from "../../../viewer/sharing/shared-page.js";
import { NOW, sampleEntries } from "../sample-logs.js";

const all = { isMasked: () => true, isLeftOut: () => false };
const [token] = SHAPES.filter(({ literals }) => literals.includes("ghp_")).map(exampleOf);
const lineOf = (/** @type {object} */ fields) =>
  Buffer.from(
    encode({
      session_id: "s",
      timestamp: new Date(NOW),
      skill: "x",
      final_status: "ok",
      ...fields,
    }),
  )
    .toString()
    .trimEnd();

test("returns the same line when it has no secret", () => {
  for (const entry of sampleEntries("s", 1, 20, NOW)) {
    const line = lineOf(entry);
    assert.equal(sharedLine(line, all), line);
  }
});

test("masks keys, escaped texts and texts in texts, and stays canonical", () => {
  const line = lineOf({
    message: `<&>\b\f\u2028 "${token}" \\`,
    input: {
      [`k ${token}`]: [1, { a: JSON.stringify({ b: token }) }],
      API_KEY: "x",
    },
    attempts: [{ attempt: 1, model: "m", runner_output: `\\n${token}`, verified: true }],
  });
  /** @type {string[]} */
  const fields = [];
  const shared = sharedLine(line, { ...all, onFound: ({ field }) => fields.push(field) });
  assert.ok(!shared.includes(token));
  assert.equal(shared.match(/\[masked: GitHub personal access token\]/g)?.length, 4);
  assert.deepEqual(
    fields.toSorted(),
    [
      "a key of input",
      "attempts[0].runner_output",
      `input.k ${token}[1].a`.slice(0, 66),
      "message",
    ].toSorted(),
  );
  assert.equal(
    Buffer.from(encode(decode(shared, { input: "raw" })))
      .toString()
      .trimEnd(),
    shared,
  );
});

test("masks values by their names when these stand beside them or around them", () => {
  const secret = "k3Zt9WmRv7";
  const basic = "Basic YWRhOms1WnQ5V21Sdjc=";
  for (const [path, input] of Object.entries({
    "input.password": { password: secret },
    "input.token": { token: secret },
    "input.api_key": { api_key: secret },
    "input.Authorization[0]": { Authorization: [basic] },
    "input.h.Set-Token[0][1]": { h: { "Set-Token": [["x", secret]] } },
    "input[1].value": [
      { name: "PATH", value: "/usr/bin1234" },
      { name: "DB_PASSWORD", value: secret },
    ],
    "input[0].Value": [{ Key: "DB_PASSWORD", Type: "String", Value: secret }],
    "input[0].value": [{ value: secret, key: "DB_PASSWORD" }],
    "input.value[0]": { name: "api_key", value: [secret] },
  })) {
    /** @type {string[]} */
    const fields = [];
    const line = lineOf({ input });
    const shared = sharedLine(line, { ...all, onFound: ({ field }) => fields.push(field) });
    assert.deepEqual(fields, [path], line);
    assert.match(shared, /\[masked: (?:secret in a variable|basic authentication)\]/);
    assert.ok(!shared.includes(secret) && !shared.includes(basic), shared);
  }
});

test("takes no name from elsewhere when a value has none", () => {
  for (const input of [
    [{ name: "DB_PASSWORD" }, { value: "k3Zt9WmRv7" }],
    { name: "DB_PASSWORD", other: { value: "k3Zt9WmRv7" } },
    { name: "DB_PASSWORD", id: "k3Zt9WmRv7" },
    { token: { id: ["k3Zt9WmRv7"] } },
    { value: "k3Zt9WmRv7", other: "x" },
  ]) {
    const line = lineOf({ input });
    assert.equal(sharedLine(line, all), line);
  }
});

test("leaves fields out, also the last one and those of attempts", () => {
  const [entry] = sampleEntries("s", 1, 1, NOW);
  const line = lineOf(entry);
  const leftOut = [
    "project_root",
    "message",
    "attempts.runner_output",
    "attempts.output_summary",
    "input",
  ];
  const shared = sharedLine(line, { ...all, isLeftOut: (field) => leftOut.includes(field) });
  const { project_root, message, input, attempts, ...rest } = decode(line);
  assert.deepEqual(decode(shared), {
    ...rest,
    attempts: attempts?.map(({ runner_output, output_summary, ...attempt }) => attempt),
  });
  assert.ok(project_root && message && input);
  const without = sharedLine(line, { ...all, isLeftOut: (field) => field === "attempts" });
  assert.equal(decode(without).attempts, undefined);
});

test("keeps numbers exact, and deep values, when something is masked in them", () => {
  const deep = `${"[".repeat(9000)}"${token}"${"]".repeat(9000)}`;
  const line = lineOf({ input: { big: 1 } }).replace(
    '{"big":1}',
    `{"big":12345678901234567890.10,"deep":${deep}}`,
  );
  const shared = sharedLine(line, all);
  assert.equal(shared, line.replace(token, "[masked: GitHub personal access token]"));
});

test("writes Markdown that is text alone when an entry has markup", () => {
  const text = "``` \n# no heading\n<script>x</script> ````";
  const line = lineOf({
    skill: "<b>*x*|",
    message: text,
    input: { n: 1 },
  });
  const markdown = markdownOf(line, 3);
  assert.match(markdown, /^## 3\. \\<b\\>\\\*x\\\*\\\| — ok\n/);
  assert.ok(markdown.includes(`\`\`\`\`\`\n${text}\n\`\`\`\`\``));
  assert.match(markdown, /### Input\n\n```json\n\{\n {2}"n": 1\n\}\n```/);
});

test("writes Markdown when a text has very many fences, or is very long", () => {
  const ticks = "` ".repeat(200_000);
  assert.ok(markdownOf(lineOf({ message: ticks }), 1).includes(`\n\`\`\`\n${ticks}\n\`\`\``));
  for (const long of ["word ".repeat(4_000_000), 'a"\n\\'.repeat(4_000_000)]) {
    const line = lineOf({ input: 1 }).replace(
      '"input":1',
      `"input":{"a":${JSON.stringify(long)},"n":1.0}`,
    );
    assert.ok(markdownOf(line, 1).includes('"n": 1.0\n}'));
  }
});

test("finds the input of an entry when other texts and keys look like it", () => {
  for (const input of [{ input: 1, 'a"': "}]" }, [], [[{}], "\\"], "input", 1, true]) {
    const line = lineOf({ message: '"input":{"no":1}', input, attempts: [] });
    assert.ok(
      markdownOf(line, 1).endsWith(
        `### Input\n\n\`\`\`json\n${JSON.stringify(input, null, 2)}\n\`\`\`\n\n`,
      ),
      line,
    );
  }
});

test("names files so that every system takes them when ids are long paths", () => {
  const path = `deep/${"é日本/".repeat(120)}`;
  const ids = [`${path}one`, `${path}two`, `${path}one`, "a".repeat(300), "😀".repeat(80)];
  const names = fileNames(ids);
  assert.equal(new Set(names).size, ids.length);
  for (const name of names) {
    // As a session id may be.
    assert.ok(Buffer.byteLength(name) <= 200, name);
    assert.match(name, /^[\p{L}\p{N}_][\p{L}\p{N}._-]*$/u);
  }
  assert.deepEqual(fileNames(["a..b.", "nul.txt", "-x-", "\u0301"]), [
    "a.b",
    "log-nul.txt",
    "x",
    "log",
  ]);
  assert.ok(names[0].endsWith("one") && names[1].endsWith("two"), names[0]);
});

test("names files that differ when ids are like each other or like paths", () => {
  assert.deepEqual(fileNames(["a/b", "a:b", "..", "plain-1.2", ".x"]), [
    ...["a-b", "a-b-2", "log", "plain-1.2", "x"],
  ]);
});

/** What a page says about itself. */
const ABOUT = {
  title: "x",
  link: "",
  names: ["x"],
  shared: "2026-11-29T23:50:12.345Z",
  entries: 1,
  masked: {},
  leftOut: [],
};

test("says what a shared page is", () => {
  assert.deepEqual(noteOf(ABOUT, "utc"), {
    what: "This page was shared on 2026-11-29 at 23:50 (UTC).",
    more: "It holds 1 entry and gets no new ones. No secrets were masked.",
  });
  const masked = { "Slack token": 2, "private key": 1 };
  const more = { names: ["a", "b"], entries: 1200, masked, leftOut: ["message", "input"] };
  assert.equal(
    noteOf({ ...ABOUT, ...more }).more,
    "It holds 1,200 entries of 2 sessions and gets no new ones. 3 secrets were masked: Slack token (2), private key (1). Fields that were left out: message, input.",
  );
});

test("escapes the title of a page, and puts nothing else than base64 into it", async () => {
  const template = "<title>skill-log</title>|<!-- entries -->|";
  const about = { ...ABOUT, title: "</title><script>$&" };
  const page = await sharedPage(template, about, [[new Blob(["QUJD"])]]).text();
  assert.match(
    page,
    /^<title>&#60;\/title&#62;&#60;script&#62;\$&#38; · skill-log<\/title>\|<script type="text\/plain" id="shared">[\w+/=]+<\/script>\n<script type="text\/plain" class="shared-log">QUJD<\/script>\n\|$/,
  );
});
