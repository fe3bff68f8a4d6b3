// The runtimes that npm installed in runtimes/. Tests start them by their paths, because the
// launchers that npm links need install scripts.

import { fileURLToPath } from "node:url";

/** For `skip`: why the runtimes cannot run here, or `false`. */
export const unrunnable = process.platform !== "linux" && "the runtimes are programs for Linux";

const arm = process.arch === "arm64";

/** The major versions of Node that have a runtime. */
export const nodes = [20, 22, 24, 26];

/** @param {number} version */
export const node = (version) => path(`node-${version}-${process.arch}/bin/node`);
export const bun = path(`@oven/bun-linux-${arm ? "aarch64" : "x64"}/bin/bun`);
export const deno = path(`@deno/linux-${process.arch}-glibc/deno`);
export const workerd = path(`@cloudflare/workerd-linux-${arm ? "arm64" : "64"}/bin/workerd`);

/** Returns the path of a program. @param {string} program below runtimes/node_modules */
function path(program) {
  return fileURLToPath(new URL(`runtimes/node_modules/${program}`, import.meta.url));
}
