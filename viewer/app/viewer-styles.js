// How the page is laid out.

import { css } from "lit";

import { NARROW } from "./tokens.js";

/** Below this width of the page, in CSS pixels, an entry is below the list. */
const MEDIUM = 1120;

export const viewerStyles = css`
  :host { display: grid; grid-template-rows: auto auto 1fr; height: 100vh; height: 100dvh; min-width: 0; }
  header { display: flex; align-items: center; gap: var(--space-2); height: 46px;
    padding: 0 var(--space-3); border-bottom: 1px solid var(--line); min-width: 0; }
  header .mark { width: 22px; height: 22px; flex: none; }
  h1 { font-size: var(--text-normal); font-weight: 650; white-space: nowrap; }
  .source { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
    unicode-bidi: isolate; color: var(--text-soft); }
  .source::before { content: "/"; margin-right: var(--space-2); color: var(--line-strong); }
  .space { flex: 1; }
  .badge { display: inline-flex; align-items: center; gap: 6px; font-size: var(--text-small);
    color: var(--text-soft); white-space: nowrap; }
  .badge::before { content: ""; width: 7px; height: 7px; border-radius: 50%; background: var(--line-strong); }
  .badge.live::before { background: var(--good); }
  .note { display: grid; gap: var(--space-2); max-width: 320px; white-space: normal; }
  code { font: 12px var(--font-mono); padding: 6px 8px; border-radius: var(--radius);
    background: var(--surface); border: 1px solid var(--line); user-select: all; }

  .bar { grid-row: 2; height: 0; position: relative; z-index: 4; }
  progress { position: absolute; top: -1px; left: 0; width: 100%; height: 2px; appearance: none;
    border: 0; background: transparent; display: block; }
  progress::-webkit-progress-bar { background: transparent; }
  progress::-webkit-progress-value { background: var(--accent); }
  progress::-moz-progress-bar { background: var(--accent); }
  .problem { display: flex; gap: var(--space-3); align-items: flex-start; padding: var(--space-2) var(--space-4);
    background: var(--bad-soft); border-bottom: 1px solid var(--bad); }
  .problem > .glyph { color: var(--bad); margin-top: 2px; }
  .problem div { flex: 1; min-width: 0; overflow-wrap: anywhere; max-height: 30vh; overflow-y: auto; }
  .problem strong { font-weight: 600; }

  .panes { display: grid; min-height: 0; min-width: 0; grid-row: 3;
    grid-template: minmax(0, 1fr) / var(--left, 320px) 1px minmax(0, 1fr); }
  .panes.with-entry { grid-template-columns: var(--left, 320px) 1px minmax(0, 1fr) 1px var(--right, 44%); }
  .middle { display: flex; flex-direction: column; min-width: 0; min-height: 0; overflow-y: auto; }
  .middle session-header { flex: none; border-bottom: 1px solid var(--line); }
  time-line { flex: none; }
  entry-list, session-comparison { flex: 1; min-height: 280px; min-width: 0; }
  entry-view { min-height: 0; min-width: 0; overflow: auto; flex: 1; }
  .one { display: flex; flex-direction: column; min-width: 0; min-height: 0; background: var(--background); }
  .one nav { display: flex; align-items: center; gap: 4px; height: 44px; flex: none;
    padding: 0 var(--space-2) 0 var(--space-4); border-bottom: 1px solid var(--line); }
  .one nav h2 { font-size: var(--text-normal); flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .hint { margin: auto; padding: var(--space-5); max-width: 380px; text-align: center; color: var(--text-soft);
    display: grid; gap: var(--space-3); justify-items: center; }
  .welcome { grid-row: 3; overflow-y: auto; display: grid; align-items: center; justify-items: center;
    padding: var(--space-5) var(--space-4); }
  .welcome > div { display: grid; gap: var(--space-5); width: min(640px, 100%); text-align: center;
    justify-items: center; padding: var(--space-6) var(--space-5); border: 1.5px dashed var(--line-strong);
    border-radius: 16px; background: var(--surface); }
  .welcome h2 { font-size: var(--text-title); line-height: 1.25; text-wrap: balance; }
  .welcome p { text-wrap: balance; }
  .welcome .mark { width: 52px; height: 52px; }
  .lead { display: grid; gap: var(--space-2); }
  .live-way { display: grid; gap: var(--space-2); justify-items: center; padding-top: var(--space-4);
    border-top: 1px solid var(--line); width: 100%; }
  .over { position: fixed; inset: 10px; z-index: 50; display: grid; place-items: center; border-radius: 16px;
    border: 3px dashed var(--accent); background: color-mix(in srgb, var(--background) 88%, transparent);
    font-size: var(--text-title); color: var(--accent); pointer-events: none; }

  @media (max-width: ${MEDIUM - 1}px) {
    .panes.with-entry { grid-template: minmax(0, 45%) 1px minmax(0, 1fr) / var(--left, 280px) 1px minmax(0, 1fr); }
    .panes.with-entry session-list, .panes.with-entry pane-edge.left { grid-row: 1 / 4; }
    .panes.with-entry .middle { grid-column: 3; }
    .panes.with-entry pane-edge.right { grid-area: 2 / 3; width: auto; pointer-events: none; }
    .panes.with-entry .one { grid-area: 3 / 3; }
  }
  @media (max-width: ${NARROW - 1}px) {
    .panes, .panes.with-entry { display: block; overflow: hidden; }
    .panes > * { height: 100%; }
    .panes pane-edge, .panes:not(.at-sessions) session-list, .panes:not(.at-entries) .middle,
    .panes:not(.at-entry) .one { display: none; }
    header { padding: 0 var(--space-2) 0 var(--space-3); }
    .wide { display: none; }
    header.open h1 { position: absolute; clip-path: inset(50%); }
    .source::before { content: none; }
    .welcome > div { padding: var(--space-5) var(--space-4); }
  }
  @media (min-width: ${NARROW}px) { .narrow { display: none; } }
`;
