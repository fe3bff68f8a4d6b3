//! The rows of an index → stretches of the file, read again for their entries.

use std::collections::TryReserveError;

use crate::index::Index;
use crate::index::table::Cells;
use crate::scan::{Attempts, RawEntry, scan};
use crate::search::Needle;

/// Bytes that are read at once for rows that stand near each other.
const STRETCH_BYTES: u64 = 1 << 19;
/// Bytes between two rows that are read rather than skipped.
const GAP_BYTES: u64 = 1 << 14;

/// Part of a file that has rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Of its first byte in the file.
    pub offset: u64,
    /// In bytes.
    pub length: usize,
    /// The place in the list behind its last row.
    pub to: usize,
}

/// Why a row was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowGone {
    /// Where the entry stood, where that is known.
    pub offset: Option<u64>,
    /// Whether memory did not suffice. Else the bytes of the row are no entry any more, or another one,
    /// because the file was changed; or there is no such row any more, because its line had no line end and became
    /// another one.
    pub is_out_of_memory: bool,
}

/// What is said of a row that is not there.
const NO_ROW: RowGone = RowGone {
    offset: None,
    is_out_of_memory: false,
};

/// Reads rows again. They have a place in a list: of those that were asked for, or of all.
#[derive(Debug, Default)]
pub struct RowReader {
    rows: Option<Vec<u32>>,
    buffer: Vec<u8>,
    /// Where in the file the buffer starts.
    offset: u64,
}

impl RowReader {
    /// Makes a reader of rows, or of all where there are none.
    pub fn new(rows: Option<Vec<u32>>) -> Self {
        Self {
            rows,
            ..Self::default()
        }
    }

    /// Gives the row at a place in the list; none behind the last one.
    fn row(&self, index: &Index, at: usize) -> Option<usize> {
        match &self.rows {
            Some(rows) => rows.get(at).map(|&row| row as usize),
            None => (at < index.len()).then_some(at),
        }
    }

    /// Gives the stretch that has the row at a place in the list, and those that follow in the list and
    /// stand behind it and near it. None behind the last row.
    ///
    /// # Errors
    ///
    /// Occurs when there is no such row.
    pub fn stretch(&self, index: &Index, from: usize) -> Result<Option<Stretch>, RowGone> {
        let place = |at| index.place(self.row(index, at)?);
        let Some((offset, length)) = place(from) else {
            return match self.row(index, from) {
                Some(_) => Err(NO_ROW),
                None => Ok(None),
            };
        };
        let mut end = offset + length as u64;
        let mut to = from + 1;
        while let Some((next, length)) = place(to) {
            let next_end = next + length as u64;
            if next < end || next - end > GAP_BYTES || next_end - offset > STRETCH_BYTES {
                break;
            }
            end = next_end;
            to += 1;
        }
        // One row, or a few that are no longer than what is read at once.
        let length = usize::try_from(end - offset).unwrap_or(usize::MAX);
        Ok(Some(Stretch { offset, length, to }))
    }

    /// Makes room for the bytes of a stretch and gives it, zeroed, to be written to.
    ///
    /// # Errors
    ///
    /// Occurs when memory does not suffice.
    pub fn space(&mut self, offset: u64, length: usize) -> Result<&mut [u8], TryReserveError> {
        self.offset = offset;
        self.buffer.clear();
        self.buffer.shrink_to(STRETCH_BYTES as usize);
        self.buffer.try_reserve_exact(length)?;
        self.buffer.resize(length, 0);
        Ok(&mut self.buffer)
    }

    /// Gives where in the buffer a row's entry starts, and its bytes.
    fn bytes(&self, index: &Index, row: usize) -> Option<(usize, &[u8])> {
        let (offset, length) = index.place(row)?;
        let start = usize::try_from(offset.checked_sub(self.offset)?).ok()?;
        let bytes = self.buffer.get(start..start.checked_add(length)?)?;
        Some((start, bytes))
    }

    /// Scans the entry of the row at a place in the list; its bytes are in the buffer.
    ///
    /// # Errors
    ///
    /// Occurs when they are no entry any more, or not the row's.
    pub fn entry(&self, index: &Index, at: usize) -> Result<RawEntry<'_>, RowGone> {
        let row = self.row(index, at).ok_or(NO_ROW)?;
        self.entry_of(index, row)
    }

    fn entry_of(&self, index: &Index, row: usize) -> Result<RawEntry<'_>, RowGone> {
        let gone = |is_out_of_memory| RowGone {
            offset: index.place(row).map(|(offset, _)| offset),
            is_out_of_memory,
        };
        let (_, bytes) = self.bytes(index, row).ok_or_else(|| gone(false))?;
        let entry = scan(bytes, Attempts::Held).map_err(|error| gone(error.is_out_of_memory()))?;
        if index.is_row_of(row, &entry) {
            Ok(entry)
        } else {
            Err(gone(false))
        }
    }

    /// Gives those of the rows from one place in the list up to another that hold a text; their bytes
    /// are in the buffer.
    ///
    /// # Errors
    ///
    /// Occurs when the bytes of a row that may hold it are no entry any more.
    pub fn search(
        &self,
        index: &Index,
        needle: &Needle,
        from: usize,
        to: usize,
    ) -> Result<Vec<u32>, RowGone> {
        let mut hits = Vec::new();
        // Where the text may be next.
        let mut candidate = needle.candidate(&self.buffer, 0);
        for at in from..to {
            let place = |row| Some((row, self.bytes(index, row)?));
            let (row, (start, bytes)) = self.row(index, at).and_then(place).ok_or(NO_ROW)?;
            if candidate < start {
                candidate = needle.candidate(&self.buffer, start);
            }
            let timestamp = |cells: &Cells| needle.is_in_timestamp(&cells.moment.timestamp());
            let is_hit = index.cells(row).is_some_and(timestamp)
                || candidate < start + bytes.len()
                    && needle
                        .is_in_entry_at(&self.entry_of(index, row)?, &self.buffer[candidate..]);
            if is_hit {
                hits.push(row as u32);
            }
        }
        Ok(hits)
    }
}
