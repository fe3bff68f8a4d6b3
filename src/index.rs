//! The entries of a log as rows: where each stands, and what it is asked for by.
//!
//! No entry's text is held; only each distinct skill, phase, status and model is.

pub mod dictionary;
pub mod row_batch;
pub mod row_reader;
pub mod select;
pub(crate) mod table;
pub mod totals;

use std::collections::TryReserveError;

use crate::index::dictionary::Dictionary;
use crate::index::table::{Cells, Moment, Table, flag};
use crate::json::raw_string::RawString;
use crate::reader::{Damage, Place, ReadOptions, Reader, Refused, Sink};
use crate::scan::{Attempts, RawEntry};
use crate::timestamp::Timestamp;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// Of the entry's first byte in the file.
    pub offset: u64,
    /// Of the entry, in bytes, without the line end.
    pub length: u64,
    /// When the skill ran.
    pub timestamp: Timestamp,
    /// The skill's name.
    pub skill: &'a str,
    /// The phase; empty where there is none.
    pub phase: &'a str,
    /// How it ended.
    pub final_status: &'a str,
    /// The model; empty where there is none.
    pub model_used: &'a str,
    /// In milliseconds; 0 where it is not known.
    pub duration_ms: i64,
    /// The number of attempts.
    pub attempts: u32,
    /// Whether the first attempt was verified.
    pub first_verified: bool,
    /// Whether the last attempt was verified.
    pub verified: bool,
    /// Whether the entry was saved from a damaged line.
    pub recovered: bool,
    /// Whether it lacks a member that every writer of the format writes.
    pub foreign: bool,
}

/// How far a log was read: what is needed to go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The start of the first line that may still change.
    pub position: u64,
    /// The line ends before it.
    pub lines: u64,
    /// How many of the last rows are of a line without a line end: more bytes may make it another one.
    pub provisional: u64,
}

/// The rows of a log, as far as it was read.
#[derive(Debug, Default)]
pub struct Index {
    pub(crate) rows: Table,
    /// Of skill, phase, status and model.
    pub(crate) dictionaries: [Dictionary; 4],
    pub(crate) state: State,
}

impl Index {
    /// Tells how far the log was read.
    pub fn state(&self) -> State {
        self.state
    }

    /// Counts the rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Tells whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives where reading goes on: the start of the first line that may still change.
    pub fn position(&self) -> u64 {
        self.state.position
    }

    /// Gives a row.
    pub fn row(&self, row: usize) -> Option<Row<'_>> {
        let cells = self.cells(row)?;
        let text = |column: usize| self.dictionaries[column].text(cells.codes[column]);
        Some(Row {
            offset: cells.offset,
            length: cells.length.into(),
            timestamp: cells.moment.timestamp(),
            skill: text(0),
            phase: text(1),
            final_status: text(2),
            model_used: text(3),
            duration_ms: cells.duration_ms,
            attempts: cells.attempts,
            first_verified: cells.is_set(flag::FIRST_VERIFIED),
            verified: cells.is_set(flag::VERIFIED),
            recovered: cells.is_set(flag::RECOVERED),
            foreign: cells.is_set(flag::FOREIGN),
        })
    }

    pub(crate) fn cells(&self, row: usize) -> Option<&Cells> {
        self.rows.get(row)
    }

    /// Gives the distinct skills, phases, statuses and models.
    pub fn dictionaries(&self) -> &[Dictionary; 4] {
        &self.dictionaries
    }

    /// Gives where the row's entry stands: offset and length.
    pub fn place(&self, row: usize) -> Option<(u64, usize)> {
        let cells = self.cells(row)?;
        Some((cells.offset, cells.length as usize))
    }

    fn add(&mut self, entry: &RawEntry<'_>, place: Place) -> Result<(), TryReserveError> {
        let mut codes = [0; 4];
        let texts = texts_of(entry);
        for ((code, dictionary), text) in codes.iter_mut().zip(&mut self.dictionaries).zip(texts) {
            *code = dictionary.code_or_new(&text.decode());
        }
        let set = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        let flags = verified_flags(entry)
            | set(place.recovered, flag::RECOVERED)
            | set(entry.is_foreign(), flag::FOREIGN);
        self.rows.push(Cells {
            offset: place.offset,
            // No line is longer than the reader's limit, which is far below 4 GiB.
            length: u32::try_from(place.length).unwrap_or(u32::MAX),
            moment: Moment::new(entry.timestamp, flags),
            codes,
            duration_ms: entry.duration_ms,
            attempts: u32::try_from(entry.attempt_count).unwrap_or(u32::MAX),
        })
    }

    /// Tells whether an entry has what a row knows of it. Another one of the same length may have been
    /// written in its place.
    pub(crate) fn is_row_of(&self, row: usize, entry: &RawEntry<'_>) -> bool {
        let Some(cells) = self.cells(row) else {
            return false;
        };
        let verified = flag::FIRST_VERIFIED | flag::VERIFIED;
        let mut columns = self
            .dictionaries
            .iter()
            .zip(cells.codes)
            .zip(texts_of(entry));
        cells.moment.timestamp() == entry.timestamp
            && cells.duration_ms == entry.duration_ms
            && cells.attempts as usize == entry.attempt_count
            && cells.moment.flags & verified == verified_flags(entry)
            && columns.all(|((dictionary, code), text)| dictionary.text(code) == text.decode())
    }

    /// Tells whether an offset is behind that of the last row.
    pub(crate) fn is_behind(&self, offset: u64) -> bool {
        self.rows.last().is_none_or(|last| offset > last.offset)
    }

    /// Removes the provisional rows, because more bytes of their line came. There are none to remove
    /// after a [`RowSender`](row_batch::RowSender) took them, or where the index that it sends rows to
    /// has them.
    pub(crate) fn drop_provisional(&mut self) {
        let provisional = std::mem::take(&mut self.state.provisional);
        for _ in 0..provisional.min(self.rows.len() as u64) {
            self.rows.pop();
        }
    }

    /// Counts the rows that are not provisional.
    fn complete_rows(&self) -> u64 {
        (self.len() as u64).saturating_sub(self.state.provisional)
    }

    /// Counts the rows of JSON that lacks a member that every writer of the format writes.
    pub fn foreign(&self) -> usize {
        let rows = self.rows.iter();
        rows.filter(|cells| cells.is_set(flag::FOREIGN)).count()
    }
}

