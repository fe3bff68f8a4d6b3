// The page's own small pictures, drawn with lines of the text's colour. Readers skip them.

import { svg } from "lit";

/** @param {import("lit").TemplateResult} lines */
const glyph = (lines) =>
  svg`<svg class="glyph" viewBox="0 0 16 16" aria-hidden="true">${lines}</svg>`;

export const glyphs = {
  search: glyph(svg`<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5"/>`),
  star: glyph(svg`<path d="m8 2 1.8 3.8 4.2.6-3 2.9.7 4.2L8 11.5l-3.7 2 .7-4.2-3-2.9 4.2-.6z"/>`),
  back: glyph(svg`<path d="M10 3 5 8l5 5"/>`),
  up: glyph(svg`<path d="m3 10 5-5 5 5"/>`),
  down: glyph(svg`<path d="m3 6 5 5 5-5"/>`),
  close: glyph(svg`<path d="m4 4 8 8M12 4l-8 8"/>`),
  file: glyph(svg`<path d="M4 1.8h5l3.5 3.5v9H4zM9 1.8v3.5h3.5"/>`),
  folder: glyph(
    svg`<path d="M1.8 4a1 1 0 0 1 1-1h3.4l1.6 2h5.4a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H2.8a1 1 0 0 1-1-1z"/>`,
  ),
  storage: glyph(
    svg`<ellipse cx="8" cy="4" rx="5.5" ry="2.2"/><path d="M2.5 4v8c0 1.2 2.5 2.2 5.5 2.2s5.5-1 5.5-2.2V4M2.5 8c0 1.2 2.5 2.2 5.5 2.2s5.5-1 5.5-2.2"/>`,
  ),
  share: glyph(svg`<path d="M8 10V2M5 4.5 8 1.5l3 3M4 7.5H3v6.5h10V7.5h-1"/>`),
  theme: glyph(
    svg`<circle cx="8" cy="8" r="5.7"/><path d="M8 2.3v11.4A5.7 5.7 0 0 0 8 2.3z" fill="currentColor"/>`,
  ),
  help: glyph(
    svg`<circle cx="8" cy="8" r="6"/><path d="M6.2 6.2a1.8 1.8 0 1 1 2.6 1.7c-.5.3-.8.6-.8 1.2M8 11.3v.1"/>`,
  ),
  warning: glyph(svg`<path d="M8 2.2 14.5 13.5h-13zM8 6.5v3.3M8 11.6v.1"/>`),
  pencil: glyph(svg`<path d="m3 13 .5-2.8L10.8 3a1.5 1.5 0 0 1 2.2 2.2l-7.2 7.3z"/>`),
  compare: glyph(svg`<path d="M2.5 3h4v10h-4zM9.5 3h4v10h-4z"/>`),
  all: glyph(svg`<path d="m8 2 6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3"/>`),
};
