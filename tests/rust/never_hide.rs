//! Reading returns every entry once, or names it doubtful or pending.

use std::ops::Range;

use skill_log::reader::{ReadOptions, Reader};

use crate::choices::Choices;
use crate::contract::{is_blank, is_whole};
use crate::faults::Log;
use crate::read_all::{Found, range, read_with, stretch};
use crate::sweeps::{any_faulty_log, one_faulty_log, read_by_choice, reading, several_faulty_log};
use crate::writers::{self, WRITERS, Writer};

fn is_in(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Checks that each entry that no fault touched is returned or named.
fn check(log: &Log, found: &Found) {
    for entry in log.intact() {
        let bytes = entry.range();
        let is_returned = found.entries.iter().any(|(canonical, place)| {
            let range = range(place);
            let before = &log.bytes[range.start.min(bytes.start)..bytes.start];
            *canonical == entry.canonical
                && is_in(&bytes, &range)
                && before.iter().all(|&byte| is_blank(byte))
        });
        let mut doubtful = found.damage.iter().flat_map(|damage| &damage.doubtful);
        let is_named = doubtful.any(|each| is_in(&bytes, &stretch(each)))
            || is_in(&bytes, &stretch(&found.pending));
        assert!(
            is_returned || is_named,
            "hidden at {bytes:?}: {}\n{log:?}\n{:?} {:?}",
            entry.line.escape_ascii(),
            found.pending,
            found.damage
        );
    }
    every_byte_is_reported(&log.bytes, found);
}

/// Checks that each byte of a file is reported: in an entry, in damage or as pending. Line ends
/// are not.
pub fn every_byte_is_reported(file: &[u8], found: &Found) {
    let mut told: Vec<Range<usize>> = found
        .entries
        .iter()
        .map(|(_, place)| range(place))
        .collect();
    for damage in &found.damage {
        let line = stretch(&(damage.offset, damage.length));
        let parts = [&damage.whole[..], &damage.doubtful, &damage.damaged].concat();
        assert!(
            parts.iter().all(|part| is_in(&stretch(part), &line)),
            "{damage:?}"
        );
        told.extend(parts.iter().map(stretch));
    }
    told.push(stretch(&found.pending));
    told.push(file.len()..file.len());
    told.sort_by_key(|range| range.start);
    let mut end = 0;
    for range in told {
        let between = file.get(end..range.start).unwrap_or_default();
        assert!(
            between.iter().all(|byte| matches!(byte, b'\n' | b'\r')),
            "{} is not reported, before {range:?}",
            between.escape_ascii()
        );
        end = end.max(range.end);
    }
    assert_eq!(end, file.len());
}

/// Returns the length of the longest entry, with the blanks beside it: a limit holds for lines.
fn longest(log: &Log) -> usize {
    let blanks = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r');
    let entries = log.entries.iter().map(|entry| {
        let Range { start, end } = entry.range();
        let before = log.bytes.get(..start).unwrap_or_default();
        let after = log.bytes.get(end..).unwrap_or_default();
        let [left, right] = [
            before.iter().rev().take_while(blanks).count(),
            after.iter().take_while(blanks).count(),
        ];
        left + entry.line.len() + right
    });
    entries.max().unwrap_or(0)
}

/// Reading hides nothing after one fault, whoever wrote the lines, with any chunks and any limit
/// that the lines fit in.
pub fn one_fault(choices: &mut Choices<'_>) {
    let log = one_faulty_log(choices);
    let found = read_by_choice(choices, &log.bytes, longest(&log));
    check(&log, &found);
}

/// Reading hides nothing of lines of ours after several faults.
pub fn several_faults_of_ours(choices: &mut Choices<'_>) {
    let log = several_faulty_log(choices, Writer::Ours);
    let found = read_by_choice(choices, &log.bytes, longest(&log));
    check(&log, &found);
}

/// Reading returns or names the whole entry after a torn one, whatever the limit and the chunks.
pub fn torn_then_whole(choices: &mut Choices<'_>) {
    let (one, other) = (choices.of(&WRITERS), choices.of(&WRITERS));
    let torn = writers::line(choices, one);
    let whole = writers::line(choices, other);
    if !is_whole(&whole) {
        return;
    }
    let mut log = Log::default();
    log.append(torn.clone());
    log.cut(1 + choices.below(torn.len()));
    log.append(whole.clone());
    let at_once = read_with(&log.bytes, &[usize::MAX], ReadOptions::default());
    check(&log, &at_once);
    for _ in 0..3 {
        let (chunks, options) = reading(choices, longest(&log));
        let found = read_with(&log.bytes, &chunks, options);
        check(&log, &found);
        let lines = |found: &Found| -> Vec<Vec<u8>> {
            found.entries.iter().map(|(line, _)| line.clone()).collect()
        };
        assert_eq!(
            lines(&found),
            lines(&at_once),
            "{options:?} {chunks:?} {log:?}"
        );
    }
}

/// Reading keeps exactly the beginning of an entry pending when no line end follows, also after
/// NULs, text that is no JSON, or another entry.
pub fn pending_beginning(choices: &mut Choices<'_>) {
    let writer = choices.of(&WRITERS);
    let (before, line) = (
        writers::line(choices, Writer::Ours),
        writers::line(choices, writer),
    );
    let line = line.trim_ascii();
    let head: &[u8] = choices.of(&[b"", &before, &[0; 9], b"no JSON"]);
    let beginning = &line[..1 + choices.below(line.len() - 1)];
    let file = [&before[..], b"\n", head, beginning].concat();
    let found = read_by_choice(choices, &file, line.len().max(before.len()));
    let text = file.escape_ascii();
    let start = file.len() - beginning.len();
    assert_eq!(
        found.pending,
        (start as u64, beginning.len() as u64),
        "{text}"
    );
    assert_eq!(
        found.entries.len(),
        1 + usize::from(head == before),
        "{text}"
    );
    assert_eq!(found.damage.is_empty(), head.is_empty(), "{text}");
    every_byte_is_reported(&file, &found);
}

/// Reading a file repeatedly while it grows returns each entry once, in order, and in all the
/// entries that reading the whole file returns.
pub fn followed(choices: &mut Choices<'_>) {
    let log = any_faulty_log(choices);
    let (_, options) = reading(choices, longest(&log));
    let whole = read_with(&log.bytes, &[usize::MAX], options);
    let mut reader = Reader::new(options);
    let mut found = Found::default();
    // The indexes of the entries that were returned when the file ended for a moment.
    let mut at_ends = Vec::new();
    let mut rest = &log.bytes[..];
    loop {
        let length = match choices.below(4) {
            0 => rest.len(),
            1 => rest
                .iter()
                .position(|&byte| matches!(byte, b'}' | b'\n'))
                .map_or(rest.len(), |at| at + 1),
            _ => 1 + choices.below(120),
        };
        let (chunk, more) = rest.split_at(length.min(rest.len()));
        rest = more;
        reader
            .space(chunk.len())
            .expect("memory suffices")
            .copy_from_slice(chunk);
        reader.read(&mut found).expect("reading is not strict");
        if rest.is_empty() || choices.is(128) {
            let before = found.entries.len();
            reader.finish(&mut found).expect("reading is not strict");
            at_ends.extend(before..found.entries.len());
        }
        if rest.is_empty() {
            break;
        }
    }
    found.pending = reader.pending();
    let mut end = 0;
    for (_, place) in &found.entries {
        assert!(
            end <= place.offset,
            "returned twice or not in order: {found:#?}"
        );
        end = place.offset + place.length;
    }
    // When the file ended after one entry of a line, blanks before the next entry belong to it.
    let start = |record: &skill_log::reader::Record| {
        let text = &log.bytes[record.offset as usize..];
        let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r');
        record.offset as usize + text.iter().take_while(is_blank).count()
    };
    let same = |one: &&(Vec<u8>, skill_log::reader::Record),
                other: &(Vec<u8>, skill_log::reader::Record)| {
        one.0 == other.0 && start(&one.1) == start(&other.1)
    };
    for entry in &whole.entries {
        assert!(
            found.entries.iter().any(|other| same(&entry, other)),
            "missed: {entry:?}\n{log:?}"
        );
    }
    for (index, entry) in found.entries.iter().enumerate() {
        let is_known = whole.entries.iter().any(|other| same(&entry, other));
        // The file once ended after this entry, when no later byte of the line was known.
        let is_from_an_end = at_ends
            .iter()
            .any(|&at| at <= index && is_on_one_line(&log.bytes, &found, at, index));
        assert!(
            is_known || is_from_an_end,
            "not in the whole file: {entry:?}\n{log:?}"
        );
    }
}

fn is_on_one_line(file: &[u8], found: &Found, one: usize, other: usize) -> bool {
    let place = |index: usize| range(&found.entries[index].1);
    !file[place(one).start..place(other).start].contains(&b'\n')
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::read_all::read_all;
    use crate::sweeps::{read_each_fault, read_each_long_line, try_random_choices};

    #[test]
    fn hides_nothing_after_one_fault() {
        try_random_choices(one_fault);
    }

    #[test]
    fn hides_nothing_of_ours_after_several_faults() {
        try_random_choices(several_faults_of_ours);
    }

    #[test]
    fn finds_the_same_entries_after_a_torn_one_whatever_the_limit() {
        try_random_choices(torn_then_whole);
    }

    #[test]
    fn keeps_the_beginning_of_an_entry_pending_when_no_line_end_follows() {
        try_random_choices(pending_beginning);
    }

    #[test]
    fn returns_each_entry_once_when_the_file_grows() {
        try_random_choices(followed);
    }

    #[test]
    fn returns_both_entries_when_the_file_ended_before_the_blanks_between_them() {
        let entry = |skill: &str| {
            format!(
                r#"{{"session_id":"s","timestamp":"2026-01-02T03:04:05Z","skill":"{skill}","final_status":"ok"}}"#
            )
        };
        for blanks in ["", "\t", " \r "] {
            let mut reader = Reader::new(ReadOptions::default());
            let mut found = Found::default();
            for part in [entry("a"), format!("{blanks}{}\n", entry("b"))] {
                reader
                    .space(part.len())
                    .expect("memory suffices")
                    .copy_from_slice(part.as_bytes());
                reader.read(&mut found).expect("reading is not strict");
                reader.finish(&mut found).expect("reading is not strict");
            }
            let lines: Vec<_> = found.entries.into_iter().map(|(line, _)| line).collect();
            assert_eq!(
                lines,
                ["a", "b"].map(|skill| entry(skill).into_bytes()),
                "{blanks:?}"
            );
        }
    }

    #[test]
    fn hides_nothing_after_each_fault_at_each_byte() {
        let limits = |log: &Log| [1 << 28, longest(log) as u64 + 1];
        read_each_fault(&[usize::MAX, 7, 64], limits, check);
    }

    #[test]
    fn hides_nothing_of_a_line_over_the_limit_with_a_fault_at_each_byte() {
        read_each_long_line(check);
    }

    /// The bytes of a line. Work that grows with their square takes minutes.
    const LENGTH: usize = if cfg!(debug_assertions) {
        1 << 18
    } else {
        1 << 22
    };

    #[test]
    fn finds_the_same_pieces_of_a_line_over_the_limit_whatever_the_chunks() {
        for file in [
            "x ",
            "x \r{",
            "x {",
            "x x ",
            "\0 ",
            "x\0 ",
            "{} ",
            " x ",
            "{x {",
            "x \n",
            "{\"a\" x \n",
        ] {
            for max_line_bytes in 1..6 {
                let at_once = read_all(file.as_bytes(), &[usize::MAX], max_line_bytes);
                for lengths in [&[1][..], &[2], &[1, 2]] {
                    let in_chunks = read_all(file.as_bytes(), lengths, max_line_bytes);
                    assert_eq!(
                        in_chunks, at_once,
                        "{file:?}, {lengths:?}, {max_line_bytes}"
                    );
                }
            }
        }
    }

    #[test]
    fn reads_in_linear_time_when_the_input_is_made_to_be_slow() {
        let nested = r#"{"session_id":"a","x":["#;
        let whole = r#"{"session_id":"s","timestamp":"2026-01-02T03:04:05Z","skill":"a","final_status":"ok"}"#;
        let closed = |depth: usize| format!("{}{}", nested.repeat(depth), "]}".repeat(depth));
        let wholes = |depth: usize| {
            let open = whole.replace('}', r#","x":["#);
            format!("{}{}", open.repeat(depth), "]}".repeat(depth))
        };
        let head = whole.replace('}', r#","x":["#);
        let cases: Vec<(&str, String)> = vec![
            ("nested, not closed", nested.repeat(4_900)),
            ("nested, closed", closed(4_900)),
            (
                "nested and whole, closed, after a beginning",
                format!("{head}{}", wholes(4_900)),
            ),
            (
                "nested, closed, after a beginning",
                format!("{head}{}", closed(4_900)),
            ),
            ("beyond the deepest", nested.repeat(10_000)),
            ("starts alone", r#"{"session_id":""#.into()),
            (
                "torn in strings",
                r#"{"session_id":"s","message":"cu"#.into(),
            ),
            ("torn where any value is due", format!("{head}{{\"a\":")),
            ("whole ones with commas", format!("{whole},")),
            ("whole ones in an array", format!("{whole} , ")),
            ("whole ones that touch", whole.into()),
            ("NULs", "\0".into()),
            ("NULs and braces", "\0{".into()),
            ("blanks", " ".into()),
            ("blanks and a brace", "        {".into()),
            ("braces", "{".into()),
            ("brackets", "[".into()),
            ("quotes", "{\"".into()),
            ("backslashes", "{\"\\".into()),
            ("keys", "{\"a\":".into()),
            ("no JSON", "x".into()),
            ("words", "null".into()),
        ];
        for (name, part) in &cases {
            for head in ["", "\0", head.as_str(), "{\"x\":\""] {
                for limit in [1 << 28, 1 << 16, 300] {
                    for is_ended in [true, false] {
                        let read = |length: usize| -> Duration {
                            let mut file = format!("{head}{}", part.repeat(length / part.len()));
                            if is_ended {
                                file.push('\n');
                            }
                            let start = Instant::now();
                            read_all(file.as_bytes(), &[1 << 16], limit);
                            start.elapsed()
                        };
                        let time = read(LENGTH);
                        assert!(
                            time < Duration::from_secs(5),
                            "{time:?} for {name}, after {head:?}, limit {limit}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn recovers_an_entry_within_any_limit_that_fits_whatever_precedes_it() {
        let whole = r#"{"session_id":"s","timestamp":"2026-01-02T03:04:05Z","skill":"a","final_status":"ok"}"#;
        for head in [
            r#" ""]"#,
            r#" "a","#,
            r#" "a"}}"#,
            " [",
            " 1]",
            " null,",
            "{}]",
            // No text member of an entry is an object, however its key is spelled.
            r#"{"message":"#,
            r#"{"Message":"#,
            r#"{"\u006dessage":"#,
            "{\"\u{17f}kill\":",
            r#"{"ATTEMPTS":"#,
            r#"{"Attempts":[{"Verified":"#,
        ] {
            let file = format!("{head}{whole}\n");
            let counts = [2, whole.len() as u64 + 1, 1 << 28].map(|max_line_bytes| {
                read_all(file.as_bytes(), &[1], max_line_bytes)
                    .entries
                    .len()
            });
            assert_eq!(counts, [0, 1, 1], "{head}");
        }
    }
}
