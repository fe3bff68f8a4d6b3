use wasm_bindgen::prelude::*;

use super::tape::{InputAs, NotMade, Tape};
use super::{Facts, KEPT_BYTES, damage_of, out_of_memory, rest_of};
use crate::damage::Damage;
use crate::reader::{ReadOptions, Reader, Record, Refused, Sink};
use crate::scan::{Attempts, RawEntry};

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
    /// An entry that was not made, and where it is. None behind it is given.
    failure: Option<(NotMade, u64)>,
}

/// What the last of an entry's four numbers has, one bit each. `js/reading/batches.js` has the same list.
mod record_flag {
    pub const RECOVERED: u8 = 1 << 0;
    pub const DOUBTFUL: u8 = 1 << 1;
    pub const FOREIGN: u8 = 1 << 2;
}

impl Sink for Batch {
    fn entry(&mut self, entry: &RawEntry<'_>, record: Record) {
        if self.failure.is_some() {
            return;
        }
        if let Some(input_as) = self.input_as
            && let Err(error) = self.tape.entry(entry, input_as)
        {
            self.failure = Some((error, record.offset));
            return;
        }
        let set = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        let flags = set(record.recovered, record_flag::RECOVERED)
            | set(record.doubtful, record_flag::DOUBTFUL)
            | set(entry.is_foreign(), record_flag::FOREIGN);
        // Offsets are below 2^53, the largest file JavaScript can address.
        self.places.extend([
            record.offset as f64,
            record.length as f64,
            record.end as f64,
            flags.into(),
        ]);
    }

    fn damage(&mut self, damage: Damage) {
        self.damage.push(damage);
    }
}

#[wasm_bindgen]
impl LogReader {
    /// Makes a reader that starts at an offset, with so many line ends before it. It gives entries where
    /// `with_entries`, their `input` as it is written where `raw`; their places in any case.
    #[wasm_bindgen(constructor)]
    pub fn new(
        offset: f64,
        lines: f64,
        max_line_bytes: f64,
        strict: bool,
        with_entries: bool,
        raw: bool,
    ) -> Self {
        let input_as = if raw { InputAs::Raw } else { InputAs::Parsed };
        Self {
            reader: Reader::new(ReadOptions {
                offset: offset as u64,
                lines: lines as u64,
                max_line_bytes: max_line_bytes as u64,
                strict,
                attempts: if with_entries {
                    Attempts::Held
                } else {
                    Attempts::Counted
                },
                ..ReadOptions::default()
            }),
            batch: Batch {
                input_as: with_entries.then_some(input_as),
                tape: Tape::default(),
                places: Vec::new(),
                damage: Vec::new(),
                failure: None,
            },
        }
    }

    /// Gives doubtful entries as well, from now on.
    pub fn with_doubtful(&mut self) {
        self.reader.give_doubtful();
    }

    /// Says that another reader gave the entries of a damaged line that begin before an offset.
    pub fn skip_given(&mut self, given: f64) {
        self.reader.skip_recovered(given as u64);
    }

    /// Says whether nobody is writing: see [`is_unsettled`](Self::is_unsettled).
    pub fn settle(&mut self, settled: bool) {
        self.reader.settle(settled);
    }

    /// Tells whether reading stopped before a line with NULs, because somebody may be writing it.
    pub fn is_unsettled(&self) -> bool {
        self.reader.is_unsettled()
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
        self.reader.flush(batch);
        if let Some((error, offset)) = batch.failure.take() {
            let facts = Facts::new("OUT_OF_MEMORY", error);
            return Err(Facts {
                offset: Some(offset),
                ..facts
            }
            .into());
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

    /// Gives four numbers for each entry: offset, length, end, and flags: recovered, doubtful, foreign.
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

    /// Gives offset and length of the bytes so far that no line end follows; then of those of them that
    /// more may make an entry.
    pub fn rest(&self) -> Vec<f64> {
        rest_of(self.reader.rest(), self.reader.pending())
    }
}

fn refused(refused: Refused) -> JsValue {
    let (code, reason, within) = match refused.error {
        Some(error) if error.is_out_of_memory() => ("OUT_OF_MEMORY", error.to_string(), 0),
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
