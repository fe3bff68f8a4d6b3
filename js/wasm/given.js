// skill-log/slim has no module of its own: the caller passes one to `init`.

/** @type {WebAssembly.Module | null} */
export const inlined = null;
