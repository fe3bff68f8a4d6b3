// No module: the caller gives it.

/** @type {WebAssembly.Module | null} */
export const inlined = null;
