//! Rows as an index holds them: 56 bytes each, and numbers only.
//!
//! A row that was removed stays as a hole, so that the numbers of the other rows stay.
//!
//! The table is stored by row, not by column. Of 885,000 rows, those with a skill and a status are
//! found in 5 ms either way. But a row is read, added or sent in one step, by less code.
//! `row_batch` has the layout in which a row is sent.

use std::collections::TryReserveError;

use crate::timestamp::Timestamp;

/// The flags of a row, one bit each.
pub(crate) mod row_flag {
    pub const VERIFIED: u8 = 1 << 0;
    pub const FIRST_VERIFIED: u8 = 1 << 1;
    pub const RECOVERED: u8 = 1 << 2;
    pub const FOREIGN: u8 = 1 << 3;
    /// The row is a hole.
    pub const REMOVED: u8 = 1 << 4;
}

/// The largest offset that a row can have: 48 bits, or 256 TiB.
pub(crate) const MAX_OFFSET: u64 = (1 << 48) - 1;

/// A row of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PackedRow {
    pub duration_ms: i64,
    /// The number of the log.
    pub log: u32,
    pub length: u32,
    /// The codes of skill, phase, status and model, each in its dictionary.
    pub codes: [u32; 4],
    pub attempts: u32,
    pub(super) offset_low: u32,
    pub(super) offset_high: u16,
    pub time: PackedTime,
}

const _: () = assert!(size_of::<PackedRow>() == 56);

impl PackedRow {
    pub fn offset(&self) -> u64 {
        u64::from(self.offset_low) | u64::from(self.offset_high) << 32
    }

    /// Sets the offset, which is at most [`MAX_OFFSET`].
    pub fn at(self, offset: u64) -> Self {
        Self {
            offset_low: offset as u32,
            offset_high: (offset >> 32) as u16,
            ..self
        }
    }

    pub fn is_removed(&self) -> bool {
        self.is_set(row_flag::REMOVED)
    }

    pub fn is_set(&self, flag: u8) -> bool {
        self.time.flags & flag != 0
    }
}

/// A timestamp with the flags of the row, which take no byte more: apart they would make a row 8
/// bytes longer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PackedTime {
    /// Two halves, the low half first, so that the time takes 14 bytes and not 16.
    nanosecond: [u16; 2],
    year: u16,
    offset: i16,
    /// Month, day, hour, minute and second.
    clock: [u8; 5],
    pub flags: u8,
}

impl PackedTime {
    pub fn new(timestamp: Timestamp, flags: u8) -> Self {
        let Timestamp {
            year,
            month,
            day,
            hour,
            minute,
            second,
            nanosecond,
            offset,
        } = timestamp;
        Self {
            nanosecond: [nanosecond as u16, (nanosecond >> 16) as u16],
            year,
            offset,
            clock: [month, day, hour, minute, second],
            flags,
        }
    }

    pub fn timestamp(&self) -> Timestamp {
        let [month, day, hour, minute, second] = self.clock;
        Timestamp {
            year: self.year,
            month,
            day,
            hour,
            minute,
            second,
            nanosecond: u32::from(self.nanosecond[0]) | u32::from(self.nanosecond[1]) << 16,
            offset: self.offset,
        }
    }
}

/// Rows of a block. The table grows by whole blocks, so that growing copies nothing. Only the first
/// block grows row by row, because most logs have few entries.
const BLOCK_ROWS: usize = 1 << 14;

/// Rows by number.
#[derive(Debug, Default)]
pub(crate) struct Table {
    blocks: Vec<Vec<PackedRow>>,
    length: usize,
}

impl Table {
    pub fn len(&self) -> usize {
        self.length
    }

    /// Returns a row. None where there are not so many rows.
    pub fn get(&self, row: usize) -> Option<&PackedRow> {
        self.blocks.get(row / BLOCK_ROWS)?.get(row % BLOCK_ROWS)
    }

    pub fn iter(&self) -> impl Iterator<Item = &PackedRow> {
        self.blocks.iter().flatten()
    }

    pub fn get_mut(&mut self, row: usize) -> Option<&mut PackedRow> {
        self.blocks
            .get_mut(row / BLOCK_ROWS)?
            .get_mut(row % BLOCK_ROWS)
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut PackedRow> {
        self.blocks.iter_mut().flatten()
    }

    pub fn push(&mut self, row: PackedRow) -> Result<(), TryReserveError> {
        let block = self.length / BLOCK_ROWS;
        if block == self.blocks.len() {
            self.blocks.try_reserve(1)?;
            self.blocks.push(Vec::new());
        }
        let rows = &mut self.blocks[block];
        // A new block gets all its room at once, and so exactly.
        let is_new = block > 0 && rows.is_empty();
        rows.try_reserve(if is_new { BLOCK_ROWS } else { 1 })?;
        rows.push(row);
        self.length += 1;
        Ok(())
    }

    /// Removes all rows, and keeps the memory of the first block.
    pub fn clear(&mut self) {
        self.blocks.truncate(1);
        if let Some(first) = self.blocks.first_mut() {
            first.clear();
        }
        self.length = 0;
    }
}
