//! Rows in the order of a column.
//!
//! The sort is by digits, from the lowest: it is stable, and takes a time that grows with the rows
//! alone. (A comparison sort of the standard library would take three times as many bytes of wasm.)

use std::collections::TryReserveError;

use crate::index::Index;
use crate::index::columns::{Texts, code};
use crate::index::select::Rows;
use crate::index::table::{PackedRow, row_flag};

/// What rows are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By<'a> {
    /// The instant, to the nanosecond.
    Timestamp,
    /// The duration. Entries without one come last.
    DurationMs,
    /// The length of the entry.
    Length,
    /// The number of attempts.
    Attempts,
    /// Offset in the file.
    Offset,
    /// Whether the last attempt was verified: first those where it was not. Entries without
    /// attempts come last.
    Verified,
    /// Whether the entry was recovered: first those that were not.
    Recovered,
    /// Whether the entry is foreign: first those that are not.
    Foreign,
    /// A text, by its code points. Entries without a phase or a model come last.
    Text(Texts<'a>),
}

/// The bits of a digit.
const DIGIT_BITS: u32 = 8;
const DIGITS: usize = 1 << DIGIT_BITS;

/// A row, and the key that it is sorted by.
type Keyed = (u64, u32);

impl Index {
    /// Returns rows in the order of a column. Rows that agree in it keep their order. What comes
    /// last where it is missing comes last in descending order too. Holes are left out.
    ///
    /// # Errors
    ///
    /// Occurs when there is not enough memory.
    pub fn sort(
        &self,
        by: By<'_>,
        is_descending: bool,
        rows: Rows<'_>,
    ) -> Result<Vec<u32>, TryReserveError> {
        let ranks = match by {
            By::Text(column) => {
                let order = self.order_of(column);
                let mut ranks = vec![0; order.len()];
                for (rank, &code) in (0..).zip(&order) {
                    ranks[code as usize] = rank;
                }
                ranks
            }
            _ => Vec::new(),
        };
        let flip = if is_descending { u64::MAX } else { 0 };
        let mut sorted: Vec<u32> = self.rows(rows).map(|(row, _)| row as u32).collect();
        for is_high in [false, true] {
            let key = |row: u32| {
                let packed = self.packed_row(row as usize)?;
                Some(key(by, packed, &ranks, is_high, flip))
            };
            let mut keyed = Vec::new();
            keyed.try_reserve_exact(sorted.len())?;
            keyed.extend(sorted.iter().map(|&row| (key(row).unwrap_or(0), row)));
            sort_by_digits(&mut keyed)?;
            for (slot, (_, row)) in sorted.iter_mut().zip(keyed) {
                *slot = row;
            }
        }
        Ok(sorted)
    }
}

/// Returns one of the two keys that a row is sorted by: first by the low key, then by the high key.
fn key(by: By<'_>, row: &PackedRow, ranks: &[u32], is_high: bool, flip: u64) -> u64 {
    let (low, is_missing) = match by {
        By::Timestamp => {
            let (seconds, nanoseconds) = row.time.timestamp().instant();
            let key = if is_high {
                signed(seconds)
            } else {
                nanoseconds.into()
            };
            return key ^ flip;
        }
        By::DurationMs => (signed(row.duration_ms), row.duration_ms == 0),
        By::Length => (row.length.into(), false),
        By::Attempts => (row.attempts.into(), false),
        By::Offset => (row.offset(), false),
        By::Verified => (row.is_set(row_flag::VERIFIED).into(), row.attempts == 0),
        By::Recovered => (row.is_set(row_flag::RECOVERED).into(), false),
        By::Foreign => (row.is_set(row_flag::FOREIGN).into(), false),
        By::Text(column) => {
            let code = code(column, row);
            let is_optional = matches!(column, Texts::Dictionary(1 | 3));
            // Code 0 is the empty text, which stands for no text.
            (ranks[code as usize].into(), is_optional && code == 0)
        }
    };
    if is_high {
        is_missing.into()
    } else {
        low ^ flip
    }
}

/// Returns a number that is ordered as a number with a sign.
fn signed(number: i64) -> u64 {
    number as u64 ^ 1 << 63
}

/// Sorts rows by their keys. Rows of one key keep their order.
fn sort_by_digits(keyed: &mut Vec<Keyed>) -> Result<(), TryReserveError> {
    let first = keyed.first().map_or(0, |&(key, _)| key);
    let varying = keyed.iter().fold(0, |bits, (key, _)| bits | key ^ first);
    let mut other: Vec<Keyed> = Vec::new();
    for shift in (0..u64::BITS).step_by(DIGIT_BITS as usize) {
        let digit = |key: u64| (key >> shift) as usize % DIGITS;
        if digit(varying) == 0 {
            continue;
        }
        if other.is_empty() {
            other.try_reserve_exact(keyed.len())?;
            other.resize(keyed.len(), (0, 0));
        }
        let mut places = [0; DIGITS];
        for &(key, _) in keyed.iter() {
            places[digit(key)] += 1;
        }
        let mut next = 0;
        for place in &mut places {
            next += std::mem::replace(place, next);
        }
        for &(key, row) in keyed.iter() {
            let place = &mut places[digit(key)];
            other[*place] = (key, row);
            *place += 1;
        }
        std::mem::swap(keyed, &mut other);
    }
    Ok(())
}
