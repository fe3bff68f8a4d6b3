use wasm_bindgen::prelude::*;

use super::{Facts, damage_of, invalid_argument, out_of_memory, rest_of};
use crate::damage::Damage;
use crate::index::dictionary::Dictionary;
use crate::index::row_batch::{self, Codes, PutError};
use crate::index::select::{self, Rows};
use crate::index::table::row_flag;
use crate::index::{Index, Indexer, OutOfMemory, State};
use crate::timestamp::Timestamp;

/// An index of a log, built chunk by chunk.
#[wasm_bindgen]
#[derive(Default)]
pub struct LogIndex {
    pub(super) index: Index,
    /// Reads the log while the index is being built.
    indexer: Option<Indexer>,
    damage: Vec<Damage>,
    /// The codes of the index that reads for this one.
    codes: Codes,
}

/// Takes rows out of an index that reads, perhaps in another thread, for the index that gets them.
#[wasm_bindgen]
pub struct RowSender(row_batch::RowSender);

#[wasm_bindgen]
impl RowSender {
    /// Makes a sender for an index with this [`state`](LogIndex::state).
    #[wasm_bindgen(constructor)]
    pub fn new(position: f64, lines: f64, provisional: f64) -> Self {
        Self(row_batch::RowSender::new(State {
            position: position as u64,
            lines: lines as u64,
            provisional: provisional as u64,
        }))
    }

    /// Makes the index that reads. It continues where the other index ends.
    pub fn index(&self) -> LogIndex {
        LogIndex {
            index: self.0.index(),
            ..LogIndex::default()
        }
    }

    /// Takes the rows that the index read since the last call. Returns them as bytes for the other
    /// index.
    pub fn take_rows(&mut self, index: &mut LogIndex) -> Result<Vec<u8>, JsValue> {
        let taken = self.0.take_rows(&mut index.index);
        taken.map_err(|_| no_memory_for_rows())
    }
}

/// Which rows are wanted: those that meet every condition that was set.
#[wasm_bindgen]
#[derive(Default)]
pub struct Selection(select::Selection);

#[wasm_bindgen]
impl Selection {
    /// Makes a selection of all rows.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Wants rows with one of some texts in a column. Each call adds a text.
    pub fn text(&mut self, column: usize, text: Option<String>) {
        if let Some(wanted) = self.0.texts.get_mut(column) {
            wanted.get_or_insert_default().extend(text);
        }
    }

    /// Wants rows with attempts whose last attempt is verified, or is not.
    pub fn verified(&mut self, verified: bool) {
        self.0.verified = Some(verified);
    }

    /// Wants rows of an instant or later. Returns whether `since` is an RFC 3339 time.
    pub fn since(&mut self, since: &str) -> bool {
        self.0.since = Timestamp::parse(since.as_bytes()).ok();
        self.0.since.is_some()
    }

    /// Wants rows before an instant. Returns whether `until` is an RFC 3339 time.
    pub fn until(&mut self, until: &str) -> bool {
        self.0.until = Timestamp::parse(until.as_bytes()).ok();
        self.0.until.is_some()
    }

    /// Wants rows of a duration or longer.
    pub fn min_duration(&mut self, milliseconds: i64) {
        self.0.min_duration_ms = Some(milliseconds);
    }

