//! Questions to an index: which rows, and what they come to.

use serde::Serialize;

use crate::cells::{Cells, flag};
use crate::index::Index;
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
    fn rows<'a>(&'a self, rows: Rows<'a>) -> impl Iterator<Item = (usize, &'a Cells)> {
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

    /// Counts and measures rows.
    pub fn stats(&self, rows: Rows<'_>) -> Stats {
        let (mut entries, mut bytes) = (0, 0);
        let mut first: Option<Timestamp> = None;
        let mut last: Option<Timestamp> = None;
        for (_, cells) in self.rows(rows) {
            entries += 1;
            bytes += u64::from(cells.length);
            let timestamp = cells.moment.timestamp();
            let instant = timestamp.instant();
            if first.is_none_or(|first| instant < first.instant()) {
                first = Some(timestamp);
            }
            if last.is_none_or(|last| instant > last.instant()) {
                last = Some(timestamp);
            }
        }
        Stats {
            entries,
            bytes,
            first: first.map(|first| first.to_string()),
            last: last.map(|last| last.to_string()),
            skills: self.groups(0, rows, true),
            phases: self.groups(1, rows, false),
            statuses: self.groups(2, rows, true),
            models: self.groups(3, rows, false),
        }
    }

    /// Measures the rows of each text of a column; those of the empty one only where it is a text as
    /// any other, and not a missing one.
    fn groups(&self, column: usize, rows: Rows<'_>, with_empty: bool) -> Vec<Group> {
        let dictionary = &self.dictionaries()[column];
        let mut tallies = Vec::new();
        tallies.resize_with(dictionary.len(), Tally::default);
        for (_, cells) in self.rows(rows) {
            tallies[cells.codes[column] as usize].add(cells);
        }
        // Most entries first, then by name: one number for both, so that what sorts durations sorts this.
        let codes = dictionary.codes_by_text();
        let mut order: Vec<i64> = (0i64..)
            .zip(&codes)
            .map(|(place, &code)| place - ((tallies[code as usize].entries as i64) << 32))
            .collect();
        order.sort_unstable();
        order
            .into_iter()
            .map(|key| codes[(key & 0xffff_ffff) as usize])
            .filter(|&code| with_empty || code > 0)
            .filter_map(|code| {
                let tally = std::mem::take(&mut tallies[code as usize]);
                let text = dictionary.text(code);
                (tally.entries > 0).then(|| tally.group(text))
            })
            .collect()
    }
}

/// What rows come to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stats {
    /// How many.
    pub entries: u64,
    /// Their bytes, without line ends.
    pub bytes: u64,
    /// The timestamp of the first instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// The timestamp of the last instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// By skill, as each list: most entries first, then by name.
    pub skills: Vec<Group>,
    /// By phase; entries without one are in none.
    pub phases: Vec<Group>,
    /// By status.
    pub statuses: Vec<Group>,
    /// By model; entries without one are in none.
    pub models: Vec<Group>,
}

/// What the entries of one skill, phase, status or model come to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// The skill, phase, status or model.
    pub name: String,
    /// How many entries.
    pub entries: u64,
    /// The mean number of attempts.
    pub attempts_mean: f64,
    /// The largest number of attempts.
    pub attempts_max: u32,
    /// Of the entries with attempts, the part whose last one is verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified_rate: Option<f64>,
    /// Of the entries with attempts, the part whose first one is verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_try_rate: Option<f64>,
    /// Over the entries that have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<Durations>,
}

/// Durations in milliseconds, by nearest rank: each is one that occurs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Durations {
    /// Half of them are as long or shorter.
    #[serde(serialize_with = "integer")]
    pub p50: i64,
    /// 95 of 100 are as long or shorter.
    #[serde(serialize_with = "integer")]
    pub p95: i64,
    /// The longest.
    #[serde(serialize_with = "integer")]
    pub max: i64,
}

/// Writes an integer that JavaScript's numbers cannot hold as a wider one: that becomes a bigint.
fn integer<S: serde::Serializer>(number: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    if number.unsigned_abs() < 1 << 53 {
        serializer.serialize_i64(*number)
    } else {
        serializer.serialize_i128(i128::from(*number))
    }
}

/// What is counted of a group.
#[derive(Default)]
struct Tally {
    entries: u64,
    attempts: u64,
    attempts_max: u32,
    with_attempts: u64,
    verified: u64,
    first_verified: u64,
    durations: Vec<i64>,
}

impl Tally {
    fn add(&mut self, cells: &Cells) {
        let is_set = |flag| u64::from(cells.is_set(flag));
        self.entries += 1;
        self.attempts += u64::from(cells.attempts);
        self.attempts_max = self.attempts_max.max(cells.attempts);
        self.with_attempts += u64::from(cells.attempts > 0);
        self.verified += is_set(flag::VERIFIED);
        self.first_verified += is_set(flag::FIRST_VERIFIED);
        if cells.duration_ms != 0 {
            self.durations.push(cells.duration_ms);
        }
    }

    fn group(mut self, name: &str) -> Group {
        let rate =
            |part: u64| (self.with_attempts > 0).then(|| part as f64 / self.with_attempts as f64);
        self.durations.sort_unstable();
        let durations = &self.durations;
        let rank = |percent: usize| {
            let rank = (durations.len() as u64 * percent as u64).div_ceil(100);
            durations.get((rank as usize).wrapping_sub(1)).copied()
        };
        let duration_ms = || {
            Some(Durations {
                p50: rank(50)?,
                p95: rank(95)?,
                max: *durations.last()?,
            })
        };
        Group {
            name: name.into(),
            entries: self.entries,
            attempts_mean: self.attempts as f64 / self.entries as f64,
            attempts_max: self.attempts_max,
            verified_rate: rate(self.verified),
            first_try_rate: rate(self.first_verified),
            duration_ms: duration_ms(),
        }
    }
}
