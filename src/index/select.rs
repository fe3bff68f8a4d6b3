//! Which rows, and which entries: one rule for both.

use std::ops::{Range, RangeInclusive};

use crate::entry::Entry;
use crate::index::Index;
use crate::index::table::{PackedRow, PackedTime, row_flag};
use crate::timestamp::Timestamp;

/// Which rows or entries are wanted: those that meet every condition that is set, and none of `not`.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// For each of skill, phase, status and model: one of these texts. The empty text is for
    /// entries without the member.
    pub texts: [Option<Vec<String>>; 4],
    /// One of the logs of these numbers. Asked of an entry that is not of an index, its log is 0.
    pub logs: Option<Vec<u32>>,
    /// Entries with attempts whose last attempt is verified, or is not.
    pub verified: Option<bool>,
    /// Entries that were recovered from damaged lines, or were not. No entry by itself was.
    pub recovered: Option<bool>,
    /// Foreign entries, or others. No entry by itself is foreign.
    pub foreign: Option<bool>,
    /// An instant from the first of these on, and before the second.
    pub time: Option<Range<Instant>>,
    /// A duration in milliseconds. An entry without a duration has 0.
    pub duration_ms: Option<RangeInclusive<i64>>,
    /// Leaves out what meets any of these conditions. The two instants are one condition, and so
    /// are the two durations. Its own `not` does not count.
    pub not: Option<Box<Selection>>,
}

/// An instant, as [`Timestamp::instant`] returns it.
pub type Instant = (i64, u32);

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

/// A selection, ready to judge rows.
struct Rule<'a> {
    asked: Asked<'a>,
    not: Option<Asked<'a>>,
}

/// The conditions of a selection without its `not`.
struct Asked<'a> {
    selection: &'a Selection,
    /// For each column that is asked for, whether each code is wanted. Column 4 has the log.
    codes: Vec<(usize, Vec<bool>)>,
}

impl<'a> Rule<'a> {
    /// Takes the code of a text from `code_of`: none where no row has the text.
    fn new(selection: &'a Selection, code_of: &dyn Fn(usize, &str) -> Option<u32>) -> Self {
        let not = selection.not.as_ref();
        Self {
            asked: Asked::new(selection, code_of),
            not: not.map(|not| Asked::new(not, code_of)),
        }
    }

    /// Returns whether a row meets the selection.
    fn admits(&self, row: &PackedRow) -> bool {
        let not = self.not.as_ref();
        self.asked.of(row).all(|is_met| is_met)
            && not.is_none_or(|not| !not.of(row).any(|is_met| is_met))
    }
}

impl<'a> Asked<'a> {
    #[inline(never)]
    fn new(selection: &'a Selection, code_of: &dyn Fn(usize, &str) -> Option<u32>) -> Self {
        let mut codes = Vec::new();
        for (column, texts) in selection.texts.iter().enumerate() {
            if let Some(texts) = texts {
                let known = texts.iter().filter_map(|text| code_of(column, text));
                codes.push((column, set(&known.collect::<Vec<_>>())));
            }
        }
        codes.extend(selection.logs.iter().map(|logs| (LOG, set(logs))));
        Self { selection, codes }
    }

    /// Returns for each condition whether a row meets it. What takes longest comes last.
    fn of(&self, row: &PackedRow) -> impl Iterator<Item = bool> {
        let Selection {
            verified,
            recovered,
            foreign,
            duration_ms,
            time,
            ..
        } = self.selection;
        let codes = self.codes.iter().map(|(column, wanted)| {
            let code = row.codes.get(*column).unwrap_or(&row.log);
            wanted.get(*code as usize) == Some(&true)
        });
        let has = |flag| move |&wanted: &bool| row.is_set(flag) == wanted;
        let is_verified = has(row_flag::VERIFIED);
        codes
            .chain(
                verified
                    .iter()
                    .map(move |is| row.attempts > 0 && is_verified(is)),
            )
            .chain(recovered.iter().map(has(row_flag::RECOVERED)))
            .chain(foreign.iter().map(has(row_flag::FOREIGN)))
            .chain(
                duration_ms
                    .iter()
                    .map(|wanted| wanted.contains(&row.duration_ms)),
            )
            .chain(
                time.iter()
                    .map(|wanted| wanted.contains(&row.time.timestamp().instant())),
            )
    }
}

/// The column of a row's log, after the columns of texts.
const LOG: usize = 4;

/// Returns for each code, up to the largest, whether it is among these.
#[inline(never)]
fn set(codes: &[u32]) -> Vec<bool> {
    let length = codes
        .iter()
        .max()
        .map_or(0, |&largest| largest as usize + 1);
    let mut set = vec![false; length];
    for &code in codes {
        set[code as usize] = true;
    }
    set
}
