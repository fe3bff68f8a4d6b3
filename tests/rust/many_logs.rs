//! One index of several logs has the rows that an index of each log has, however they were read.

use std::collections::VecDeque;

use skill_log::damage::Damage;
use skill_log::index::cache::{Cache, FACTS, Kept};
use skill_log::index::indexer::Indexer;
use skill_log::index::row_batch::{Codes, RowSender};
use skill_log::index::select::{Rows, Selection};
use skill_log::index::{Index, Row, State};

use crate::choices::Choices;
use crate::sweeps::any_faulty_log;

/// How a log is read on.
#[derive(Clone, Debug)]
pub struct How {
    /// The lengths of the chunks. They repeat.
    chunks: Vec<usize>,
    /// The number of chunks after which reading stops.
    stops_after: Option<usize>,
    /// Whether NULs are damage.
    settled: bool,
}

impl How {
    pub fn choose(choices: &mut Choices<'_>) -> Self {
        let count = 1 + choices.below(2);
        Self {
            chunks: (0..count).map(|_| 1 + choices.below(700)).collect(),
            stops_after: choices.is(40).then(|| 1 + choices.below(4)),
            settled: !choices.is(64),
        }
    }
}

/// Reads a log on from where the index ends. Calls `after` after each chunk. Returns the damage, and
/// the places of the bytes after the last line end and of the pending bytes.
pub fn read_on(
    index: &mut Index,
    log: u32,
    bytes: &[u8],
    (how, max_line_bytes): (&How, u64),
    mut after: impl FnMut(&mut Index),
) -> (Vec<Damage>, [(u64, u64); 2]) {
    let mut damage = Vec::new();
    let mut indexer = Indexer::new(index, log, max_line_bytes, how.settled);
    let mut rest = &bytes[index.state(log).position as usize..];
    for (count, length) in (1..).zip(how.chunks.iter().cycle()) {
        let (chunk, more) = rest.split_at((*length).min(rest.len()));
        rest = more;
        let space = indexer.space(chunk.len()).expect("memory suffices");
        space.copy_from_slice(chunk);
        let read = indexer.read(index, &mut damage, rest.is_empty());
        read.expect("memory suffices");
        after(index);
        if rest.is_empty() || Some(count) == how.stops_after {
            break;
        }
    }
    (damage, [indexer.rest(), indexer.pending()])
}

/// A step of a test. A list of logs has whether each log takes part.
#[derive(Debug)]
enum Step {
    /// Reads a log that grew by a share of 256.
    Read(usize, usize, How),
    /// Reads logs through another index, and takes rows after some chunks.
    Send(Vec<(usize, usize, How)>, VecDeque<bool>),
    /// Clears logs, and starts with their first bytes again.
    Clear(Vec<u32>),
    /// Keeps logs in a cache, clears them, and adds them from the cache.
    Keep(Vec<u32>),
}

impl Step {
    fn choose(choices: &mut Choices<'_>, logs: usize) -> Self {
        let log = choices.below(logs);
        let grow = choices.below(256);
        let some = |choices: &mut Choices<'_>| {
            let all = 0..logs as u32;
            let mut some: Vec<u32> = all.filter(|_| choices.is(128)).collect();
            if choices.is(128) {
                some.reverse();
            }
            some
        };
        match choices.below(8) {
            0..3 => Self::Read(log, grow, How::choose(choices)),
            3..6 => {
                let parts = some(choices)
                    .into_iter()
                    .map(|log| (log as usize, choices.below(256), How::choose(choices)))
                    .collect();
                let takes = (0..8).map(|_| choices.is(80)).collect();
                Self::Send(parts, takes)
            }
            6 => Self::Clear(some(choices)),
            _ => Self::Keep(some(choices)),
        }
    }
}

/// One index of several logs, and an index of each log.
struct Both {
    files: Vec<Vec<u8>>,
    /// Where each file ends for now.
    ends: Vec<usize>,
    together: Index,
    apart: Vec<Index>,
    max_line_bytes: u64,
    /// What each row was.
    seen: Vec<String>,
}

impl Both {
    fn grow(&mut self, log: usize, share: usize) -> Vec<u8> {
        let left = self.files[log].len() - self.ends[log];
        self.ends[log] += (left * (share + 1)).div_ceil(256).min(left);
        self.files[log][..self.ends[log]].to_vec()
    }

