//! Portable lines: the lines of the decoded entries, which every JSON parser reads.

use proptest::prelude::*;
use skill_log::encode::portable::PortableLines;
use skill_log::scan::{Attempts, scan};
use skill_log::timestamp::Timestamp;
use skill_log::{Entry, RawJson, decode, encode};

use crate::generate;

/// Returns the same instant in UTC, day by day. The nearest second of the years 0 to 9999 where it
/// is outside them.
fn in_utc(of: Timestamp) -> Timestamp {
    let days_in = |year: i32, month: i32| match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let (mut year, mut month, mut day) = (of.year.into(), of.month.into(), i32::from(of.day));
    let mut minutes = i32::from(of.hour) * 60 + i32::from(of.minute) - i32::from(of.offset);
    while minutes < 0 {
        minutes += 1440;
        day -= 1;
        if day == 0 {
            (year, month) = if month == 1 {
                (year - 1, 12)
            } else {
                (year, month - 1)
            };
            day = days_in(year, month);
        }
    }
    while minutes >= 1440 {
        minutes -= 1440;
        day += 1;
        if day > days_in(year, month) {
            (year, month) = if month == 12 {
                (year + 1, 1)
            } else {
                (year, month + 1)
            };
            day = 1;
        }
    }
    let nearest = |year, month, day, hour, minute, second| Timestamp {
        year,
        month,
        day,
        hour,
        minute,
        second,
        offset: 0,
        ..of
    };
    match year {
        ..0 => nearest(0, 1, 1, 0, 0, 0),
        10_000.. => nearest(9999, 12, 31, 23, 59, 59),
        _ => nearest(
            year as u16,
            month as u8,
            day as u8,
            (minutes / 60) as u8,
            (minutes % 60) as u8,
            of.second,
        ),
    }
}

/// Returns a JSON text without lone surrogates, which U+FFFD replaces.
fn without_lone_surrogates(json: &str) -> String {
    let code = |at: usize| {
        let digits = json.get(at..at + 6)?.strip_prefix("\\u")?;
        u32::from_str_radix(digits, 16).ok()
    };
    let mut out = String::new();
    let mut at = 0;
    while at < json.len() {
        let length = match (code(at), code(at + 6)) {
            (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => 12,
            (Some(0xd800..0xe000), _) => {
                out.push('\u{fffd}');
                at += 6;
                continue;
            }
            _ if json[at..].starts_with('\\') => 2,
            _ => json[at..].chars().next().map_or(1, char::len_utf8),
        };
        out.push_str(&json[at..at + length]);
        at += length;
    }
    out
}

/// Returns the line that is expected of an entry, and whether its timestamp was changed, its
/// `input` was not UTF-8, and its `input` had lone surrogates.
fn expected(entry: &Entry<'_>) -> (Vec<u8>, [bool; 3]) {
    let mut entry = entry.clone();
    let is_far = entry.timestamp.offset.abs() >= 1440;
    if is_far {
        entry.timestamp = in_utc(entry.timestamp);
    }
    let input = entry.input.map(|raw| {
        let valid = String::from_utf8_lossy(raw.as_bytes()).into_owned();
        let has_invalid = valid.as_bytes() != raw.as_bytes();
        let whole = without_lone_surrogates(&valid);
        (has_invalid, whole != valid, whole)
    });
    let (has_invalid, has_lone) = input
        .as_ref()
        .map_or((false, false), |input| (input.0, input.1));
    entry.input = input
        .as_ref()
        .map(|(_, _, whole)| RawJson::new(whole.as_bytes()).unwrap());
    let mut line = Vec::new();
    encode(&entry, &mut line).unwrap();
    line.push(b'\n');
    (line, [is_far, has_invalid, has_lone])
}

/// Checks the portable line of each of these lines that has an entry, all written one after the
/// other.
fn check(lines: &[Vec<u8>]) -> Result<(), TestCaseError> {
    let mut written = PortableLines::default();
    let (mut all, mut count, mut changed) = (Vec::new(), 0, [0; 3]);
    for line in lines {
        let Ok(entry) = scan(line, Attempts::Held) else {
            continue;
        };
        written.push(&entry);
        let (line, changes) = expected(&entry.decode());
        all.extend(line);
        count += 1;
        for (sum, is_changed) in changed.iter_mut().zip(changes) {
            *sum += usize::from(is_changed);
        }
    }
    let lossy = String::from_utf8_lossy;
    prop_assert_eq!(lossy(&written.bytes), lossy(&all));
    prop_assert_eq!(&written.bytes, &all);
    let PortableLines {
        changed_timestamps,
        invalid_utf8,
        lone_surrogates,
        ..
    } = written;
    prop_assert_eq!([changed_timestamps, invalid_utf8, lone_surrogates], changed);
    prop_assert_eq!(written.count, count);
    Ok(())
}

/// What may stand in a string, as careful writers and others spell it.
fn spelled() -> impl Strategy<Value = Vec<u8>> {
    let part = prop::sample::select(
        [
            &b"plain text of more than sixteen bytes"[..],
            b"a",
            br"\n",
            br#"\""#,
            br"\\",
            br"\/",
            br"\t\r\b\f",
            br"\u000a",
            br"\u000A",
            br"\u001f",
            br"\u0041",
            br"\u003c",
            br"\u003C",
            br"\u2028",
            br"\u2029",
            br"\u20ac",
            br"\ufffd",
            br"\ud83d\ude00",
            br"\uD83D\uDE00",
            br"\ud83d",
            br"\ude00",
            br"\ud83d\n",
            br"\\ud83d",
            br"\\\ud83d",
            b"<&>",
            b"{",
            b"\x7f",
            "é漢😀\u{2028}\u{2029}\u{2030}".as_bytes(),
            b"\xff",
            b"\xe2\x80",
            b"\xe2",
            b"\xc0\x80",
            b"\xed\xa0\x80",
            b"\xf0\x9f\x98",
        ]
        .map(<[u8]>::to_vec)
        .to_vec(),
    );
    prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat())
}

