//! Statistics of rows: counts and measures, of one index or of several.
//!
//! An index may be dropped after its rows were added.

use crate::index::dictionary::Dictionary;
use crate::index::select::Rows;
use crate::index::table::{PackedRow, row_flag};
use crate::index::{Index, OutOfMemory};
use crate::timestamp::Timestamp;

/// Counts and measures rows as they are added.
///
/// Holds 8 bytes per row (its duration), and one set of sums per distinct skill, phase, status and
/// model.
#[derive(Debug, Default)]
pub struct Totals {
    entries: u64,
    bytes: u64,
    first: Option<Dated>,
    last: Option<Dated>,
    /// The dictionaries of skill, phase, status and model.
    dictionaries: [Dictionary; 4],
    tallies: Tallies,
}

/// Whether every entry has a text in the column, which may be empty.
const IS_REQUIRED: [bool; 4] = [true, false, true, false];

/// A timestamp and its instant.
type Dated = ((i64, u32), Timestamp);

impl Totals {
    /// Adds rows of an index. A row that is listed twice counts twice.
    ///
    /// # Errors
    ///
    /// Occurs when there is not enough memory. Some of the rows may have been added then.
    pub fn add(&mut self, index: &Index, rows: Rows<'_>) -> Result<(), OutOfMemory> {
        let mut tallies = Tallies::default();
        for (_, row) in index.rows(rows) {
            tallies.of(row.codes)?.add(row)?;
            self.entries += 1;
            self.bytes += u64::from(row.length);
            let timestamp = row.time.timestamp();
            let instant = timestamp.instant();
            if self.first.is_none_or(|(first, _)| instant < first) {
                self.first = Some((instant, timestamp));
            }
            if self.last.is_none_or(|(last, _)| instant > last) {
                self.last = Some((instant, timestamp));
            }
        }
        for (codes, tally) in &tallies.list {
            let mut codes = *codes;
            let dictionaries = self.dictionaries.iter_mut().zip(index.dictionaries());
            for (code, (ours, theirs)) in codes.iter_mut().zip(dictionaries) {
                *code = ours.code_or_new(theirs.text(*code));
            }
            self.tallies.of(codes)?.join(tally)?;
        }
        Ok(())
    }

    /// Returns the statistics of the rows that were added so far.
    ///
    /// # Errors
    ///
    /// Occurs when there is not enough memory.
    pub fn stats(&self) -> Result<Stats, OutOfMemory> {
        let text = |(_, timestamp): Dated| timestamp.text();
        let mut stats = Stats {
            entries: self.entries,
            bytes: self.bytes,
            first: self.first.map(text),
            last: self.last.map(text),
            ..Stats::default()
        };
        let lists = [
            &mut stats.skills,
            &mut stats.phases,
            &mut stats.statuses,
            &mut stats.models,
        ];
        for (column, list) in lists.into_iter().enumerate() {
            *list = self.groups(column)?;
        }
        Ok(stats)
    }

    /// Returns a group for each text of a column. The empty text has a group only where the column
    /// is required; elsewhere it is a missing text.
    fn groups(&self, column: usize) -> Result<Vec<Group>, OutOfMemory> {
        let dictionary = &self.dictionaries[column];
        let mut tallies = Vec::new();
        tallies.try_reserve_exact(dictionary.len())?;
        tallies.resize_with(dictionary.len(), Tally::default);
        for (codes, tally) in &self.tallies.list {
            tallies[codes[column] as usize].join(tally)?;
        }
        // Most entries first, then by name. Both are one i64, so that the code that sorts durations
        // is used again.
        let codes = dictionary.codes_by_text();
        let mut order: Vec<i64> = (0i64..)
            .zip(&codes)
            .map(|(position, &code)| position - ((tallies[code as usize].entries as i64) << 32))
            .collect();
        order.sort_unstable();
        Ok(order
            .into_iter()
            .map(|key| codes[(key & 0xffff_ffff) as usize])
            .filter(|&code| IS_REQUIRED[column] || code > 0)
            .filter_map(|code| {
                let tally = std::mem::take(&mut tallies[code as usize]);
                let text = dictionary.text(code);
                (tally.entries > 0).then(|| tally.group(text))
            })
            .collect())
    }
}

impl Index {
    /// Returns the statistics of rows.
    ///
    /// # Errors
    ///
    /// Occurs when there is not enough memory.
    pub fn stats(&self, rows: Rows<'_>) -> Result<Stats, OutOfMemory> {
        let mut totals = Totals::default();
        totals.add(self, rows)?;
        totals.stats()
    }
}

/// Statistics of rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stats {
    /// How many rows.
    pub entries: u64,
    /// Bytes of their entries, without line ends.
    pub bytes: u64,
    /// The timestamp of the earliest instant.
    pub first: Option<String>,
    /// The timestamp of the latest instant.
    pub last: Option<String>,
    /// A group for each skill. In each list the groups with most entries come first, then by name.
    pub skills: Vec<Group>,
    /// A group for each phase. Entries without a phase are in no group.
    pub phases: Vec<Group>,
    /// A group for each status.
    pub statuses: Vec<Group>,
    /// A group for each model. Entries without a model are in no group.
    pub models: Vec<Group>,
}

/// Statistics of the entries with one skill, phase, status or model.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The skill, phase, status or model.
    pub name: String,
    /// How many entries.
    pub entries: u64,
    /// The mean number of attempts.
    pub attempts_mean: f64,
    /// The largest number of attempts.
    pub attempts_max: u32,
    /// The share of the entries with attempts whose last attempt is verified, from 0 to 1.
    pub verified_rate: Option<f64>,
    /// The share of the entries with attempts whose first attempt is verified, from 0 to 1.
    pub first_try_rate: Option<f64>,
    /// Durations of the entries that have a duration.
    pub duration_ms: Option<Durations>,
}

