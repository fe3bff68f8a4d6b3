// The programs that run the package on a machine, as npm brings them. They are called by their path: the launchers that npm would
// link need install scripts.

import { fileURLToPath } from "node:url";

/** Why they cannot be run here, or `false` where they can: for `skip`. */
export const unrunnable = process.platform !== "linux" && "npm brings them for Linux";

const arm = process.arch === "arm64";

export const nodes = [20, 22, 24, 26];

/** @param {number} version */
export const node = (version) => path(`node-${version}-${process.arch}/bin/node`);
export const bun = path(`@oven/bun-linux-${arm ? "aarch64" : "x64"}/bin/bun`);
export const deno = path(`@deno/linux-${process.arch}-glibc/deno`);
export const workerd = path(`@cloudflare/workerd-linux-${arm ? "arm64" : "64"}/bin/workerd`);

/** @param {string} program */
function path(program) {
  return fileURLToPath(new URL(`runtimes/node_modules/${program}`, import.meta.url));
}
