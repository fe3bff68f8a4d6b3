//! Reading returns no entry that was not appended, whatever faults the log has.

use std::ops::Range;

use skill_log::reader::Record;

use crate::choices::Choices;
use crate::contract::{self, is_blank};
use crate::faults::{self, Log};
use crate::read_all::{Found, range, read_with};
use crate::sweeps::{any_faulty_log, one_faulty_log, read_by_choice, reading, several_faulty_log};
use crate::writers::{WRITERS, Writer};

/// Checks that nothing was invented.
pub fn check(log: &Log, found: &Found) {
    if let Some((canonical, place)) = invented(log, found) {
        panic!(
            "invented at {place:?}: {}\n{log:?}",
            canonical.escape_ascii()
        );
    }
}

fn invented<'a>(log: &Log, found: &'a Found) -> Option<&'a (Vec<u8>, Record)> {
    found
        .entries
        .iter()
        .find(|(canonical, place)| log.is_invented(canonical, range(place)))
}

/// Reading invents nothing after one fault, whoever wrote the lines, with any chunks and any limit.
pub fn one_fault(choices: &mut Choices<'_>) {
    let log = one_faulty_log(choices);
    let found = read_by_choice(choices, &log.bytes, 0);
    check(&log, &found);
}

/// Reading invents nothing from lines of ours after several faults.
pub fn several_faults_of_ours(choices: &mut Choices<'_>) {
    let log = several_faulty_log(choices, Writer::Ours);
    let found = read_by_choice(choices, &log.bytes, 0);
    check(&log, &found);
}

/// Reading recovers nothing but its own entry from a line that decodes, whatever the limit.
pub fn undamaged_line(choices: &mut Choices<'_>) {
    let writer = choices.of(&WRITERS);
    let mut log = faults::log(choices, 1, writer);
    if choices.is(64) {
        log.bytes.pop();
    }
    let (chunks, options) = reading(choices, 0);
    let found = read_with(&log.bytes, &chunks, options);
    let entry = &log.entries[0];
    let line = log.bytes.strip_suffix(b"\n").unwrap_or(&log.bytes);
    if line.len() < options.max_line_bytes as usize {
        assert_eq!(found.damage, []);
        assert!(!found.entries[0].1.recovered, "{log:?}");
    }
    // Only the blanks after the entry may be over the limit: the entry is recovered then.
    match &found.entries[..] {
        [] => assert!(line.len() >= options.max_line_bytes as usize, "{log:?}"),
        [(canonical, place)] => {
            assert_eq!(*canonical, entry.canonical, "{log:?}");
            let (returned, whole) = (range(place), entry.range());
            let is_whole = returned.start <= whole.start && whole.end <= returned.end;
            assert!(is_whole && !place.doubtful, "{place:?} {log:?}");
        }
        more => panic!("{more:?} {log:?}"),
    }
}

/// Reading returns, and names doubtful, what the contract says of each damaged line.
pub fn judged_as_the_contract_says(choices: &mut Choices<'_>) {
    let log = any_faulty_log(choices);
    let file = [&log.bytes[..], b"\n"].concat();
    let found = read_by_choice(choices, &file, log.bytes.len());
    let mut returned = found.entries.iter().map(|(_, place)| range(place));
    let mut doubtful = found.damage.iter().flat_map(|damage| &damage.doubtful);
    let trimmed = |range: Range<usize>| {
        let text = &log.bytes[range.clone()];
        let blanks = text
            .iter()
            .rev()
            .take_while(|byte| is_blank(**byte))
            .count();
        range.start..range.end - blanks
    };
    let mut offset = 0;
    for line in log.bytes.split(|&byte| byte == b'\n') {
        let text = line.escape_ascii();
        if !line.is_empty() && line != b"\r" {
            if skill_log::decode(line).is_ok() {
                assert_eq!(returned.next(), Some(offset..offset + line.len()), "{text}");
            } else {
                let expected = contract::judge(line);
                for each in expected.entries {
                    let each = offset + each.start..offset + each.end;
                    assert_eq!(
                        returned.next().map(trimmed),
                        Some(each),
                        "entries of {text}"
                    );
                }
                for each in expected.doubtful {
                    let each = offset + each.start..offset + each.end;
                    let next = doubtful
                        .next()
                        .map(|&(start, length)| trimmed(start as usize..(start + length) as usize));
                    assert_eq!(next, Some(each), "doubtful of {text}");
                }
            }
        }
        offset += line.len() + 1;
    }
    assert_eq!(returned.next(), None);
    assert_eq!(doubtful.next(), None);
}

#[cfg(test)]
mod tests {
    use skill_log::reader::ReadOptions;
    use skill_log::{InputSpelling, encode_as};

    use super::*;
    use crate::contract::START;
    use crate::faults::AfterCut;
    use crate::sweeps::{read_each_fault, read_each_long_line, small_lines, try_random_choices};
    use crate::writers;

    #[test]
    fn invents_nothing_after_one_fault() {
        try_random_choices(one_fault);
    }

