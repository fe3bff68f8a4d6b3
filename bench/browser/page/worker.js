// The bench's own worker, for peers that use a worker.

import { indexRow } from "../../index-row.js";
import { heldEntries } from "./readers.js";

const encoder = new TextEncoder();

/** @type {FileSystemSyncAccessHandle} */
let open;
let size = 0;

/** The calls that the worker answers. @type {Record<string, (argument: any) => any>} */
const calls = {
  /** Keeps the one handle to a file open. @param {FileSystemFileHandle} handle */
  async open(handle) {
    open = await handle.createSyncAccessHandle();
    size = open.getSize();
  },
  /** @param {string} line */
  append(line) {
    size += open.write(encoder.encode(line), { at: size });
  },
  close: () => open.close(),
  /** @param {Blob} file */
  rows: async (file) => (await heldEntries(file)).map(indexRow),
};

onmessage = async ({ data: [name, argument] }) => {
  // A call that returns no promise is answered at once.
  const result = calls[name](argument);
  postMessage(result instanceof Promise ? await result : result);
};
