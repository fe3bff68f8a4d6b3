// Every entry of a file, parsed: the ways a page has that uses no package for logs.

/** The one that everybody writes first: it holds the text, all lines, and what becomes of them. @param {Blob} file */
export async function heldEntries(file) {
  const lines = (await file.text()).split("\n");
  lines.pop(); // behind the last line end
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
  // Chromium may collect a stream that nobody holds but who waits for it.
  globalThis.streamBeingRead = reader;
  for (let rest = ""; ; ) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = /** @type {string} */ (lines.pop());
    for (const line of lines) take(JSON.parse(line));
  }
}
