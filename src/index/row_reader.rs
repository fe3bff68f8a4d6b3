//! The rows of an index → stretches of the files, which are read again for the entries of the rows.

use std::collections::TryReserveError;

use crate::index::Index;
use crate::index::table::PackedRow;
use crate::scan::{RawEntry, rescan};
use crate::search::Needle;

/// The most bytes that are read at once for rows that stand near each other.
const STRETCH_BYTES: u64 = 1 << 19;
/// The most bytes between two rows that are read at once, because reading them costs less than
/// another read.
const GAP_BYTES: u64 = 1 << 14;

/// A part of a file that is read at once for one row or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The number of the log.
    pub log: u32,
    /// Offset in the file of its first byte.
    pub offset: u64,
    /// Its length in bytes.
    pub length: usize,
    /// The position in the list after its last row.
    pub to: usize,
}

/// Why a row was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowError {
    /// Offset of the row's entry, where there is such a row.
    pub offset: Option<u64>,
    /// Whether there was not enough memory. Otherwise the file was changed, so that the bytes of
    /// the row are another entry or none; or there is no such row any more, because more bytes of
    /// its line came and replaced it.
    pub is_out_of_memory: bool,
}

/// The error of a row that does not exist.
const NO_ROW: RowError = RowError {
    offset: None,
    is_out_of_memory: false,
};

/// Reads the entries of rows again. `at`, `from` and `to` are positions in the list of the rows
/// that were asked for, or of all rows.
#[derive(Debug, Default)]
pub struct RowReader {
    rows: Option<Vec<u32>>,
    buffer: Vec<u8>,
    /// Offset in the file of the buffer's first byte.
    offset: u64,
}

impl RowReader {
    /// Makes a reader of these rows, or of all rows where `rows` is none.
    pub fn new(rows: Option<Vec<u32>>) -> Self {
        Self {
            rows,
            ..Self::default()
        }
    }

    /// Returns the row at a position in the list. None after the last position.
    fn row(&self, index: &Index, at: usize) -> Option<usize> {
        match &self.rows {
            Some(rows) => rows.get(at).map(|&row| row as usize),
            None => (at < index.len()).then_some(at),
        }
    }

    /// Returns the stretch of the row at `from` and of rows of the same log that follow in the list, if
    /// each stands shortly after the row before. None after the last position.
    ///
    /// # Errors
    ///
    /// Occurs when the list has a row there that does not exist.
    pub fn stretch(&self, index: &Index, from: usize) -> Result<Option<Stretch>, RowError> {
        let place = |at| {
            let packed = index.packed_row(self.row(index, at)?)?;
            Some((packed.log, packed.offset(), packed.length))
        };
        let Some((log, offset, length)) = place(from) else {
            return match self.row(index, from) {
                Some(_) => Err(NO_ROW),
                None => Ok(None),
            };
        };
        let mut end = offset + u64::from(length);
        let mut to = from + 1;
        while let Some((next_log, next, length)) = place(to) {
            let next_end = next + u64::from(length);
            if next_log != log
                || next < end
                || next - end > GAP_BYTES
                || next_end - offset > STRETCH_BYTES
            {
                break;
            }
            end = next_end;
            to += 1;
        }
        // Longer than `STRETCH_BYTES` only where one row is.
        let length = usize::try_from(end - offset).unwrap_or(usize::MAX);
        Ok(Some(Stretch {
            log,
            offset,
            length,
            to,
        }))
    }

    /// Makes room for the bytes of a stretch and returns it, with any bytes. The caller writes the
    /// bytes there.
    ///
    /// # Errors
    ///
    /// Occurs when there is not enough memory.
    pub fn space(&mut self, offset: u64, length: usize) -> Result<&mut [u8], TryReserveError> {
        self.offset = offset;
        self.buffer.truncate(length);
        self.buffer.shrink_to(STRETCH_BYTES as usize);
        self.buffer.try_reserve_exact(length - self.buffer.len())?;
        self.buffer.resize(length, 0);
        Ok(&mut self.buffer)
    }

