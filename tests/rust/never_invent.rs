//! Nothing is given that was not appended.

use std::ops::Range;

use skill_log::reader::{ReadOptions, Record};

use crate::choices::Choices;
use crate::contract::{self, is_blank};
use crate::faults::{self, Log, Then};
use crate::read_all::{Found, read_with};
use crate::writers::{self, Writer};

pub const WRITERS: [Writer; 3] = [Writer::Ours, Writer::Go, Writer::Foreign];

/// Chooses how a file is cut into chunks, and how long lines may be: `longest` or more.
pub fn reading(choices: &mut Choices<'_>, longest: usize) -> (Vec<usize>, ReadOptions) {
    let chunks = match choices.below(4) {
        0 => vec![usize::MAX],
        1 => vec![1],
        _ => (0..1 + choices.below(3))
            .map(|_| 1 + choices.below(200))
            .collect(),
    };
    let max_line_bytes = match choices.below(2) {
        0 => 1 << 28,
        _ => (longest + 1 + choices.below(400)) as u64,
    };
    (
        chunks,
        ReadOptions {
            max_line_bytes,
            ..ReadOptions::default()
        },
    )
}

/// Gives the bytes of an entry that was given, in the file.
pub fn range(place: &Record) -> Range<usize> {
    place.offset as usize..(place.offset + place.length) as usize
}

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

/// After one fault, whoever wrote the lines, nothing is invented, with any chunks and any limit.
pub fn one_fault(choices: &mut Choices<'_>) {
    let log = one_faulty_log(choices);
    let (chunks, options) = reading(choices, 0);
    check(&log, &read_with(&log.bytes, &chunks, options));
}

pub fn one_faulty_log(choices: &mut Choices<'_>) -> Log {
    let mut log = Log::default();
    for _ in 0..1 + choices.below(3) {
        let writer = choices.of(&WRITERS);
        log.append(writers::line(choices, writer));
    }
    let writer = choices.of(&WRITERS);
    log.fault(choices, writer);
    log
}

/// After several faults nothing is invented from lines of ours.
pub fn several_faults_of_ours(choices: &mut Choices<'_>) {
    let log = several_faulty_log(choices, Writer::Ours);
    let (chunks, options) = reading(choices, 0);
    check(&log, &read_with(&log.bytes, &chunks, options));
}

pub fn several_faulty_log(choices: &mut Choices<'_>, writer: Writer) -> Log {
    let lines = 1 + choices.below(3);
    let mut log = faults::log(choices, lines, writer);
    for _ in 0..2 + choices.below(4) {
        log.fault(choices, writer);
    }
    log
}

/// From a line that decodes nothing is recovered, whatever its length and the limit.
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
    // The entry itself may be saved from too many blanks around it.
    match &found.entries[..] {
        [] => assert!(line.len() >= options.max_line_bytes as usize, "{log:?}"),
        [(canonical, place)] => {
            assert_eq!(*canonical, entry.canonical, "{log:?}");
            let (given, whole) = (range(place), entry.range());
            let is_whole = given.start <= whole.start && whole.end <= given.end;
            assert!(is_whole && !place.doubtful, "{place:?} {log:?}");
        }
        more => panic!("{more:?} {log:?}"),
    }
}

