use wasm_bindgen::prelude::*;

use super::{Facts, damage_of, out_of_memory, rest_of};
use crate::damage::Damage;
use crate::index::cache::{self, Kept};
use crate::index::dictionary::Dictionary;
use crate::index::indexer::{Indexer, Mark};
use crate::index::row_batch::{self, Codes, PutError};
use crate::index::select::{self, Rows};
use crate::index::table::row_flag;
use crate::index::{Index, OutOfMemory, State};
use crate::timestamp::Timestamp;

/// An index of logs, built chunk by chunk. Logs and rows have numbers from 0.
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
#[derive(Default)]
pub struct RowSender(row_batch::RowSender);

#[wasm_bindgen]
impl RowSender {
    /// Makes a sender without logs.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a log to `index`, which reads. The numbers are the [`state`](LogIndex::state) of the log
    /// in the index that gets the rows. Returns the number of the log in `index`.
    pub fn add_log(
        &mut self,
        index: &mut LogIndex,
        position: f64,
        lines: f64,
        provisional: f64,
        log: u32,
    ) -> u32 {
        let state = State {
            position: position as u64,
            lines: lines as u64,
            provisional: provisional as u64,
        };
        self.0.add_log(&mut index.index, log, state)
    }

    /// Takes the rows that `index` read since the last call. Returns them as bytes for the other
    /// index.
    pub fn take_rows(&mut self, index: &mut LogIndex) -> Result<Vec<u8>, JsValue> {
        let taken = self.0.take_rows(&mut index.index);
        taken.map_err(|_| no_memory_for_rows())
    }
}

/// Rows of logs that an earlier process kept.
#[wasm_bindgen]
pub struct RowCache {
    bytes: Vec<u8>,
    opened: Option<cache::Cache>,
}

#[wasm_bindgen]
impl RowCache {
    /// Makes room for `length` bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(length: usize) -> Result<Self, JsValue> {
        let mut bytes = Vec::new();
        let reserved = bytes.try_reserve_exact(length);
        reserved.map_err(|_| out_of_memory(length))?;
        bytes.resize(length, 0);
        Ok(Self {
            bytes,
            opened: None,
        })
    }

    /// Returns the address of the bytes.
    pub fn space(&mut self) -> usize {
        self.bytes.as_mut_ptr().addr()
    }

    /// Opens the bytes, for the index that gets the rows. Returns false where
    /// [`LogIndex::to_cache`] did not write them.
    pub fn open(&mut self, index: &mut LogIndex) -> bool {
        self.opened = cache::Cache::open(std::mem::take(&mut self.bytes), &mut index.index);
        self.opened.is_some()
    }

    /// Returns eight words for each log, as they were kept.
    pub fn facts(&self) -> Vec<u64> {
        let opened = self.opened.as_ref();
        opened.map_or_else(Vec::new, cache::Cache::facts)
    }

    /// Returns the [`state`](LogIndex::state) of the log at a position, for the log `log` of the
    /// index.
    pub fn state(&self, at: usize, log: u32) -> Vec<f64> {
        let opened = self.opened.as_ref();
        state_of(
            opened.map_or_else(State::default, |opened| opened.state(at)),
            log,
        )
    }

    /// Returns the names of the logs, as they were kept.
    pub fn names(&self) -> String {
        let opened = self.opened.as_ref();
        opened.map_or_else(String::new, |opened| opened.names().into())
    }

    /// Returns the notes, as they were kept.
    pub fn notes(&self) -> String {
        let opened = self.opened.as_ref();
        opened.map_or_else(String::new, |opened| opened.notes().into())
    }
}

