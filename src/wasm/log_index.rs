use wasm_bindgen::prelude::*;

use super::{Facts, damage_of, invalid_argument, out_of_memory, rest_of};
use crate::index::dictionary::Dictionary;
use crate::index::row_batch::{self, Codes, NotPut};
use crate::index::select::{self, Rows};
use crate::index::table::flag;
use crate::index::{Index, Indexer, OutOfMemory, State};
use crate::reader::Damage;
use crate::timestamp::Timestamp;

/// An index of a log, built chunk by chunk.
#[wasm_bindgen]
#[derive(Default)]
pub struct LogIndex {
    pub(super) index: Index,
    /// While it is being built.
    indexer: Option<Indexer>,
    damage: Vec<Damage>,
    /// Those of the index that reads on for this one.
    codes: Codes,
}

/// Sends the rows that an index reads, perhaps in another thread, to the index that it reads on for.
#[wasm_bindgen]
pub struct RowSender(row_batch::RowSender);

#[wasm_bindgen]
impl RowSender {
    /// Sends rows to an index of that [`state`](LogIndex::state).
    #[wasm_bindgen(constructor)]
    pub fn new(position: f64, lines: f64, provisional: f64) -> Self {
        Self(row_batch::RowSender::new(State {
            position: position as u64,
            lines: lines as u64,
            provisional: provisional as u64,
        }))
    }

    /// Makes the index that reads.
    pub fn index(&self) -> LogIndex {
        LogIndex {
            index: self.0.index(),
            ..LogIndex::default()
        }
    }

    /// Takes the rows out of that index that were read since the last call, as bytes for the other one.
    pub fn take_rows(&mut self, index: &mut LogIndex) -> Result<Vec<u8>, JsValue> {
        let taken = self.0.take_rows(&mut index.index);
        taken.map_err(|_| no_memory_for_rows())
    }
}

/// Which rows are wanted: those that meet all that was set.
#[wasm_bindgen]
#[derive(Default)]
pub struct Selection(select::Selection);

#[wasm_bindgen]
impl Selection {
    /// Wants all rows.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Wants those that have one of the texts that are given, one a call, for a column.
    pub fn text(&mut self, column: usize, text: Option<String>) {
        if let Some(wanted) = self.0.texts.get_mut(column) {
            wanted.get_or_insert_default().extend(text);
        }
    }

    /// Wants those with attempts, of which the last one is verified, or is not.
    pub fn verified(&mut self, verified: bool) {
        self.0.verified = Some(verified);
    }

    /// Wants those of an instant or later; tells whether it is an RFC 3339 time.
    pub fn since(&mut self, since: &str) -> bool {
        self.0.since = Timestamp::parse(since.as_bytes()).ok();
        self.0.since.is_some()
    }

    /// Wants those before an instant; tells whether it is an RFC 3339 time.
    pub fn until(&mut self, until: &str) -> bool {
        self.0.until = Timestamp::parse(until.as_bytes()).ok();
        self.0.until.is_some()
    }

    /// Wants those of a duration, or a longer one.
    pub fn min_duration(&mut self, milliseconds: i64) {
        self.0.min_duration_ms = Some(milliseconds);
    }
}

fn no_such_row(row: usize) -> JsValue {
    invalid_argument(format!("there is no row {row}"))
}

pub(super) fn rows_of(rows: &Option<Vec<u32>>) -> Rows<'_> {
    rows.as_deref().map_or(Rows::All, Rows::These)
}

#[wasm_bindgen]
impl LogIndex {
    /// Makes an index without rows.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gets ready to read on from [`position`](Self::position). Where the file is not `settled`, reading
    /// stops before a line with NULs, because somebody may be writing it.
    pub fn begin(&mut self, max_line_bytes: f64, settled: bool) {
        self.indexer = Some(Indexer::new(&self.index, max_line_bytes as u64, settled));
    }

    /// Takes NULs for damage from now on.
    pub fn settle(&mut self) {
        if let Some(indexer) = &mut self.indexer {
            indexer.settle();
        }
    }

    /// Tells whether reading stopped before such a line.
    pub fn is_unsettled(&self) -> bool {
        self.indexer.as_ref().is_some_and(Indexer::is_unsettled)
    }

    /// Gives the memory back that reading took, or putting rows.
    pub fn end(&mut self) {
        self.indexer = None;
        self.damage = Vec::new();
        self.codes = Codes::default();
    }

