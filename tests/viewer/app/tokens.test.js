// The themes' contrast, by the formula of WCAG 2.2.

import assert from "node:assert/strict";
import { test } from "node:test";

import { dark, darkContrast, light, lightContrast } from "../../../viewer/app/tokens.js";

const themes = {
  light,
  dark,
  "light, high contrast": { ...light, ...lightContrast },
  "dark, high contrast": { ...dark, ...darkContrast },
};

const tones = ["good", "bad", "warn", "plain"];
const grounds = ["background", "surface", "raised", "hover"];
const ansi = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/** Text and what it stands on. */
const pairs = [
  ...grounds.flatMap((ground) => ["text", "text-soft", "accent"].map((text) => [text, ground])),
  ...["text", "text-soft", "accent"].map((text) => [text, "accent-soft"]),
  ...tones.flatMap((tone) => [
    [tone, `${tone}-soft`],
    [tone, "background"],
    [tone, "surface"],
  ]),
  ["text", "bad-soft"],
  ["on-accent", "accent"],
  ["on-mark", "mark"],
  ...ansi.flatMap((colour) => [
    [`ansi-${colour}`, "surface"],
    [`ansi-bright-${colour}`, "surface"],
    [`ansi-${colour}`, "background"],
    [`ansi-bright-${colour}`, "background"],
  ]),
];

for (const [name, colours] of Object.entries(themes)) {
  test(`has readable text in the theme ${name}`, () => {
    const poor = pairs
      .map(([text, ground]) => [text, ground, contrast(colours[text], colours[ground])])
      .filter(([, , ratio]) => Number(ratio) < 4.5)
      .map(([text, ground, ratio]) => `${text} on ${ground}: ${Number(ratio).toFixed(2)}`);
    assert.deepEqual(poor, []);
  });

  test(`has visible edges and plots in the theme ${name}`, () => {
    const lines = ["line-strong", "focus", ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `series-${n}`)];
    const poor = lines.filter((line) => contrast(colours[line], colours.background) < 3);
    assert.deepEqual(poor, []);
  });
}

test("has the same names in both themes", () => {
  assert.deepEqual(
    Object.keys(dark),
    Object.keys(light).filter((name) => name in dark),
  );
  assert.deepEqual(Object.keys(light).sort(), Object.keys(dark).sort());
});

/**
 * @param {string} one as `#rrggbb`
 * @param {string} other
 */
function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** @param {string} colour */
function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
