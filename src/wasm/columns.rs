//! Columns of an index. `js/indexing/columns.js` has their numbers.

use wasm_bindgen::prelude::*;

use super::log_index::{LogIndex, rows_of};
use crate::index::columns::Column;

const COLUMNS: [Column; 18] = [
    Column::Code(0),
    Column::Code(1),
    Column::Code(2),
    Column::Code(3),
    Column::Log,
    Column::Timestamp,
    Column::DurationMs,
    Column::Length,
    Column::Attempts,
    Column::Offset,
    Column::Verified,
    Column::FirstVerified,
    Column::Recovered,
    Column::Foreign,
    Column::Seconds,
    Column::Nanoseconds,
    Column::DurationHigh,
    Column::DurationLow,
];

#[wasm_bindgen]
impl LogIndex {
    /// Returns a value of each of these rows, or of all rows. Rows that were removed are left out.
    pub fn column(&self, column: usize, rows: Option<Vec<u32>>) -> Vec<f64> {
        self.index.column(COLUMNS[column], rows_of(&rows))
    }
}
