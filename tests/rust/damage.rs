//! How the reader describes damaged lines, and what it recovers from them.

use proptest::prelude::*;
use skill_log::damage::DamageKind::{self, Corrupt, Fused, Nul, TooLong, Torn};

use crate::generate::{self, Piece};
use crate::read_all::{Found, read_all, read_with};
use skill_log::damage::Reason;
use skill_log::reader::{ReadOptions, Reader, Record};

const NO_LIMIT: u64 = 1 << 28;

/// Writes a whole entry of a skill.
fn whole(skill: &str) -> String {
    format!(
        r#"{{"session_id":"s","timestamp":"2026-01-02T03:04:05Z","skill":"{skill}","final_status":"ok"}}"#
    )
}

/// The start of an entry, cut within its message.
const TORN: &str = r#"{"session_id":"s","timestamp":"2026-01-02T03:04:05Z","skill":"t","final_status":"ok","message":"cu"#;

#[test]
fn ends_the_last_record_with_the_file_when_the_last_line_has_no_line_end() {
    let line = whole("a");
    let length = line.len() as u64;
    for strict in [false, true] {
        let options = ReadOptions {
            strict,
            ..ReadOptions::default()
        };
        let ends = |file: &str| -> Vec<u64> {
            let found = read_with(file.as_bytes(), &[7], options);
            found.entries.iter().map(|(_, record)| record.end).collect()
        };
        assert_eq!(ends(&line), [length], "strict: {strict}");
        assert_eq!(ends(&format!("{line}\n")), [length + 1]);
        assert_eq!(
            ends(&format!("{line}\n{line}")),
            [length + 1, 2 * length + 1]
        );
    }
}

#[test]
fn judges_blanks_and_complete_objects_as_torn_pieces() {
    let entry = whole("a");
    let object = r#"{"a":1}"#;
    for (line, kind, entries) in [
        (format!("{object}{object}"), Torn, 0),
        (format!("\0{entry} "), Nul, 1),
        (format!("\0 {entry}"), Fused, 1),
        (format!("{object}{entry}"), Fused, 1),
    ] {
        // The line is damage at once: blanks and complete objects are not pending.
        for end in ["\n", ""] {
            let found = read_all(format!("{line}{end}").as_bytes(), &[7], NO_LIMIT);
            assert_eq!(found.damage[0].kind, kind, "{line}");
            assert_eq!(found.entries.len(), entries, "{line}");
            assert_eq!(found.pending.1, 0, "{line}");
        }
    }
}

