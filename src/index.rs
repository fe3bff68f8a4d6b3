//! The entries of a log as rows: the place of each entry, and what entries are selected by.
//!
//! An index holds no text of an entry, except each distinct skill, phase, status and model.
//!
//! - This file reads a log into rows. `table` stores them, `dictionary` their texts.
//! - [`select`] finds rows, [`totals`] counts and measures them.
//! - [`row_reader`] reads the entries of rows again, and searches them.
//! - [`row_batch`] sends rows to another index.

pub mod dictionary;
pub mod row_batch;
pub mod row_reader;
pub mod select;
pub(crate) mod table;
pub mod totals;

use std::collections::TryReserveError;

use crate::Place;
use crate::damage::Damage;
use crate::index::dictionary::Dictionary;
use crate::index::table::{PackedRow, PackedTime, Table, row_flag};
use crate::json::raw_string::RawString;
use crate::reader::{ReadOptions, Reader, Record, Refused, Sink};
use crate::scan::{Attempts, RawEntry};
use crate::timestamp::Timestamp;

/// A row: what an index holds of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// Offset in the file of the entry's first byte.
    pub offset: u64,
    /// Length of the entry in bytes, without the line end.
    pub length: u64,
    /// When the skill ran.
    pub timestamp: Timestamp,
    /// The skill's name.
    pub skill: &'a str,
    /// The phase. Empty where there is none.
    pub phase: &'a str,
    /// How the skill run ended.
    pub final_status: &'a str,
    /// The model. Empty where there is none.
    pub model_used: &'a str,
    /// The duration in milliseconds. 0 where there is none.
    pub duration_ms: i64,
    /// The number of attempts.
    pub attempts: u32,
    /// Whether the first attempt was verified.
    pub first_verified: bool,
    /// Whether the last attempt was verified.
    pub verified: bool,
    /// Whether the entry was recovered from a damaged line.
    pub recovered: bool,
    /// Whether the entry is foreign: see [`RawEntry::is_foreign`].
    pub foreign: bool,
}

/// How far a log was read. Reading continues from here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Offset of the first line that may still change.
    pub position: u64,
    /// How many line ends stand before it.
    pub lines: u64,
    /// How many of the last rows are provisional: their line has not ended, and more bytes may
    /// change it.
    pub provisional: u64,
}

/// The rows of a log, as far as the log was read.
#[derive(Debug, Default)]
pub struct Index {
    pub(crate) rows: Table,
    /// The dictionaries of skill, phase, status and model.
    pub(crate) dictionaries: [Dictionary; 4],
    pub(crate) state: State,
}

impl Index {
    /// Returns how far the log was read.
    pub fn state(&self) -> State {
        self.state
    }

    /// Returns how many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the offset where reading continues: the first line that may still change.
    pub fn position(&self) -> u64 {
        self.state.position
    }

    /// Returns a row. None where there is no such row.
    pub fn row(&self, row: usize) -> Option<Row<'_>> {
        let packed = self.packed_row(row)?;
        let text = |column: usize| self.dictionaries[column].text(packed.codes[column]);
        Some(Row {
            offset: packed.offset,
            length: packed.length.into(),
            timestamp: packed.time.timestamp(),
            skill: text(0),
            phase: text(1),
            final_status: text(2),
            model_used: text(3),
            duration_ms: packed.duration_ms,
            attempts: packed.attempts,
            first_verified: packed.is_set(row_flag::FIRST_VERIFIED),
            verified: packed.is_set(row_flag::VERIFIED),
            recovered: packed.is_set(row_flag::RECOVERED),
            foreign: packed.is_set(row_flag::FOREIGN),
        })
    }

    pub(crate) fn packed_row(&self, row: usize) -> Option<&PackedRow> {
        self.rows.get(row)
    }

    /// Returns the dictionaries of skill, phase, status and model.
    pub fn dictionaries(&self) -> &[Dictionary; 4] {
        &self.dictionaries
    }

    /// Returns the offset and the length of a row's entry.
    pub fn place(&self, row: usize) -> Option<(u64, usize)> {
        let packed = self.packed_row(row)?;
        Some((packed.offset, packed.length as usize))
    }

    /// Adds the row of an entry.
    fn add(&mut self, entry: &RawEntry<'_>, record: Record) -> Result<(), TryReserveError> {
        let mut codes = [0; 4];
        let texts = texts_of(entry);
        for ((code, dictionary), text) in codes.iter_mut().zip(&mut self.dictionaries).zip(texts) {
            *code = dictionary.code_or_new(&text.decode());
        }
        let set = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        let flags = verified_flags(entry)
            | set(record.recovered, row_flag::RECOVERED)
            | set(entry.is_foreign(), row_flag::FOREIGN);
        self.rows.push(PackedRow {
            offset: record.offset,
            // The reader's limit is far below 4 GiB, and no line is longer.
            length: u32::try_from(record.length).unwrap_or(u32::MAX),
            time: PackedTime::new(entry.timestamp, flags),
            codes,
            duration_ms: entry.duration_ms,
            attempts: u32::try_from(entry.attempt_count).unwrap_or(u32::MAX),
        })
    }

    /// Returns whether an entry is the entry of a row. Another entry of the same length may have
    /// been written over it.
    pub(crate) fn is_row_of(&self, row: usize, entry: &RawEntry<'_>) -> bool {
        let Some(packed) = self.packed_row(row) else {
            return false;
        };
        let verified = row_flag::FIRST_VERIFIED | row_flag::VERIFIED;
        let mut columns = self
            .dictionaries
            .iter()
            .zip(packed.codes)
            .zip(texts_of(entry));
        packed.time.timestamp() == entry.timestamp
            && packed.duration_ms == entry.duration_ms
            && packed.attempts as usize == entry.attempt_count
            && packed.time.flags & verified == verified_flags(entry)
            && columns.all(|((dictionary, code), text)| dictionary.text(code) == text.decode())
    }

    /// Returns whether an offset is after the last row's.
    pub(crate) fn is_after_last(&self, offset: u64) -> bool {
        self.rows.last().is_none_or(|last| offset > last.offset)
    }

    /// Removes the provisional rows, because more bytes of their line came. There are none to
    /// remove where a [`RowSender`](row_batch::RowSender) took them, or where the other index has
    /// them.
    pub(crate) fn drop_provisional(&mut self) {
        let provisional = std::mem::take(&mut self.state.provisional);
        for _ in 0..provisional.min(self.rows.len() as u64) {
            self.rows.pop();
        }
    }

    /// Returns how many rows are not provisional.
    fn complete_rows(&self) -> u64 {
        (self.len() as u64).saturating_sub(self.state.provisional)
    }

    /// Returns how many rows are foreign.
    pub fn foreign(&self) -> usize {
        let rows = self.rows.iter();
        rows.filter(|packed| packed.is_set(row_flag::FOREIGN))
            .count()
    }
}

