// Globals of Node: esbuild inserts them where a name is used.

export { Buffer } from "buffer";

/** npm's `assert` reads it. */
export const process = { env: {} };
