use wasm_bindgen::prelude::*;

use super::lines::Lines;
use super::log_index::LogIndex;
use super::tape::{InputAs, Tape};
use super::{Facts, KEPT_BYTES, out_of_memory, tape_error};
use crate::index::row_reader::{self, RowError};
use crate::search;

/// A text to search for.
#[wasm_bindgen]
pub struct Needle(search::Needle);

#[wasm_bindgen]
impl Needle {
    /// Makes a needle of a text.
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str, ignore_case: bool) -> Self {
        Self(search::Needle::new(text, ignore_case))
    }
}

/// Reads the entries of rows again, stretch by stretch. `from` and `to` are positions in the list
/// of the rows that were asked for.
#[wasm_bindgen]
pub struct RowReader {
    reader: row_reader::RowReader,
    tape: Tape,
    lines: Lines,
}

#[wasm_bindgen]
impl RowReader {
    /// Makes a reader of these rows, or of all rows.
    #[wasm_bindgen(constructor)]
    pub fn new(rows: Option<Vec<u32>>) -> Self {
        Self {
            reader: row_reader::RowReader::new(rows),
            tape: Tape::default(),
            lines: Lines::default(),
        }
    }

    /// Returns the stretch of the row at `from` and of the rows near it that follow. It is four
    /// numbers: the log, offset, length, and the position after its last row. Empty after the last row.
    pub fn stretch(&self, index: &LogIndex, from: usize) -> Result<Vec<f64>, JsValue> {
        let found = self.reader.stretch(&index.index, from).map_err(row_error)?;
        Ok(found.map_or_else(Vec::new, |found| {
            let (offset, length) = (found.offset as f64, found.length as f64);
            vec![found.log.into(), offset, length, found.to as f64]
        }))
    }

    /// Makes room for the bytes of a stretch, and returns its address.
    pub fn space(&mut self, offset: f64, length: usize) -> Result<usize, JsValue> {
        match self.reader.space(offset as u64, length) {
            Ok(space) => Ok(space.as_ptr().addr()),
            Err(_) => Err(out_of_memory(length)),
        }
    }

    /// Writes the entries of the rows at `from..to` to the tape: 0 with each `input` parsed, 1 with it
    /// raw, 2 as their strings alone. 3 writes them as lines.
    pub fn entries(
        &mut self,
        index: &LogIndex,
        from: usize,
        to: usize,
        form: u32,
    ) -> Result<(), JsValue> {
        self.tape.clear(KEPT_BYTES);
        self.lines.clear();
        for at in from..to {
            let entry = self.reader.entry(&index.index, at).map_err(row_error)?;
            let written = match form {
                0 => self.tape.entry(&entry, InputAs::Parsed),
                1 => self.tape.entry(&entry, InputAs::Raw),
                2 => self.tape.strings(&entry, self.reader.length()),
                _ => {
                    self.lines.push(&entry);
                    Ok(())
                }
            };
            written.map_err(tape_error)?;
        }
        Ok(())
    }

    /// Returns the address of [facts about the lines](Lines::facts_at) that were written.
    pub fn lines_at(&mut self) -> usize {
        self.lines.facts_at()
    }

    /// Returns those of the rows at `from..to` that have a text.
    pub fn search(
        &self,
        index: &LogIndex,
        needle: &Needle,
        from: usize,
        to: usize,
    ) -> Result<Vec<u32>, JsValue> {
        let hits = self.reader.search(&index.index, &needle.0, from, to);
        hits.map_err(row_error)
    }

    /// Returns where the lines of the stretch start and end whose entries have a text. Nothing where
    /// [only the rows](row_reader::RowReader::lines_with) tell.
    pub fn lines_with(&self, needle: &Needle) -> Option<Vec<u32>> {
        self.reader.lines_with(&needle.0)
    }

    /// Returns the address of the words of the tape.
    pub fn words_at(&self) -> usize {
        self.tape.words.as_ptr().addr()
    }

    /// Returns the address of the text of the tape.
    pub fn text_at(&self) -> usize {
        self.tape.text.as_ptr().addr()
    }

    /// Returns the address of the raw inputs of the tape.
    pub fn raw_at(&self) -> usize {
        self.tape.raw.as_ptr().addr()
    }
}

fn row_error(error: RowError) -> JsValue {
    let (code, reason) = if error.is_out_of_memory {
        ("OUT_OF_MEMORY", "not enough memory for an entry")
    } else {
        ("REPLACED", "the entry is not there any more")
    };
    Facts {
        offset: error.offset,
        ..Facts::new(code, reason)
    }
    .into()
}
