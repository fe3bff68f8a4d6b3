use wasm_bindgen::prelude::*;

use super::lines::Lines;
use super::tape::{InputAs, Tape, TapeError};
use super::{Facts, KEPT_BYTES, damage_of, out_of_memory, rest_of};
use crate::damage::Damage;
use crate::reader::{ReadOptions, Reader, Record, Refused, Sink};
use crate::scan::{Attempts, RawEntry};

/// Reads a log that it gets chunk by chunk.
#[wasm_bindgen]
pub struct LogReader {
    reader: Reader,
    batch: Batch,
}

/// The records and the damage of the last chunk.
struct Batch {
    input_as: Option<InputAs>,
    tape: Tape,
    places: Vec<f64>,
    /// Where entries end whose lines are written, instead of tape and places.
    lines_to: Option<u64>,
    lines: Lines,
    damage: Vec<Damage>,
    /// Why an entry was not written to the tape, and its offset. No record follows it.
    failure: Option<(TapeError, u64)>,
}

/// The flags of a record, one bit each. `js/reading/batches.js` has the same list.
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
        if let Some(to) = self.lines_to {
            if record.offset < to {
                // Where there is not enough memory, the core stops.
                self.lines.push(entry);
                self.lines.end = record.end;
            }
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
        // Offsets are below 2^53, because JavaScript addresses no larger file.
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
    /// Makes a reader that starts at an offset, after so many line ends. Writes entries to the tape
    /// where `with_entries`, with raw `input` where `raw`; returns their places in any case.
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
                lines_to: None,
                lines: Lines::default(),
                damage: Vec::new(),
                failure: None,
            },
        }
    }

    /// Returns doubtful entries too, from now on.
    pub fn with_doubtful(&mut self) {
        self.reader.with_doubtful();
    }

    /// Writes the canonical lines of the entries that start before an offset, instead of places and
    /// a tape.
    pub fn with_lines(&mut self, to: f64) {
        self.batch.lines_to = Some(to as u64);
    }

    /// Skips the entries of a damaged line that start before an offset, because another reader
    /// recovered them.
    pub fn skip_recovered(&mut self, offset: f64) {
        self.reader.skip_recovered(offset as u64);
    }

    /// Sets whether nobody is writing to the file, so that NULs are damage.
    pub fn settle(&mut self, settled: bool) {
        self.reader.settle(settled);
    }

    /// Returns whether reading stopped before a line with NULs, which a writer may still replace.
    pub fn is_unsettled(&self) -> bool {
        self.reader.is_unsettled()
    }

    /// Makes room for a chunk of `length` bytes, and returns its address.
    pub fn space(&mut self, length: usize) -> Result<usize, JsValue> {
        match self.reader.space(length) {
            Ok(space) => Ok(space.as_ptr().addr()),
            Err(_) => Err(out_of_memory(length)),
        }
    }

    /// Reads the lines that the chunk completes. Where the chunk `is_last`, reads the bytes after
    /// the last line end too.
    pub fn read(&mut self, is_last: bool) -> Result<(), JsValue> {
        let batch = &mut self.batch;
        batch.tape.clear(4 * KEPT_BYTES);
        batch.places.clear();
        batch.lines.clear();
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

    /// Returns the address of the words of the tape.
    pub fn words_at(&self) -> usize {
        self.batch.tape.words.as_ptr().addr()
    }

    /// Returns the address of the text of the tape.
    pub fn text_at(&self) -> usize {
        self.batch.tape.text.as_ptr().addr()
    }

    /// Returns the address of the raw inputs of the tape.
    pub fn raw_at(&self) -> usize {
        self.batch.tape.raw.as_ptr().addr()
    }

    /// Returns four numbers for each record: offset, length, end and [flags](record_flag).
    pub fn places(&self) -> Vec<f64> {
        self.batch.places.clone()
    }

    /// Returns the address of [facts about the lines](Lines::facts_at) of the chunk.
    pub fn lines_at(&mut self) -> usize {
        self.batch.lines.facts_at()
    }

    /// Returns how many damages the chunk had.
    pub fn damage_count(&self) -> usize {
        self.batch.damage.len()
    }

    /// Returns the damages `from..to` as objects.
    pub fn damage(&self, from: usize, to: usize) -> JsValue {
        damage_of(&self.batch.damage, from, to)
    }

    /// Returns how many line ends were read, with those before the first byte.
    pub fn lines(&self) -> f64 {
        self.reader.lines() as f64
    }

    /// Returns offset and length of the bytes after the last line end; then of the pending bytes
    /// among them.
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
            "the line is longer than 1 MiB".to_string(),
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