/// Returns a hash of bytes.
#[wasm_bindgen]
pub fn hash(bytes: &[u8]) -> u64 {
    cache::hash(bytes)
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

    /// Wants rows with a flag, or without: 0 for verified, 1 for recovered, 2 for foreign. Only rows
    /// with attempts are verified, or are not.
    pub fn flag(&mut self, flag: usize, is_set: bool) {
        let selection = &mut self.0;
        let flags = [
            &mut selection.verified,
            &mut selection.recovered,
            &mut selection.foreign,
        ];
        *flags[flag] = Some(is_set);
    }

    /// Wants rows of one of some logs.
    pub fn logs(&mut self, logs: Vec<u32>) {
        self.0.logs = Some(logs);
    }

    /// Wants rows from an instant on, or before it. Returns whether `time` is an RFC 3339 time.
    pub fn time(&mut self, time: &str, is_end: bool) -> bool {
        let Ok(time) = Timestamp::parse(time.as_bytes()) else {
            return false;
        };
        let wanted = self.0.time.get_or_insert((i64::MIN, 0)..(i64::MAX, 0));
        *(if is_end {
            &mut wanted.end
        } else {
            &mut wanted.start
        }) = time.instant();
        true
    }

    /// Wants rows of durations in milliseconds from `min` to `max`.
    pub fn duration(&mut self, min: i64, max: i64) {
        self.0.duration_ms = Some(min..=max);
    }

    /// Leaves out rows that meet any condition of another selection.
    pub fn not(&mut self, not: Selection) {
        self.0.not = Some(Box::new(not.0));
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

pub(super) fn rows_of(rows: &Option<Vec<u32>>) -> Rows<'_> {
    rows.as_deref().map_or(Rows::All, Rows::These)
}

#[wasm_bindgen]
impl LogIndex {
    /// Makes an index without logs.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a log. Returns its number.
    pub fn add_log(&mut self) -> u32 {
        self.index.add_log()
    }

    /// Removes the rows of logs, and forgets how far they were read. Returns the number of rows
    /// that were removed.
    pub fn clear_logs(&mut self, logs: &[u32]) -> usize {
        self.index.clear_logs(logs)
    }

    /// Drops all rows, and keeps how far each log was read. The next row gets number 0.
    pub fn drop_rows(&mut self) {
        self.index.drop_rows();
    }

    /// Starts to read a log from its [`position`](Self::position) on. Unless the file is `settled`,
    /// reading stops before a line with NULs, which a writer may still replace.
    pub fn begin(&mut self, log: u32, max_line_bytes: f64, settled: bool) {
        let mut indexer = Indexer::new(&self.index, log, max_line_bytes as u64, settled);
        if let Some(before) = self.indexer.take() {
            indexer.reuse(before);
        }
        self.indexer = Some(indexer);
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

    /// Returns how far a log was read: the position, the line ends before it, the number of
    /// provisional rows, and the number of the log.
    pub fn state(&self, log: u32) -> Vec<f64> {
        state_of(self.index.state(log), log)
    }

    /// Adds the rows that a [`RowSender`] took, each batch in its turn: those of its logs from number
    /// `from` up to number `to`. `is_first` says that the sender sent no batch before. Other bytes
    /// change nothing.
    pub fn put_rows(
        &mut self,
        bytes: &[u8],
        is_first: bool,
        from: usize,
        to: usize,
    ) -> Result<(), JsValue> {
        if is_first {
            self.codes = Codes::default();
        }
        let put = self.index.put_rows(&mut self.codes, bytes, from..to);
        put.map_err(|error| match error {
            PutError::Malformed => Facts::new("INTERNAL", "the rows are not the next rows").into(),
            PutError::OutOfMemory => no_memory_for_rows(),
        })
    }

    /// Adds the rows of a log that a cache has at a position, to a log that was not read. Returns
    /// false, and adds nothing, where the cache has no such log. Then the cache forgets all logs but
    /// the first `left` ones, and frees their memory.
    pub fn put_cached(
        &mut self,
        log: u32,
        cache: &mut RowCache,
        at: usize,
        left: usize,
    ) -> Result<bool, JsValue> {
        let Some(opened) = &mut cache.opened else {
            return Ok(false);
        };
        let put = self.index.put_cached(log, opened, at, left);
        put.map_err(|OutOfMemory| no_memory_for_rows())
    }

    /// Returns rows log by log, each once.
    pub fn rows_by_log(&self, rows: Option<Vec<u32>>) -> Vec<u32> {
        self.index.rows_by_log(rows_of(&rows))
    }

    /// Returns the log of each row, and the end of its entry in the file.
    pub fn row_ends(&self, rows: &[u32]) -> Vec<f64> {
        let mut ends = Vec::new();
        for (_, packed) in self.index.rows(Rows::These(rows)) {
            let end = packed.offset() + u64::from(packed.length);
            ends.push(packed.log.into());
            ends.push(end as f64);
        }
        ends
    }

    /// Returns rows, which stand log by log, as bytes for `put_rows` of an index without rows. Their
    /// logs get numbers from 0.
    pub fn rows_as_batch(&self, rows: &[u32]) -> Result<Vec<u8>, JsValue> {
        let batch = self.index.rows_as_batch(rows);
        batch.map_err(|_| no_memory_for_rows())
    }

    /// Returns the rows of logs as bytes for a [`RowCache`], with eight words for each log, and two
    /// texts.
    pub fn to_cache(
        &self,
        logs: &[u32],
        facts: &[u64],
        names: &str,
        notes: &str,
    ) -> Result<Vec<u8>, JsValue> {
        let kept = Kept {
            logs,
            facts,
            names,
            notes,
        };
        let bytes = self.index.to_cache(kept);
        bytes.map_err(|_| no_memory_for_rows())
    }

    /// Returns the mark of the log that is read, after its last chunk: the number of its bytes.
    pub fn mark_length(&self) -> usize {
        self.mark().length
    }

    /// Returns the [hash](hash()) of the mark's bytes.
    pub fn mark_hash(&self) -> u64 {
        self.mark().hash
    }

    fn mark(&self) -> Mark {
        let indexer = self.indexer.as_ref();
        indexer.map_or_else(Mark::default, Indexer::mark)
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
    pub fn damage(&self, from: usize, to: usize) -> JsValue {
        damage_of(&self.damage, from, to)
    }

    /// Returns offset and length of the bytes after the last line end, unless they are an entry;
    /// then of the pending bytes among them. They are those of the log that is read.
    pub fn rest(&self) -> Vec<f64> {
        let indexer = self.indexer.as_ref();
        let (rest, pending) = indexer.map_or(((0, 0), (0, 0)), |indexer| {
            (indexer.rest(), indexer.pending())
        });
        rest_of(rest, pending)
    }

    /// Returns the offset where reading of a log continues.
    pub fn position(&self, log: u32) -> f64 {
        self.index.state(log).position as f64
    }

    /// Returns how many rows are foreign.
    pub fn foreign(&self) -> usize {
        self.index.foreign()
    }

    /// Returns how many row numbers were given.
    pub fn length(&self) -> usize {
        self.index.len()
    }

    /// Returns how many rows were removed.
    pub fn holes(&self) -> usize {
        self.index.holes()
    }

    /// Returns six numbers for each of some logs, of which none is listed twice: its entries, how many
    /// of them are foreign, the rows of the earliest entry and of the latest one, and the codes of
    /// skill and status of the last one in the file. They are 0 for a log without entries.
    pub fn summaries(&self, logs: &[u32]) -> Vec<u32> {
        self.index.summaries(logs).into_flattened()
    }

    /// Returns a row as eleven numbers: the log, offset and length, the codes of skill, phase,
    /// status and model, the number of attempts, and three flags. The flags are 1 or 0 for verified,
    /// recovered and foreign. Empty where the row was removed. `js/indexing/log-index.js` reads them
    /// in this order.
    pub fn row(&self, row: usize) -> Vec<f64> {
        let Some(found) = self.index.packed_row(row) else {
            return Vec::new();
        };
        let is_set = |flag| f64::from(u8::from(found.is_set(flag)));
        let [skill, phase, status, model] = found.codes.map(f64::from);
        vec![
            found.log.into(),
            found.offset() as f64,
            found.length.into(),
            skill,
            phase,
            status,
            model,
            found.attempts.into(),
            is_set(row_flag::VERIFIED),
            is_set(row_flag::RECOVERED),
            is_set(row_flag::FOREIGN),
        ]
    }

    /// Returns the timestamps of rows, each with a space after it.
    pub fn timestamps(&self, rows: &[u32]) -> String {
        let mut texts = Vec::new();
        for (_, packed) in self.index.rows(Rows::These(rows)) {
            packed.time.timestamp().write(&mut texts);
            texts.push(b' ');
        }
        String::from_utf8(texts).unwrap_or_default()
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

fn state_of(state: State, log: u32) -> Vec<f64> {
    let State {
        position,
        lines,
        provisional,
    } = state;
    let numbers = [position, lines, provisional, log.into()];
    numbers.map(|number| number as f64).to_vec()
}

pub(super) fn no_memory_for_rows() -> JsValue {
    Facts::new("OUT_OF_MEMORY", "no memory for more rows").into()
}

fn not_begun() -> JsValue {
    Facts::new("INTERNAL", "the index is not being built").into()
}
