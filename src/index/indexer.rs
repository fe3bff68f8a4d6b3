//! A log → rows of an index, chunk by chunk.

use std::collections::TryReserveError;

use crate::Place;
use crate::damage::Damage;
use crate::index::cache::hash;
use crate::index::{Index, OutOfMemory, State};
use crate::reader::{ReadOptions, Reader, Record, Refused, Sink};
use crate::scan::{Attempts, RawEntry};

/// Reads a log into an index, chunk by chunk, from where the log was [read](Index::state) to.
#[derive(Debug)]
pub struct Indexer {
    log: u32,
    reader: Reader,
    mark: Mark,
}

/// The last bytes before a known end of a log. They identify the log later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// How many bytes there are: at most [`MARK_BYTES`].
    pub length: usize,
    /// Their hash: [`cache::hash`](crate::index::cache::hash()).
    pub hash: u64,
}

/// The most bytes of a mark. Most entries are shorter, so that a mark holds a timestamp.
pub const MARK_BYTES: usize = 1 << 10;

/// Adds the records of a reader to an index, and collects the damage.
struct RowSink<'a> {
    index: &'a mut Index,
    log: u32,
    damage: &'a mut Vec<Damage>,
    /// The numbers of the rows that were found since this was emptied.
    found: Vec<u32>,
    result: Result<(), OutOfMemory>,
}

impl Sink for RowSink<'_> {
    fn entry(&mut self, entry: &RawEntry<'_>, record: Record) {
        let log = &self.index.logs[self.log as usize];
        if self.result.is_err() || !log.is_after_last(record.offset) {
            return;
        }
        let packed = self.index.packed(self.log, entry, record);
        match self.index.put(packed) {
            Ok(row) => self.found.extend(row),
            Err(error) => self.result = Err(error),
        }
    }

    fn damage(&mut self, damage: Damage) {
        self.index.drop_provisional(self.log);
        self.damage.push(damage);
    }
}

impl Indexer {
    /// Makes an indexer that continues a log: the first byte of its first chunk is at the log's
    /// [`position`](State::position). `max_line_bytes` and `settled` are [`ReadOptions`].
    pub fn new(index: &Index, log: u32, max_line_bytes: u64, settled: bool) -> Self {
        let State {
            position, lines, ..
        } = index.state(log);
        Self {
            log,
            reader: Reader::new(ReadOptions {
                offset: position,
                lines,
                max_line_bytes,
                attempts: Attempts::Counted,
                settled,
                ..ReadOptions::default()
            }),
            mark: Mark::default(),
        }
    }

    /// Takes the memory of an indexer that is not needed any more.
    pub fn reuse(&mut self, other: Self) {
        self.reader.reuse(other.reader);
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
        if index.logs.len() <= self.log as usize {
            return Ok(());
        }
        let mark = is_last.then(|| self.mark_before_last_line_end());
        let mut rows = RowSink {
            index,
            log: self.log,
            damage,
            found: Vec::new(),
            result: Ok(()),
        };
        // Reading that is not strict fails only where memory is missing.
        let refused = |_: Refused| OutOfMemory;
        self.reader.read(&mut rows).map_err(refused)?;
        rows.result?;
        let (position, _) = self.reader.rest();
        self.mark = match mark {
            Some((end, mark)) if end == position => mark,
            _ => Mark::default(),
        };
        let log = &mut rows.index.logs[self.log as usize];
        log.position = position;
        log.lines = self.reader.lines();
        let next = log.next;
        rows.found.clear();
        if self.reader.is_unsettled() || !is_last {
            self.reader.flush(&mut rows);
        } else {
            self.reader.finish(&mut rows).map_err(refused)?;
            // The rows of a last line that a writer may still change stay until it is read.
            if !self.reader.is_unsettled() {
                // The bytes after the last line end have no such entries now, but may have had them.
                rows.index.drop_provisional(self.log);
                rows.index.logs[self.log as usize].expect(rows.found, next);
            }
        }
        rows.result
    }

    /// Returns the mark of the bytes before the last line end that was not read yet, and the offset
    /// after that line end.
    fn mark_before_last_line_end(&self) -> (u64, Mark) {
        let (offset, bytes) = self.reader.unread();
        let length = bytes
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |at| at + 1);
        let marked = &bytes[length.saturating_sub(MARK_BYTES)..length];
        let mark = Mark {
            length: marked.len(),
            hash: hash(marked),
        };
        (offset + length as u64, mark)
    }

    /// Returns the mark of the log as far as it was read, after its last chunk. It is empty where
    /// the last chunk had no line end.
    pub fn mark(&self) -> Mark {
        self.mark
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
