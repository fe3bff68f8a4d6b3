// Time in which a page can do something: not while it is frozen, or kept to be come back to.

let away = 0;

/** @type {number | null} */
let leftAt = null;

for (const type of ["freeze", "pagehide"]) {
  globalThis.addEventListener?.(type, () => (leftAt ??= performance.now()), { capture: true });
}

for (const type of ["resume", "pageshow"]) {
  globalThis.addEventListener?.(type, () => {
    if (leftAt !== null) away += performance.now() - leftAt;
    leftAt = null;
  }, { capture: true });
}

/** Tells the time by a clock that stands still while the page is away, in milliseconds. */
export function awakeNow() {
  return (leftAt ?? performance.now()) - away;
}
