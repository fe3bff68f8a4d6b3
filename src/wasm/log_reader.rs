use wasm_bindgen::prelude::*;

use super::{Facts, KEPT_BYTES, damage_of, out_of_memory};
use crate::reader::{Damage, Place, ReadOptions, Reader, Refused, Sink};
use crate::scan::RawEntry;
use crate::tape::{InputAs, Tape};

/// Reads a log, chunk by chunk.
#[wasm_bindgen]
pub struct LogReader {
    reader: Reader,
    batch: Batch,
}

/// What the chunk read last gave.
struct Batch {
    input_as: Option<InputAs>,
    tape: Tape,
    places: Vec<f64>,
    damage: Vec<Damage>,
}

impl Sink for Batch {
    fn entry(&mut self, entry: &RawEntry<'_>, place: Place) {
        if let Some(input_as) = self.input_as {
            self.tape.entry(entry, input_as);
        }
        // Offsets are below 2^53, the largest file JavaScript can address.
        self.places.extend([
            place.offset as f64,
            place.length as f64,
            place.end as f64,
            f64::from(u8::from(place.recovered)),
        ]);
    }

    fn damage(&mut self, damage: Damage) {
        self.damage.push(damage);
    }
}

#[wasm_bindgen]
impl LogReader {
    /// Makes a reader that starts at an offset. It gives entries where `with_entries`, their `input` as
    /// it is written where `raw`; their places in any case.
    #[wasm_bindgen(constructor)]
    pub fn new(
        offset: f64,
        max_line_bytes: f64,
        strict: bool,
        with_entries: bool,
        raw: bool,
    ) -> Self {
        let input_as = if raw { InputAs::Raw } else { InputAs::Parsed };
        Self {
            reader: Reader::new(ReadOptions {
                offset: offset as u64,
                lines: 0,
                max_line_bytes: max_line_bytes as u64,
                strict,
            }),
            batch: Batch {
                input_as: with_entries.then_some(input_as),
                tape: Tape::default(),
                places: Vec::new(),
                damage: Vec::new(),
            },
        }
    }

    /// Makes room for a chunk of `length` bytes and tells where.
    pub fn space(&mut self, length: usize) -> Result<usize, JsValue> {
        match self.reader.space(length) {
            Ok(space) => Ok(space.as_ptr().addr()),
            Err(_) => Err(out_of_memory(length)),
        }
    }

    /// Reads the lines that the chunk completes; the bytes behind the last line end too where the
    /// chunk `is_last`.
    pub fn read(&mut self, is_last: bool) -> Result<(), JsValue> {
        let batch = &mut self.batch;
        batch.tape.clear(4 * KEPT_BYTES);
        batch.places.clear();
        batch.damage.clear();
        let mut result = self.reader.read(batch);
        if is_last && result.is_ok() {
            result = self.reader.finish(batch);
        }
        result.map_err(refused)
    }

    /// Tells where the words of the entries' tape are.
    pub fn words_at(&self) -> usize {
        self.batch.tape.words.as_ptr().addr()
    }

    /// Tells where the tape's text is.
    pub fn text_at(&self) -> usize {
        self.batch.tape.text.as_ptr().addr()
    }

    /// Tells where the bytes of the tape's raw inputs are.
    pub fn raw_at(&self) -> usize {
        self.batch.tape.raw.as_ptr().addr()
    }

    /// Gives four numbers for each entry: offset, length, end, and 1 where it was recovered.
    pub fn places(&self) -> Vec<f64> {
        self.batch.places.clone()
    }

    /// Counts the damaged lines.
    pub fn damage_count(&self) -> usize {
        self.batch.damage.len()
    }

    /// Gives the damaged lines from one up to another as objects.
    pub fn damage(&self, from: usize, to: usize) -> Result<JsValue, JsValue> {
        damage_of(&self.batch.damage, from, to)
    }

    /// Counts the line ends read so far.
    pub fn lines(&self) -> f64 {
        self.reader.lines() as f64
    }

    /// Gives offset and length of the bytes so far that no line end follows.
    pub fn rest(&self) -> Vec<f64> {
        let (offset, length) = self.reader.rest();
        vec![offset as f64, length as f64]
    }
}

fn refused(refused: Refused) -> JsValue {
    let (code, reason, within) = match refused.error {
        Some(error) => ("INVALID_LINE", error.to_string(), error.offset as u64),
        None => (
            "LINE_TOO_LONG",
            "the line is longer than the original reads".to_string(),
            0,
        ),
    };
    Facts {
        line: Some(refused.line),
        offset: Some(refused.offset + within),
        ..Facts::new(code, reason)
    }
    .into()
}