/// What is given of any damaged line, and what is in doubt, is what the contract says.
pub fn as_the_contract_has_it(choices: &mut Choices<'_>) {
    let log = if choices.is(128) {
        one_faulty_log(choices)
    } else {
        let writer = choices.of(&WRITERS);
        several_faulty_log(choices, writer)
    };
    let (chunks, options) = reading(choices, log.bytes.len());
    let found = read_with(&[&log.bytes[..], b"\n"].concat(), &chunks, options);
    let mut given = found.entries.iter().map(|(_, place)| range(place));
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
                assert_eq!(given.next(), Some(offset..offset + line.len()), "{text}");
            } else {
                let expected = contract::judge(line);
                for each in expected.given {
                    let each = offset + each.start..offset + each.end;
                    assert_eq!(given.next().map(trimmed), Some(each), "given of {text}");
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
    assert_eq!(given.next(), None);
    assert_eq!(doubtful.next(), None);
}

/// Lines that are small, and have in them all that a fault at any byte could make an entry of.
pub fn small_lines() -> Vec<(&'static str, Vec<u8>)> {
    let entry = |skill: &str, more: &str| {
        format!(
            r#"{{"session_id":"s","timestamp":"2026-01-02T03:04:05Z","skill":"{skill}"{more},"final_status":"ok"}}"#
        )
    };
    let inner = entry("n", "");
    let spaced = inner.replace(",\"skill\"", " , \"skill\"");
    vec![
        ("as input", entry("a", &format!(r#","input":{inner}"#))),
        (
            "as the last element",
            entry("a", &format!(r#","input":[1,{inner}]"#)),
        ),
        (
            "beside each other",
            entry("a", &format!(r#","input":[{inner},{inner} , {spaced} ]"#)),
        ),
        (
            "in another",
            entry(
                "a",
                &format!(
                    r#","input":{}"#,
                    entry("b", &format!(r#","input":{inner}"#))
                ),
            ),
        ),
        (
            "in an unknown member",
            entry("a", &format!(r#","x" : {inner} "#)),
        ),
        (
            "as attempts",
            entry("a", &format!(r#","attempts":[{inner},{inner}]"#)),
        ),
        (
            "in attempts",
            entry("a", &format!(r#","attempts":[{{"x":{inner}}}]"#)),
        ),
        (
            "in the last member",
            entry("a", "").replace('}', &format!(r#","x":{inner}}}"#)),
        ),
        (
            "quoted",
            entry(
                "a",
                &format!(r#","message":"{}""#, inner.replace('"', "\\\"")),
            ),
        ),
        (
            "quoted in input",
            entry(
                "a",
                &format!(
                    r#","input":["{}",{{"k{{":"}}"}}]"#,
                    inner.replace('"', "\\\"")
                ),
            ),
        ),
        (
            "start alone",
            entry(
                "a",
                r#","input":{"session_id":"{\"session_id\":\"","x":{"session_id":""}}"#,
            ),
        ),
        (
            "foreign",
            format!(r#"{{"input":[{inner}],"session_id":"s","skill":{{}}}}"#)
                .replace(":{}", ":\"f\""),
        ),
    ]
    .into_iter()
    .map(|(name, line)| (name, line.into_bytes()))
    .collect()
}

/// Runs over every fault of one sort at every byte of a small log.
pub fn each_fault(mut judge: impl FnMut(&Log)) {
    let plain = small_lines()[0].1.clone();
    for (name, line) in small_lines() {
        let mut before = Log::default();
        before.story.push(name.into());
        before.append(plain.clone());
        before.append(line.clone());
        let first = before.entries[1].offset;
        for at in first..before.bytes.len() {
            for then in [Then::Nothing, Then::LineEnd, Then::Unguarded, Then::Guarded] {
                let mut log = before.clone();
                log.cut(at);
                log.go_on(then, &line);
                judge(&log);
            }
            let mut before = before.clone();
            before.append(plain.clone());
            let length = before.bytes.len();
            for range in [
                at..at + 1,
                at..length.min(at + 7),
                at..length,
                0..at,
                first..at + 1,
            ] {
                let mut log = before.clone();
                log.nuls(range);
                judge(&log);
            }
            for with in [
                "\n", " ", "}", "{", "\"", ",", "]", "x", "\\", "}\n", "\n{", "\"}", "{\"a\":",
                "    ", "}]}]}",
            ] {
                let mut log = before.clone();
                log.overwrite(at, &with.as_bytes()[..with.len().min(length - at)]);
                judge(&log);
            }
            if before.bytes[at] == b'\n' {
                let mut log = before.clone();
                log.join(at);
                judge(&log);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use skill_log::{Spelling, encode_as};

    use super::*;
    use crate::contract::START;

    fn choices() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(any::<u8>(), 0..600)
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 2000,
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn nothing_is_invented_after_one_fault(bytes in choices()) {
            one_fault(&mut Choices::new(&bytes));
        }

        #[test]
        fn nothing_is_invented_from_lines_of_ours_after_several_faults(bytes in choices()) {
            several_faults_of_ours(&mut Choices::new(&bytes));
        }

        #[test]
        fn nothing_is_recovered_from_a_line_that_decodes(bytes in choices()) {
            undamaged_line(&mut Choices::new(&bytes));
        }

        #[test]
        fn lines_of_ours_start_as_entries_do_but_once(bytes in choices()) {
            let line = writers::line(&mut Choices::new(&bytes), Writer::Ours);
            let starts = line.windows(START.len()).filter(|bytes| *bytes == START);
            prop_assert_eq!(starts.count(), 1);
        }

        #[test]
        fn what_is_given_and_what_is_in_doubt_is_what_the_contract_says(bytes in choices()) {
            as_the_contract_has_it(&mut Choices::new(&bytes));
        }
    }

    #[test]
    fn nothing_is_invented_after_one_fault_at_any_byte() {
        let mut turn = 0;
        each_fault(|log| {
            turn += 1;
            let max_line_bytes = [1 << 28, 150, 300][turn % 3];
            let options = ReadOptions {
                max_line_bytes,
                ..ReadOptions::default()
            };
            let chunk = [usize::MAX, 7][turn % 2];
            check(log, &read_with(&log.bytes, &[chunk], options));
        });
    }

    /// Runs over every two faults that leave a stretch of a line, from one edge to another.
    fn each_stretch(spelling: Spelling, mut judge: impl FnMut(&Log)) {
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
                    log.nuls(0..from);
                    let mut cut = log.clone();
                    cut.cut(to);
                    judge(&cut);
                    cut.go_on(Then::LineEnd, b"");
                    judge(&cut);
                    let length = log.bytes.len();
                    log.nuls(to..length);
                    judge(&log);
                }
            }
        }
    }

    #[test]
    fn nothing_is_invented_from_a_stretch_of_a_line_of_ours() {
        let read = |log: &Log| read_with(&log.bytes, &[usize::MAX], ReadOptions::default());
        each_stretch(Spelling::Safe, |log| check(log, &read(log)));
        // So this can fail: from the original's lines something is invented.
        let mut count = 0;
        each_stretch(Spelling::Kept, |log| {
            count += usize::from(invented(log, &read(log)).is_some());
        });
        assert!(count > 0);
    }

    /// Counts how often something is invented from the original's lines, which FORMAT.md tells.
    #[test]
    fn several_faults_seldom_invent_from_lines_of_the_original() {
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
        println!("something is invented in {logs} of {LOGS} logs");
        assert!(logs * 1000 < LOGS, "{logs} of {LOGS}");
    }
}
