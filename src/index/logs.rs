//! How far each log of an index was read.

use crate::index::Index;
use crate::index::select::Rows;
use crate::index::table::row_flag;

/// How far a log was read. Reading continues from here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Offset of the first line that may still change.
    pub position: u64,
    /// How many line ends stand before it.
    pub lines: u64,
    /// How many of the log's last rows are provisional: their line has not ended, and more bytes
    /// may change it.
    pub provisional: u64,
}

/// The number of a provisional row that this index does not have.
pub(super) const NO_ROW: u32 = u32::MAX;

/// A log of an index.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub position: u64,
    pub lines: u64,
    /// Where the next row may be: 1 more than the offset of the last row that is not provisional.
    pub next: u64,
    /// The numbers of the provisional rows that were not found again yet, the last row first.
    pub provisional: Vec<u32>,
    /// Whether its rows are being removed.
    pub is_cleared: bool,
}

impl Log {
    pub fn state(&self) -> State {
        State {
            position: self.position,
            lines: self.lines,
            provisional: self.provisional.len() as u64,
        }
    }

    /// Makes rows provisional, in the order of the file: those from `next` on.
    #[inline(never)]
    pub fn expect(&mut self, mut rows: Vec<u32>, next: u64) {
        rows.reverse();
        self.provisional = rows;
        self.next = next;
    }

    /// Returns whether an offset is after the last row's. Entries of a long line may come before the
    /// line ends, and again when it is read again.
    pub fn is_after_last(&self, offset: u64) -> bool {
        offset >= self.next
    }
}

impl Index {
    /// Drops all rows, and keeps how far each log was read. The next row gets number 0.
    pub fn drop_rows(&mut self) {
        self.rows.clear();
        self.holes = 0;
        for log in &mut self.logs {
            log.provisional.fill(NO_ROW);
        }
    }

    /// Returns rows log by log, and those of a log in the order of its file. A row that is listed
    /// twice comes once.
    pub fn rows_by_log(&self, rows: Rows<'_>) -> Vec<u32> {
        // Signed, so that the code that sorts durations is used again.
        let mut keys = Vec::new();
        for (row, packed) in self.rows(rows) {
            keys.push(i64::from(packed.log) << 32 | row as i64);
        }
        keys.sort_unstable();
        keys.dedup();
        keys.iter().map(|&key| key as u32).collect()
    }

    /// Returns six numbers for each of some logs: its entries, how many of them are foreign, the rows
    /// of the earliest entry and of the latest one, and the codes of skill and status of the last one
    /// in the file. They are 0 for a log without entries. Of entries at the same instant, the first row
    /// counts. No log may be listed twice.
    ///
    /// # Panics
    ///
    /// Occurs when there is no such log.
    pub fn summaries(&self, logs: &[u32]) -> Vec<[u32; 6]> {
        let mut summaries = vec![[0; 6]; logs.len()];
        let mut instants = vec![[(0, 0); 2]; logs.len()];
        let mut places = vec![usize::MAX; self.logs.len()];
        for (place, &log) in logs.iter().enumerate() {
            places[log as usize] = place;
        }
        for (row, packed) in self.rows(Rows::All) {
            let place = places[packed.log as usize];
            let Some(summary) = summaries.get_mut(place) else {
                continue;
            };
            let [entries, foreign, first, latest, skill, status] = summary;
            let [first_instant, latest_instant] = &mut instants[place];
            let (row, instant) = (row as u32, packed.time.timestamp().instant());
            if *entries == 0 || instant < *first_instant {
                (*first, *first_instant) = (row, instant);
            }
            if *entries == 0 || instant > *latest_instant {
                (*latest, *latest_instant) = (row, instant);
            }
            [*skill, _, *status, _] = packed.codes;
            *entries += 1;
            *foreign += u32::from(packed.is_set(row_flag::FOREIGN));
        }
        summaries
    }
}
