// The table of keys.

import assert from "node:assert/strict";
import { test } from "node:test";

import { bindKeys } from "../../../viewer/app/keys.js";

/** @import { Key } from "../../../viewer/app/keys.js" */

test("acts on the first of the same keys that acts now", () => {
  let isComparing = true;
  /** @type {string[]} */
  const done = [];
  /** @type {(name: string, more?: Partial<Key>) => Key} */
  const key = (name, more) => ({ keys: "j", does: name, act: () => done.push(name), ...more });
  /** @type {((event: object) => void) | undefined} */
  let press;
  const target = {
    addEventListener: (/** @type {string} */ _, /** @type {any} */ listener) => (press = listener),
    removeEventListener() {},
  };
  // What a browser has, and Node has not.
  Object.assign(globalThis, { HTMLElement: class {}, HTMLDialogElement: class {} });
  bindKeys(
    [
      { title: "a", keys: [{ keys: "j", does: "shown only" }] },
      { title: "b", keys: [key("pairs", { when: () => isComparing })] },
      { title: "c", keys: [key("entries"), key("never")] },
    ],
    /** @type {any} */ (target),
  );
  const event = () => ({
    key: "j",
    code: "KeyJ",
    defaultPrevented: false,
    getModifierState: () => false,
    composedPath: () => [],
    preventDefault: () => done.push("prevented"),
  });
  press?.(event());
  isComparing = false;
  press?.(event());
  assert.deepEqual(done, ["prevented", "pairs", "prevented", "entries"]);
});
