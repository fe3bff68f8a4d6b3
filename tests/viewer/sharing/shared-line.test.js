// What goes out of a line: the same line but for its secrets and the fields that are left out.

import assert from "node:assert/strict";
import test from "node:test";

import { decode, encode } from "skill-log";

import { exampleOf, SHAPES } from "../../../js/secrets/shapes.js";
import { markdownOf } from "../../../viewer/sharing/markdown.js";
import { sharedLine } from "../../../viewer/sharing/shared-line.js";
import { fileNames, sharedPage } from "../../../viewer/sharing/shared-page.js";
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

test("names files that differ when ids are like each other or like paths", () => {
  assert.deepEqual(fileNames(["a/b", "a:b", "..", "plain-1.2", ".x"]), [
    ...["a-b", "a-b-2", "log", "plain-1.2", "x"],
  ]);
});

test("escapes the title of a page, and puts nothing else than base64 into it", async () => {
  const template = "<title>skill-log</title>|<!-- entries -->|";
  const about = { title: "</title><script>$&", link: "", names: ["x"] };
  const page = await sharedPage(template, about, [[new Blob(["QUJD"])]]).text();
  assert.match(
    page,
    /^<title>&#60;\/title&#62;&#60;script&#62;\$&#38; · skill-log<\/title>\|<script type="text\/plain" id="shared">[\w+/=]+<\/script>\n<script type="text\/plain" class="shared-log">QUJD<\/script>\n\|$/,
  );
});
