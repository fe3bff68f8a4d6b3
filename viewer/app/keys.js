// The keys of the page: one table, which both acts and is shown by `?`.

import { tinykeys } from "tinykeys";

/**
 * @typedef {object} Key
 * @property {string} keys as tinykeys has them, such as `Shift+J` or `g g`
 * @property {string} [shown] how people read them. Default: `keys`
 * @property {string} does what it does, for people: starts with a verb
 * @property {() => void} [act] absent where an element does it itself
 * @property {() => boolean} [when] whether it acts now: else a later key of the table may
 *
 * @typedef {{ title: string, keys: Key[] }} KeyGroup
 */

/**
 * Acts on the keys of a table, but not while a person types a text, and not with Ctrl, Alt or Meta.
 *
 * @param {readonly KeyGroup[]} table
 * @param {{ addEventListener: Window["addEventListener"], removeEventListener: Window["removeEventListener"] }} target
 * @returns {() => void} ends that
 */
export function bindKeys(table, target) {
  /** @type {Record<string, (event: KeyboardEvent) => void>} */
  const actions = {};
  for (const { keys, act, when } of table.flatMap((group) => group.keys).reverse()) {
    if (!act) continue;
    const otherwise = actions[keys];
    actions[keys] = (event) => {
      if (event.defaultPrevented || isTyping(event)) return;
      if (when?.() === false) return otherwise?.(event);
      event.preventDefault();
      act();
    };
  }
  return tinykeys(/** @type {Window} */ (target), actions);
}

/**
 * Returns whether a key goes into a text, or belongs to the control that has the focus.
 *
 * @param {KeyboardEvent} event
 */
function isTyping(event) {
  // Shadow roots hide the element from `target`.
  const path = event.composedPath();
  if (path.some((node) => node instanceof HTMLDialogElement)) return true;
  const [element] = path;
  if (!(element instanceof HTMLElement)) return false;
  if (element.isContentEditable || element.localName === "textarea") return event.key !== "Escape";
  if (element.localName === "select") return true;
  const { type } = /** @type {HTMLInputElement} */ (element);
  if (element.localName !== "input" || ["checkbox", "radio", "button", "file"].includes(type))
    return false;
  return event.key !== "Escape";
}
