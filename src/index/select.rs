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
    /// This instant or later.
    pub since: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
    /// At least this duration in milliseconds. An entry without a duration has 0.
    pub min_duration_ms: Option<i64>,
    /// At most this duration in milliseconds.
    pub max_duration_ms: Option<i64>,
    /// Leaves out what meets any of these conditions. The two instants are one condition, and so
    /// are the two durations. Its own `not` does not count.
    pub not: Option<Box<Selection>>,
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
    asked: Asked,
    not: Option<Asked>,
}

/// The conditions of a selection without its `not`.
struct Asked {
    /// For each column that is asked for, whether each code is wanted. Column 4 has the log.
    codes: Vec<(usize, Vec<bool>)>,
    verified: Option<bool>,
    flags: Vec<(u8, bool)>,
    duration_ms: Option<RangeInclusive<i64>>,
    time: Option<Range<Instant>>,
}

impl Rule {
    /// Takes the code of a text from `code_of`: none where no row has the text.
    fn new(selection: &Selection, code_of: &dyn Fn(usize, &str) -> Option<u32>) -> Self {
        Self {
            asked: Asked::new(selection, code_of),
            not: selection.not.as_ref().map(|not| Asked::new(not, code_of)),
        }
    }

    /// Returns whether a row meets the selection.
    fn admits(&self, row: &PackedRow) -> bool {
        self.asked.of(row).all(|is_met| is_met)
            && self
                .not
                .as_ref()
                .is_none_or(|not| !not.of(row).any(|is_met| is_met))
    }
}

impl Asked {
    fn new(selection: &Selection, code_of: &dyn Fn(usize, &str) -> Option<u32>) -> Self {
        let mut codes = Vec::new();
        for (column, texts) in selection.texts.iter().enumerate() {
            if let Some(texts) = texts {
                let texts = texts.iter();
                codes.push((column, set(texts.filter_map(|text| code_of(column, text)))));
            }
        }
        if let Some(logs) = &selection.logs {
            codes.push((LOG, set(logs.iter().copied())));
        }
        let mut flags = Vec::new();
        flags.extend(selection.recovered.map(|is| (row_flag::RECOVERED, is)));
        flags.extend(selection.foreign.map(|is| (row_flag::FOREIGN, is)));
        let (min, max) = (selection.min_duration_ms, selection.max_duration_ms);
        let (since, until) = (selection.since, selection.until);
        Self {
            codes,
            verified: selection.verified,
            flags,
            duration_ms: (min.is_some() || max.is_some())
                .then(|| min.unwrap_or(i64::MIN)..=max.unwrap_or(i64::MAX)),
            time: (since.is_some() || until.is_some()).then(|| {
                since.map_or((i64::MIN, 0), |since| since.instant())
                    ..until.map_or((i64::MAX, 0), |until| until.instant())
            }),
        }
    }

    /// Returns for each condition whether a row meets it. The conditions that take longest are last.
    fn of(&self, row: &PackedRow) -> impl Iterator<Item = bool> {
        let codes = self.codes.iter().map(|(column, wanted)| {
            let code = row.codes.get(*column).unwrap_or(&row.log);
            wanted.get(*code as usize) == Some(&true)
        });
        let verified = self
            .verified
            .iter()
            .map(|&is| row.attempts > 0 && row.is_set(row_flag::VERIFIED) == is);
        let flags = self.flags.iter().map(|&(flag, is)| row.is_set(flag) == is);
        let duration = self.duration_ms.iter();
        let time = self.time.iter();
        codes
            .chain(verified)
            .chain(flags)
            .chain(duration.map(|wanted| wanted.contains(&row.duration_ms)))
            .chain(time.map(|wanted| wanted.contains(&row.time.timestamp().instant())))
    }
}

/// The column of a row's log, after the columns of texts.
const LOG: usize = 4;

/// Returns for each code, up to the largest, whether it is among these.
fn set(codes: impl Iterator<Item = u32>) -> Vec<bool> {
    let mut set = Vec::new();
    for code in codes {
        let code = code as usize;
        if set.len() <= code {
            set.resize(code + 1, false);
        }
        set[code] = true;
    }
    set
}
