//! Which rows of an index are wanted.

use crate::index::Index;
use crate::index::table::{Cells, flag};
use crate::timestamp::Timestamp;

/// Which rows are wanted: those that meet every condition that is set.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// For each of skill, phase, status and model: one of these texts. The empty text is for
    /// entries without the member.
    pub texts: [Option<Vec<String>>; 4],
    /// Entries with attempts whose last attempt is verified, or is not.
    pub verified: Option<bool>,
    /// This instant or later.
    pub since: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
    /// At least this duration in milliseconds. An entry without a duration has 0.
    pub min_duration_ms: Option<i64>,
}

/// Some rows of an index, or all of them.
#[derive(Clone, Copy, Debug)]
pub enum Rows<'a> {
    /// All rows, in the order of the file.
    All,
    /// The rows of these numbers, in this order. Rows that do not exist are left out.
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

    /// Returns the rows that meet a selection, in the order of `rows`.
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