    /// Returns whether an entry meets the selection. None where `timestamp` is no RFC 3339 time.
    /// `verified` is that of the last attempt, where the entry has any.
    #[expect(clippy::too_many_arguments, reason = "each text crosses by itself")]
    pub fn matches(
        &self,
        skill: &str,
        phase: &str,
        final_status: &str,
        model_used: &str,
        timestamp: &str,
        duration_ms: i64,
        verified: Option<bool>,
    ) -> Option<bool> {
        let timestamp = Timestamp::parse(timestamp.as_bytes()).ok()?;
        let texts = [skill, phase, final_status, model_used];
        Some(self.0.admits(texts, timestamp, verified, duration_ms))
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

    /// Starts to read from [`position`](Self::position) on. Unless the file is `settled`, reading
    /// stops before a line with NULs, which a writer may still replace.
    pub fn begin(&mut self, max_line_bytes: f64, settled: bool) {
        self.indexer = Some(Indexer::new(&self.index, max_line_bytes as u64, settled));
    }

    /// Treats NULs as damage from now on.
    pub fn settle(&mut self) {
        if let Some(indexer) = &mut self.indexer {
            indexer.settle();
        }
    }

    /// Returns whether reading stopped before a line with NULs.
    pub fn is_unsettled(&self) -> bool {
        self.indexer.as_ref().is_some_and(Indexer::is_unsettled)
    }

    /// Frees the memory that reading took, or adding rows.
    pub fn end(&mut self) {
        self.indexer = None;
        self.damage = Vec::new();
        self.codes = Codes::default();
    }

    /// Returns how far the log was read, for a [`RowSender`]: the position, the line ends before
    /// it, and the number of provisional rows.
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

    /// Adds the rows that a [`RowSender`] took, each batch in its turn, until `end`. Other bytes
    /// change nothing.
    pub fn put_rows(&mut self, bytes: &[u8]) -> Result<(), JsValue> {
        let put = self.index.put_rows(&mut self.codes, bytes);
        put.map_err(|error| match error {
            PutError::Malformed => Facts::new("INTERNAL", "the rows are not the next rows").into(),
            PutError::OutOfMemory => no_memory_for_rows(),
        })
    }

    /// Makes room for a chunk of `length` bytes, and returns its address.
    pub fn space(&mut self, length: usize) -> Result<usize, JsValue> {
        let indexer = self.indexer.as_mut().ok_or_else(not_begun)?;
        match indexer.space(length) {
            Ok(space) => Ok(space.as_ptr().addr()),
            Err(_) => Err(out_of_memory(length)),
        }
    }

    /// Adds the rows of the lines that the chunk completes. Where the chunk `is_last`, also adds
    /// the row of the bytes after the last line end.
    pub fn read(&mut self, is_last: bool) -> Result<(), JsValue> {
        let indexer = self.indexer.as_mut().ok_or_else(not_begun)?;
        self.damage.clear();
        indexer
            .read(&mut self.index, &mut self.damage, is_last)
            .map_err(|OutOfMemory| no_memory_for_rows())
    }

    /// Returns how many damages the last chunk had.
    pub fn damage_count(&self) -> usize {
        self.damage.len()
    }

    /// Returns the damages `from..to` as objects.
    pub fn damage(&self, from: usize, to: usize) -> Result<JsValue, JsValue> {
        damage_of(&self.damage, from, to)
    }

    /// Returns offset and length of the bytes after the last line end, unless they are an entry;
    /// then of the pending bytes among them.
    pub fn rest(&self) -> Vec<f64> {
        let none = (self.index.position(), 0);
        let indexer = self.indexer.as_ref();
        let (rest, pending) =
            indexer.map_or((none, none), |indexer| (indexer.rest(), indexer.pending()));
        rest_of(rest, pending)
    }

    /// Returns the offset where reading continues.
    pub fn position(&self) -> f64 {
        self.index.position() as f64
    }

    /// Returns how many rows are foreign.
    pub fn foreign(&self) -> usize {
        self.index.foreign()
    }

    /// Returns how many rows there are.
    pub fn length(&self) -> usize {
        self.index.len()
    }

    /// Returns a row as ten numbers: offset and length, the codes of skill, phase, status and
    /// model, the number of attempts, and three flags. The flags are 1 or 0 for verified, recovered
    /// and foreign. `js/indexing/log-index.js` reads them in this order.
    pub fn row(&self, row: usize) -> Result<Vec<f64>, JsValue> {
        let found = self.index.packed_row(row).ok_or_else(|| no_such_row(row))?;
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
            is_set(row_flag::VERIFIED),
            is_set(row_flag::RECOVERED),
            is_set(row_flag::FOREIGN),
        ])
    }

    /// Returns a row's timestamp.
    pub fn timestamp(&self, row: usize) -> String {
        let row = self.index.packed_row(row);
        row.map_or_else(String::new, |row| row.time.timestamp().text())
    }

    /// Returns a row's duration in milliseconds.
    pub fn duration(&self, row: usize) -> i64 {
        self.index.packed_row(row).map_or(0, |row| row.duration_ms)
    }

    /// Returns the text of a code. `column` is 0 for skill, 1 for phase, 2 for status, 3 for model.
    pub fn text(&self, column: usize, code: u32) -> String {
        let dictionary = self.index.dictionaries().get(column);
        dictionary
            .map_or("", |texts: &Dictionary| texts.text(code))
            .into()
    }

    /// Returns the rows that meet a selection, of these rows or of all rows.
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
