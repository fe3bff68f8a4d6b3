// Limits WebAssembly memory to 32 MiB, so that the core runs out of memory soon. Load it first.

import { setFlagsFromString } from "node:v8";

setFlagsFromString("--wasm-max-mem-pages=512");
