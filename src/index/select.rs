//! Questions to an index: which rows.

use crate::index::Index;
use crate::index::table::{Cells, flag};
use crate::timestamp::Timestamp;

/// What rows are wanted: those that meet all that is set.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Any of these skills, phases, statuses and models, in the order of the
    /// [dictionaries](Index::dictionaries); the empty text for entries without one.
    pub texts: [Option<Vec<String>>; 4],
    /// Entries with attempts, of which the last one is verified, or is not.
    pub verified: Option<bool>,
    /// This instant or later.
    pub since: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
    /// So many milliseconds or more; an entry without a duration has 0.
    pub min_duration_ms: Option<i64>,
}

/// Rows by number, or all of them.
#[derive(Clone, Copy, Debug)]
pub enum Rows<'a> {
    /// All, in the order of the file.
    All,
    /// These, in this order. Those that do not exist are left out.
    These(&'a [u32]),
}

impl Index {
    pub(crate) fn rows<'a>(&'a self, rows: Rows<'a>) -> impl Iterator<Item = (usize, &'a Cells)> {
        let (count, these) = match rows {
            Rows::All => (self.len(), None),
            Rows::These(these) => (these.len(), Some(these)),
        };
        (0..count)
            .map(move |at| these.map_or(at, |these| these[at] as usize))
            .filter_map(|row| Some((row, self.cells(row)?)))
    }

    /// Gives the rows that meet a selection, in the order they are asked for.
    pub fn select(&self, selection: &Selection, rows: Rows<'_>) -> Vec<u32> {
        let texts: Vec<(usize, Vec<u32>)> = selection
            .texts
            .iter()
            .zip(self.dictionaries())
            .enumerate()
            .filter_map(|(column, (wanted, dictionary))| {
                let codes = wanted.as_ref()?.iter();
                Some((
                    column,
                    codes.filter_map(|text| dictionary.code(text)).collect(),
                ))
            })
            .collect();
        let since = selection.since.map(|since| since.instant());
        let until = selection.until.map(|until| until.instant());
        self.rows(rows)
            .filter(|(_, cells)| {
                texts
                    .iter()
                    .all(|(column, codes)| codes.contains(&cells.codes[*column]))
                    && selection.verified.is_none_or(|verified| {
                        cells.attempts > 0 && cells.is_set(flag::VERIFIED) == verified
                    })
                    && selection
                        .min_duration_ms
                        .is_none_or(|min| cells.duration_ms >= min)
                    && (since.is_none() && until.is_none() || {
                        let instant = cells.moment.timestamp().instant();
                        since.is_none_or(|since| instant >= since)
                            && until.is_none_or(|until| instant < until)
                    })
            })
            .map(|(row, _)| row as u32)
            .collect()
    }
}