/// A line whose members stand in any order, some twice, in any spelling that Go reads.
fn odd_line() -> impl Strategy<Value = Vec<u8>> {
    let quoted = |text: Vec<u8>| [b"\"", &text[..], b"\""].concat();
    let text = (
        prop::sample::select(vec![
            "session_id",
            "skill",
            "phase",
            "project_root",
            "final_status",
            "file_path",
            "model_used",
            "message",
            "SKILL",
            "unknown",
            r"\u0073kill",
        ]),
        spelled(),
    )
        .prop_map(move |(key, text)| [b"\"", key.as_bytes(), b"\":", &quoted(text)].concat());
    let timestamp = (
        generate::timestamp(),
        -1500i16..=1500,
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(mut time, offset, is_far, is_edge)| {
            if is_far {
                time.offset = offset.signum() * (1440 + offset.abs() % 61);
            }
            if is_edge {
                (time.month, time.day) = if offset > 0 { (1, 1) } else { (12, 31) };
            }
            format!(r#""timestamp":"{time}""#).into_bytes()
        });
    let far = prop::sample::select(vec![
        "0000-01-01T00:30:00.5+24:30",
        "9999-12-31T23:30:00.25-24:00",
        "2024-03-01T00:00:00+25:00",
        "2023-03-01T00:00:00+24:00",
        "2024-12-31T23:59:59.999-24:60",
        "0000-12-31T3:04:05,6-24:00",
    ])
    .prop_map(|time| format!(r#""timestamp":"{time}""#).into_bytes());
    let attempts = (spelled(), spelled(), any::<i64>(), any::<bool>()).prop_map(
        |(model, output, number, verified)| {
            [
                br#""attempts":[null,{"runner_output":""#,
                &output[..],
                br#"","model":""#,
                &model,
                format!(r#"","verified":{verified} , "attempt" : {number}}},{{}}]"#).as_bytes(),
            ]
            .concat()
        },
    );
    let input = (
        prop::sample::select(vec!["[", "{\"session_id\":", "[ { \"a\" :\t1} , "]),
        spelled(),
    )
        .prop_map(|(start, text)| {
            let end = if start.starts_with('[') { "]" } else { "}" };
            [
                b"\"input\" : ",
                start.as_bytes(),
                b"\"",
                &text,
                b"\" ",
                end.as_bytes(),
            ]
            .concat()
        });
    let member = prop_oneof![
        6 => text,
        2 => timestamp,
        1 => far,
        2 => attempts,
        3 => input,
        1 => any::<i64>().prop_map(|number| format!(r#""duration_ms":{number}"#).into_bytes()),
        1 => prop::sample::select(vec![
            r#""attempts":[]"#, r#""attempts":null"#, r#""message":null"#, r#""duration_ms":0"#,
            r#""input":null"#, r#""other":[{}]"#,
        ]).prop_map(|member| member.as_bytes().to_vec()),
    ];
    let blank = prop::sample::select(vec!["", "", "", " ", "\t \r"]);
    (prop::collection::vec((member, blank), 0..9), any::<bool>()).prop_map(
        |(members, has_return)| {
            let members: Vec<_> = members
                .iter()
                .map(|(member, blank)| [blank.as_bytes(), member, blank.as_bytes()].concat())
                .collect();
            let end: &[u8] = if has_return { b"}\r" } else { b"}" };
            [b"{", &members.join(&b","[..])[..], end].concat()
        },
    )
}

proptest! {
    #[test]
    fn copies_lines_when_they_are_canonical(entries in prop::collection::vec(generate::entry(), 1..4)) {
        let mut written = PortableLines::default();
        let mut all = Vec::new();
        for mut entry in entries {
            entry.input = None;
            let line = generate::line(&entry);
            written.push(&scan(&line, Attempts::Held).unwrap());
            all.extend(line);
            all.push(b'\n');
        }
        prop_assert_eq!(written.bytes, all);
    }

    #[test]
    fn writes_the_lines_of_the_decoded_entries_when_any_writer_wrote_them(lines in prop::collection::vec(odd_line(), 1..4)) {
        check(&lines)?;
    }

    #[test]
    fn writes_the_line_of_the_decoded_entry_when_a_byte_is_another(entry in generate::entry(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut line = generate::line(&entry);
        let at = at.index(line.len());
        line[at] = byte;
        check(&[line])?;
    }
}

#[test]
fn writes_what_serde_json_reads_when_input_is_not_well_formed() {
    let line = b"{\"input\":[\"\\ud800 \xff\",{\"\\udc00\":1}],\"message\":\"\\ud800\xff\"}";
    let mut written = PortableLines::default();
    written.push(&scan(line, Attempts::Held).unwrap());
    let value: serde_json::Value = serde_json::from_slice(&written.bytes).unwrap();
    assert_eq!(value["input"][0], "\u{fffd} \u{fffd}");
    assert_eq!(value["message"], "\u{fffd}\u{fffd}");
    assert_eq!((written.invalid_utf8, written.lone_surrogates), (1, 1));
    assert!(decode(&written.bytes).is_ok());
    written.clear(0);
    assert_eq!(
        (written.bytes.len(), written.count, written.invalid_utf8),
        (0, 0, 0)
    );
}
