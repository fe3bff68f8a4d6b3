//! Every entry is given, or named doubtful, or pending; and none twice.

use std::ops::Range;

use skill_log::reader::{ReadOptions, Reader};

use crate::choices::Choices;
use crate::contract::is_whole;
use crate::faults::Log;
use crate::never_invent::{WRITERS, one_faulty_log, range, reading, several_faulty_log};
use crate::read_all::{Found, read_with};
use crate::writers::{self, Writer};

fn stretch(&(offset, length): &(u64, u64)) -> Range<usize> {
    offset as usize..(offset + length) as usize
}

fn is_in(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Checks that every entry that no fault touched is given or named.
fn check(log: &Log, found: &Found) {
    for entry in log.intact() {
        let bytes = entry.range();
        let is_given = found.entries.iter().any(|(canonical, place)| {
            let range = range(place);
            let before = &log.bytes[range.start.min(bytes.start)..bytes.start];
            *canonical == entry.canonical && is_in(&bytes, &range) && before.trim_ascii().is_empty()
        });
        let mut doubtful = found.damage.iter().flat_map(|damage| &damage.doubtful);
        let is_named = doubtful.any(|each| is_in(&bytes, &stretch(each)))
            || is_in(&bytes, &stretch(&found.pending));
        assert!(
            is_given || is_named,
            "hidden at {bytes:?}: {}\n{log:?}\n{:?} {:?}",
            entry.line.escape_ascii(),
            found.pending,
            found.damage
        );
    }
    every_byte_is_told(&log.bytes, found);
}

/// Checks that each byte of a file is part of an entry, of a damaged line, of what is pending, or blank.
pub fn every_byte_is_told(file: &[u8], found: &Found) {
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
            "nothing tells of {}, before {range:?}",
            between.escape_ascii()
        );
        end = end.max(range.end);
    }
    assert_eq!(end, file.len());
}

fn longest(log: &Log) -> usize {
    log.entries
        .iter()
        .map(|entry| entry.line.len())
        .max()
        .unwrap_or(0)
}

/// After one fault, whoever wrote the lines, no entry is hidden, with any chunks and any limit that
/// lets it pass.
pub fn one_fault(choices: &mut Choices<'_>) {
    let log = one_faulty_log(choices);
    let (chunks, options) = reading(choices, longest(&log));
    check(&log, &read_with(&log.bytes, &chunks, options));
}

/// The same after several faults, of lines of ours.
pub fn several_faults_of_ours(choices: &mut Choices<'_>) {
    let log = several_faulty_log(choices, Writer::Ours);
    let (chunks, options) = reading(choices, longest(&log));
    check(&log, &read_with(&log.bytes, &chunks, options));
}

/// Behind a torn entry a whole one is given or named, and the same whatever the limit and the chunks.
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

/// The beginning of an entry, where no line end follows, is pending: all of it, and nothing else. So it
/// is behind NULs, what is no JSON, and another entry.
pub fn beginning_at_the_end(choices: &mut Choices<'_>) {
    let writer = choices.of(&WRITERS);
    let (before, line) = (
        writers::line(choices, Writer::Ours),
        writers::line(choices, writer),
    );
    let line = line.trim_ascii();
    let head: &[u8] = choices.of(&[b"", &before, &[0; 9], b"no JSON"]);
    let beginning = &line[..1 + choices.below(line.len() - 1)];
    let file = [&before[..], b"\n", head, beginning].concat();
    let (chunks, options) = reading(choices, line.len().max(before.len()));
    let found = read_with(&file, &chunks, options);
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
    every_byte_is_told(&file, &found);
}

/// A file that is looked at again and again while it grows gives each entry once, in order, and in
/// sum what reading the whole gives.
pub fn followed(choices: &mut Choices<'_>) {
    let log = if choices.is(128) {
        one_faulty_log(choices)
    } else {
        let writer = choices.of(&WRITERS);
        several_faulty_log(choices, writer)
    };
    let (_, options) = reading(choices, longest(&log));
    let whole = read_with(&log.bytes, &[usize::MAX], options);
    let mut reader = Reader::new(options);
    let mut found = Found::default();
    // What was given where the file ended for a moment.
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
        let (chunk, behind) = rest.split_at(length.min(rest.len()));
        rest = behind;
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
        assert!(end <= place.offset, "twice or not in order: {found:#?}");
        end = place.offset + place.length;
    }
    let same = |one: &&(Vec<u8>, skill_log::reader::Record),
                other: &(Vec<u8>, skill_log::reader::Record)| {
        one.0 == other.0 && one.1.offset == other.1.offset
    };
    for entry in &whole.entries {
        assert!(
            found.entries.iter().any(|other| same(&entry, other)),
            "missed: {entry:?}\n{log:?}"
        );
    }
    for (index, entry) in found.entries.iter().enumerate() {
        let is_known = whole.entries.iter().any(|other| same(&entry, other));
        // Once the file ended behind it, and no fault and no later byte was known.
        let is_from_an_end = at_ends
            .iter()
            .any(|&given| given <= index && is_on_one_line(&log.bytes, &found, given, index));
        assert!(is_known || is_from_an_end, "too much: {entry:?}\n{log:?}");
    }
}