    #[test]
    fn invents_nothing_from_lines_of_ours_after_several_faults() {
        try_random_choices(several_faults_of_ours);
    }

    #[test]
    fn recovers_nothing_but_its_own_entry_from_a_line_that_decodes() {
        try_random_choices(undamaged_line);
    }

    #[test]
    fn judges_each_damaged_line_as_the_contract_does() {
        try_random_choices(judged_as_the_contract_says);
    }

    #[test]
    fn writes_the_start_of_an_entry_once_in_each_line_of_ours() {
        try_random_choices(|choices| {
            let line = writers::line(choices, Writer::Ours);
            let starts = line.windows(START.len()).filter(|bytes| *bytes == START);
            assert_eq!(starts.count(), 1, "{}", line.escape_ascii());
        });
    }

    #[test]
    fn invents_nothing_after_each_fault_at_each_byte() {
        read_each_fault(&[usize::MAX, 7], |_| [1 << 28, 150, 300], check);
    }

    #[test]
    fn returns_no_more_from_a_line_over_the_limit_than_from_one_within_it() {
        read_each_long_line(|log, found| {
            let within = read_with(&log.bytes, &[usize::MAX], ReadOptions::default());
            for (canonical, place) in &found.entries {
                let is_within = within
                    .entries
                    .iter()
                    .any(|(other, within)| other == canonical && within.offset == place.offset);
                assert!(is_within, "{place:?} of {log:?}");
            }
        });
    }

    /// Passes to `check` each log in which two faults left one stretch of a line, between two
    /// edges.
    fn each_stretch(spelling: InputSpelling, mut check: impl FnMut(&Log)) {
        for (name, line) in small_lines() {
            let entry = skill_log::decode(&line).expect("it is an entry");
            let mut line = Vec::new();
            encode_as(&entry, spelling, &mut line).expect("its offset is below a day");
            let edges: Vec<usize> = (1..line.len())
                .filter(|&at| b"{}[],".contains(&line[at]) || b"}],".contains(&line[at - 1]))
                .collect();
            for &from in &edges {
                for &to in edges.iter().filter(|&&to| to > from) {
                    let mut log = Log::default();
                    log.story.push(name.into());
                    log.append(line.clone());
                    log.write_nuls(0..from);
                    let mut cut = log.clone();
                    cut.cut(to);
                    check(&cut);
                    cut.continue_with(AfterCut::LineEnd, b"");
                    check(&cut);
                    let length = log.bytes.len();
                    log.write_nuls(to..length);
                    check(&log);
                }
            }
        }
    }

    #[test]
    fn invents_nothing_from_any_stretch_of_a_line_of_ours() {
        let read = |log: &Log| read_with(&log.bytes, &[usize::MAX], ReadOptions::default());
        each_stretch(InputSpelling::Safe, |log| check(log, &read(log)));
        // This shows that the test can fail: reading invents entries from lines of the Go original.
        let mut count = 0;
        each_stretch(InputSpelling::Kept, |log| {
            count += usize::from(invented(log, &read(log)).is_some());
        });
        assert!(count > 0);
    }

    /// No reader can tell such a line from one that was appended. FORMAT.md says so.
    #[test]
    fn takes_an_object_for_an_entry_when_two_faults_made_a_line_of_it() {
        let line = br#"{"session_id":"s","timestamp":"2026-01-02T03:04:05Z","skill":"a","input":[1,{"b":2}],"final_status":"ok"}"#;
        let at = line
            .iter()
            .rposition(|&byte| byte == b'{')
            .expect("it is there");
        let mut log = Log::default();
        log.append(line.to_vec());
        log.overwrite(at - 1, b"\n");
        let read = |log: &Log| read_with(&log.bytes, &[usize::MAX], ReadOptions::default());
        assert_eq!(read(&log).entries, []);
        log.cut(at + br#"{"b":2}"#.len());
        let found = read(&log);
        let [(_, place)] = &found.entries[..] else {
            panic!("{found:?}");
        };
        assert_eq!(range(place), at..log.bytes.len());
        check(&log, &found);
    }

    /// Counts the logs of the Go original from which reading invents an entry. FORMAT.md has the
    /// number.
    #[test]
    fn seldom_invents_from_lines_of_go_after_several_faults() {
        const LOGS: u64 = 20_000;
        let mut logs = 0;
        // xorshift64*: the same logs in every run.
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..LOGS {
            let bytes: Vec<u8> = (0..600)
                .map(|_| {
                    state ^= state >> 12;
                    state ^= state << 25;
                    state ^= state >> 27;
                    (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 56) as u8
                })
                .collect();
            let log = several_faulty_log(&mut Choices::new(&bytes), Writer::Go);
            let found = read_with(&log.bytes, &[usize::MAX], ReadOptions::default());
            logs += u64::from(invented(&log, &found).is_some());
        }
        println!("{logs} of {LOGS} logs have an invented entry");
        assert!(
            logs * 1000 < LOGS,
            "{logs} of {LOGS} logs have an invented entry"
        );
    }
}
