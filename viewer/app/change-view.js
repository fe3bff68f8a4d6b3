// How any element of the page changes what is shown.

/** @import { State } from "./store.js" */

/** The event that carries a part of the state to the shell, through shadow roots. */
export const CHANGE_VIEW = "change-view";

/**
 * Asks the shell to change the state.
 *
 * @param {EventTarget} element in the page
 * @param {Partial<State>} changes
 */
export function changeView(element, changes) {
  element.dispatchEvent(
    new CustomEvent(CHANGE_VIEW, { detail: changes, bubbles: true, composed: true }),
  );
}
