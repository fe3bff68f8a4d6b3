use wasm_bindgen::prelude::*;

use super::log_index::{LogIndex, no_memory_for_rows, rows_of};
use super::object;
use crate::index::OutOfMemory;
use crate::index::totals;

/// Statistics of the rows of any number of indexes.
#[wasm_bindgen]
#[derive(Default)]
pub struct Totals(totals::Totals);

#[wasm_bindgen]
impl Totals {
    /// Starts from no rows.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds rows of an index: these rows, or all of them.
    pub fn add(&mut self, index: &LogIndex, rows: Option<Vec<u32>>) -> Result<(), JsValue> {
        let added = self.0.add(&index.index, rows_of(&rows));
        added.map_err(|OutOfMemory| no_memory_for_rows())
    }

    /// Returns the statistics as an object.
    pub fn stats(&self) -> Result<JsValue, JsValue> {
        let stats = self.0.stats().map_err(|OutOfMemory| no_memory_for_rows())?;
        Ok(object::stats(&stats))
    }
}
