/** A global in Node and Bun. */
const { Buffer } = /** @type {any} */ (globalThis);

/**
 * Decodes base64. A Buffer takes a tenth of the time of the loop; Uint8Array.from with a function
 * takes five times as long as the loop.
 *
 * @param {string} base64
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function bytesOfBase64(base64) {
  if (Buffer) return Buffer.from(base64, "base64");
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
