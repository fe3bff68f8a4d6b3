// The core's module as an import of its file: where code may not compile bytes.

// @ts-expect-error Resolved beside the built file, by who loads it.
import module from "./skill_log_bg.wasm";

/** @type {WebAssembly.Module | null} */
export const inlined = module;
