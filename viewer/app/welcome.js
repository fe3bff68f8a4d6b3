// What the page shows while nothing is open.

import { html } from "lit";

import "../sources/open-logs.js";

/** The picture of the page's icon. */
export const MARK = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
  <rect width="32" height="32" rx="7" fill="#3a5bd0" />
  <g fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round">
    <path d="M8 10h9M8 16h16M8 22h6" />
  </g>
  <circle cx="22.5" cy="10" r="2.5" fill="#7fe0a8" />
  <path d="m18.5 22 2.5 2.5 4.5-5" fill="none" stroke="#7fe0a8" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round" />
</svg>`;

/** @param {boolean} isOpening whether a source is being opened */
export function welcome(isOpening) {
  return html`<main class="welcome">
    <div>
      ${MARK}
      <div class="lead">
        <h2>${isOpening ? "Opening…" : "Drop session logs here"}</h2>
        <p class="soft">
          Files or folders with <span class="mono">.jsonl</span> logs. They are read in this page,
          and nothing leaves your machine.
        </p>
      </div>
      <open-logs></open-logs>
      <div class="live-way">
        <p class="soft">Or watch a folder live:</p>
        <code>npx skill-log view FOLDER</code>
      </div>
    </div>
  </main>`;
}
