// Watches how the browser's exclusive handles are used.

/**
 * @typedef {object} Faults replacements of the browser's own methods, which are passed as `own`
 * @property {(name: string) => unknown} [open] is awaited before a file is opened
 * @property {(name: string, own: () => number, bytes: Uint8Array) => number} [write]
 * @property {(name: string, own: () => void) => void} [flush]
 */

/**
 * Watches the handles that are opened until the test ends.
 *
 * @param {import("node:test").TestContext} t
 * @param {Faults} [faults]
 */
export function watchHandles(t, faults = {}) {
  const { prototype } = FileSystemFileHandle;
  const { createSyncAccessHandle } = prototype;
  t.after(() => (prototype.createSyncAccessHandle = createSyncAccessHandle));
  const watched = {
    /** Each call with its file's name; writes in a row count as one. @type {string[]} */
    done: [],
    /** Files that were still open when another task ran. @type {string[]} */
    kept: [],
    /**
     * The most bytes of a file that were written while it was open.
     *
     * @type {Record<string, number>}
     */
    mostBytes: {},
    /** The most writes to a file while it was open. @type {Record<string, number>} */
    mostWrites: {},
  };
  prototype.createSyncAccessHandle = async function (...args) {
    const { name } = this;
    await faults.open?.(name);
    const handle = await createSyncAccessHandle.apply(this, args);
    const { write, flush, close } = handle;
    let isOpen = true;
    let bytes = 0;
    let writes = 0;
    const note = (/** @type {string} */ what) =>
      watched.done.at(-1) !== what && watched.done.push(what);
    note(`open ${name}`);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      if (isOpen) watched.kept.push(name);
      port1.close();
    };
    port2.postMessage(null);
    handle.write = (...args) => {
      note(`write ${name}`);
      const own = () => write.apply(handle, args);
      const count = faults.write
        ? faults.write(name, own, /** @type {Uint8Array} */ (args[0]))
        : own();
      bytes += count;
      writes += 1;
      watched.mostBytes[name] = Math.max(watched.mostBytes[name] ?? 0, bytes);
      watched.mostWrites[name] = Math.max(watched.mostWrites[name] ?? 0, writes);
      return count;
    };
    handle.flush = () => {
      note(`flush ${name}`);
      const own = () => flush.apply(handle);
      return faults.flush ? faults.flush(name, own) : own();
    };
    handle.close = () => {
      note(`close ${name}`);
      isOpen = false;
      close.apply(handle);
    };
    return handle;
  };
  return watched;
}
