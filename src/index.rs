//! The entries of one log or many as rows: the place of each entry, and what entries are selected by.
//!
//! An index holds no text of an entry, except each distinct skill, phase, status and model.
//!
//! - This file holds the rows of logs. `table` stores them, `dictionary` their texts, `logs` how far
//!   each log was read.
//! - [`indexer`] reads a log into rows.
//! - [`select`] finds rows, [`totals`] counts and measures them, [`columns`] lists a value of each.
//! - [`row_reader`] reads the entries of rows again, and searches them.
//! - [`row_batch`] sends rows to another index, [`cache`] keeps them for a later process.

pub mod cache;
pub mod columns;
pub mod dictionary;
pub mod indexer;
mod logs;
pub mod row_batch;
pub mod row_reader;
pub mod select;
pub(crate) mod table;
pub mod totals;

use std::collections::TryReserveError;

use crate::index::dictionary::Dictionary;
use crate::index::logs::Log;
pub use crate::index::logs::State;
use crate::index::table::{MAX_OFFSET, PackedRow, PackedTime, Table, row_flag};
use crate::json::raw_string::RawString;
use crate::reader::Record;
use crate::scan::RawEntry;
use crate::timestamp::Timestamp;

/// A row: what an index holds of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// The number of its log.
    pub log: u32,
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

/// The rows of logs, as far as the logs were read.
///
/// Rows have numbers, from 0, in the order of adding. The rows of one log stand in the order of its
/// file. A row that was removed keeps its number, as a hole.
#[derive(Debug, Default)]
pub struct Index {
    pub(crate) rows: Table,
    /// The dictionaries of skill, phase, status and model.
    pub(crate) dictionaries: [Dictionary; 4],
    pub(crate) logs: Vec<Log>,
    holes: usize,
}

/// There is not enough memory to read a chunk or to count rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory;

impl From<TryReserveError> for OutOfMemory {
    fn from(_: TryReserveError) -> Self {
        Self
    }
}

impl Index {
    /// Makes an index with one log, which has number 0.
    pub fn of_one_log() -> Self {
        let mut index = Self::default();
        index.add_log();
        index
    }

    /// Adds a log that was not read yet. Returns its number.
    pub fn add_log(&mut self) -> u32 {
        let count = self.logs.len();
        if count == self.logs.capacity() {
            // Grows in place mostly. Twice the room would be much for many logs.
            self.logs.reserve_exact(count / 8 + 8);
        }
        self.logs.push(Log::default());
        count as u32
    }

    /// Returns how many logs there are.
    pub fn log_count(&self) -> usize {
        self.logs.len()
    }

    /// Returns how far a log was read. A log that does not exist was not read.
    pub fn state(&self, log: u32) -> State {
        self.logs
            .get(log as usize)
            .map_or_else(State::default, Log::state)
    }

    /// Returns how many row numbers were given. Holes count too.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns how many rows are holes.
    pub fn holes(&self) -> usize {
        self.holes
    }

    /// Returns whether there were never any rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns a row. None where there is no such row, or a hole.
    pub fn row(&self, row: usize) -> Option<Row<'_>> {
        let packed = self.packed_row(row)?;
        let text = |column: usize| self.dictionaries[column].text(packed.codes[column]);
        Some(Row {
            log: packed.log,
            offset: packed.offset(),
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
        self.rows.get(row).filter(|packed| !packed.is_removed())
    }

    /// Returns the dictionaries of skill, phase, status and model.
    pub fn dictionaries(&self) -> &[Dictionary; 4] {
        &self.dictionaries
    }

    /// Returns the offset and the length of a row's entry.
    pub fn place(&self, row: usize) -> Option<(u64, usize)> {
        let packed = self.packed_row(row)?;
        Some((packed.offset(), packed.length as usize))
    }

    /// Returns the row of an entry. New texts get a code.
    fn packed(&mut self, log: u32, entry: &RawEntry<'_>, record: Record) -> PackedRow {
        let mut codes = [0; 4];
        let texts = texts_of(entry);
        for ((code, dictionary), text) in codes.iter_mut().zip(&mut self.dictionaries).zip(texts) {
            *code = dictionary.code_of(text);
        }
        let set = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        let flags = verified_flags(entry)
            | set(record.recovered, row_flag::RECOVERED)
            | set(entry.is_foreign(), row_flag::FOREIGN);
        PackedRow {
            log,
            // The reader's limit is far below 4 GiB, and no line is longer.
            length: u32::try_from(record.length).unwrap_or(u32::MAX),
            time: PackedTime::new(entry.timestamp, flags),
            codes,
            duration_ms: entry.duration_ms,
            attempts: u32::try_from(entry.attempt_count).unwrap_or(u32::MAX),
            ..PackedRow::default()
        }
        .at(record.offset)
    }

    /// Adds a row to its log, unless the log has a row there. A provisional row that is the same
    /// stays; if it is another row, all provisional rows of the log are removed. Returns the number
    /// of the row. None where the log has a row there that is not provisional.
    ///
    /// # Errors
    ///
    /// Occurs when there is not enough memory.
    fn put(&mut self, packed: PackedRow) -> Result<Option<u32>, OutOfMemory> {
        let offset = packed.offset();
        let log = &mut self.logs[packed.log as usize];
        if !log.is_after_last(offset) {
            return Ok(None);
        }
        if let Some(&provisional) = log.provisional.last() {
            if self.rows.get(provisional as usize) == Some(&packed) {
                log.provisional.pop();
                log.next = offset + 1;
                return Ok(Some(provisional));
            }
            self.drop_provisional(packed.log);
        }
        if offset > MAX_OFFSET {
            return Err(OutOfMemory);
        }
        self.rows.push(packed)?;
        self.logs[packed.log as usize].next = offset + 1;
        Ok(Some(self.rows.len() as u32 - 1))
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

    /// Removes the provisional rows of a log that are left, because more bytes of their line came.
    pub(crate) fn drop_provisional(&mut self, log: u32) {
        for row in std::mem::take(&mut self.logs[log as usize].provisional) {
            // A row that stayed in another index has no row here.
            if let Some(packed) = self.rows.get_mut(row as usize) {
                packed.time.flags |= row_flag::REMOVED;
                self.holes += 1;
            }
        }
    }

    /// Removes all rows of logs, and forgets how far they were read. Returns how many rows there
    /// were.
    pub fn clear_logs(&mut self, logs: &[u32]) -> usize {
        for &log in logs {
            if let Some(log) = self.logs.get_mut(log as usize) {
                *log = Log {
                    is_cleared: true,
                    ..Log::default()
                };
            }
        }
        let before = self.holes;
        for packed in self.rows.iter_mut().filter(|packed| !packed.is_removed()) {
            if self.logs[packed.log as usize].is_cleared {
                packed.time.flags |= row_flag::REMOVED;
                self.holes += 1;
            }
        }
        for log in &mut self.logs {
            log.is_cleared = false;
        }
        self.holes - before
    }

    /// Returns how many rows are foreign.
    pub fn foreign(&self) -> usize {
        let is_foreign =
            |packed: &&PackedRow| packed.is_set(row_flag::FOREIGN) && !packed.is_removed();
        self.rows.iter().filter(is_foreign).count()
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
