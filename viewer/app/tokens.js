// The theme: custom properties that every colour, space and font of the page comes from.
//
// Contrast, measured by WCAG 2.2: `text` and `text-soft` have at least 4.5 : 1 on `background`,
// `surface` and `hover`, and so have the tones on `background`, `surface` and their own `…-soft`.
// tests/viewer/app/tokens.test.js measures it.

import { css, unsafeCSS } from "lit";

/**
 * The height of a row of text in lists, in CSS pixels.
 */
export const ROW_HEIGHT = 30;

/** Below this width of the page, in CSS pixels, one view is shown at a time. */
export const NARROW = 720;

const shared = {
  "space-1": "4px",
  "space-2": "8px",
  "space-3": "12px",
  "space-4": "16px",
  "space-5": "24px",
  "space-6": "40px",
  radius: "6px",
  "radius-large": "10px",
  "font-ui": 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif',
  "font-mono":
    'ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "Noto Sans Mono", "DejaVu Sans Mono", monospace',
  "text-small": "11.5px",
  "text-normal": "13px",
  "text-large": "15px",
  "text-title": "21px",
  "line-height": "1.45",
  "row-height": `${ROW_HEIGHT}px`,
  /** How long movements take. */
  quick: "120ms",
};

/** @type {Record<string, string>} */
export const light = {
  background: "#ffffff",
  surface: "#f6f7f9",
  raised: "#ffffff",
  hover: "#eef0f4",
  line: "#dfe2e8",
  "line-strong": "#8b92a0",
  text: "#1a1d24",
  "text-soft": "#565d6b",
  accent: "#2f55c8",
  "accent-soft": "#e4eafb",
  "on-accent": "#ffffff",
  focus: "#2f55c8",
  good: "#14713f",
  "good-soft": "#e0f3e8",
  bad: "#b3261e",
  "bad-soft": "#fce8e6",
  warn: "#855300",
  "warn-soft": "#fdf0d5",
  plain: "#4a5568",
  "plain-soft": "#e9ecf1",
  /** What a search found. */
  mark: "#ffe28a",
  "on-mark": "#1a1d24",
  shadow: "0 1px 2px rgb(20 25 40 / 8%), 0 8px 24px rgb(20 25 40 / 12%)",
  /** Series of a plot, in order. */
  "series-1": "#3b6fd4",
  "series-2": "#c2571a",
  "series-3": "#13807a",
  "series-4": "#9b4fc0",
  "series-5": "#8a6d00",
  "series-6": "#c23a73",
  "series-7": "#4f7d2c",
  "series-8": "#5b6675",
  /** The sixteen colours of terminals. */
  "ansi-black": "#1a1d24",
  "ansi-red": "#b3261e",
  "ansi-green": "#14713f",
  "ansi-yellow": "#855300",
  "ansi-blue": "#2450c4",
  "ansi-magenta": "#94319c",
  "ansi-cyan": "#0b6b75",
  "ansi-white": "#565d6b",
  "ansi-bright-black": "#565d6b",
  "ansi-bright-red": "#c92a20",
  "ansi-bright-green": "#167c45",
  "ansi-bright-yellow": "#8c5a00",
  "ansi-bright-blue": "#2f61e0",
  "ansi-bright-magenta": "#a83ab1",
  "ansi-bright-cyan": "#0c7580",
  "ansi-bright-white": "#3c424e",
};

/** @type {Record<string, string>} */
export const dark = {
  background: "#14161b",
  surface: "#1b1e25",
  raised: "#22262f",
  hover: "#272b35",
  line: "#2f343f",
  "line-strong": "#6f7889",
  text: "#e7e9ee",
  "text-soft": "#a3abba",
  accent: "#8fabff",
  "accent-soft": "#26335a",
  "on-accent": "#10131a",
  focus: "#8fabff",
  good: "#67d391",
  "good-soft": "#153524",
  bad: "#ff938a",
  "bad-soft": "#46201e",
  warn: "#f0bb5b",
  "warn-soft": "#3d2e12",
  plain: "#b3bccb",
  "plain-soft": "#2b303b",
  mark: "#7a5c00",
  "on-mark": "#ffffff",
  shadow: "0 1px 2px rgb(0 0 0 / 40%), 0 12px 32px rgb(0 0 0 / 45%)",
  "series-1": "#7ea6ff",
  "series-2": "#f2965c",
  "series-3": "#4cc4bb",
  "series-4": "#cb93ea",
  "series-5": "#d8b94a",
  "series-6": "#f283ac",
  "series-7": "#97cc6d",
  "series-8": "#a3abba",
  "ansi-black": "#7d8698",
  "ansi-red": "#ff8a80",
  "ansi-green": "#67d391",
  "ansi-yellow": "#f0bb5b",
  "ansi-blue": "#8fabff",
  "ansi-magenta": "#e09be6",
  "ansi-cyan": "#5fd0dc",
  "ansi-white": "#d3d8e1",
  "ansi-bright-black": "#949db0",
  "ansi-bright-red": "#ffa79f",
  "ansi-bright-green": "#8be3ad",
  "ansi-bright-yellow": "#ffd17d",
  "ansi-bright-blue": "#adc2ff",
  "ansi-bright-magenta": "#efb9f3",
  "ansi-bright-cyan": "#8be2eb",
  "ansi-bright-white": "#ffffff",
};

