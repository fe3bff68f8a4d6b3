// The keys of the whole page, and of its list of sessions.

import { preferences } from "./preferences.js";

/** @import { SessionList } from "../sessions/session-list.js" */
/** @import { KeyGroup } from "./keys.js" */

/**
 * Returns the part of the page's table of keys that acts anywhere.
 *
 * @param {object} page what the keys do
 * @param {() => SessionList | null} page.sessions null while none are listed
 * @param {() => void} page.showHelp
 * @param {() => void} page.showAll shows the entries of all sessions
 * @param {() => void} page.mark marks the session that is shown, to compare it
 * @param {() => void} page.share
 * @param {() => void} page.leave
 * @returns {KeyGroup[]}
 */
export function pageKeys(page) {
  return [
    {
      title: "Anywhere",
      keys: [
        { keys: "[Shift]+?", shown: "?", does: "Show these keys", act: () => page.showHelp() },
        { keys: "s", does: "Filter the sessions", act: () => page.sessions()?.focusFilter() },
        { keys: "]", does: "Open the next session", act: () => page.sessions()?.move(1) },
        { keys: "[", does: "Open the session before", act: () => page.sessions()?.move(-1) },
        {
          keys: "a",
          does: "Show the entries of all sessions",
          act: () => page.showAll(),
        },
        {
          keys: "v",
          does: "Compare the session: mark it, then another one",
          act: () => page.mark(),
        },
        {
          keys: "t",
          does: "Show or hide the timeline",
          act: () => preferences.set({ showsTime: !preferences.state.showsTime }),
        },
        { keys: "Shift+S", does: "Share what is shown", act: () => page.share() },
        {
          keys: "Escape",
          shown: "Esc",
          does: "Close the entry, or go back",
          act: () => page.leave(),
        },
      ],
    },
    {
      title: "In the list of sessions",
      keys: [
        { keys: "ArrowDown", shown: "↓ j", does: "Next session" },
        { keys: "ArrowUp", shown: "↑ k", does: "Session before" },
        { keys: "Enter", does: "Open the session" },
        { keys: "f", does: "Make the session a favourite, or no longer" },
        { keys: "v", does: "Compare the session with the marked one, or mark it" },
      ],
    },
  ];
}