    fn step(&mut self, step: &Step) {
        let limit = self.max_line_bytes;
        match step {
            Step::Read(log, share, how) => {
                let bytes = self.grow(*log, *share);
                let (together, apart) = (&mut self.together, &mut self.apart[*log]);
                let found = read_on(together, *log as u32, &bytes, (how, limit), |_| ());
                let expected = read_on(apart, 0, &bytes, (how, limit), |_| ());
                assert_eq!(found, expected);
            }
            Step::Send(parts, takes) => {
                let (mut sender, mut codes) = (RowSender::default(), Codes::default());
                let index = &mut Index::default();
                let mut takes = takes.clone();
                let at: Vec<u32> = parts
                    .iter()
                    .map(|&(log, ..)| {
                        let log = log as u32;
                        sender.add_log(index, log, self.together.state(log))
                    })
                    .collect();
                for (at, (log, share, how)) in at.into_iter().zip(parts) {
                    let bytes = self.grow(*log, *share);
                    let found = read_on(index, at, &bytes, (how, limit), |index| {
                        if takes.pop_front().unwrap_or(false) {
                            let rows = sender.take_rows(index).expect("memory suffices");
                            let put = self.together.put_rows(&mut codes, &rows, 0..usize::MAX);
                            put.expect("these rows follow");
                        }
                    });
                    let expected = read_on(&mut self.apart[*log], 0, &bytes, (how, limit), |_| ());
                    assert_eq!(found, expected);
                }
                let rows = sender.take_rows(index).expect("memory suffices");
                let put = self.together.put_rows(&mut codes, &rows, 0..usize::MAX);
                put.expect("these rows follow");
            }
            Step::Clear(logs) => {
                let count: usize = logs.iter().map(|&log| self.rows_apart(log).len()).sum();
                assert_eq!(self.together.clear_logs(logs), count);
                for &log in logs {
                    self.apart[log as usize] = Index::of_one_log();
                    self.ends[log as usize] = 0;
                }
            }
            Step::Keep(logs) => {
                let mut cache = kept(&mut self.together, logs);
                self.together.clear_logs(logs);
                // In the other order, so that the cache can forget what was put.
                for (at, &log) in logs.iter().enumerate().rev() {
                    let put = self.together.put_cached(log, &mut cache, at, at);
                    assert_eq!(put, Ok(true));
                    let none = self.together.put_cached(log, &mut cache, at, at);
                    assert_eq!((none, cache.state(at)), (Ok(false), State::default()));
                }
            }
        }
    }

    fn rows_apart(&self, log: u32) -> Vec<Row<'_>> {
        let index = &self.apart[log as usize];
        let rows = (0..index.len()).filter_map(|row| index.row(row));
        rows.map(|row| Row { log, ..row }).collect()
    }

    fn check(&mut self) {
        let index = &self.together;
        let mut exist = Vec::new();
        for row in 0..index.len() {
            let now = index.row(row);
            assert_eq!(now.is_some(), index.place(row).is_some());
            exist.extend(now.is_some().then_some(row as u32));
            match (now, self.seen.get_mut(row)) {
                (Some(now), Some(seen)) => assert_eq!(format!("{now:?}"), *seen, "row {row}"),
                (Some(now), None) => self.seen.push(format!("{now:?}")),
                (None, Some(seen)) => *seen = "a hole".into(),
                (None, None) => self.seen.push("a hole".into()),
            }
        }
        assert_eq!(exist.len(), index.len() - index.holes());
        assert_eq!(index.select(&Selection::default(), Rows::All), exist);
        let numbers: Vec<u32> = (0..index.len() as u32 + 3).collect();
        assert_eq!(
            index.select(&Selection::default(), Rows::These(&numbers)),
            exist
        );
        assert_eq!(
            index.stats(Rows::These(&numbers)),
            index.stats(Rows::These(&exist))
        );
        let mut foreign = 0;
        let logs: Vec<u32> = (0..index.log_count() as u32).rev().collect();
        for (&log, summary) in logs.iter().zip(index.summaries(&logs)) {
            let of_log = |row: &u32| index.row(*row as usize).is_some_and(|row| row.log == log);
            let numbers: Vec<u32> = exist.iter().copied().filter(of_log).collect();
            let row = |row: u32| index.row(row as usize);
            let rows: Vec<Row<'_>> = numbers.iter().filter_map(|&number| row(number)).collect();
            let apart = &self.apart[log as usize];
            assert_eq!(rows, self.rows_apart(log));
            assert_eq!(index.state(log), apart.state(0));
            assert_eq!(index.stats(Rows::These(&numbers)), apart.stats(Rows::All));
            assert_eq!(summary[0] as usize, rows.len());
            assert_eq!(summary[1] as usize, apart.foreign());
            foreign += apart.foreign();
            if let [.., last] = &rows[..] {
                let expected = apart.summaries(&[0])[0];
                for at in 2..4 {
                    let of_apart = apart.row(expected[at] as usize).expect("it exists");
                    assert_eq!(row(summary[at]), Some(Row { log, ..of_apart }));
                }
                let [skills, _, statuses, _] = index.dictionaries();
                let texts = (skills.text(summary[4]), statuses.text(summary[5]));
                assert_eq!(texts, (last.skill, last.final_status));
            }
        }
        assert_eq!(index.foreign(), foreign);
    }
}

