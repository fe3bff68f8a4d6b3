// What the page says of what is open: how much is read, what went wrong, whether it is live.

import { html, nothing } from "lit";

import "./pop-up.js";

import { bytesText } from "./figures.js";
import { glyphs } from "./glyphs.js";

/** @import { State } from "./store.js" */

/**
 * Draws how much is read.
 *
 * @param {Pick<State, "progress" | "isListing" | "isOpening">} state
 */
export function progressBar({ progress, isListing, isOpening }) {
  if (progress && progress.total > 0)
    return html`<progress
      aria-label="Reading"
      title="${bytesText(progress.bytes)} of ${bytesText(progress.total)}"
      .value=${progress.bytes / progress.total}
    ></progress>`;
  return isListing || isOpening ? html`<progress aria-label="Reading"></progress>` : nothing;
}

/**
 * Draws what went wrong.
 *
 * @param {NonNullable<State["problem"]>} problem
 * @param {() => void} hide
 */
export function problemBar({ what, where, advice }, hide) {
  return html`<div class="problem" role="alert">
    ${glyphs.warning}
    <div><strong>${what}</strong> ${where ?? ""} ${advice ?? ""}</div>
    <button
      class="quiet icon"
      aria-label="Hide the message"
      @click=${hide}
    >
      ${glyphs.close}
    </button>
  </div>`;
}

/**
 * Draws whether new entries arrive, and if not, what is open.
 *
 * @param {Pick<State, "isLive" | "note">} state
 */
export function liveness({ isLive, note }) {
  if (isLive)
    return html`<span class="badge live" title="New entries appear by themselves">live</span>`;
  if (note)
    return html`<pop-up name="shared: what this page is">
      <span slot="label" class="badge">shared</span>
      <div class="note"><strong>${note.what}</strong><span class="soft">${note.more}</span></div>
    </pop-up>`;
  return html`<pop-up name="a copy: how to see new entries">
    <span slot="label" class="badge">a copy</span>
    <div class="note">
      <strong>This is what the files held when you opened them.</strong>
      <span class="soft">
        To see entries as they are written, open the folder, or run this command and give it the
        folder’s path:
      </span>
      <code>npx skill-log view FOLDER</code>
    </div>
  </pop-up>`;
}
