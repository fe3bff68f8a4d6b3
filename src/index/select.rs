//! Which rows, and which entries: one rule for both.

use crate::entry::Entry;
use crate::index::Index;
use crate::index::table::{PackedRow, PackedTime, row_flag};
use crate::timestamp::Timestamp;

/// Which rows or entries are wanted: those that meet every condition that is set.
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
    /// All rows, in the order of their numbers.
    All,
    /// The rows of these numbers, in this order. Rows that do not exist are left out, and holes.
    These(&'a [u32]),
}

impl Index {
    /// Returns rows with their numbers.
    pub(crate) fn rows<'a>(
        &'a self,
        rows: Rows<'a>,
    ) -> impl Iterator<Item = (usize, &'a PackedRow)> {
        let (count, these) = match rows {
            Rows::All => (self.len(), None),
            Rows::These(these) => (these.len(), Some(these)),
        };
        (0..count)
            .map(move |at| these.map_or(at, |these| these[at] as usize))
            .filter_map(|row| Some((row, self.packed_row(row)?)))
    }

    /// Returns the rows that meet a selection, in the order of `rows`.
    pub fn select(&self, selection: &Selection, rows: Rows<'_>) -> Vec<u32> {
        let dictionaries = self.dictionaries();
        let rule = Rule::new(selection, &|column, text| dictionaries[column].code(text));
        self.rows(rows)
            .filter(|(_, row)| rule.admits(row))
            .map(|(row, _)| row as u32)
            .collect()
    }
}

impl Selection {
    /// Returns whether an entry meets the selection: the same answer as for its row in an index.
    pub fn matches(&self, entry: &Entry<'_>) -> bool {
        let texts = [
            &*entry.skill,
            &*entry.phase,
            &*entry.final_status,
            &*entry.model_used,
        ];
        let verified = entry.attempts.last().map(|last| last.verified);
        self.admits(texts, entry.timestamp, verified, entry.duration_ms)
    }

    /// Returns whether an entry meets the selection. `texts` are those of the dictionaries, and
    /// `verified` is that of the last attempt, where there is any.
    pub(crate) fn admits(
        &self,
        texts: [&str; 4],
        timestamp: Timestamp,
        verified: Option<bool>,
        duration_ms: i64,
    ) -> bool {
        // Of each column the entry's own text has a code, and no other.
        let rule = Rule::new(self, &|column, text| (text == texts[column]).then_some(0));
        let flags = if verified == Some(true) {
            row_flag::VERIFIED
        } else {
            0
        };
        rule.admits(&PackedRow {
            time: PackedTime::new(timestamp, flags),
            duration_ms,
            attempts: verified.is_some().into(),
            ..PackedRow::default()
        })
    }
}

/// An instant, as [`Timestamp::instant`] returns it.
type Instant = (i64, u32);

/// A selection, ready to judge rows.
struct Rule {
    /// For each column that is asked for, the codes of the texts that are wanted.
    codes: Vec<(usize, Vec<u32>)>,
    verified: Option<bool>,
    since: Option<Instant>,
    until: Option<Instant>,
    min_duration_ms: Option<i64>,
}

impl Rule {
    /// Takes the code of a text from `code_of`: none where no row has the text.
    fn new(selection: &Selection, code_of: &dyn Fn(usize, &str) -> Option<u32>) -> Self {
        let columns = selection.texts.iter().enumerate();
        Self {
            codes: columns
                .filter_map(|(column, wanted)| {
                    let texts = wanted.as_ref()?.iter();
                    Some((
                        column,
                        texts.filter_map(|text| code_of(column, text)).collect(),
                    ))
                })
                .collect(),
            verified: selection.verified,
            since: selection.since.map(|since| since.instant()),
            until: selection.until.map(|until| until.instant()),
            min_duration_ms: selection.min_duration_ms,
        }
    }

    /// Returns whether a row meets the selection.
    fn admits(&self, row: &PackedRow) -> bool {
        self.codes
            .iter()
            .all(|(column, codes)| codes.contains(&row.codes[*column]))
            && self.verified.is_none_or(|verified| {
                row.attempts > 0 && row.is_set(row_flag::VERIFIED) == verified
            })
            && self
                .min_duration_ms
                .is_none_or(|min| row.duration_ms >= min)
            && (self.since.is_none() && self.until.is_none() || {
                let instant = row.time.timestamp().instant();
                self.since.is_none_or(|since| instant >= since)
                    && self.until.is_none_or(|until| instant < until)
            })
    }
}
