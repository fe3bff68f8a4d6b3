use wasm_bindgen::prelude::*;

use super::log_index::LogIndex;
use super::tape::{InputAs, Tape};
use super::{Facts, KEPT_BYTES, not_made, out_of_memory};
use crate::index::row_reader::{self, RowGone};
use crate::search;

/// A text to search for.
#[wasm_bindgen]
pub struct Needle(search::Needle);

#[wasm_bindgen]
impl Needle {
    /// Takes the text.
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str, ignore_case: bool) -> Self {
        Self(search::Needle::new(text, ignore_case))
    }
}

/// Reads the bytes of rows again, stretch by stretch. Rows have a place in the list that was given.
#[wasm_bindgen]
pub struct RowReader {
    reader: row_reader::RowReader,
    tape: Tape,
}

#[wasm_bindgen]
impl RowReader {
    /// Makes a reader of the rows given, or of all.
    #[wasm_bindgen(constructor)]
    pub fn new(rows: Option<Vec<u32>>) -> Self {
        Self {
            reader: row_reader::RowReader::new(rows),
            tape: Tape::default(),
        }
    }

    /// Gives the stretch of the file that has the row at a place, and those that follow and stand near
    /// it: offset, length, and the place behind its last row. Nothing behind the last row.
    pub fn stretch(&self, index: &LogIndex, from: usize) -> Result<Vec<f64>, JsValue> {
        let found = self.reader.stretch(&index.index, from).map_err(gone)?;
        Ok(found.map_or_else(Vec::new, |found| {
            vec![found.offset as f64, found.length as f64, found.to as f64]
        }))
    }

    /// Makes room for a stretch and tells where.
    pub fn space(&mut self, offset: f64, length: usize) -> Result<usize, JsValue> {
        match self.reader.space(offset as u64, length) {
            Ok(space) => Ok(space.as_ptr().addr()),
            Err(_) => Err(out_of_memory(length)),
        }
    }

    /// Writes the entries of the rows from one place up to another to the tape.
    pub fn entries(
        &mut self,
        index: &LogIndex,
        from: usize,
        to: usize,
        raw: bool,
    ) -> Result<(), JsValue> {
        self.tape.clear(KEPT_BYTES);
        let input_as = if raw { InputAs::Raw } else { InputAs::Parsed };
        for at in from..to {
            let entry = self.reader.entry(&index.index, at).map_err(gone)?;
            self.tape.entry(&entry, input_as).map_err(not_made)?;
        }
        Ok(())
    }

    /// Gives those of the rows from one place up to another that hold a text.
    pub fn search(
        &self,
        index: &LogIndex,
        needle: &Needle,
        from: usize,
        to: usize,
    ) -> Result<Vec<u32>, JsValue> {
        let hits = self.reader.search(&index.index, &needle.0, from, to);
        hits.map_err(gone)
    }

    /// Tells where the tape's words are.
    pub fn words_at(&self) -> usize {
        self.tape.words.as_ptr().addr()
    }

    /// Tells where the tape's text is.
    pub fn text_at(&self) -> usize {
        self.tape.text.as_ptr().addr()
    }

    /// Tells where the bytes of the tape's raw inputs are.
    pub fn raw_at(&self) -> usize {
        self.tape.raw.as_ptr().addr()
    }
}

fn gone(gone: RowGone) -> JsValue {
    let (code, reason) = if gone.is_out_of_memory {
        ("OUT_OF_MEMORY", "memory does not suffice for the entry")
    } else {
        ("REPLACED", "the entry is not there any more")
    };
    Facts {
        offset: gone.offset,
        ..Facts::new(code, reason)
    }
    .into()
}
