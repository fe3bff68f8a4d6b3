// The wasm of a shared page. The build has the bytes here: a page from a disk can fetch no file.

/** The package's skill_log.wasm under gzip, as base64. */
export const compressedWasm = "";