/// Returns the texts that a row has codes for, in the order of their dictionaries.
fn texts_of<'a>(entry: &RawEntry<'a>) -> [RawString<'a>; 4] {
    [
        entry.skill,
        entry.phase,
        entry.final_status,
        entry.model_used,
    ]
}

/// Returns the flags of a row that come from the attempts of an entry.
fn verified_flags(entry: &RawEntry<'_>) -> u8 {
    let set = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
    set(entry.first_verified, row_flag::FIRST_VERIFIED)
        | set(entry.last_verified, row_flag::VERIFIED)
}

/// Reads a log into an index, chunk by chunk, from the [position](Index::position) of the index on.
#[derive(Debug)]
pub struct Indexer {
    reader: Reader,
}

/// There is not enough memory to read a chunk or to count rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory;

impl From<TryReserveError> for OutOfMemory {
    fn from(_: TryReserveError) -> Self {
        Self
    }
}

/// Adds the records of a reader to an index, and collects the damage.
struct RowSink<'a> {
    index: &'a mut Index,
    damage: &'a mut Vec<Damage>,
    result: Result<(), OutOfMemory>,
}

impl Sink for RowSink<'_> {
    fn entry(&mut self, entry: &RawEntry<'_>, record: Record) {
        self.index.drop_provisional();
        // Entries of a long line may come before the line ends, and again when it is read again.
        if self.result.is_ok() && self.index.is_after_last(record.offset) {
            self.result = self.index.add(entry, record).map_err(|_| OutOfMemory);
        }
    }

    fn damage(&mut self, damage: Damage) {
        self.index.drop_provisional();
        self.damage.push(damage);
    }
}

impl Indexer {
    /// Makes an indexer that continues where the index ends: the first byte of its first chunk is
    /// at the index's [`position`](Index::position). `max_line_bytes` and `settled` are
    /// [`ReadOptions`].
    pub fn new(index: &Index, max_line_bytes: u64, settled: bool) -> Self {
        Self {
            reader: Reader::new(ReadOptions {
                offset: index.state.position,
                lines: index.state.lines,
                max_line_bytes,
                attempts: Attempts::Counted,
                settled,
                ..ReadOptions::default()
            }),
        }
    }

    /// Treats NULs as damage from now on.
    pub fn settle(&mut self) {
        self.reader.settle(true);
    }

    /// Returns whether reading stopped before a line that a writer may still change: see
    /// [`Reader::is_unsettled`].
    pub fn is_unsettled(&self) -> bool {
        self.reader.is_unsettled()
    }

    /// Makes room for a chunk, as [`Reader::space`] does.
    ///
    /// # Errors
    ///
    /// Occurs when there is not enough memory.
    pub fn space(&mut self, length: usize) -> Result<&mut [u8], TryReserveError> {
        self.reader.space(length)
    }

    /// Adds the rows of the lines that the chunk completes, and appends their damage. Where the
    /// chunk `is_last`, does the same for the bytes after the last line end.
    ///
    /// # Errors
    ///
    /// Occurs when there is not enough memory. Another indexer then reads the same bytes again.
    pub fn read(
        &mut self,
        index: &mut Index,
        damage: &mut Vec<Damage>,
        is_last: bool,
    ) -> Result<(), OutOfMemory> {
        let mut rows = RowSink {
            index,
            damage,
            result: Ok(()),
        };
        // Reading that is not strict fails only where memory is missing.
        let refused = |_: Refused| OutOfMemory;
        self.reader.read(&mut rows).map_err(refused)?;
        if rows.result.is_err() {
            return rows.result;
        }
        rows.index.state.position = self.reader.rest().0;
        rows.index.state.lines = self.reader.lines();
        if self.reader.is_unsettled() {
            self.reader.flush(&mut rows);
        } else if is_last {
            let complete = rows.index.complete_rows();
            self.reader.finish(&mut rows).map_err(refused)?;
            // The bytes after the last line end have no entry now, but may have had one.
            if rows.index.complete_rows() == complete {
                rows.index.drop_provisional();
            }
            rows.index.state.provisional = rows.index.len() as u64 - complete;
        } else {
            self.reader.flush(&mut rows);
        }
        rows.result
    }

    /// Returns the place of the bytes after the last line end, unless they are an entry.
    pub fn rest(&self) -> Place {
        self.reader.rest()
    }

    /// Returns the place of the pending bytes: more bytes may make them an entry.
    pub fn pending(&self) -> Place {
        self.reader.pending()
    }
}
