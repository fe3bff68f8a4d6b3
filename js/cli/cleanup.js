// Actions that run whenever the program ends: after its work, after an error, or by a signal.

const signals = /** @type {const} */ (["SIGHUP", "SIGINT", "SIGTERM"]);

/** @type {Set<() => void>} */
const actions = new Set();

let areInterruptsIgnored = false;

/** Leaves Ctrl-C to another program in the same terminal. */
export function ignoreInterrupts() {
  areInterruptsIgnored = true;
}

/** Runs all actions once. */
function runActions() {
  for (const each of actions) each();
  actions.clear();
}

/**
 * Runs an action when the program ends, by itself or by a signal.
 *
 * @param {() => void} action synchronous, because nothing is awaited at that point
 * @returns {() => boolean} cancels the action; returns false when it has run already
 */
export function onExit(action) {
  actions.add(action);
  return () => actions.delete(action);
}

/** Runs the actions before a signal ends the program; the exit status stays that of the signal. */
export function watchSignals() {
  process.on("exit", runActions);
  for (const signal of signals) {
    // Keep the handler until the actions have run: under npx, each Ctrl-C arrives twice.
    const end = () => {
      if (signal === "SIGINT" && areInterruptsIgnored) return;
      runActions();
      process.off(signal, end);
      process.kill(process.pid, signal);
    };
    process.on(signal, end);
  }
}
