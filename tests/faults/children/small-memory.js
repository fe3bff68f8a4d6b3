// Leaves the core 32 MiB, so that it runs out of memory soon. To be loaded before it.

import { setFlagsFromString } from "node:v8";

setFlagsFromString("--wasm-max-mem-pages=512");
