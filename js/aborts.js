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
  let stop = () => {};
  /** @type {Promise<never>} */
  const abort = new Promise((_, fail) => (stop = () => fail(signal.reason)));
  signal.addEventListener("abort", stop);
  try {
    return await Promise.race([promise, abort]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
