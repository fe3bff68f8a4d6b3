// A worker of the bench's own, for peers that use one: what a program would write that has no package.

import { indexRow } from "../../index-row.js";
import { heldEntries } from "./readers.js";

const encoder = new TextEncoder();

/** @type {FileSystemSyncAccessHandle} */
let open;
let size = 0;

/** Calls that are answered with what they give. @type {Record<string, (argument: any) => any>} */
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
  // One that is done at once is answered at once.
  const result = calls[name](argument);
  postMessage(result instanceof Promise ? await result : result);
};
