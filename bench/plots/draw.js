// Draws time against an amount of work as an SVG whose background follows the reader's system: light or dark.

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** @typedef {import("../fit.js").Line} Line */

/**
 * What a plot shows.
 *
 * @typedef {object} Subject
 * @property {string} title
 * @property {string} axis the label of the sizes
 * @property {number} base of the sizes' logarithms
 * @property {(size: number) => string} format writes a size
 */

const width = 920;
const height = 500;
const margin = { top: 70, right: 70, bottom: 52, left: 306 };

/** Colours that differ on both backgrounds and for colour-blind readers, after Okabe and Ito. */
const colours = ["#d55e00", "#de9a00", "#009e73", "#2f81c9", "#cc79a7", "#8c8c8c"];

const style = `
  svg { color: #24292f; }
  .ground { fill: #ffffff; }
  .about { fill: #57606a; }
  @media (prefers-color-scheme: dark) {
    svg { color: #e6edf3; }
    .ground { fill: #0d1117; }
    .about { fill: #9198a1; }
  }
`;

/**
 * @param {Subject} subject
 * @param {Line[]} lines
 * @param {string} machine
 */
export function draw({ title, axis, base, format }, lines, machine) {
  const { document } = parseHTML("<html><body></body></html>");
  const points = lines.flatMap(({ name, points }) => points.map((point) => ({ name, ...point })));
  const sizes = [...new Set(points.map(({ size }) => size))];
  const seconds = points.map((point) => point.seconds);
  const decades = [
    Math.floor(Math.log10(Math.min(...seconds))),
    Math.ceil(Math.log10(Math.max(...seconds))),
  ];
  const chart = Plot.plot({
    document,
    width,
    height,
    marginTop: margin.top,
    marginRight: margin.right,
    marginBottom: margin.bottom,
    marginLeft: margin.left,
    style: { background: "none", fontSize: "13px" },
    x: {
      type: "log",
      base,
      label: axis,
      labelAnchor: "center",
      labelArrow: "none",
      ticks: sizes,
      tickFormat: format,
    },
    y: {
      type: "log",
      domain: decades.map((power) => 10 ** power),
      label: null,
      axis: "right",
      grid: true,
      ticks: Array.from({ length: decades[1] - decades[0] + 1 }, (_, i) => 10 ** (decades[0] + i)),
      tickFormat: (/** @type {number} */ time) =>
        time < 1 ? `${Number((1_000 * time).toPrecision(1))} ms` : `${Math.round(time)} s`,
    },
    color: { domain: lines.map(({ name }) => name), range: colours },
    marks: [
      Plot.line(points, { x: "size", y: "seconds", stroke: "name", strokeWidth: 2 }),
      Plot.dot(points, { x: "size", y: "seconds", fill: "name", r: 3.5 }),
    ],
  });
  const place = (/** @type {"x" | "y"} */ axis, /** @type {number} */ value) =>
    Math.round(Number(chart.scale(axis)?.apply(value)));
  const starts = lines.map(({ name, exponent, points: [first] }, i) => {
    return {
      name: `${name} (${exponent.toFixed(2)})`,
      colour: colours[i],
      x: place("x", first.size),
      y: place("y", first.seconds),
    };
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" \
font-family="system-ui, sans-serif" font-size="13" fill="currentColor" role="img" aria-label="${title}">
<style>${style}</style>
<rect class="ground" width="${width}" height="${height}" />
<text x="16" y="26" font-size="16" font-weight="600">${title}</text>
<text x="16" y="45" class="about">both axes logarithmic; in brackets the fitted exponent, where 1 is linear; ${escaped(machine)}</text>
${labels(starts).join("\n")}
<g text-anchor="middle">${chart.innerHTML.replace(/<style>.*?<\/style>/s, "")}</g>
</svg>
`;
}

/**
 * Writes each line's name beside its start, as near to its height as the other names allow.
 *
 * @param {{ name: string, colour: string, x: number, y: number }[]} starts
 */
function labels(starts) {
  const right = margin.left - 24;
  let top = margin.top;
  return starts
    .sort((a, b) => a.y - b.y)
    .map(({ name, colour, x, y }) => {
      const at = Math.max(y, top);
      top = at + 19;
      return `<path d="M${right + 4},${at}L${x - 6},${y}" stroke="${colour}" />
<text x="${right}" y="${at}" dy="0.32em" text-anchor="end" fill="${colour}" font-weight="600">${escaped(name)}</text>`;
    });
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
