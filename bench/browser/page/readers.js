// Parses each entry of a file as pages do that use no package for logs.

/** What everybody writes first. Holds the text, all lines and all entries. @param {Blob} file */
export async function heldEntries(file) {
  const lines = (await file.text()).split("\n");
  lines.pop(); // the empty text after the last line end
  return lines.map((line) => JSON.parse(line));
}

/**
 * Calls `take` with each entry of a file that ends in a line end, and holds none.
 *
 * @param {Blob} file
 * @param {(entry: any) => void} take
 */
export async function streamEntries(file, take) {
  const reader = file.stream().pipeThrough(new TextDecoderStream()).getReader();
  // Held here, because Chromium may collect a stream while a read of it is pending.
  globalThis.streamBeingRead = reader;
  for (let rest = ""; ; ) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = /** @type {string} */ (lines.pop());
    for (const line of lines) take(JSON.parse(line));
  }
}
