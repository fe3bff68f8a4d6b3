// Time in which a page can do something: not while it is frozen, or kept to be come back to.

let away = 0;

/** @type {number | null} */
let leftAt = null;

// Workers are not told, and workerd refuses to be asked.
if (typeof document !== "undefined") {
  for (const type of ["freeze", "pagehide"])
    addEventListener(type, () => (leftAt ??= performance.now()), { capture: true });
  for (const type of ["resume", "pageshow"]) addEventListener(type, comeBack, { capture: true });
}

function comeBack() {
  if (leftAt !== null) away += performance.now() - leftAt;
  leftAt = null;
}

/** Tells the time by a clock that stands still while the page is away, in milliseconds. */
export function awakeNow() {
  return (leftAt ?? performance.now()) - away;
}
