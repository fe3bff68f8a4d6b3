// Keeps the page's URL as what is shown, and what is shown as the URL when a person goes back.

import { NOTHING_LINKED, linkedBy, linkTo } from "./links.js";

/** @import { Linked } from "./links.js" */
/** @import { State, Store } from "./store.js" */

/** What a step back leads to. */
const PLACES = /** @type {const} */ (["session", "entry", "compared", "pair"]);

const NAMES = /** @type {(keyof Linked)[]} */ (Object.keys(NOTHING_LINKED));

export class History {
  /** Whether the state comes from the URL now. */
  #isReading = false;
  /** How many steps of this page a person can go back. */
  #depth = 0;

  /** @param {Store<State>} store */
  constructor(store) {
    this.#depth = history.state?.depth ?? 0;
    store.watch((state, changed) => {
      if (this.#isReading || !state.sessions || !NAMES.some((name) => changed.has(name))) return;
      // A step back leads to another place, and not through each letter of a search.
      const isPlace = PLACES.some((name) => changed.has(name));
      this.#write(state, isPlace && this.#isStep(state));
    });
    addEventListener("popstate", () => {
      this.#depth = history.state?.depth ?? 0;
      this.#isReading = true;
      store.set(linkedBy(location.hash));
      this.#isReading = false;
      this.#place = placeOf(store.state);
    });
    this.#place = placeOf(store.state);
  }

  #place;
  /** Whether the next change is no step of the person's own. */
  isQuiet = false;

  /** @param {State} state */
  #isStep(state) {
    const before = this.#place;
    const now = placeOf(state);
    this.#place = now;
    // From one entry to the next is no step: `j` held down would fill the history.
    return before !== now;
  }

  /**
   * @param {State} state
   * @param {boolean} isStep
   */
  #write(state, isStep) {
    const url = linkTo(state) || `${location.pathname}${location.search}`;
    if (isStep && !this.isQuiet) {
      this.#depth += 1;
      history.pushState({ depth: this.#depth }, "", url);
    } else history.replaceState({ depth: this.#depth }, "", url);
  }

  /**
   * Goes back a step of this page.
   *
   * @returns {boolean} false where there is none
   */
  back() {
    if (this.#depth === 0) return false;
    history.back();
    return true;
  }
}

/**
 * Returns which place of the page a state shows.
 *
 * @param {State} state
 */
export function placeOf({ session, entry, compared, pair }) {
  if (entry || pair) return entry ? "entry" : "pair";
  return session === null ? "sessions" : `session ${session} ${compared ?? ""}`;
}
