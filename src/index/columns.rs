//! One value of each row, as numbers.

use crate::index::Index;
use crate::index::select::Rows;
use crate::index::table::{PackedRow, row_flag};

/// What is listed of each row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The instant in milliseconds since the start of 1970 in UTC: the nearest number that is in
    /// the instant's millisecond.
    Timestamp,
    /// The duration in milliseconds, rounded beyond ±2^53. 0 where there is none.
    DurationMs,
    /// The length of the entry in bytes.
    Length,
    /// The number of attempts.
    Attempts,
    /// Offset in the file of the entry's first byte.
    Offset,
    /// 1 where the last attempt was verified, else 0.
    Verified,
    /// 1 where the first attempt was verified, else 0.
    FirstVerified,
    /// 1 where the entry was recovered from a damaged line, else 0.
    Recovered,
    /// 1 where the entry is foreign, else 0.
    Foreign,
    /// The code of a text: 0 for skill, 1 for phase, 2 for status, 3 for model.
    Code(usize),
    /// The number of the log.
    Log,
    /// The seconds of the instant, since the start of the year 0 in UTC.
    Seconds,
    /// The nanoseconds of the instant, after its seconds.
    Nanoseconds,
    /// The duration without its lowest 32 bits.
    DurationHigh,
    /// The lowest 32 bits of the duration.
    DurationLow,
}

/// Seconds from the start of the year 0 to the start of 1970.
const SECONDS_TO_1970: i64 = 62_167_219_200;

impl Index {
    /// Returns a value of each of some rows. Holes are left out.
    pub fn column(&self, column: Column, rows: Rows<'_>) -> Vec<f64> {
        self.rows(rows).map(|(_, row)| value(column, row)).collect()
    }
}

fn value(column: Column, row: &PackedRow) -> f64 {
    let is_set = |flag| f64::from(u8::from(row.is_set(flag)));
    let instant = || row.time.timestamp().instant();
    match column {
        Column::Timestamp => milliseconds(instant()),
        Column::DurationMs => row.duration_ms as f64,
        Column::Length => row.length.into(),
        Column::Attempts => row.attempts.into(),
        Column::Offset => row.offset() as f64,
        Column::Verified => is_set(row_flag::VERIFIED),
        Column::FirstVerified => is_set(row_flag::FIRST_VERIFIED),
        Column::Recovered => is_set(row_flag::RECOVERED),
        Column::Foreign => is_set(row_flag::FOREIGN),
        Column::Code(text) => row.codes[text].into(),
        Column::Log => row.log.into(),
        Column::Seconds => instant().0 as f64,
        Column::Nanoseconds => instant().1.into(),
        Column::DurationHigh => (row.duration_ms >> 32) as f64,
        Column::DurationLow => (row.duration_ms as u32).into(),
    }
}

/// Returns an instant in milliseconds since 1970.
fn milliseconds((seconds, nanoseconds): (i64, u32)) -> f64 {
    let whole = (seconds - SECONDS_TO_1970) * 1000 + i64::from(nanoseconds / 1_000_000);
    let instant = whole as f64 + f64::from(nanoseconds % 1_000_000) / 1e6;
    // Rounding may not move an instant into the next millisecond, which selections tell apart.
    if instant < (whole + 1) as f64 {
        instant
    } else {
        instant.next_down()
    }
}
