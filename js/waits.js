// Aborts of what goes on: each signal has one listener of the package's, whatever number of calls wait for it. (Node warns of the
// eleventh listener that a signal has.)

/**
 * What is to be called when a signal is aborted: its calls that go on, and no others.
 *
 * @type {WeakMap<AbortSignal, { callbacks: Set<() => void>, listener: () => void }>}
 */
const waiting = new WeakMap();

/**
 * Has a function called when a signal is aborted.
 *
 * @param {AbortSignal | undefined} signal one that was not aborted yet; undefined never is
 * @param {() => void} callback must not throw
 * @returns {() => void} releases it: to be called when nobody waits any more, however often
 */
export function onAbort(signal, callback) {
  if (!signal) return () => {};
  const { callbacks, listener } = waiting.get(signal) ?? listenedTo(signal);
  // A function of its own: the same callback may be given twice.
  const call = () => callback();
  callbacks.add(call);
  return () => {
    // The last one takes the listener along.
    if (!callbacks.delete(call) || callbacks.size > 0) return;
    waiting.delete(signal);
    signal.removeEventListener("abort", listener);
  };
}

/** @param {AbortSignal} signal */
function listenedTo(signal) {
  /** @type {Set<() => void>} */
  const callbacks = new Set();
  const listener = () => {
    waiting.delete(signal);
    signal.removeEventListener("abort", listener);
    const called = [...callbacks];
    callbacks.clear();
    for (const call of called) call();
  };
  signal.addEventListener("abort", listener);
  const entry = { callbacks, listener };
  waiting.set(signal, entry);
  return entry;
}

/**
 * Waits for a promise, but no longer than until a signal is aborted.
 *
 * @template T
 * @param {Promise<T>} promise is not left unhandled where nobody waits for it any more
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<T>} rejects with the signal's reason
 */
export async function unlessAborted(promise, signal) {
  if (!signal) return promise;
  promise.catch(() => {});
  signal.throwIfAborted();
  let release = () => {};
  /** @type {Promise<never>} */
  const abort = new Promise((_, fail) => (release = onAbort(signal, () => fail(signal.reason))));
  try {
    return await Promise.race([promise, abort]);
  } finally {
    release();
  }
}