fn is_on_one_line(file: &[u8], found: &Found, one: usize, other: usize) -> bool {
    let place = |index: usize| range(&found.entries[index].1);
    !file[place(one).start..place(other).start].contains(&b'\n')
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::*;
    use crate::never_invent::each_fault;

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
        fn nothing_is_hidden_after_one_fault(bytes in choices()) {
            one_fault(&mut Choices::new(&bytes));
        }

        #[test]
        fn nothing_of_ours_is_hidden_after_several_faults(bytes in choices()) {
            several_faults_of_ours(&mut Choices::new(&bytes));
        }

        #[test]
        fn an_entry_behind_a_torn_one_is_the_same_whatever_the_limit(bytes in choices()) {
            torn_then_whole(&mut Choices::new(&bytes));
        }

        #[test]
        fn the_beginning_of_an_entry_is_pending(bytes in choices()) {
            beginning_at_the_end(&mut Choices::new(&bytes));
        }

        #[test]
        fn a_file_that_grows_gives_each_entry_once(bytes in choices()) {
            followed(&mut Choices::new(&bytes));
        }
    }

    #[test]
    fn nothing_is_hidden_after_one_fault_at_any_byte() {
        let mut turn = 0;
        each_fault(|log| {
            turn += 1;
            let max_line_bytes = [1 << 28, longest(log) as u64 + 1][turn % 2];
            let options = ReadOptions {
                max_line_bytes,
                ..ReadOptions::default()
            };
            let chunk = [usize::MAX, 7, 64][turn % 3];
            check(log, &read_with(&log.bytes, &[chunk], options));
        });
    }

    /// Bytes of a line, so many that the square of them takes too long.
    const LENGTH: usize = if cfg!(debug_assertions) {
        1 << 18
    } else {
        1 << 22
    };

    #[test]
    fn no_chunk_ends_a_piece_of_a_line_over_the_limit() {
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
                let options = ReadOptions {
                    max_line_bytes,
                    ..ReadOptions::default()
                };
                let at_once = read_with(file.as_bytes(), &[usize::MAX], options);
                for lengths in [&[1][..], &[2], &[1, 2]] {
                    let in_chunks = read_with(file.as_bytes(), lengths, options);
                    assert_eq!(
                        in_chunks, at_once,
                        "{file:?}, {lengths:?}, {max_line_bytes}"
                    );
                }
            }
        }
    }

    #[test]
    fn work_is_linear_in_what_was_made_to_be_slow() {
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
                "nested and whole, closed, behind a beginning",
                format!("{head}{}", wholes(4_900)),
            ),
            (
                "nested, closed, behind a beginning",
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
                            let options = ReadOptions {
                                max_line_bytes: limit,
                                ..ReadOptions::default()
                            };
                            let start = Instant::now();
                            read_with(file.as_bytes(), &[1 << 16], options);
                            start.elapsed()
                        };
                        // Work that grows with the square takes minutes.
                        let time = read(LENGTH);
                        assert!(
                            time < Duration::from_secs(5),
                            "{time:?} for {name}, behind {head:?}, limit {limit}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_line_over_the_limit_is_judged_whatever_begins_it() {
        let whole = r#"{"session_id":"s","timestamp":"2026-01-02T03:04:05Z","skill":"a","final_status":"ok"}"#;
        for head in [
            r#" ""]"#,
            r#" "a","#,
            r#" "a"}}"#,
            " [",
            " 1]",
            " null,",
            "{}]",
            // No member of an entry is an object, however it is spelled.
            r#"{"message":"#,
            r#"{"Message":"#,
            r#"{"\u006dessage":"#,
            "{\"\u{17f}kill\":",
            r#"{"ATTEMPTS":"#,
            r#"{"Attempts":[{"Verified":"#,
        ] {
            let file = format!("{head}{whole}\n");
            let given = [2, whole.len() as u64 + 1, 1 << 28].map(|max_line_bytes| {
                let options = ReadOptions {
                    max_line_bytes,
                    ..ReadOptions::default()
                };
                read_with(file.as_bytes(), &[1], options).entries.len()
            });
            assert_eq!(given, [0, 1, 1], "{head}");
        }
    }
}
