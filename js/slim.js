// The package without its wasm, which the caller passes to `init`.

import { invalidArgument, SkillLogError } from "./errors.js";
import { Secrets, withoutSecrets } from "./storage/message-secrets.js";
import { start } from "./wasm/core.js";
import { startError } from "./wasm/start-error.js";

export * from "./index.js";

/**
 * The package's skill_log.wasm: a `WebAssembly.Module`, bytes, a response, or a URL to fetch. The
 * type says `object`, because Node's types lack `WebAssembly.Module`.
 *
 * @typedef {object | ArrayBuffer | ArrayBufferView | Response | URL | string} WasmSource
 */

/**
 * Starts the package. Call it, and wait for it, before anything else. A second call does nothing.
 *
 * @example
 * await init(fetch(wasmUrl));
 *
 * @param {WasmSource | Promise<WasmSource>} wasm the package's skill_log.wasm
 * @returns {Promise<void>}
 * @throws {SkillLogError} `INVALID_ARGUMENT` where `wasm` is something else; `IO_ERROR` where it
 *   cannot be fetched; `NOT_STARTED` where memory does not suffice to start it
 */
export async function init(wasm) {
  start(await compiled(await wasm));
}

/**
 * @param {WasmSource} wasm
 * @returns {Promise<WebAssembly.Module>}
 */
async function compiled(wasm) {
  if (wasm instanceof WebAssembly.Module) return wasm;
  const isUrl = typeof wasm === "string" || wasm instanceof URL;
  const bytes = await bytesOf(
    isUrl ? await fetched(wasm) : /** @type {BufferSource | Response} */ (wasm),
  );
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    const expected =
      "the package's skill_log.wasm, and 'wasm-unsafe-eval' where a Content-Security-Policy is";
    const reason = cause instanceof Error ? cause.message : cause;
    throw startError(cause, "INVALID_ARGUMENT", `wasm: expected ${expected}; ${reason}`);
  }
}

/**
 * @param {BufferSource | Response} wasm
 * @returns {Promise<BufferSource>}
 */
async function bytesOf(wasm) {
  if (wasm instanceof ArrayBuffer || ArrayBuffer.isView(wasm)) return wasm;
  if (typeof wasm?.arrayBuffer !== "function")
    throw invalidArgument("wasm", wasm, "a WebAssembly.Module, bytes, a Response, or a URL");
  if (!wasm.ok) {
    const path = withoutSecrets(wasm.url);
    throw new SkillLogError(
      "IO_ERROR",
      `wasm: the server answered ${path} with status ${wasm.status}`,
      {
        path,
      },
    );
  }
  return wasm.arrayBuffer();
}

/** @param {URL | string} url */
async function fetched(url) {
  try {
    return await fetch(url);
  } catch (cause) {
    const path = withoutSecrets(String(url));
    throw new SkillLogError("IO_ERROR", `wasm: cannot fetch ${path}`, {
      path,
      cause: new Secrets(null).copyOf(cause),
    });
  }
}
