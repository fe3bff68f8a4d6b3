// The core's module, imported from its file, for platforms where code must not compile bytes.

// @ts-expect-error The platform resolves this import beside the built file.
import module from "./skill_log_bg.wasm";

/** @type {WebAssembly.Module | null} */
export const inlined = module;
