//! One value of each row: as numbers, or as codes of texts.

use crate::index::Index;
use crate::index::select::Rows;
use crate::index::table::{PackedRow, row_flag};

/// A column whose values are numbers. A flag is 1 or 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// The instant in milliseconds since the start of 1970 in UTC.
    Timestamp,
    /// The duration in milliseconds, rounded beyond ±2^53. 0 where there is none.
    DurationMs,
    /// The length of the entry in bytes.
    Length,
    /// The number of attempts.
    Attempts,
    /// Offset in the file of the entry's first byte.
    Offset,
    /// Whether the last attempt was verified.
    Verified,
    /// Whether the entry was recovered from a damaged line.
    Recovered,
    /// Whether the entry is foreign.
    Foreign,
}

/// A column whose values are texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Texts<'a> {
    /// The column of a dictionary: 0 for skill, 1 for phase, 2 for status, 3 for model.
    Dictionary(usize),
    /// The log. The numbers of all logs are in the order of their names; equal names stand together.
    Logs(&'a [u32]),
}

/// The texts of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coded {
    /// For each row, the place of its text in `texts`.
    pub codes: Vec<u32>,
    /// The texts that rows have, in the order of code points: codes of the dictionary, or numbers
    /// of logs.
    pub texts: Vec<u32>,
}

/// Seconds from the start of the year 0 to the start of 1970.
const SECONDS_TO_1970: i64 = 62_167_219_200;

impl Index {
    /// Returns the values of rows in a column. Holes are left out.
    pub fn numbers(&self, column: Numbers, rows: Rows<'_>) -> Vec<f64> {
        self.rows(rows)
            .map(|(_, row)| number(column, row))
            .collect()
    }

    /// Returns the texts of rows in a column. Holes are left out.
    pub fn coded(&self, column: Texts<'_>, rows: Rows<'_>) -> Coded {
        let mut codes: Vec<u32> = self.rows(rows).map(|(_, row)| code(column, row)).collect();
        let order = self.order_of(column);
        let mut places = vec![0; order.len()];
        for &code in &codes {
            places[code as usize] = 1;
        }
        let mut texts = Vec::new();
        for &code in &order {
            let place = &mut places[code as usize];
            if *place == 1 {
                *place = texts.len() as u32;
                texts.push(code);
            }
        }
        for code in &mut codes {
            *code = places[*code as usize];
        }
        Coded { codes, texts }
    }

    /// Returns the codes of a column in the order of their texts.
    pub(super) fn order_of(&self, column: Texts<'_>) -> Vec<u32> {
        match column {
            Texts::Dictionary(column) => self.dictionaries[column].codes_by_text(),
            Texts::Logs(order) => order.to_vec(),
        }
    }
}

/// Returns the code of a row in a column.
pub(super) fn code(column: Texts<'_>, row: &PackedRow) -> u32 {
    match column {
        Texts::Dictionary(column) => row.codes[column],
        Texts::Logs(_) => row.log,
    }
}

/// Returns the value of a row in a column.
fn number(column: Numbers, row: &PackedRow) -> f64 {
    let is_set = |flag| f64::from(u8::from(row.is_set(flag)));
    match column {
        Numbers::Timestamp => milliseconds(row),
        Numbers::DurationMs => row.duration_ms as f64,
        Numbers::Length => row.length.into(),
        Numbers::Attempts => row.attempts.into(),
        Numbers::Offset => row.offset() as f64,
        Numbers::Verified => is_set(row_flag::VERIFIED),
        Numbers::Recovered => is_set(row_flag::RECOVERED),
        Numbers::Foreign => is_set(row_flag::FOREIGN),
    }
}

/// Returns the instant of a row in milliseconds since 1970: the nearest number that is not after
/// the instant's millisecond, so that rounding moves no instant into the next millisecond.
fn milliseconds(row: &PackedRow) -> f64 {
    let (seconds, nanoseconds) = row.time.timestamp().instant();
    let whole = (seconds - SECONDS_TO_1970) * 1000 + i64::from(nanoseconds / 1_000_000);
    let instant = whole as f64 + f64::from(nanoseconds % 1_000_000) / 1e6;
    if instant < (whole + 1) as f64 {
        instant
    } else {
        instant.next_down()
    }
}
