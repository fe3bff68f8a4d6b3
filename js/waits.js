// Waits that an abort ends. However many calls wait for a signal, the package adds one listener to
// it, because Node warns when a signal gets its eleventh listener.

/**
 * The callbacks of each signal that calls wait for.
 *
 * @type {WeakMap<AbortSignal, { callbacks: Set<() => void>, listener: () => void }>}
 */
const waiting = new WeakMap();

/**
 * Calls a function when a signal is aborted.
 *
 * @param {AbortSignal | undefined} signal must not be aborted yet; undefined is never aborted
 * @param {() => void} callback must not throw
 * @returns {() => void} removes the callback; call it when the wait is over, once or more often
 */
export function onAbort(signal, callback) {
  if (!signal) return () => {};
  const { callbacks, listener } = waiting.get(signal) ?? listenedTo(signal);
  // A new function, because the same callback may be added twice.
  const call = () => callback();
  callbacks.add(call);
  return () => {
    // The last callback removes the listener too.
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
 * Waits for a promise until a signal is aborted.
 *
 * @template T
 * @param {Promise<T>} promise its rejection counts as handled after an abort
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<T>} rejects with the signal's reason when the signal is aborted first
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