#[test]
fn judges_a_line_over_the_limit_less_finely_and_returns_no_more() {
    let line = format!(r#"{{"session_id":"s","x":truu,"y":{}"#, whole("a"));
    let file = format!("{line}\n");
    let within = read_all(file.as_bytes(), &[7], file.len() as u64);
    assert_eq!(within.entries.len(), 1);
    assert_eq!(within.damage[0].doubtful, []);
    let over = read_all(file.as_bytes(), &[7], file.len() as u64 - 1);
    assert_eq!(over.damage[0].kind, TooLong);
    assert_eq!(over.entries, []);
    assert_eq!(over.damage[0].doubtful.len(), 1);
}

#[test]
fn names_the_kind_of_each_fault_and_recovers_every_whole_entry() {
    let [a, b] = [whole("a"), whole("b")];
    let nested = whole("nested");
    let head = r#"{"session_id":"s","timestamp":"2026-01-02T03:04:05Z","skill":"t""#;
    let cases: Vec<(&str, String, DamageKind, &[&str])> = vec![
        ("an entry cut in a string", TORN.into(), Torn, &[]),
        ("an entry cut after its first byte", "{".into(), Torn, &[]),
        (
            "an entry cut before its last byte",
            a[..a.len() - 1].into(),
            Torn,
            &[],
        ),
        (
            "two cut entries, one after the other",
            format!("{TORN}{TORN}"),
            Torn,
            &[],
        ),
        (
            "a cut entry, and another cut in its first key",
            format!(r#"{TORN}{{"sess"#),
            Torn,
            &[],
        ),
        (
            "a whole entry after one cut in a string",
            format!("{TORN}{a}"),
            Fused,
            &["a"],
        ),
        (
            "a whole entry after one cut in a key",
            format!(r#"{head},"mess{a}"#),
            Fused,
            &["a"],
        ),
        (
            "a whole entry after one cut after a backslash",
            format!(r#"{TORN}\{a}"#),
            Fused,
            &["a"],
        ),
        (
            "a whole entry after one cut in an escape",
            format!(r#"{TORN}\u00{a}"#),
            Fused,
            &["a"],
        ),
        (
            "a whole entry after one cut after a colon",
            format!(r#"{head},"message":{a}"#),
            Fused,
            &["a"],
        ),
        (
            "a whole entry after one cut where any value may follow",
            format!(r#"{head},"input":{a}"#),
            Torn,
            &["a?"],
        ),
        (
            "a whole entry after one cut within its input",
            format!(r#"{head},"input":[1,{{"k":{a}"#),
            Torn,
            &["a?"],
        ),
        (
            "two whole entries after one cut where any value may follow",
            format!(r#"{head},"input":{a}{b}"#),
            Fused,
            &["a?", "b"],
        ),
        (
            "a cut entry with whole entries in an array in its input",
            format!(r#"{head},"input":[{a},{b}"#),
            Torn,
            &["a?", "b?"],
        ),
        (
            "NULs before a whole entry that a comma follows",
            format!("\0\0{a},"),
            Corrupt,
            &["a?"],
        ),
        (
            "the end of an entry with a whole entry in its input",
            format!(r#"-1","input":{{"k":[{a} ]}},"final_status":"ok"}}"#),
            Corrupt,
            &["a?"],
        ),
        (
            "a whole entry within an entry without a status",
            format!(r#"{head},"x":{{"session_id":"t","timestamp":"","y":[{a}]}}"#),
            Torn,
            &["a?"],
        ),
        (
            "a whole entry after one cut in its timestamp",
            format!(r#"{{"session_id":"s","timestamp":"2026-0{a}"#),
            Fused,
            &["a"],
        ),
        (
            "a whole entry after one cut in a number",
            format!(r#"{head},"duration_ms":12{a}"#),
            Fused,
            &["a"],
        ),
        (
            "a whole entry between two cut ones",
            format!("{TORN}{a}{TORN}"),
            Fused,
            &["a"],
        ),
        (
            "whole entries that touch",
            format!("{a}{b}"),
            Fused,
            &["a", "b"],
        ),
        (
            "whole entries with a blank between them",
            format!(" {a} {b}"),
            Fused,
            &["a", "b"],
        ),
        ("NULs alone", "\0\0\0".into(), Nul, &[]),
        ("NULs before a whole entry", format!("\0\0{a}"), Nul, &["a"]),
        ("NULs after a whole entry", format!("{a}\0\0"), Nul, &["a"]),
        (
            "NULs between whole entries",
            format!("{a}\0{b}"),
            Fused,
            &["a", "b"],
        ),
        (
            "NULs instead of an entry's end",
            format!("{TORN}\0\0"),
            Nul,
            &[],
        ),
        (
            "NULs instead of an entry's end, then a whole entry",
            format!("{TORN}\0\0{a}"),
            Fused,
            &["a"],
        ),
        ("bytes that are not JSON", "hello".into(), Corrupt, &[]),
        (
            "a whole entry after bytes that are not JSON",
            format!("hello {a}"),
            Corrupt,
            &["a"],
        ),
        (
            "a whole entry before bytes that are not JSON",
            format!("{a}hello"),
            Corrupt,
            &["a"],
        ),
        (
            "a control character in a string",
            format!("{TORN}\u{1}\"}}"),
            Corrupt,
            &[],
        ),
        (
            "a field of the wrong type",
            r#"{"session_id":"s","skill":1}"#.into(),
            Corrupt,
            &[],
        ),
        (
            "a date that does not exist",
            r#"{"session_id":"s","timestamp":"2026-02-30T00:00:00Z"}"#.into(),
            Corrupt,
            &[],
        ),
        (
            "a number beyond 64 bits",
            r#"{"duration_ms":9223372036854775808}"#.into(),
            Corrupt,
            &[],
        ),
        ("a byte order mark", format!("\u{feff}{a}"), Corrupt, &["a"]),
        (
            "an array of entries",
            format!("[{a},{b}]"),
            Corrupt,
            &["a?", "b?"],
        ),
        ("blanks alone", "  ".into(), Torn, &[]),
        (
            "a cut entry that quotes a whole entry in a string",
            format!(r#"{TORN} {}"#, nested.replace('"', "\\\"")),
            Torn,
            &[],
        ),
        (
            "a cut entry with a whole entry as its input",
            format!(r#"{head},"input":{nested},"final_st"#),
            Torn,
            &["nested?"],
        ),
        (
            "an entry without a status, which no writer leaves out, after a cut entry",
            format!(r#"{TORN}{{"session_id":"s","skill":"x"}}"#),
            Torn,
            &[],
        ),
    ];
    for (name, line, kind, saved) in cases {
        assert!(skill_log::decode(line.as_bytes()).is_err(), "{name}");
        let before = format!("{}\n", whole("before"));
        let file = format!("{before}{line}\n{}\n", whole("after"));
        let found = read_with(
            file.as_bytes(),
            &[usize::MAX],
            ReadOptions {
                doubtful: true,
                ..ReadOptions::default()
            },
        );
        let [damage] = &found.damage[..] else {
            panic!("{name}: {:?}", found.damage);
        };
        assert_eq!(damage.kind, kind, "{name}");
        assert_eq!(
            (damage.offset, damage.length, damage.line),
            (before.len() as u64, line.len() as u64, 2),
            "{name}"
        );
        // A question mark stands after the skill of a doubtful entry.
        let skill = |(line, place): &(Vec<u8>, Record)| {
            let mark = if place.doubtful { "?" } else { "" };
            format!("{}{mark}", skill_log::decode(line).unwrap().skill)
        };
        let skills: Vec<String> = found.entries.iter().map(skill).collect();
        assert_eq!(skills, [&["before"], saved, &["after"]].concat(), "{name}");
        let certain = read_all(file.as_bytes(), &[7], NO_LIMIT);
        let expected = found.entries.iter().filter(|(_, place)| !place.doubtful);
        assert!(certain.entries.iter().eq(expected), "{name}");
    }
}

#[test]
fn returns_doubtful_entries_early_when_an_open_object_has_more_than_memory_should_hold() {
    let count = 70;
    let entry = whole(&"x".repeat(1 << 20));
    let options = ReadOptions {
        max_line_bytes: entry.len() as u64 + 1,
        doubtful: true,
        ..ReadOptions::default()
    };
    let mut reader = Reader::new(options);
    let mut found = Found::default();
    let mut read = |text: &str, found: &mut Found| {
        reader
            .space(text.len())
            .expect("memory suffices")
            .copy_from_slice(text.as_bytes());
        reader.read(found).expect("reading is not strict");
    };
    read(r#"{"session_id":"s","input":["#, &mut found);
    for _ in 0..count {
        read(&format!("{entry},"), &mut found);
    }
    assert!(found.entries.len() > count / 2, "{}", found.entries.len());
    read("x\n", &mut found);
    let offsets: Vec<_> = found
        .entries
        .iter()
        .map(|(_, place)| place.offset)
        .collect();
    assert_eq!(offsets.len(), count);
    assert!(offsets.is_sorted_by(|one, next| one < next));
    assert!(found.entries.iter().all(|(_, place)| place.doubtful));
}

#[test]
fn recovers_smaller_entries_when_a_line_is_over_the_limit() {
    let a = whole("a");
    let limit = a.len() as u64 + 1;
    let long = whole(&"long".repeat(100));
    let nuls = "\0".repeat(5000);
    let cases: Vec<(&str, String, Option<DamageKind>, usize)> = vec![
        ("an entry of the longest length allowed", a.clone(), None, 1),
        ("an entry over the limit", long.clone(), Some(TooLong), 0),
        ("entries that touch", format!("{a}{a}{a}"), Some(TooLong), 3),
        (
            "NULs, then an entry",
            format!("{nuls}{a}"),
            Some(TooLong),
            1,
        ),
        (
            "bytes that are not JSON, then an entry",
            format!("{}{a}", "x".repeat(5000)),
            Some(TooLong),
            1,
        ),
        (
            "an entry over the limit, then another",
            format!("{long}{a}"),
            Some(TooLong),
            1,
        ),
        (
            "an entry over the limit that is cut in a string, then another",
            format!("{}{a}", &long[..long.len() - 50]),
            Some(TooLong),
            1,
        ),
        (
            "an entry over the limit with another in its input",
            long.replacen("{", &format!(r#"{{"input":[{a}],"#), 1),
            Some(TooLong),
            0,
        ),
    ];
    for (name, line, kind, saved) in cases {
        for chunk in [usize::MAX, 1000, 7] {
            let file = format!("{line}\n{a}\n");
            let found = read_all(file.as_bytes(), &[chunk], limit);
            let kinds: Vec<_> = found.damage.iter().map(|damage| damage.kind).collect();
            assert_eq!(kinds, Vec::from_iter(kind), "{name}");
            assert_eq!(found.entries.len(), saved + 1, "{name}");
        }
    }
}

#[test]
fn judges_bytes_over_the_limit_when_no_line_end_follows() {
    let a = whole("a");
    let limit = a.len() as u64 * 3 / 2;
    let long = "x".repeat(500 - TORN.len());
    let cases = [
        ("entries that touch", format!("{a}{a}{a}"), 3, 1, 0),
        (
            "an entry over the limit",
            whole(&"long".repeat(100)),
            0,
            1,
            0,
        ),
        (
            "NULs, then an entry",
            format!("{}{a}", "\0".repeat(5000)),
            1,
            1,
            0,
        ),
        (
            "the beginning of an entry",
            format!("{TORN}{long}"),
            0,
            0,
            500,
        ),
        (
            "NULs, then the beginning of an entry",
            format!("{}{TORN}{long}", "\0".repeat(5000)),
            0,
            1,
            500,
        ),
        (
            "an entry that is cut, another, and the beginning of one",
            format!("{TORN}{long}{a}{TORN}"),
            1,
            1,
            TORN.len(),
        ),
    ];
    for (name, tail, saved, damaged, left) in cases {
        for chunk in [usize::MAX, 1000, 7] {
            let file = format!("{a}\n{tail}");
            let now = read_all(file.as_bytes(), &[chunk], limit);
            assert_eq!(now.entries.len(), 1 + saved, "{name}");
            assert_eq!(now.damage.len(), damaged, "{name}");
            assert_eq!(now.pending.1, left as u64, "{name}");
            assert_eq!(now.pending.0 + now.pending.1, file.len() as u64, "{name}");
            let ended = read_all(format!("{file}\n").as_bytes(), &[chunk], limit);
            assert_eq!(ended.entries.len(), 1 + saved, "{name}");
            assert_eq!(ended.damage.len(), 1, "{name}");
        }
    }
}

#[test]
fn finds_entries_pending_bytes_or_damage_after_the_last_line_end() {
    let a = whole("a");
    let head = r#"{"session_id":"s","timestamp":"2026-01-02T03:04:05Z","skill":"t""#;
    let mark = "\u{feff}";
    // The tail, how many entries it has, its damage, and how many of its last bytes are pending.
    let cases: Vec<(&str, String, usize, Option<DamageKind>, usize)> = vec![
        ("nothing", String::new(), 0, None, 0),
        ("a whole entry", a.clone(), 1, None, 0),
        ("a cut entry", TORN.into(), 0, None, TORN.len()),
        ("a carriage return", "\r".into(), 0, None, 1),
        ("NULs", "\0\0".into(), 0, Some(Nul), 0),
        ("NULs, then an entry", format!("\0\0{a}"), 1, Some(Nul), 0),
        ("an entry, then NULs", format!("{a}\0\0"), 1, Some(Nul), 0),
        ("entries that touch", format!("{a}{a}"), 2, Some(Fused), 0),
        (
            "entries with a carriage return between them",
            format!("{a}\r{a}\r"),
            2,
            Some(Fused),
            0,
        ),
        (
            "a message of a shell",
            "Segmentation fault (core dumped)".into(),
            0,
            Some(Corrupt),
            0,
        ),
        (
            "a cut entry, then a whole one",
            format!("{TORN}{a}"),
            1,
            Some(Fused),
            0,
        ),
        (
            "a cut entry, then the beginning of one",
            format!("{TORN}{TORN}"),
            0,
            Some(Torn),
            TORN.len(),
        ),
        (
            "a whole entry, then the beginning of one",
            format!("{a}{TORN}"),
            1,
            Some(Fused),
            TORN.len(),
        ),
        (
            "a cut entry, a whole one, then the beginning of one",
            format!("{TORN}{a}{TORN}"),
            1,
            Some(Fused),
            TORN.len(),
        ),
        (
            "a cut entry that may contain a whole entry",
            format!(r#"{head},"input":{a}"#),
            0,
            None,
            head.len() + 9 + a.len(),
        ),
        (
            "NULs, then a cut entry that may contain a whole entry",
            format!(r#"{}{head},"input":{a}"#, "\0"),
            0,
            Some(Nul),
            head.len() + 9 + a.len(),
        ),
        ("a byte order mark", mark.into(), 0, Some(Corrupt), 0),
    ];
    for (name, tail, entries, kind, left) in cases {
        for lengths in [&[5][..], &[usize::MAX]] {
            let file = format!("{a}\n{tail}");
            let found = read_all(file.as_bytes(), lengths, NO_LIMIT);
            assert_eq!(found.entries.len(), 1 + entries, "{name}");
            let kinds: Vec<_> = found.damage.iter().map(|damage| damage.kind).collect();
            assert_eq!(kinds, Vec::from_iter(kind), "{name}");
            assert_eq!(found.pending.1, left as u64, "{name}");
            // When the line ends, no further entry appears.
            let ended = read_all(format!("{file}\n").as_bytes(), lengths, NO_LIMIT);
            assert!(ended.entries.len() <= found.entries.len(), "{name}");
        }
    }
}

#[test]
fn returns_the_first_entry_when_it_follows_a_byte_order_mark() {
    let mark = "\u{feff}";
    let foreign = r#"{"skill":"x"}"#;
    let cases = [
        ("an entry", format!("{mark}{}\n", whole("a")), 1, 3),
        (
            "an entry without a line end",
            format!("{mark}{}", whole("a")),
            1,
            3,
        ),
        (
            "an entry that starts in another way",
            format!("{mark}{foreign}\n"),
            1,
            3,
        ),
        ("nothing", format!("{mark}\n"), 0, 3),
        ("the beginning of an entry", format!("{mark}{TORN}"), 0, 3),
        ("no entry", format!("{mark}hello\n"), 0, 8),
    ];
    for (name, file, entries, damaged) in cases {
        let found = read_all(file.as_bytes(), &[2], NO_LIMIT);
        assert_eq!(found.entries.len(), entries, "{name}");
        let [damage] = &found.damage[..] else {
            panic!("{name}: {:?}", found.damage);
        };
        assert_eq!(damage.damaged, [(0, damaged)], "{name}");
        assert_eq!(
            damage.reason == Reason::ByteOrderMark,
            damaged == 3,
            "{name}"
        );
    }
    // Elsewhere the same bytes are no byte order mark.
    let file = format!("{}\n{mark}{foreign}\n", whole("a"));
    assert_eq!(read_all(file.as_bytes(), &[2], NO_LIMIT).entries.len(), 1);
}

#[test]
fn joins_neighbouring_lines_when_they_have_the_same_fault_and_no_entry() {
    let a = whole("a");
    let length = a.len() as u64;
    let x = "byte 0x78 ('x') where a value was expected, at byte 0 of the line";
    let cut = "the text ends before the entry does, at byte 3 of the line";
    let nul = "byte 0x00 ('\\x00') where a value was expected, at byte 0 of the line";
    // File → offset, length, first line, number of lines and reason of each damage.
    type Line<'a> = (u64, u64, u64, u64, &'a str);
    let cases: Vec<(String, Vec<Line<'_>>)> = vec![
        ("x\nx\nxy\n".into(), vec![(0, 6, 1, 3, x)]),
        (format!("{a}\nx\nx\n"), vec![(length + 1, 3, 2, 2, x)]),
        ("{\"a\n{\"a\n".into(), vec![(0, 7, 1, 2, cut)]),
        ("\0\n\0\n".into(), vec![(0, 3, 1, 2, nul)]),
        (
            format!("x\n{a}\nx\n"),
            vec![(0, 1, 1, 1, x), (length + 3, 1, 3, 1, x)],
        ),
        ("x\n{\"a\n".into(), vec![(0, 1, 1, 1, x), (2, 3, 2, 1, cut)]),
        (
            format!("x{a}\nx{a}\n"),
            vec![(0, length + 1, 1, 1, x), (length + 2, length + 1, 2, 1, x)],
        ),
    ];
    for (file, lines) in cases {
        for chunk in [1, 2, usize::MAX] {
            let found = read_all(file.as_bytes(), &[chunk], NO_LIMIT);
            let damage: Vec<_> = found
                .damage
                .iter()
                .map(|each| (each, each.reason.to_string()))
                .collect();
            let shown: Vec<Line<'_>> = damage
                .iter()
                .map(|(each, reason)| {
                    (
                        each.offset,
                        each.length,
                        each.line,
                        each.lines,
                        reason.as_str(),
                    )
                })
                .collect();
            assert_eq!(shown, lines, "{file:?}");
        }
    }
}

#[test]
fn says_why_a_line_was_refused_when_it_is_too_long_or_has_a_byte_order_mark() {
    for (file, limit, reason) in [
        (
            format!("\u{feff}{}\n", whole("a")),
            NO_LIMIT,
            "a byte order mark stands before the entry",
        ),
        (
            format!("{}\n", whole("a")),
            10,
            "the line has more than 10 bytes",
        ),
    ] {
        let found = read_all(file.as_bytes(), &[7], limit);
        assert_eq!(found.damage[0].reason.to_string(), reason);
    }
}

#[test]
fn waits_for_lines_with_nuls_when_somebody_may_be_writing() {
    let a = whole("a");
    let cases = [
        ("NULs", "\0\0\n".to_string(), true),
        ("NULs without a line end", "\0\0".into(), true),
        ("an entry with NULs in it", format!("{TORN}\0\0\n"), true),
        ("NULs after an entry", format!("{a}\0"), true),
        ("no NULs", "hello\n".into(), false),
        ("the beginning of an entry", TORN.into(), false),
    ];
    for (name, rest, waits) in cases {
        let file = format!("{a}\n{rest}");
        let mut reader = Reader::new(ReadOptions {
            settled: false,
            ..ReadOptions::default()
        });
        let mut found = Found::default();
        let space = reader.space(file.len()).unwrap();
        space.copy_from_slice(file.as_bytes());
        reader.read(&mut found).unwrap();
        reader.finish(&mut found).unwrap();
        assert_eq!(reader.is_unsettled(), waits, "{name}");
        assert_eq!(found.entries.len(), 1, "{name}");
        if waits {
            assert_eq!(found.damage, [], "{name}");
            assert_eq!(reader.rest().0, a.len() as u64 + 1, "{name}");
            reader.settle(true);
            reader.read(&mut found).unwrap();
            reader.finish(&mut found).unwrap();
            let at_once = read_all(file.as_bytes(), &[usize::MAX], NO_LIMIT);
            assert_eq!(found.damage, at_once.damage, "{name}");
        }
    }
}

/// Returns the kind that the table in FORMAT.md says.
fn kind_of(pieces: &[Piece]) -> DamageKind {
    let count = |is: fn(&Piece) -> bool| pieces.iter().filter(|piece| is(piece)).count();
    let whole = count(|piece| matches!(piece, Piece::Whole(_)));
    let torn = count(|piece| matches!(piece, Piece::Torn(_)));
    if count(|piece| matches!(piece, Piece::Junk(_))) > 0 {
        Corrupt
    } else if whole > 0 && whole + torn > 1 {
        Fused
    } else if count(|piece| matches!(piece, Piece::Nul(_))) > 0 {
        Nul
    } else {
        Torn
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn recovers_every_whole_entry_from_any_pieces_on_one_line(
        pieces in prop::collection::vec(generate::piece(), 1..6),
    ) {
        let line: Vec<u8> = pieces.iter().flat_map(|piece| piece.bytes().to_vec()).collect();
        let whole: Vec<&[u8]> = pieces
            .iter()
            .filter(|piece| matches!(piece, Piece::Whole(_)))
            .map(Piece::bytes)
            .collect();
        let options = ReadOptions { doubtful: true, ..ReadOptions::default() };
        let found = read_with(&[&line[..], b"\n"].concat(), &[usize::MAX], options);
        let saved: Vec<&[u8]> = found.entries.iter().map(|(line, _)| &line[..]).collect();
        prop_assert_eq!(saved, whole);
        match &found.damage[..] {
            [] => prop_assert!(matches!(pieces[..], [Piece::Whole(_)])),
            [damage] => {
                if damage.doubtful.is_empty() {
                    prop_assert_eq!(damage.kind, kind_of(&pieces));
                }
                // Each byte of the line is in a whole entry, a doubtful entry or a damaged stretch.
                let mut stretches = [&damage.whole[..], &damage.doubtful, &damage.damaged].concat();
                stretches.sort_unstable();
                let mut end = 0;
                for (offset, length) in stretches {
                    prop_assert_eq!(offset, end);
                    end += length;
                }
                prop_assert_eq!(end, line.len() as u64);
            }
            more => prop_assert!(false, "{more:?}"),
        }
    }

    #[test]
    fn finds_the_same_whatever_the_chunks(
        lines in prop::collection::vec(prop::collection::vec(generate::piece(), 0..4), 0..6),
        ends_in_newline in any::<bool>(),
        chunks in prop::collection::vec(prop_oneof![1usize..8, 1usize..3000], 1..4),
        max_line_bytes in prop_oneof![Just(NO_LIMIT), 1u64..2000],
    ) {
        let mut file: Vec<u8> = Vec::new();
        for line in &lines {
            line.iter().for_each(|piece| file.extend_from_slice(piece.bytes()));
            file.push(b'\n');
        }
        if !ends_in_newline {
            file.pop();
        }
        let at_once = read_all(&file, &[usize::MAX], max_line_bytes);
        let in_chunks = read_all(&file, &chunks, max_line_bytes);
        prop_assert_eq!(in_chunks, at_once);
    }

    #[test]
    fn reads_any_bytes(file in prop::collection::vec(prop_oneof![
        any::<u8>(), prop::sample::select(b"{}[]\":,\\\n\0 snu".to_vec()),
    ], 0..300), max_line_bytes in 1u64..400) {
        read_all(&file, &[100], max_line_bytes);
    }
}
