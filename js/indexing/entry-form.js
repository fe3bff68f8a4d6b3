/** The forms in which the core writes the entries of rows. src/wasm/row_reader.rs has the same. */
export const ENTRY_FORM = { parsed: 0, raw: 1, strings: 2, lines: 3 };