/// Returns a cache of logs, after checking what it keeps for its caller.
fn kept(index: &mut Index, logs: &[u32]) -> Cache {
    let facts: Vec<u64> = (0..logs.len() * FACTS)
        .map(|word| word as u64 * 3)
        .collect();
    let kept = Kept {
        logs,
        facts: &facts,
        names: "a\nb é",
        notes: "{}",
    };
    let bytes = index.to_cache(kept).expect("memory suffices");
    let cache = Cache::open(bytes, index).expect("these bytes were written so");
    assert_eq!(
        (cache.facts(), cache.names(), cache.notes()),
        (facts, "a\nb é", "{}")
    );
    cache
}

/// Reads several logs in turns: directly, through another index, and from a cache.
pub fn in_turns(choices: &mut Choices<'_>) {
    let logs = 1 + choices.below(3);
    let steps: Vec<Step> = (0..1 + choices.below(10))
        .map(|_| Step::choose(choices, logs))
        .collect();
    let max_line_bytes = match choices.below(4) {
        0 => 1 + choices.below(600) as u64,
        _ => 1 << 28,
    };
    let mut together = Index::default();
    let files: Vec<Vec<u8>> = (0..logs)
        .map(|log| {
            assert_eq!(together.add_log(), log as u32);
            any_faulty_log(choices).bytes
        })
        .collect();
    let mut both = Both {
        ends: vec![0; logs],
        apart: (0..logs).map(|_| Index::of_one_log()).collect(),
        seen: Vec::new(),
        files,
        together,
        max_line_bytes,
    };
    for step in &steps {
        both.step(step);
        both.check();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweeps::try_random_choices;

    #[test]
    fn has_the_rows_of_each_log_when_logs_are_read_in_turns() {
        try_random_choices(in_turns);
    }

    #[test]
    fn keeps_provisional_rows_while_a_writer_may_change_nuls_after_them() {
        let entry = br#"{"session_id":"s","timestamp":"2026-01-02T03:04:05Z","skill":"a","final_status":"ok"}"#;
        let bytes = [&entry[..], b"\0\0"].concat();
        let how = |settled| How {
            chunks: vec![1000],
            stops_after: None,
            settled,
        };
        let mut index = Index::of_one_log();
        let read = |index: &mut Index, settled| {
            read_on(index, 0, &bytes, (&how(settled), 1 << 28), |_| ());
            (index.len(), index.holes(), index.state(0).provisional)
        };
        assert_eq!(read(&mut index, false), (0, 0, 0));
        assert_eq!(read(&mut index, true), (1, 0, 1));
        assert_eq!(read(&mut index, false), (1, 0, 1));
        assert_eq!(read(&mut index, true), (1, 0, 1));
    }

    #[test]
    fn adds_nothing_from_a_cache_to_a_log_that_was_read_or_does_not_exist() {
        let how = How {
            chunks: vec![1000],
            stops_after: None,
            settled: true,
        };
        let mut index = Index::of_one_log();
        read_on(&mut index, 0, b"{}\n{}\n", (&how, 1 << 28), |_| ());
        let mut cache = kept(&mut index, &[0]);
        let mut put =
            |index: &mut Index, log, at| index.put_cached(log, &mut cache, at, usize::MAX);
        assert_eq!(put(&mut index, 0, 0), Ok(false));
        assert_eq!(put(&mut index, 1, 0), Ok(false));
        assert_eq!(index.len(), 2);
        let other = index.add_log();
        assert_eq!(put(&mut index, other, 1), Ok(false));
        assert_eq!(put(&mut index, other, 0), Ok(true));
        assert_eq!(put(&mut index, other, 0), Ok(false));
        assert_eq!(index.len(), 4);
    }
}