    /// Returns how many bytes the stretch has: no entry of it has more.
    pub fn length(&self) -> usize {
        self.buffer.len()
    }

    /// Returns where in the buffer a row's entry starts, and its bytes.
    #[inline]
    fn bytes(&self, index: &Index, row: usize) -> Option<(usize, &[u8])> {
        let (offset, length) = index.place(row)?;
        let start = usize::try_from(offset.checked_sub(self.offset)?).ok()?;
        let bytes = self.buffer.get(start..start.checked_add(length)?)?;
        Some((start, bytes))
    }

    /// Scans the entry of the row at a position in the list, whose bytes are in the buffer.
    ///
    /// # Errors
    ///
    /// Occurs when the bytes are no entry, or another entry than the row's.
    pub fn entry(&self, index: &Index, at: usize) -> Result<RawEntry<'_>, RowError> {
        let row = self.row(index, at).ok_or(NO_ROW)?;
        self.entry_of(index, row, false)
    }

    /// Scans the entry of a row, whose bytes are in the buffer.
    #[inline(never)]
    fn entry_of(
        &self,
        index: &Index,
        row: usize,
        trusts_strings: bool,
    ) -> Result<RawEntry<'_>, RowError> {
        let row_error = |is_out_of_memory| RowError {
            offset: index.place(row).map(|(offset, _)| offset),
            is_out_of_memory,
        };
        let (_, bytes) = self.bytes(index, row).ok_or_else(|| row_error(false))?;
        let entry =
            rescan(bytes, trusts_strings).map_err(|error| row_error(error.is_out_of_memory()))?;
        if index.is_row_of(row, &entry) {
            Ok(entry)
        } else {
            Err(row_error(false))
        }
    }

    /// Returns where the lines of the buffer start and end whose entries have a text. The buffer has
    /// whole lines.
    ///
    /// None where only the rows tell: timestamps may have the text, or a line that has it is no
    /// entry, and may have several.
    pub fn lines_with(&self, needle: &Needle) -> Option<Vec<u32>> {
        if needle.may_be_in_timestamp() {
            return None;
        }
        let text = &self.buffer[..];
        let mut lines = Vec::new();
        let mut at = 0;
        loop {
            let candidate = needle.candidate(text, at);
            if candidate >= text.len() {
                return Some(lines);
            }
            let is_end = |&byte: &u8| byte == b'\n';
            let (before, after) = text.split_at(candidate);
            let start = before.iter().rposition(is_end).map_or(0, |end| end + 1);
            at = after
                .iter()
                .position(is_end)
                .map_or(text.len(), |end| candidate + end);
            let entry = rescan(&text[start..at], false).ok()?;
            if needle.is_in_entry_at(&entry, after) {
                lines.extend([start as u32, at as u32]);
            }
        }
    }

    /// Returns those of the rows at `from..to` that have a text. Their bytes are in the buffer.
    ///
    /// The entry of a row that has a candidate is scanned, without the insides of its strings.
    ///
    /// # Errors
    ///
    /// Occurs when a row has a candidate and its bytes are no entry, or another entry than the
    /// row's.
    pub fn search(
        &self,
        index: &Index,
        needle: &Needle,
        from: usize,
        to: usize,
    ) -> Result<Vec<u32>, RowError> {
        let mut hits = Vec::new();
        // The next candidate in the buffer.
        let mut candidate = needle.candidate(&self.buffer, 0);
        for at in from..to {
            let with_bytes = |row| Some((row, self.bytes(index, row)?));
            let (row, (start, bytes)) = self.row(index, at).and_then(with_bytes).ok_or(NO_ROW)?;
            if candidate < start {
                candidate = needle.candidate(&self.buffer, start);
            }
            let timestamp = |packed: &PackedRow| needle.is_in_timestamp(&packed.time.timestamp());
            let is_hit = index.packed_row(row).is_some_and(timestamp)
                || candidate < start + bytes.len()
                    && needle.is_in_entry_at(
                        &self.entry_of(index, row, true)?,
                        &self.buffer[candidate..],
                    );
            if is_hit {
                hits.push(row as u32);
            }
        }
        Ok(hits)
    }
}