/// Durations in milliseconds, by nearest rank: each is the duration of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Durations {
    /// Half of the durations are as long or shorter.
    pub p50: i64,
    /// 95 of 100 are as long or shorter.
    pub p95: i64,
    /// The longest.
    pub max: i64,
}

/// A tally for each combination of the codes of skill, phase, status and model. So a duration is
/// held once, and not four times.
#[derive(Debug, Default)]
struct Tallies {
    list: Vec<([u32; 4], Tally)>,
    /// A hash table: positions in the list, from 1, by a hash of the codes. 0 is an empty slot.
    slots: Vec<u32>,
}

/// The most slots that are tried for a combination of codes. If all of them are taken, the codes
/// get a second tally. So a log that was made for its codes to collide costs memory, but no time.
const MAX_SLOTS_TRIED: usize = 16;

impl Tallies {
    /// Returns the tally of a combination of codes.
    #[inline(never)]
    fn of(&mut self, codes: [u32; 4]) -> Result<&mut Tally, OutOfMemory> {
        if self.slots.len() <= 2 * self.list.len() {
            let slots = (4 * self.list.len()).next_power_of_two().max(64);
            self.slots.clear();
            self.slots.try_reserve_exact(slots)?;
            self.slots.resize(slots, 0);
            for position in 0..self.list.len() {
                let slot = self.slot(self.list[position].0);
                self.slots[slot] = position as u32 + 1;
            }
        }
        let slot = self.slot(codes);
        let mut position = (self.slots[slot] as usize).wrapping_sub(1);
        if self
            .list
            .get(position)
            .is_none_or(|(found, _)| *found != codes)
        {
            position = self.list.len();
            self.list.try_reserve(1)?;
            self.list.push((codes, Tally::default()));
            self.slots[slot] = position as u32 + 1;
        }
        Ok(&mut self.list[position].1)
    }

    /// Returns the slot of a combination of codes, or the slot that it can take.
    fn slot(&self, codes: [u32; 4]) -> usize {
        let hash = codes.iter().fold(0u64, |hash, &code| {
            // 2^64 divided by the golden ratio, as an odd number, which moves neighbours far apart.
            (hash ^ u64::from(code))
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .rotate_left(29)
        });
        let mut slot = 0;
        for probe in 0..MAX_SLOTS_TRIED {
            slot = (hash as usize).wrapping_add(probe) & (self.slots.len() - 1);
            let position = (self.slots[slot] as usize).wrapping_sub(1);
            if self
                .list
                .get(position)
                .is_none_or(|(found, _)| *found == codes)
            {
                break;
            }
        }
        slot
    }
}

/// Counts and durations of rows.
#[derive(Debug, Default)]
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
    fn add(&mut self, row: &PackedRow) -> Result<(), OutOfMemory> {
        let is_set = |flag| u64::from(row.is_set(flag));
        self.entries += 1;
        self.attempts += u64::from(row.attempts);
        self.attempts_max = self.attempts_max.max(row.attempts);
        self.with_attempts += u64::from(row.attempts > 0);
        self.verified += is_set(row_flag::VERIFIED);
        self.first_verified += is_set(row_flag::FIRST_VERIFIED);
        if row.duration_ms != 0 {
            self.durations.try_reserve(1)?;
            self.durations.push(row.duration_ms);
        }
        Ok(())
    }

    /// Adds the counts and durations of other rows.
    fn join(&mut self, other: &Self) -> Result<(), OutOfMemory> {
        self.durations.try_reserve(other.durations.len())?;
        self.durations.extend_from_slice(&other.durations);
        self.entries += other.entries;
        self.attempts += other.attempts;
        self.attempts_max = self.attempts_max.max(other.attempts_max);
        self.with_attempts += other.with_attempts;
        self.verified += other.verified;
        self.first_verified += other.first_verified;
        Ok(())
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

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{MAX_SLOTS_TRIED, Tallies};

    fn count(tallies: &mut Tallies, codes: &[[u32; 4]]) {
        for &codes in codes {
            tallies.of(codes).unwrap().entries += 1;
        }
    }

    #[test]
    fn has_one_tally_for_each_combination_of_codes_of_an_everyday_log() {
        let codes: Vec<[u32; 4]> = (0..40 * 5 * 4 * 8)
            .map(|n| [n % 40, n / 40 % 5, n / 200 % 4, n / 800])
            .collect();
        let mut tallies = Tallies::default();
        count(&mut tallies, &codes);
        count(&mut tallies, &codes);
        assert_eq!(tallies.list.len(), codes.len());
        assert!(tallies.list.iter().all(|(_, tally)| tally.entries == 2));
    }

    #[test]
    fn counts_codes_that_collide() {
        // A table larger than the one that they will have.
        let empty = Tallies {
            slots: vec![0; 1 << 12],
            ..Tallies::default()
        };
        let codes: Vec<[u32; 4]> = (0..1_000_000)
            .map(|code| [code, 0, 0, 0])
            .filter(|&codes| empty.slot(codes) == empty.slot([0; 4]))
            .take(10 * MAX_SLOTS_TRIED)
            .collect();
        assert_eq!(codes.len(), 10 * MAX_SLOTS_TRIED);
        let mut tallies = Tallies::default();
        count(&mut tallies, &codes);
        count(&mut tallies, &codes);
        assert!(tallies.slots.len() <= empty.slots.len());
        // Some codes have a second tally, because no more slots are tried.
        assert!(tallies.list.len() > codes.len());
        for codes in codes {
            let of_codes = tallies.list.iter().filter(|(found, _)| *found == codes);
            assert_eq!(of_codes.map(|(_, tally)| tally.entries).sum::<u64>(), 2);
        }
    }
}
