// What Node has without an import: esbuild puts it where a name of these is used.

export { Buffer } from "buffer";

/** What npm's assert looks for. */
export const process = { env: {} };