/** What high contrast changes. @type {Record<string, string>} */
export const lightContrast = {
  surface: "#ffffff",
  hover: "#e4e8f2",
  line: "#5c6472",
  "line-strong": "#1a1d24",
  text: "#000000",
  "text-soft": "#2c313b",
  accent: "#16348f",
  focus: "#000000",
  good: "#0b4d29",
  bad: "#8a130c",
  warn: "#5c3900",
  plain: "#2c313b",
};

/** @type {Record<string, string>} */
export const darkContrast = {
  background: "#000000",
  surface: "#000000",
  raised: "#0c0e12",
  hover: "#262b36",
  line: "#8b93a3",
  "line-strong": "#ffffff",
  text: "#ffffff",
  "text-soft": "#d9dde5",
  accent: "#b9caff",
  focus: "#ffffff",
  good: "#98eab8",
  bad: "#ffbcb6",
  warn: "#ffd892",
  plain: "#d9dde5",
};

/** @param {Record<string, string>} values */
const properties = (values) =>
  unsafeCSS(
    Object.entries(values)
      .map(([name, value]) => `--${name}: ${value};`)
      .join(""),
  );

/**
 * The sheet of the document. `data-theme` of the root element (`light`, `dark`) and `data-contrast`
 * (`more`) replace what the system asks for.
 */
export const tokens = css`
  :root { color-scheme: light; ${properties({ ...shared, ...light })} }
  @media (prefers-color-scheme: dark) {
    :root:not([data-theme="light"]) { color-scheme: dark; ${properties(dark)} }
  }
  :root[data-theme="dark"] { color-scheme: dark; ${properties(dark)} }
  @media (prefers-contrast: more) {
    :root { ${properties(lightContrast)} }
    :root[data-theme="dark"] { ${properties(darkContrast)} }
  }
  @media (prefers-contrast: more) and (prefers-color-scheme: dark) {
    :root:not([data-theme="light"]) { ${properties(darkContrast)} }
  }
  :root[data-contrast="more"] { ${properties(lightContrast)} }
  @media (prefers-color-scheme: dark) {
    :root[data-contrast="more"]:not([data-theme="light"]) { ${properties(darkContrast)} }
  }
  :root[data-contrast="more"][data-theme="dark"] { ${properties(darkContrast)} }
  @media (prefers-reduced-motion: reduce) {
    :root { --quick: 0s; }
  }
  html, body {
    margin: 0;
    height: 100%;
    background: var(--background);
    color: var(--text);
    font: var(--text-normal) / var(--line-height) var(--font-ui);
    -webkit-text-size-adjust: 100%;
  }
`;

/** What elements of the page have in common: each adds it to its own styles. */
export const controls = css`
  *, *::before, *::after { box-sizing: border-box; }
  [hidden] { display: none !important; }
  :focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
  :focus:not(:focus-visible) { outline: none; }
  h1, h2, h3, p { margin: 0; }
  h1, h2, h3 { font-weight: 600; }
  button, input, select {
    font: inherit;
    color: inherit;
    height: 28px;
    padding: 0 10px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--raised);
  }
  input::placeholder { color: var(--text-soft); opacity: 1; }
  input[type="checkbox"], input[type="radio"] {
    height: 15px; width: 15px; margin: 0; accent-color: var(--accent);
  }
  button, select { cursor: pointer; }
  button {
    display: inline-flex; align-items: center; justify-content: center; gap: 6px;
    white-space: nowrap;
    transition: background-color var(--quick), border-color var(--quick);
  }
  button:hover:not(:disabled) { background: var(--hover); }
  button:disabled { cursor: default; color: var(--text-soft); opacity: .6; }
  button[aria-pressed="true"], button[aria-expanded="true"] {
    background: var(--accent-soft); border-color: var(--accent); color: var(--accent);
  }
  button.primary {
    background: var(--accent); border-color: var(--accent); color: var(--on-accent);
  }
  button.primary:hover:not(:disabled) { background: var(--accent); filter: brightness(1.1); }
  button.quiet { border-color: transparent; background: transparent; }
  button.quiet:hover:not(:disabled) { background: var(--hover); }
  button.icon { width: 28px; padding: 0; }
  svg.glyph { width: 16px; height: 16px; flex: none; fill: none; stroke: currentColor;
    stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
  kbd {
    font: var(--text-small) var(--font-mono); padding: 1px 5px; min-width: 20px;
    display: inline-block; text-align: center;
    border: 1px solid var(--line); border-bottom-width: 2px; border-radius: 4px;
    background: var(--surface);
  }
  mark { background: var(--mark); color: var(--on-mark); border-radius: 2px; }
  .tag {
    display: inline-flex; align-items: center; gap: 4px; max-width: 100%;
    padding: 0 7px; border-radius: 999px; font-size: var(--text-small); line-height: 18px;
    white-space: nowrap; overflow: hidden; text-overflow: ellipsis;
    color: var(--plain); background: var(--plain-soft);
  }
  .good { color: var(--good); }
  .bad { color: var(--bad); }
  .warn { color: var(--warn); }
  .tag.good { background: var(--good-soft); }
  .tag.bad { background: var(--bad-soft); }
  .tag.warn { background: var(--warn-soft); }
  .soft { color: var(--text-soft); }
  .mono { font-family: var(--font-mono); font-size: 12px; }
  .number { font-variant-numeric: tabular-nums; }
  .for-readers {
    position: absolute; width: 1px; height: 1px; overflow: hidden;
    clip-path: inset(50%); white-space: nowrap;
  }
  @media (forced-colors: active) {
    .tag, mark { border: 1px solid; }
  }
`;
