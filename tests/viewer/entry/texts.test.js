// What is shown of texts: hidden characters, colours of terminals, parts of long texts, JSON.

import assert from "node:assert/strict";
import test from "node:test";

import { piecesOf } from "../../../viewer/entry/hidden-characters.js";
import { prettyJson } from "../../../viewer/entry/pretty-json.js";
import { runsOf, withoutSequences } from "../../../viewer/entry/terminal-text.js";
import { firstParts, gapsIn, withPage, withPlace } from "../../../viewer/entry/text-parts.js";

const shown = (/** @type {string} */ text) =>
  [...piecesOf(text)].map(({ text, code }) => (code ? `<${code}>` : text)).join("");

for (const [title, text, expected] of [
  ["a line ends", "a\r\nb\tc\n", "a\nb\tc\n"],
  ["a carriage return stands alone", "10%\r20%", "10%<U+000D>20%"],
  ["text direction is overridden", "a\u202egpj.exe", "a<U+202E>gpj.exe"],
  ["text is isolated", "\u2066a\u2069", "<U+2066>a<U+2069>"],
  ["surrogates are alone", "a\ud800b\udc00", "a<U+D800>b<U+DC00>"],
  ["surrogates are a pair", "😀", "😀"],
  ["an emoji is joined", "👩‍💻", "👩‍💻"],
  ["tags hide a text", "a\u{e0041}", "a<U+E0041>"],
  ["there are other controls", "\0\x07\x7f\x9b", "<U+0000><U+0007><U+007F><U+009B>"],
]) {
  test(`shows code points of hidden characters alone when ${title}`, () => {
    assert.equal(shown(text), expected);
  });
}

const styled = (/** @type {string} */ text) =>
  runsOf(text)
    .map(({ text, classes }) => (classes ? `[${classes}:${text}]` : text))
    .join("");

for (const [title, text, expected] of [
  ["colours are set and reset", "a\x1b[31mb\x1b[0mc", "a[ansi-red-fg:b]c"],
  ["a background is set", "\x1b[1;42mb", "[ansi-green-bg bold:b]"],
  ["a colour is of the palette", "\x1b[38;5;196mr", "[ansi-red-fg:r]"],
  ["a colour is written with colons", "\x1b[38:2::0:0:255mb", "[ansi-blue-fg:b]"],
  ["colours are reversed", "\x1b[7mr\x1b[27mn", "[reversed reversed-bg:r]n"],
  ["text is concealed", "\x1b[8ms", "[concealed:s]"],
  ["a link is opened and closed", "\x1b]8;;javascript:alert(1)\x1b\\click\x1b]8;;\x1b\\", "click"],
  ["the cursor moves", "a\x1b[2J\x1b[H\x1b[10;10Hb\x1b[?25l", "ab"],
  ["the title is set", "\x1b]0;title\x07a", "a"],
  ["a sequence has no end", "\x1b]0;title", "\x1b]0;title"],
  ["a sequence is too long", `\x1b[${"1;".repeat(200)}mx`, `\x1b[${"1;".repeat(200)}mx`],
]) {
  test(`draws colours and drops the rest when ${title}`, () => {
    assert.equal(styled(text), expected);
    assert.equal(
      withoutSequences(text),
      runsOf(text)
        .map(({ text }) => text)
        .join(""),
    );
  });
}

test("names the place of each run when sequences stand between", () => {
  const text = "ab\x1b[31mcd\x1b[0mef";
  for (const { text: part, start } of runsOf(text))
    assert.equal(text.slice(start, start + part.length), part);
});

for (const [title, text] of [
  ["lines are short", "line\n".repeat(10_000)],
  ["there is a single line", "x".repeat(100_000)],
  ["pairs of surrogates fill the line", "😀".repeat(50_000)],
  ["lines are empty", "\n".repeat(50_000)],
]) {
  test(`shows every character once in the end when ${title}`, () => {
    let parts = firstParts(text);
    assert.ok(parts.reduce((sum, { from, to }) => sum + to - from, 0) < 10_000);
    parts = /** @type {typeof parts} */ (withPlace(text, parts, text.length / 2));
    assert.equal(parts.length, 3);
    for (let turn = 0; gapsIn(text, parts).length > 0; turn += 1) {
      assert.ok(turn < 400, "pages grow");
      const gaps = gapsIn(text, parts);
      parts = withPage(text, parts, gaps[turn % gaps.length], turn % 2 ? "start" : "end");
    }
    assert.equal(parts.map(({ from, to }) => text.slice(from, to)).join(""), text);
    for (const { from } of parts) assert.doesNotMatch(text[from], /[\udc00-\udfff]/);
  });
}

test("shows all of a text when only few lines would be hidden", () => {
  const text = "line\n".repeat(62);
  assert.deepEqual(firstParts(text), [{ from: 0, to: text.length }]);
});

test("breaks JSON into lines without changing a value", () => {
  const json = '{"a":9007199254740993,"a":[],"s":"{\\"x\\": [1,2]}","o":{"__proto__":[1,{}]}}';
  const pretty = prettyJson(json);
  assert.equal(
    pretty.replace(/\n\s*/g, "").replaceAll('": ', '":').replace('\\":[', '\\": ['),
    json,
  );
  assert.equal(
    prettyJson('{"a":[1,{}],"b":{}}'),
    '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": {}\n}',
  );
});

test("breaks JSON into lines when it is nested 9,999 levels deep", () => {
  const pretty = prettyJson("[".repeat(9_999) + "]".repeat(9_999));
  assert.ok(pretty.length < 2_000_000);
});
