//! Canonical lines, in the core's memory, as JavaScript takes them.

use super::KEPT_BYTES;
use crate::encode::portable::PortableLines;
use crate::scan::RawEntry;

/// Lines, and the facts that JavaScript reads of them.
#[derive(Default)]
pub struct Lines {
    lines: PortableLines,
    /// Where reading continues after the last line so far.
    pub end: u64,
    facts: [f64; 7],
}

impl Lines {
    /// Removes all lines.
    pub fn clear(&mut self) {
        self.lines.clear(4 * KEPT_BYTES);
    }

    /// Appends the line of an entry.
    pub fn push(&mut self, entry: &RawEntry<'_>) {
        self.lines.push(entry);
    }

    /// Returns the address of seven numbers of 64 bits: the address and the length of the lines;
    /// how many they are; how many timestamps were changed, how many inputs had invalid UTF-8, and
    /// how many had lone surrogates; and the end. `js/entry/lines.js` reads them in this order.
    pub fn facts_at(&mut self) -> usize {
        let lines = &self.lines;
        self.facts = [
            lines.bytes.as_ptr().addr() as f64,
            lines.bytes.len() as f64,
            lines.count as f64,
            lines.changed_timestamps as f64,
            lines.invalid_utf8 as f64,
            lines.lone_surrogates as f64,
            self.end as f64,
        ];
        self.facts.as_ptr().addr()
    }
}
