//! The sweeps that `never_invent` and `never_hide` share: faulty logs, and how each is read.
//!
//! Random sweeps take their logs, chunks and limits from [`Choices`]. The exhaustive sweep puts
//! each kind of fault at each byte of small logs.

use skill_log::reader::ReadOptions;

use crate::choices::Choices;
use crate::faults::{self, AfterCut, Log};
use crate::read_all::{Found, read_all, read_with};
use crate::writers::{self, WRITERS, Writer};

/// Chooses the lengths of a file's chunks, and a limit for lines: more than `longest` bytes.
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

/// Reads a file with chunks and a limit as [`reading`] chooses them.
pub fn read_by_choice(choices: &mut Choices<'_>, file: &[u8], longest: usize) -> Found {
    let (chunks, options) = reading(choices, longest);
    read_with(file, &chunks, options)
}

/// Makes a log of one to three lines by any writers, with one fault.
pub fn one_faulty_log(choices: &mut Choices<'_>) -> Log {
    let mut log = Log::default();
    for _ in 0..1 + choices.below(3) {
        let writer = choices.of(&WRITERS);
        log.append(writers::line(choices, writer));
    }
    let writer = choices.of(&WRITERS);
    log.put_fault(choices, writer);
    log
}

/// Makes a log of one to three lines by one writer, with two to five faults.
pub fn several_faulty_log(choices: &mut Choices<'_>, writer: Writer) -> Log {
    let lines = 1 + choices.below(3);
    let mut log = faults::log(choices, lines, writer);
    for _ in 0..2 + choices.below(4) {
        log.put_fault(choices, writer);
    }
    log
}

/// Makes a log with one fault or several.
pub fn any_faulty_log(choices: &mut Choices<'_>) -> Log {
    if choices.is(128) {
        one_faulty_log(choices)
    } else {
        let writer = choices.of(&WRITERS);
        several_faulty_log(choices, writer)
    }
}

/// Returns short lines that hold, in every position, text which a fault could turn into an entry.
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

/// Passes to `check` each log that one fault makes of a small log: every kind, at every byte.
fn each_fault(mut check: impl FnMut(&Log)) {
    let plain = small_lines()[0].1.clone();
    for (name, line) in small_lines() {
        let mut before = Log::default();
        before.story.push(name.into());
        before.append(plain.clone());
        before.append(line.clone());
        let first = before.entries[1].offset;
        for at in first..before.bytes.len() {
            for then in [
                AfterCut::Nothing,
                AfterCut::LineEnd,
                AfterCut::Unguarded,
                AfterCut::Guarded,
            ] {
                let mut log = before.clone();
                log.cut(at);
                log.continue_with(then, &line);
                check(&log);
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
                log.write_nuls(range);
                check(&log);
            }
            for with in [
                "\n", " ", "}", "{", "\"", ",", "]", "x", "\\", "}\n", "\n{", "\"}", "{\"a\":",
                "    ", "}]}]}",
            ] {
                let mut log = before.clone();
                log.overwrite(at, &with.as_bytes()[..with.len().min(length - at)]);
                check(&log);
            }
            if before.bytes[at] == b'\n' {
                let mut log = before.clone();
                log.lose_line_end(at);
                check(&log);
            }
        }
    }
}

/// Reads each log that one fault makes of a small log, and passes what was found to `check`.
///
/// Chunk lengths and limits take turns. Let their counts share no factor, so that each length meets
/// each limit.
pub fn read_each_fault<const LIMITS: usize>(
    chunks: &[usize],
    limits: impl Fn(&Log) -> [u64; LIMITS],
    check: impl Fn(&Log, &Found),
) {
    let mut turn = 0;
    each_fault(|log| {
        turn += 1;
        let chunk = chunks[turn % chunks.len()];
        let limit = limits(log)[turn % LIMITS];
        check(log, &read_all(&log.bytes, &[chunk], limit));
    });
    assert!(turn > 50_000, "only {turn} logs");
}

/// Reads each log that one fault and lost line ends make of a small log: its one line is over the
/// limit, each entry alone is not. Passes what was found to `check`.
pub fn read_each_long_line(check: impl Fn(&Log, &Found)) {
    let mut turn = 0;
    each_fault(|log| {
        let mut log = log.clone();
        while let Some(at) = log.bytes.iter().position(|&byte| byte == b'\n') {
            log.lose_line_end(at);
        }
        let limit = log.entries.iter().map(|entry| entry.line.len()).max();
        let limit = limit.unwrap_or(0) as u64 + 1;
        if log.bytes.len() as u64 > limit {
            turn += 1;
            let chunk = [usize::MAX, 64][turn % 2];
            log.bytes.push(b'\n');
            check(&log, &read_all(&log.bytes, &[chunk], limit));
        }
    });
    assert!(turn > 50_000, "only {turn} logs");
}

/// Tries a property with 2,000 random choices, or as many as `PROPTEST_CASES` says if that is more.
/// Panics with the simplest ones that break it.
#[cfg(test)]
pub fn try_random_choices(property: impl Fn(&mut Choices<'_>)) {
    use proptest::prelude::*;
    use proptest::test_runner::TestRunner;

    let usual = ProptestConfig::default();
    let mut runner = TestRunner::new(ProptestConfig {
        cases: usual.cases.max(2000),
        failure_persistence: None,
        ..usual
    });
    let bytes = prop::collection::vec(any::<u8>(), 0..600);
    let result = runner.run(&bytes, |bytes| {
        property(&mut Choices::new(&bytes));
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}\n{runner}");
    }
}
