// Realistic entries, from a seed, and the secrets that are planted in them.

import assert from "node:assert/strict";

import { redactEntry } from "skill-log";
import { findSecrets, secretFamilies } from "skill-log/secrets";

import { exampleOf, SHAPES } from "../../../js/secrets/shapes.js";
import { entry } from "../support/lines.js";
import { makerOf, numbers } from "../secrets/made-up.js";

/** @typedef {ReturnType<typeof makerOf>} Maker */

/** What stands before and after a secret in logs. */
const BEFORE = [" ", "\n", "\\n", '"', "(", "\x1b[1m"];
const AFTER = [" ", "\n", '"', "\\n", ")"];

/** Characters that replace each other in made-up secrets, so that these keep their shape. */
const KINDS = ["234567", "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ"];

/**
 * Makes a secret of a shape: its example, with other characters where the shape allows any.
 *
 * @param {import("../../../js/secrets/shapes.js").Shape} shape
 * @param {Maker} maker
 */
function madeUp(shape, { pick }) {
  const example = exampleOf(shape);
  const isFixed =
    shape.before || shape.parts.some((part) => "text" in part && /\w/.test(part.text));
  if (isFixed) return example;
  const [literal] = shape.literals;
  const end = example.indexOf(literal) + literal.length;
  const other = (/** @type {string} */ character) => {
    const kind = KINDS.find((each) => each.includes(character));
    return kind ? pick([...kind]) : character;
  };
  return example.slice(0, end) + [...example.slice(end)].map(other).join("");
}

/**
 * Makes an entry, whose texts `change` may change.
 *
 * @param {Maker} maker
 * @param {(text: string) => string} [change] is called for one of the texts
 */
function madeUpEntry({ text, below }, change = (text) => text) {
  const texts = Array.from({ length: 6 }, text);
  const at = below(texts.length);
  texts[at] = change(texts[at]);
  const [message, output_summary, runner_output, spec, note, item] = texts;
  return entry("tdd", {
    message,
    attempts: [{ attempt: 1, model: "m-1", output_summary, runner_output, verified: true }],
    input: { spec, files: ["src/index.ts", item], nested: { note, count: below(100) } },
    file_path: "src/index.ts",
  });
}

/**
 * Plants a secret in each of many entries, and checks that each is replaced.
 *
 * @param {number} count
 * @param {number} seed
 */
export async function findsAll(count, seed) {
  const maker = makerOf(numbers(seed));
  /** @type {Set<string>} */
  const planted = new Set();
  for (let number = 0; number < count; number += 1) {
    const shape = SHAPES[number % SHAPES.length];
    const secret = madeUp(shape, maker);
    const [{ start, end }] = findSecrets(secret);
    const value = secret.slice(start, end);
    const given = madeUpEntry(
      maker,
      (text) => text + maker.pick(BEFORE) + secret + maker.pick(AFTER) + maker.text(),
    );
    const { entry: written, redacted = [] } = await redactEntry(given, { redact: true });
    const text = JSON.stringify(written);
    // The value's own text, however JSON escapes it.
    assert.ok(!text.includes(JSON.stringify(value).slice(1, -1)), `${shape.name}: ${text}`);
    assert.ok(redacted.length > 0, shape.name);
    planted.add(shape.name);
  }
  assert.equal(planted.size, secretFamilies.length);
}

/**
 * Returns how many entries have something replaced when none has a secret.
 *
 * @param {number} count
 * @param {number} seed
 */
export async function foundInPlain(count, seed) {
  const maker = makerOf(numbers(seed));
  /** @type {string[]} */
  const wrong = [];
  for (let number = 0; number < count; number += 1) {
    const { redacted } = await redactEntry(madeUpEntry(maker), { redact: true });
    if (redacted) wrong.push(JSON.stringify(redacted));
  }
  return wrong;
}
