// The keys of the table of entries.

/** @import { KeyGroup } from "../app/keys.js" */
/** @import { EntryView } from "../entry/entry-view.js" */
/** @import { EntryList } from "./entry-list.js" */

/**
 * Returns the part of the page's table of keys that acts on the entries.
 *
 * @param {() => EntryList | null} list null while no entries are shown
 * @param {() => EntryView | null} entry null while none is shown in full
 * @returns {KeyGroup[]}
 */
export function entryKeys(list, entry) {
  return [
    {
      title: "In the entries",
      keys: [
        { keys: "j", shown: "↓ j", does: "Next entry", act: () => list()?.move(1) },
        { keys: "k", shown: "↑ k", does: "Entry before", act: () => list()?.move(-1) },
        { keys: "Enter", does: "Show the entry in full" },
        { keys: "Home", does: "First entry" },
        { keys: "End", does: "Last entry" },
        { keys: "e", does: "Next entry that failed", act: () => list()?.moveToFailed(1) },
        {
          keys: "Shift+E",
          does: "Failed entry before",
          act: () => list()?.moveToFailed(-1),
        },
        { keys: ".", does: "First entry of the next session", act: () => list()?.moveToSession(1) },
        { keys: ",", does: "Session before", act: () => list()?.moveToSession(-1) },
        { keys: "l", does: "Next attempt of the entry", act: () => entry()?.moveToAttempt(1) },
        { keys: "h", does: "Attempt before", act: () => entry()?.moveToAttempt(-1) },
        { keys: "d", does: "Next damage", act: () => list()?.moveToDamage() },
        { keys: "u", does: "First entry you have not seen", act: () => list()?.moveToNew() },
        { keys: "/", does: "Search in the entries", act: () => list()?.focusSearch() },
        { keys: "n", does: "Next hit", act: () => list()?.stepHit(1) },
        { keys: "Shift+N", does: "Hit before", act: () => list()?.stepHit(-1) },
        { keys: "c", does: "Show the entry in its context", act: () => list()?.showContext() },
        { keys: "w", does: "Wrap long messages", act: () => list()?.toggleWrap() },
        {
          keys: "Shift+F",
          does: "Follow: stay at the end while entries arrive",
          act: () => list()?.toggleFollow(),
        },
      ],
    },
  ];
}
