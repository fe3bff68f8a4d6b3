// Strings that are cut: how long they are, where, and how long it takes.

import assert from "node:assert/strict";
import test from "node:test";

import fc from "fast-check";
import { redactEntry } from "skill-log";

import { LOOK_AHEAD } from "../../../js/redaction/cut.js";
import { exampleOf, SHAPES } from "../../../js/secrets/shapes.js";
import { entry } from "../support/lines.js";

/**
 * @param {string} message
 * @param {import("skill-log").RedactOptions} options
 */
async function redacted(message, options) {
  const { entry: changed, ...changes } = await redactEntry(entry("a", { message }), options);
  return { text: changed.message, ...changes };
}

const bytesOf = (/** @type {string} */ text) => Buffer.byteLength(text);

/** Texts in which characters of one to four bytes and single surrogates are beside each other. */
const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 30 }),
      fc.constantFrom("é", "字", "🎉", "\ud800", "\udc00", "a"),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(""));

test("has the limit's bytes at most, and says how many are gone, when a string is longer", () =>
  fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 64, max: 200 }), async (given, maxStringBytes) => {
      const { text: kept, cut } = await redacted(given, { maxStringBytes });
      if (bytesOf(given) <= maxStringBytes) {
        assert.equal(kept, given);
        assert.equal(cut, undefined);
        return;
      }
      assert.ok(bytesOf(kept) <= maxStringBytes, `${bytesOf(kept)}`);
      const [, start, count] = /^([^]*)…\[cut: (\d+) bytes\]$/.exec(kept) ?? [];
      assert.ok(given.startsWith(start));
      // No pair of surrogates is divided.
      assert.equal(bytesOf(start) + bytesOf(given.slice(start.length)), bytesOf(given));
      assert.equal(bytesOf(given), bytesOf(start) + Number(count));
      assert.deepEqual(cut, [{ path: "message", bytes: Number(count) }]);
      // As much is kept as has room.
      assert.ok(bytesOf(start) > maxStringBytes - 28 - 4);
    }),
    { numRuns: 1_000 },
  ));

test("cuts after the same code point when a string is longer than what is encoded at once", async () => {
  for (const unit of ["a", "é", "字", "🎉"])
    for (const shift of ["", "a", "aa", "aaa"]) {
      const given = shift + unit.repeat(40_000);
      for (const maxStringBytes of [16_384 + 28, 32_768 + 29, bytesOf(given) - 1]) {
        const { text: kept, cut = [] } = await redacted(given, { maxStringBytes });
        const start = kept.slice(0, kept.lastIndexOf("…"));
        assert.ok(given.startsWith(start));
        assert.ok(bytesOf(start) <= maxStringBytes - 28);
        assert.equal(bytesOf(start) + cut[0].bytes, bytesOf(given));
      }
      assert.equal((await redacted(given, { maxStringBytes: bytesOf(given) })).text, given);
    }
});

test("masks a secret whole when a cut is in it", async () => {
  for (const shape of SHAPES) {
    const example = exampleOf(shape);
    for (let before = 150; before < 200; before += 7) {
      const given = `${"x ".repeat(before / 2)}${example} ${"y ".repeat(200)}`;
      const { text: kept } = await redacted(given, { redact: true, maxStringBytes: 200 });
      assert.ok(bytesOf(kept) <= 200);
      const start = kept.replace(/…\[cut: \d+ bytes\]$/, "").replace(/\[masked.*/s, "");
      // Nothing of it is there but what stands before the secret itself, such as a name.
      const { text: masked } = await redacted(given, { redact: true });
      assert.ok(masked.startsWith(start), `${shape.name}: ${start}`);
    }
  }
  const literal = "a value, not a shape";
  const { text: kept } = await redacted(`${"x".repeat(165)}${literal}${"y".repeat(99)}`, {
    redact: [literal],
    maxStringBytes: 200,
  });
  assert.match(kept, /^x{165}\[masked?.*…\[cut: \d+ bytes\]$|^x{165}\[ma.*cut/);
});

test("cuts again when masks are longer than what they replace", async () => {
  const given = "A_TOKEN=k3Zt9WmR ".repeat(12);
  assert.ok(bytesOf(given) > 200 && bytesOf(given) < 300);
  const { text: kept, cut = [] } = await redacted(given, { redact: true, maxStringBytes: 300 });
  assert.ok(bytesOf(kept) <= 300);
  assert.match(kept, /\[cut: \d+ bytes\]$/);
  assert.equal(cut.length, 1);
});

test("looks further than any secret is long when a string is cut", () => {
  for (const { name, literals, before, parts } of SHAPES) {
    const most = parts.reduce(
      (sum, part) =>
        sum +
        ("text" in part ? part.text.length : "of" in part ? (part.most ?? part.least) : part.most),
      (before?.most ?? before?.least ?? 0) + Math.max(...literals.map(({ length }) => length)),
    );
    assert.ok(most < LOOK_AHEAD, `${name}: ${most}`);
  }
});

test("takes less than half the time of a search when a huge string is cut", async () => {
  const huge = "a token, a key and a task ".repeat(2e6);
  /** @param {import("skill-log").RedactOptions} options */
  const timeOf = async (options) => {
    const start = process.cpuUsage();
    const { cut } = await redacted(huge, options);
    const { user, system } = process.cpuUsage(start);
    return { time: user + system, cut };
  };
  const { time: whole } = await timeOf({ redact: true });
  const { time, cut } = await timeOf({ redact: true, maxStringBytes: 1 << 16 });
  assert.ok(cut && cut[0].bytes > huge.length - (1 << 16));
  assert.ok(time < whole / 2, `${time} of ${whole} µs`);
});