    /// Gives what another index needs to read on for this one, in another thread: where reading goes on,
    /// the line ends before, and how many of the last rows are provisional.
    pub fn state(&self) -> Vec<f64> {
        let State {
            position,
            lines,
            provisional,
        } = self.index.state();
        [position, lines, provisional]
            .map(|number| number as f64)
            .to_vec()
    }

    /// Adds the rows that a [`RowSender`] took, each batch in its turn, until `end`. Where the bytes are something else nothing changes.
    pub fn put_rows(&mut self, bytes: &[u8]) -> Result<(), JsValue> {
        let put = self.index.put_rows(&mut self.codes, bytes);
        put.map_err(|error| match error {
            NotPut::Malformed => {
                Facts::new("INTERNAL", "the rows are not those that follow").into()
            }
            NotPut::OutOfMemory => no_memory_for_rows(),
        })
    }

    /// Makes room for a chunk of `length` bytes and tells where.
    pub fn space(&mut self, length: usize) -> Result<usize, JsValue> {
        let indexer = self.indexer.as_mut().ok_or_else(not_begun)?;
        match indexer.space(length) {
            Ok(space) => Ok(space.as_ptr().addr()),
            Err(_) => Err(out_of_memory(length)),
        }
    }

    /// Adds the rows of the lines that the chunk completes; of the bytes behind the last line end too
    /// where the chunk `is_last`.
    pub fn read(&mut self, is_last: bool) -> Result<(), JsValue> {
        let indexer = self.indexer.as_mut().ok_or_else(not_begun)?;
        self.damage.clear();
        indexer
            .read(&mut self.index, &mut self.damage, is_last)
            .map_err(|OutOfMemory| no_memory_for_rows())
    }

    /// Counts the lines that the chunk read last had damaged.
    pub fn damage_count(&self) -> usize {
        self.damage.len()
    }

    /// Gives those from one up to another as objects.
    pub fn damage(&self, from: usize, to: usize) -> Result<JsValue, JsValue> {
        damage_of(&self.damage, from, to)
    }

    /// Gives offset and length of the bytes so far that are no line and no entry yet; then of those of
    /// them that more may make an entry.
    pub fn rest(&self) -> Vec<f64> {
        let none = (self.index.position(), 0);
        let indexer = self.indexer.as_ref();
        let (rest, pending) =
            indexer.map_or((none, none), |indexer| (indexer.rest(), indexer.pending()));
        rest_of(rest, pending)
    }

    /// Tells where reading goes on.
    pub fn position(&self) -> f64 {
        self.index.position() as f64
    }

    /// Counts the rows of JSON that lacks a member that every writer of the format writes.
    pub fn foreign(&self) -> usize {
        self.index.foreign()
    }

    /// Counts the rows.
    pub fn length(&self) -> usize {
        self.index.len()
    }

    /// Gives a row as numbers: offset, length, the codes of skill, phase, status and model, the number
    /// of attempts, and whether the last is verified, the entry was recovered, and is foreign.
    pub fn row(&self, row: usize) -> Result<Vec<f64>, JsValue> {
        let found = self.index.cells(row).ok_or_else(|| no_such_row(row))?;
        let is_set = |flag| f64::from(u8::from(found.is_set(flag)));
        let [skill, phase, status, model] = found.codes.map(f64::from);
        Ok(vec![
            found.offset as f64,
            found.length.into(),
            skill,
            phase,
            status,
            model,
            found.attempts.into(),
            is_set(flag::VERIFIED),
            is_set(flag::RECOVERED),
            is_set(flag::FOREIGN),
        ])
    }

    /// Gives a row's timestamp.
    pub fn timestamp(&self, row: usize) -> String {
        let row = self.index.cells(row);
        row.map_or_else(String::new, |row| row.moment.timestamp().text())
    }

    /// Gives a row's duration.
    pub fn duration(&self, row: usize) -> i64 {
        self.index.cells(row).map_or(0, |row| row.duration_ms)
    }

    /// Gives the text of a code: of a skill, phase, status or model, by the number of the column.
    pub fn text(&self, column: usize, code: u32) -> String {
        let dictionary = self.index.dictionaries().get(column);
        dictionary
            .map_or("", |texts: &Dictionary| texts.text(code))
            .into()
    }

    /// Gives the rows that meet a selection, of those given or of all.
    pub fn select(&self, selection: &Selection, rows: Option<Vec<u32>>) -> Vec<u32> {
        self.index.select(&selection.0, rows_of(&rows))
    }
}

pub(super) fn no_memory_for_rows() -> JsValue {
    Facts::new("OUT_OF_MEMORY", "no memory for more rows").into()
}

fn not_begun() -> JsValue {
    Facts::new("INTERNAL", "the index is not being built").into()
}
