// The tree of `input`, from its bytes.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";

import {
  inTurns,
  marksOf,
  membersAt,
  rootOf,
  startOf,
  textOf,
} from "../../../viewer/entry/json-members.js";
import { stepsOf, Tree } from "../../../viewer/entry/tree-nodes.js";

/** @import { JsonValue } from "../../../viewer/entry/json-members.js" */

const bytesOf = (/** @type {string} */ json) => new TextEncoder().encode(json);

/**
 * @param {Uint8Array} bytes
 * @param {JsonValue} value
 * @returns {Promise<unknown>}
 */
async function read(bytes, value) {
  if (value.kind === "string") return inTurns(textOf(bytes, value));
  if (value.count === 0) return JSON.parse(startOf(bytes, value, Infinity).text);
  const [at] = await inTurns(marksOf(bytes, value));
  const members = await inTurns(membersAt(bytes, value, at, value.count));
  const values = await Promise.all(members.map((member) => read(bytes, member.value)));
  if (value.kind === "array") return values;
  const keys = await Promise.all(members.map(({ key }) => key && read(bytes, key)));
  return Object.fromEntries(keys.map((key, index) => [key, values[index]]));
}

test("reads what JSON.parse reads, with blanks and without", async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.constantFrom(0, 2), async (value, blanks) => {
      const bytes = bytesOf(` ${JSON.stringify(value, null, blanks)}\n`);
      const expected = JSON.parse(JSON.stringify(value));
      assert.deepEqual(await read(bytes, await inTurns(rootOf(bytes))), expected);
    }),
    { numRuns: 150 },
  );
});

test("cuts no escape and no character when the start of a string is read", () => {
  const text = '😀é\\"\u0000\ud83dA\udc00\u2028';
  const json = JSON.stringify(text).replace("😀", "\\ud83d\\ude00");
  const bytes = bytesOf(json);
  const value = { kind: /** @type {const} */ ("string"), start: 0, end: bytes.length, count: 0 };
  for (let most = 0; most <= bytes.length; most += 1) {
    const start = startOf(bytes, value, most);
    assert.ok(text.startsWith(start.text), JSON.stringify(start.text));
    assert.equal(start.isWhole, start.text === text);
  }
});

test("keeps big integers, members of one name, and __proto__", async () => {
  const tree = new Tree(bytesOf('{"a":12345678901234567890,"a":-0.10,"__proto__":{"x":1}}'));
  await tree.start();
  await tree.openFirst(20);
  const rows = tree.rows().slice(1);
  assert.deepEqual(
    rows.map((row) => [tree.keyOf(row), tree.preview(row.value).text]),
    [
      ["a", "12345678901234567890"],
      ["a", "-0.10"],
      ["__proto__", '{"x":1}'],
      ["x", "1"],
    ],
  );
  assert.equal(tree.pathOf(rows[3]), "input.__proto__.x");
});

test("shows at most a hundred rows at once, and reaches every one, when there are 1,000,000 members", async () => {
  const tree = new Tree(bytesOf(`[${Array.from({ length: 1_000_000 }, (_, at) => at)}]`));
  const root = await tree.start();
  assert.equal(root.value.count, 1_000_000);
  await tree.open(root);
  assert.equal(root.children?.length, 100);
  for (const at of [0, 99, 100, 123_456, 999_999]) {
    const node = await tree.reveal(`input[${at}]`);
    assert.equal(node && tree.preview(node.value).text, String(at));
  }
  assert.equal(await tree.reveal("input[1000000]"), null);
  assert.ok(tree.rows().length <= 1 + 100 * 11);
});

test("reaches the deepest value when there are 9,999 levels", async () => {
  const tree = new Tree(bytesOf(`${"[".repeat(9_999)}7${"]".repeat(9_999)}`));
  await tree.start();
  const node = await tree.reveal(`input${"[0]".repeat(9_999)}`);
  assert.equal(node?.level, 10_000);
  assert.equal(node && tree.pathOf(node), `input${"[0]".repeat(9_999)}`);
});

test("takes paths apart as the package writes them", () => {
  assert.deepEqual(stepsOf('input.a[3]["x \\"y\\"].z"]["é."]._$-'), [
    "a",
    3,
    'x "y"].z',
    "é.",
    "_$-",
  ]);
  assert.deepEqual(stepsOf("input"), []);
});
