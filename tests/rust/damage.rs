//! What is said of damaged lines, and what is saved of them.

use proptest::prelude::*;
use skill_log::damage::DamageKind::{self, Corrupt, Fused, Nul, TooLong, Torn};

use crate::generate::{self, Piece};
use crate::read_all::read_all;

const NO_LIMIT: u64 = 1 << 28;

/// A whole entry of the given skill.
fn whole(skill: &str) -> String {
    format!(
        r#"{{"session_id":"s","timestamp":"2026-01-02T03:04:05Z","skill":"{skill}","final_status":"ok"}}"#
    )
}

/// The first bytes of an entry, up to a place within its message.
const TORN: &str = r#"{"session_id":"s","timestamp":"2026-01-02T03:04:05Z","skill":"t","final_status":"ok","message":"cu"#;

#[test]
fn each_fault_has_its_kind_and_every_whole_entry_is_saved() {
    let [a, b] = [whole("a"), whole("b")];
    let nested = whole("nested");
    let head = r#"{"session_id":"s","timestamp":"2026-01-02T03:04:05Z","skill":"t""#;
    let cases: Vec<(&str, String, DamageKind, &[&str])> = vec![
        ("an entry cut in a string", TORN.into(), Torn, &[]),
        ("an entry cut behind its first byte", "{".into(), Torn, &[]),
        (
            "an entry cut before its last byte",
            a[..a.len() - 1].into(),
            Torn,
            &[],
        ),
        (
            "two entries cut, one behind the other",
            format!("{TORN}{TORN}"),
            Torn,
            &[],
        ),
        (
            "an entry cut, and the start of another cut in its first key",
            format!(r#"{TORN}{{"sess"#),
            Torn,
            &[],
        ),
        (
            "a whole entry behind one cut in a string",
            format!("{TORN}{a}"),
            Fused,
            &["a"],
        ),
        (
            "a whole entry behind one cut in a key",
            format!(r#"{head},"mess{a}"#),
            Fused,
            &["a"],
        ),
        (
            "a whole entry behind one cut behind a backslash",
            format!(r#"{TORN}\{a}"#),
            Fused,
            &["a"],
        ),
        (
            "a whole entry behind one cut in an escape",
            format!(r#"{TORN}\u00{a}"#),
            Fused,
            &["a"],
        ),
        (
            "a whole entry behind one cut behind a colon",
            format!(r#"{head},"message":{a}"#),
            Fused,
            &["a"],
        ),
        (
            "a whole entry behind one cut where any value was due",
            format!(r#"{head},"input":{a}"#),
            Fused,
            &["a"],
        ),
        (
            "a whole entry behind one cut within its input",
            format!(r#"{head},"input":[1,{{"k":{a}"#),
            Fused,
            &["a"],
        ),
        (
            "two whole entries behind one cut where any value was due",
            format!(r#"{head},"input":{a}{b}"#),
            Fused,
            &["a", "b"],
        ),
        (
            "a whole entry behind one cut in its timestamp",
            format!(r#"{{"session_id":"s","timestamp":"2026-0{a}"#),
            Fused,
            &["a"],
        ),
        (
            "a whole entry behind one cut in a number",
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
        ("NULs behind a whole entry", format!("{a}\0\0"), Nul, &["a"]),
        (
            "NULs between whole entries",
            format!("{a}\0{b}"),
            Fused,
            &["a", "b"],
        ),
        (
            "NULs in the place of an entry's end",
            format!("{TORN}\0\0"),
            Nul,
            &[],
        ),
        (
            "NULs in the place of an entry's end, then a whole one",
            format!("{TORN}\0\0{a}"),
            Fused,
            &["a"],
        ),
        ("bytes that are no JSON", "hello".into(), Corrupt, &[]),
        (
            "a whole entry behind bytes that are no JSON",
            format!("hello {a}"),
            Corrupt,
            &["a"],
        ),
        (
            "a whole entry before bytes that are no JSON",
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
            &["a", "b"],
        ),
        ("blanks alone", "  ".into(), Torn, &[]),
        (
            "a cut entry that quotes a whole one in a string",
            format!(r#"{TORN} {}"#, nested.replace('"', "\\\"")),
            Torn,
            &[],
        ),
        (
            "a cut entry that has a whole one as its input",
            format!(r#"{head},"input":{nested},"final_st"#),
            Torn,
            &[],
        ),
        (
            "an entry without a status, which no writer leaves, behind a cut one",
            format!(r#"{TORN}{{"session_id":"s","skill":"x"}}"#),
            Torn,
            &[],
        ),
    ];
    for (name, line, kind, saved) in cases {
        assert!(skill_log::decode(line.as_bytes()).is_err(), "{name}");
        let before = format!("{}\n", whole("before"));
        let file = format!("{before}{line}\n{}\n", whole("after"));
        let found = read_all(file.as_bytes(), &[usize::MAX], NO_LIMIT);
        let [damage] = &found.damage[..] else {
            panic!("{name}: {:?}", found.damage);
        };
        assert_eq!(damage.kind, kind, "{name}");
        assert_eq!(
            (damage.offset, damage.length, damage.line),
            (before.len() as u64, line.len() as u64, 2),
            "{name}"
        );
        let skills: Vec<String> = found
            .entries
            .iter()
            .map(|(line, _)| skill_log::decode(line).unwrap().skill.into_owned())
            .collect();
        assert_eq!(skills, [&["before"], saved, &["after"]].concat(), "{name}");
    }
}

#[test]
fn a_line_over_the_limit_is_damage_and_smaller_entries_in_it_are_saved() {
    let a = whole("a");
    let limit = a.len() as u64 + 1;
    let long = whole(&"long".repeat(100));
    let nuls = "\0".repeat(5000);
    let cases: Vec<(&str, String, Option<DamageKind>, usize)> = vec![
        ("an entry as long as may be", a.clone(), None, 1),
        ("an entry over the limit", long.clone(), Some(TooLong), 0),
        ("entries that touch", format!("{a}{a}{a}"), Some(TooLong), 3),
        (
            "NULs, then an entry",
            format!("{nuls}{a}"),
            Some(TooLong),
            1,
        ),
        (
            "no JSON, then an entry",
            format!("{}{a}", "x".repeat(5000)),
            Some(TooLong),
            1,
        ),
        // What follows an entry over the limit may well be a part of it.
        (
            "an entry over the limit, then another",
            format!("{long}{a}"),
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
fn bytes_over_the_limit_are_pending_until_their_line_ends() {
    let a = whole("a");
    let limit = a.len() as u64 * 3 / 2;
    let cases = [
        ("entries that touch", format!("{a}{a}{a}"), 3),
        ("an entry over the limit", whole(&"long".repeat(100)), 0),
        (
            "NULs, then an entry",
            format!("{}{a}", "\0".repeat(5000)),
            1,
        ),
    ];
    for (name, tail, saved) in cases {
        for chunk in [usize::MAX, 1000, 7] {
            let file = format!("{a}\n{tail}");
            let pending = read_all(file.as_bytes(), &[chunk], limit);
            assert_eq!(pending.entries.len(), 1, "{name}");
            assert_eq!(pending.damage, [], "{name}");
            assert_eq!(
                pending.pending,
                (a.len() as u64 + 1, tail.len() as u64),
                "{name}"
            );
            let ended = read_all(format!("{file}\n").as_bytes(), &[chunk], limit);
            assert_eq!(ended.entries.len(), 1 + saved, "{name}");
            assert_eq!(ended.damage.len(), 1, "{name}");
        }
    }
}

#[test]
fn bytes_behind_the_last_line_end_are_an_entry_or_pending() {
    let a = whole("a");
    let cases = [
        ("nothing", String::new(), 0, 0),
        ("a whole entry", a.clone(), 1, 0),
        ("a cut entry", TORN.into(), 0, TORN.len() as u64),
        ("NULs", "\0\0".into(), 0, 2),
        (
            "entries that touch",
            format!("{a}{a}"),
            0,
            2 * a.len() as u64,
        ),
        ("a carriage return", "\r".into(), 0, 1),
    ];
    for (name, tail, entries, pending) in cases {
        let found = read_all(format!("{a}\n{tail}").as_bytes(), &[5], NO_LIMIT);
        assert_eq!(found.entries.len(), 1 + entries, "{name}");
        assert_eq!(found.pending.1, pending, "{name}");
        assert_eq!(found.damage, [], "{name}");
    }
}

/// The contract's table.
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
    fn any_pieces_on_one_line_give_back_every_whole_entry(
        pieces in prop::collection::vec(generate::piece(), 1..6),
    ) {
        let line: Vec<u8> = pieces.iter().flat_map(|piece| piece.bytes().to_vec()).collect();
        let whole: Vec<&[u8]> = pieces
            .iter()
            .filter(|piece| matches!(piece, Piece::Whole(_)))
            .map(Piece::bytes)
            .collect();
        let found = read_all(&[&line[..], b"\n"].concat(), &[usize::MAX], NO_LIMIT);
        let saved: Vec<&[u8]> = found.entries.iter().map(|(line, _)| &line[..]).collect();
        prop_assert_eq!(saved, whole);
        match &found.damage[..] {
            [] => prop_assert!(matches!(pieces[..], [Piece::Whole(_)])),
            [damage] => {
                prop_assert_eq!(damage.kind, kind_of(&pieces));
                // Every byte of the line is in a whole entry or in a damaged stretch.
                let mut stretches = [&damage.whole[..], &damage.damaged].concat();
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
    fn what_is_found_does_not_depend_on_the_chunks(
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
        prop_assert_eq!(read_all(&file, &chunks, max_line_bytes), at_once);
    }

    #[test]
    fn any_bytes_are_read(file in prop::collection::vec(prop_oneof![
        any::<u8>(), prop::sample::select(b"{}[]\":,\\\n\0 snu".to_vec()),
    ], 0..300), max_line_bytes in 1u64..400) {
        read_all(&file, &[100], max_line_bytes);
    }
}