/// Gives the texts that a row has codes of, in the order of their dictionaries.
fn texts_of<'a>(entry: &RawEntry<'a>) -> [RawString<'a>; 4] {
    [
        entry.skill,
        entry.phase,
        entry.final_status,
        entry.model_used,
    ]
}

fn verified_flags(entry: &RawEntry<'_>) -> u8 {
    let set = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
    set(entry.first_verified, flag::FIRST_VERIFIED) | set(entry.last_verified, flag::VERIFIED)
}

/// Reads a log into an index, chunk by chunk, from where the index ends.
#[derive(Debug)]
pub struct Indexer {
    reader: Reader,
}

/// Why a chunk was not read, or rows were not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory;

impl From<TryReserveError> for OutOfMemory {
    fn from(_: TryReserveError) -> Self {
        Self
    }
}

struct Rows<'a> {
    index: &'a mut Index,
    damage: &'a mut Vec<Damage>,
    result: Result<(), OutOfMemory>,
}

impl Sink for Rows<'_> {
    fn entry(&mut self, entry: &RawEntry<'_>, place: Place) {
        self.index.drop_provisional();
        // Of a line far over the limit entries are given before it ends, and again when it is read again.
        if self.result.is_ok() && self.index.is_behind(place.offset) {
            self.result = self.index.add(entry, place).map_err(|_| OutOfMemory);
        }
    }

    fn damage(&mut self, damage: Damage) {
        self.index.drop_provisional();
        self.damage.push(damage);
    }
}

impl Indexer {
    /// Goes on where the index ends: the bytes to be given next are those from its
    /// [`position`](Index::position).
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

    /// Takes NULs for damage from now on.
    pub fn settle(&mut self) {
        self.reader.settle(true);
    }

    /// Tells whether reading stopped before a line that somebody may be writing: see
    /// [`Reader::is_unsettled`].
    pub fn is_unsettled(&self) -> bool {
        self.reader.is_unsettled()
    }

    /// Makes room for a chunk, as [`Reader::space`] does.
    ///
    /// # Errors
    ///
    /// Occurs when memory does not suffice.
    pub fn space(&mut self, length: usize) -> Result<&mut [u8], TryReserveError> {
        self.reader.space(length)
    }

    /// Adds the rows of the lines that the chunk completes, and of the bytes behind the last line end
    /// where the chunk `is_last`; appends what is damaged.
    ///
    /// # Errors
    ///
    /// Occurs when memory does not suffice. What was read then is read again by another indexer.
    pub fn read(
        &mut self,
        index: &mut Index,
        damage: &mut Vec<Damage>,
        is_last: bool,
    ) -> Result<(), OutOfMemory> {
        let mut rows = Rows {
            index,
            damage,
            result: Ok(()),
        };
        // Where reading is not strict, memory is all that can be missing.
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
            // What follows the last line end had entries, or has none any more.
            if rows.index.complete_rows() == complete {
                rows.index.drop_provisional();
            }
            rows.index.state.provisional = rows.index.len() as u64 - complete;
        } else {
            self.reader.flush(&mut rows);
        }
        rows.result
    }

    /// Gives offset and length of the bytes read that are no line and no entry yet.
    pub fn rest(&self) -> (u64, u64) {
        self.reader.rest()
    }

    /// Gives offset and length of the bytes read that more may make an entry.
    pub fn pending(&self) -> (u64, u64) {
        self.reader.pending()
    }
}
