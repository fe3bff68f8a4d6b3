// What must be undone however the program ends.

const signals = /** @type {const} */ (["SIGHUP", "SIGINT", "SIGTERM"]);

/** @type {Set<() => void>} */
const actions = new Set();

/** Undoes all. */
function runActions() {
  for (const each of actions) each();
  actions.clear();
}

/**
 * Keeps in mind what is to be undone when the program ends, by itself or by a signal.
 *
 * @param {() => void} undoing nothing is awaited any more then
 * @returns {() => boolean} what takes it back; it gives false where nothing was to be undone any more
 */
export function onExit(undoing) {
  actions.add(undoing);
  return () => actions.delete(undoing);
}

/** Has signals end the program as they would without this, when all is undone. */
export function watchSignals() {
  process.on("exit", runActions);
  for (const signal of signals) {
    // Watched until all is undone: npx hands on what the terminal has sent already, and the second one must not end the program before.
    const end = () => {
      runActions();
      process.off(signal, end);
      process.kill(process.pid, signal);
    };
    process.on(signal, end);
  }
}
