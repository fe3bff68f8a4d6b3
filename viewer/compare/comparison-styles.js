// How a comparison of sessions looks.

import { css } from "lit";

export const comparisonStyles = css`
  :host { display: flex; flex-direction: column; min-width: 0; min-height: 0; position: relative; }
  header { display: flex; align-items: center; gap: var(--space-2); min-height: 44px; flex: none;
    padding: 6px var(--space-3) 6px var(--space-4); border-bottom: 1px solid var(--line); }
  h2 { flex: 1; min-width: 0; display: flex; align-items: center; gap: 6px var(--space-2);
    font-size: var(--text-large); }
  h2 .name { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
    unicode-bidi: isolate; }
  h2 .soft { font-weight: 400; font-size: var(--text-normal); }
  header button.icon { color: var(--text-soft); flex: none; }
  .figures { flex: none; padding: var(--space-2) var(--space-4) var(--space-3);
    background: var(--surface); border-bottom: 1px solid var(--line); overflow-x: auto; }
  .tools { display: flex; flex-wrap: wrap; align-items: center; gap: 6px var(--space-3); flex: none;
    padding: var(--space-2) var(--space-4); border-bottom: 1px solid var(--line); }
  .segments { display: inline-flex; }
  .segments button { border-radius: 0; margin-inline-start: -1px; }
  .segments button:first-child { border-radius: var(--radius) 0 0 var(--radius); }
  .segments button:last-child { border-radius: 0 var(--radius) var(--radius) 0; }
  .segments button[aria-pressed="true"] { z-index: 1; }
  .kinds { display: flex; flex-wrap: wrap; gap: 4px; }
  .kinds button { height: 24px; padding: 0 8px; font-size: var(--text-small); border-color: transparent;
    background: transparent; color: var(--text-soft); }
  .kinds button:hover { color: var(--text); }
  .kinds button[aria-pressed="true"] { background: var(--accent-soft); color: var(--accent); }
  .note { flex: none; padding: 6px var(--space-4); background: var(--warn-soft); color: var(--text);
    font-size: var(--text-small); border-bottom: 1px solid var(--line); }
  .only { flex: none; display: flex; flex-wrap: wrap; align-items: center; gap: 4px 6px;
    padding: 6px var(--space-4); font-size: var(--text-small); border-bottom: 1px solid var(--line); }
  .only button:not(.condition) { height: 24px; font-size: var(--text-small); }
  virtual-list { flex: 1; min-height: 0; }
  .hint { margin: auto; padding: var(--space-5); max-width: 420px; text-align: center; color: var(--text-soft); }
  .groups-pane { flex: 1; min-height: 0; overflow: auto; padding: var(--space-4); display: grid;
    gap: var(--space-5); align-content: start; }
  .groups-pane h3 { font-size: var(--text-large); margin-bottom: var(--space-2); }
  .groups-pane h4 { margin: var(--space-3) 0 2px; font-size: var(--text-normal); font-weight: 600;
    overflow-wrap: anywhere; unicode-bidi: isolate; }
  .one { flex: 1; min-height: 0; overflow: auto; position: relative; }
  .steps { display: flex; align-items: center; gap: 4px; flex: none; padding: 6px var(--space-3) 6px var(--space-4);
    border-bottom: 1px solid var(--line); }
  .steps .quiet:first-child { margin-inline-start: -10px; }
  .steps span { flex: 1; min-width: 0; }
  header .narrow { display: none; }
  @media (max-width: 719px) {
    header .narrow { display: inline-flex; margin-left: -8px; }
    header .wide { display: none; }
  }
  :host(.narrow-pane) header { padding-inline: var(--space-3) var(--space-2); gap: 4px; }
  :host(.narrow-pane) h2 { display: grid; grid-template-columns: auto 1fr; font-size: var(--text-normal); }
  :host(.narrow-pane) h2 .soft { display: none; }
  :host(.narrow-pane) .figures { padding: 4px var(--space-3) var(--space-2); }
  :host(.narrow-pane) .figures th, :host(.narrow-pane) .figures td { padding-block: 1px; }
  :host(.narrow-pane) table { table-layout: fixed; font-size: 12px; }
  :host(.narrow-pane) th, :host(.narrow-pane) td { padding-inline: 3px; }
  :host(.narrow-pane) tbody th { font-size: 12px; }
  :host(.narrow-pane) td:first-child { width: 27%; }
  :host(.narrow-pane) thead th:last-child { width: 26%; }
  :host(.narrow-pane) th:first-child { padding-inline-start: 0; }
  :host(.narrow-pane) td:last-child, :host(.narrow-pane) th:last-child { padding-inline-end: 0; }
  :host(.narrow-pane) .tools { padding: 6px var(--space-3); }
  :host(.narrow-pane) .kinds { flex-wrap: nowrap; overflow-x: auto; margin-inline: calc(-1 * var(--space-3));
    padding-inline: var(--space-3); width: calc(100% + 2 * var(--space-3)); }
  :host(.narrow-pane) .groups-pane { padding: var(--space-3); }
`;
