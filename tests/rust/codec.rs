//! Encoding and decoding, given any entry and any bytes.

use proptest::prelude::*;
use skill_log::timestamp::Timestamp;
use skill_log::{decode, encode};

use crate::generate;

#[test]
fn reports_the_first_wrong_byte_when_a_line_does_not_decode() {
    let cases: &[(&str, usize, bool)] = &[
        ("", 0, true),
        ("{", 1, true),
        (r#"{"a"#, 3, true),
        (r#"{"a":1}x"#, 7, false),
        (r#"{"a":01}"#, 6, false),
        (r#"{"duration_ms":01}"#, 16, false),
        (r#"{"duration_ms":1.5}"#, 16, false),
        (r#"{"duration_ms":9223372036854775808}"#, 33, false),
        (r#"{"duration_ms":-9223372036854775809}"#, 34, false),
        (r#"{"timestamp":"2026-13"#, 20, false),
        (r#"{"timestamp":"2026-1"#, 20, true),
        (r#"{"timestamp":"2026-1"}"#, 20, false),
        (r#"{"timestamp":"2026-02-29"#, 23, false),
        (r#"{"message":"\u12x"}"#, 16, false),
        (r#"{"attempts":[{}"#, 15, true),
        (r#"{"attempts":{}}"#, 12, false),
        ("nulx", 3, false),
    ];
    for &(line, offset, incomplete) in cases {
        let error = decode(line.as_bytes()).unwrap_err();
        assert_eq!(
            (error.offset, error.is_incomplete()),
            (offset, incomplete),
            "{line}: {error}"
        );
    }
}

#[test]
fn returns_the_same_time_when_any_day_is_converted_to_utc() {
    let last = Timestamp::parse(b"9999-12-31T23:59:59.5Z").unwrap();
    let mut days = 0;
    for year in 0..=9999 {
        for month in 1..=12 {
            for day in 1..=31 {
                let time = Timestamp {
                    year,
                    month,
                    day,
                    ..last
                };
                // Days that do not exist have no text.
                if Timestamp::parse(time.to_string().as_bytes()).is_ok() {
                    assert_eq!(time.in_utc(), time);
                    assert_eq!(time.instant().0, 86_400 * days + 86_399);
                    days += 1;
                }
            }
        }
    }
    assert_eq!(days, 3_652_425);
}

#[test]
fn returns_the_nearest_second_when_the_year_is_none_in_utc() {
    for (time, expected) in [
        ("2024-02-29T01:02:03.25+24:60", "2024-02-28T00:02:03.25Z"),
        ("2024-02-28T23:30:00-24:60", "2024-03-01T00:30:00Z"),
        ("0000-01-01T00:30:00.5+24:30", "0000-01-01T00:00:00.5Z"),
        ("9999-12-31T00:30:00.5-24:30", "9999-12-31T23:59:59.5Z"),
    ] {
        let time = Timestamp::parse(time.as_bytes()).unwrap();
        assert_eq!(time.in_utc().to_string(), expected);
    }
}

proptest! {
    #[test]
    fn decodes_the_same_entry_after_encoding(entry in generate::entry()) {
        let line = generate::line(&entry);
        prop_assert_eq!(decode(&line).unwrap(), entry);
    }

    #[test]
    fn encodes_lines_that_serde_json_reads_the_same(mut entry in generate::entry()) {
        entry.input = None;
        let value: serde_json::Value = serde_json::from_slice(&generate::line(&entry)).unwrap();
        prop_assert_eq!(&value["session_id"], &*entry.session_id);
        prop_assert_eq!(value["message"].as_str().unwrap_or(""), &*entry.message);
        prop_assert_eq!(value["duration_ms"].as_i64().unwrap_or(0), entry.duration_ms);
        let models: Vec<_> = value["attempts"].as_array().into_iter().flatten().map(|attempt| attempt["model"].as_str().unwrap()).collect();
        prop_assert_eq!(models, entry.attempts.iter().map(|attempt| &*attempt.model).collect::<Vec<_>>());
    }

    #[test]
    fn reports_an_incomplete_line_when_it_is_cut_anywhere(entry in generate::entry(), cut in any::<prop::sample::Index>()) {
        let line = generate::line(&entry);
        let error = decode(&line[..cut.index(line.len())]).unwrap_err();
        prop_assert!(error.is_incomplete() , "{error:?}");
    }

    #[test]
    fn reports_an_offset_within_the_line_when_any_bytes_do_not_decode(line in prop::collection::vec(prop_oneof![
        3 => any::<u8>(), 2 => prop::sample::select(b"{}[]\":,\\0-.e ntf".to_vec()),
    ], 0..200)) {
        if let Err(error) = decode(&line) {
            prop_assert!(error.offset <= line.len());
            prop_assert_eq!(error.is_incomplete(), error.offset == line.len());
        }
    }

    #[test]
    fn reaches_the_canonical_line_after_one_encoding(entry in generate::entry(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut line = generate::line(&entry);
        let at = at.index(line.len());
        line[at] = byte;
        if let Ok(entry) = decode(&line) {
            let mut once = Vec::new();
            if encode(&entry, &mut once).is_ok() {
                prop_assert_eq!(generate::line(&decode(&once).unwrap()), once);
            }
        }
    }

    #[test]
    fn parses_the_same_timestamp_after_formatting(timestamp in generate::timestamp()) {
        prop_assert_eq!(Timestamp::parse(timestamp.to_string().as_bytes()), Ok(timestamp));
    }
}
