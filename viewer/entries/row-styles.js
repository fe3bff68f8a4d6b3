// How the rows of the table of entries look, wide and narrow.

import { css } from "lit";

export const rowStyles = css`
  .header { background: var(--surface); border-bottom: 1px solid var(--line); }
  .titles, .cells { display: grid; grid-template-columns: var(--columns); align-items: center;
    padding: 0 var(--space-3); column-gap: var(--space-3); }
  .titles > * { font-size: var(--text-small); font-weight: 500; color: var(--text-soft);
    min-width: 0; height: 28px; display: flex; align-items: center; }
  .titles button { height: 24px; padding: 0 6px; margin-left: -6px; font-size: inherit;
    color: inherit; gap: 3px; min-width: 0; overflow: hidden; }
  .titles .is-number { justify-content: flex-end; }
  .titles .is-number button { margin: 0 -6px 0 0; }
  .titles [aria-sort="ascending"] button, .titles [aria-sort="descending"] button {
    color: var(--accent); font-weight: 600; }

  .row { border-bottom: 1px solid color-mix(in srgb, var(--line) 55%, transparent); cursor: default; }
  .row:hover { background: var(--hover); }
  .row[aria-selected="true"] { background: var(--accent-soft); }
  .row[aria-selected="true"]::before { content: ""; position: absolute; inset: 0 auto 0 0;
    width: 3px; background: var(--accent); }
  .cells { height: 100%; }
  .cell { min-width: 0; overflow: clip; white-space: nowrap; text-overflow: ellipsis;
    unicode-bidi: isolate; }
  .cell.is-number { text-align: right; font-variant-numeric: tabular-nums; }
  .cell time { font-variant-numeric: tabular-nums; }
  .cell.message, .second { color: var(--text); }
  .text { unicode-bidi: isolate; }
  .message { unicode-bidi: isolate; }
  .field { font: 11px var(--font-mono); color: var(--text-soft); background: var(--surface);
    border: 1px solid var(--line); border-radius: 4px; padding: 0 4px; }
  .unread { display: inline-block; width: 40%; height: 8px; border-radius: 4px;
    background: var(--line); opacity: .6; }
  .status { display: inline-flex; align-items: center; gap: 5px; max-width: 100%; }
  .status .glyph { width: 13px; height: 13px; stroke-width: 2; }
  .status .word { overflow: clip; text-overflow: ellipsis; }
  .status.plain { color: var(--plain); }
  .is-new::after { content: ""; position: absolute; left: 4px; top: 50%; width: 5px; height: 5px;
    margin-top: -2.5px; border-radius: 50%; background: var(--accent); }

  .cells.wraps { align-items: start; padding-top: 6px; padding-bottom: 6px; }
  .wraps .cell.message { white-space: normal; display: -webkit-box; -webkit-line-clamp: 3;
    -webkit-box-orient: vertical; overflow: hidden; overflow-wrap: anywhere; }

  .card { display: grid; gap: 3px; align-content: center; height: 100%; padding: 0 var(--space-3); }
  .first { display: flex; gap: var(--space-2); align-items: center; min-width: 0; }
  .first > * { flex: none; }
  .first .name { flex: 1 1 0; min-width: 0; overflow: hidden; text-overflow: ellipsis;
    white-space: nowrap; font-weight: 550; unicode-bidi: isolate; }
  .first .soft { font-size: var(--text-small); font-variant-numeric: tabular-nums; }
  .second { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
    font-size: 12px; color: var(--text-soft); }
  .wraps .second { white-space: normal; display: -webkit-box; -webkit-line-clamp: 3;
    -webkit-box-orient: vertical; overflow-wrap: anywhere; }

  .news { display: flex; align-items: center; gap: var(--space-2); height: 100%; color: var(--accent);
    font-size: var(--text-small); font-weight: 600; padding: 0 var(--space-3); position: sticky; left: 0; }
  .news::before, .news::after { content: ""; flex: 1; border-top: 1px solid var(--accent); }

  .band { display: flex; gap: var(--space-2); align-items: center; height: 100%; min-width: 0;
    padding: 0 var(--space-3); background: var(--warn-soft); color: var(--text);
    position: sticky; left: 0; }
  .band .glyph { color: var(--warn); width: 14px; height: 14px; }
  .band strong { font-weight: 600; white-space: nowrap; }
  .band .where { color: var(--text-soft); white-space: nowrap; font-size: var(--text-small); }
  .band .why { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis;
    white-space: nowrap; color: var(--text-soft); font-size: var(--text-small); }
  .band .tag { flex: none; background: var(--background); }
  .band.card { display: flex; flex-wrap: wrap; align-content: center; row-gap: 2px; }
  .band.card .why { display: none; }
  .row[aria-selected="true"] .band { background: var(--accent-soft); }
  @media (forced-colors: active) {
    .row[aria-selected="true"] { outline: 2px solid Highlight; outline-offset: -2px; }
    .band { border-block: 1px solid; }
  }
`;
