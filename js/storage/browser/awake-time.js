// A clock that stops while the page cannot run: while it is frozen or in the back/forward cache.

let away = 0;

/** @type {number | null} */
let leftAt = null;

// Workers get no such events, and workerd refuses to add listeners.
if (typeof document !== "undefined") {
  for (const type of ["freeze", "pagehide"])
    addEventListener(type, () => (leftAt ??= performance.now()), { capture: true });
  for (const type of ["resume", "pageshow"]) addEventListener(type, comeBack, { capture: true });
}

function comeBack() {
  if (leftAt !== null) away += performance.now() - leftAt;
  leftAt = null;
}

/** Returns the time of that clock, in milliseconds. */
export function awakeNow() {
  return (leftAt ?? performance.now()) - away;
}
