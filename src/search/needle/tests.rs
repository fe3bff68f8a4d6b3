//! Searches texts whose decoded text is known.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::json::MAX_DEPTH;
use crate::json::RawJson;
use crate::json::raw_string::RawString;

use super::Needle;

fn is_in(needle: &Needle, bytes: &[u8]) -> bool {
    let has_escapes = bytes.contains(&b'\\');
    needle.is_in(RawString { bytes, has_escapes })
}

#[test]
fn finds_a_needle_in_every_spelling() {
    let found: &[(&str, &[u8])] = &[
        ("", b""),
        ("", b"a"),
        ("a", b"a"),
        ("a", b"bbbbbbbbbbbbbbbbbbbbbbbba"),
        ("abc", b"xxabcxx"),
        ("abc", br"\u0061bc"),
        ("abc", br"a\u0062c"),
        ("abc", br"ab\u0063"),
        ("abc", br"\u0061\u0062\u0063"),
        ("jkl", br"\u006A\u006b\u006C"),
        ("\n", br"a\n"),
        ("\n", br"a\u000a"),
        ("\n", br"a\u000A"),
        ("a\nb", br"a\nb"),
        ("\u{1}", br"\u0001"),
        ("\"", br#"\""#),
        ("\"", br"\u0022"),
        ("say \"x\"", br#"say \"x\""#),
        ("\\", br"\\"),
        ("\\", br"\u005c"),
        ("\\n", br"\\n"),
        ("\\\\", br"a\\\\"),
        ("/", b"/"),
        ("/", br"\/"),
        ("/", br"\u002f"),
        ("a/b", br"a\/b"),
        ("1/2", br"1\/2"),
        ("<b>", b"<b>"),
        ("<b>", br"\u003cb\u003e"),
        ("<&>", br"\u003c&\u003E"),
        ("\u{2028}", br"\u2028"),
        ("\u{2028}", "\u{2028}".as_bytes()),
        ("é", "é".as_bytes()),
        ("é", br"\u00e9"),
        ("é", br"\u00E9"),
        ("日本語", "日本語".as_bytes()),
        ("日本語", r"日\u672c語".as_bytes()),
        ("😀", "😀".as_bytes()),
        ("😀", br"\ud83d\ude00"),
        ("😀", br"\uD83D\uDE00"),
        ("a😀b", br"a\ud83d\ude00b"),
        ("\u{fffd}", "\u{fffd}".as_bytes()),
        ("\u{fffd}", br"\ufffd"),
        ("\u{fffd}", br"\uFFFD"),
        ("\u{fffd}", br"\ud83d"),
        ("\u{fffd}", br"\uDE00\ud83d"),
        ("\u{fffd}", b"\xff"),
        ("\u{fffd}", b"a\x80"),
        ("\u{fffd}", b"\xc3"),
        ("\u{fffd}\u{fffd}\u{fffd}", b"\xed\xa0\x80"),
        ("\u{fffd}\u{fffd}", b"\xe2\x82"),
        ("a\u{fffd}b", b"a\xe9b"),
        ("a\u{fffd}b", br"a\ud800b"),
        ("\u{fffd}a", b"\xc3\xa9\x80a"),
        ("\u{fffd}😀", br"\ud83d\ud83d\ude00"),
    ];
    for &(text, bytes) in found {
        for ignore_case in [false, true] {
            let needle = Needle::new(text, ignore_case);
            assert!(
                is_in(&needle, bytes),
                "{text:?} in {}",
                bytes.escape_ascii()
            );
        }
    }
}

#[test]
fn finds_no_needle_when_decoding_returns_another_text() {
    let missing: &[(&str, &[u8])] = &[
        ("a", b""),
        ("n", br"\n"),
        ("u", br"\u0061"),
        ("00", br"\u0061"),
        ("ab", br"a\nb"),
        ("\\n", br"\n"),
        ("\n", br"\\n"),
        ("\n", br"\\\\n"),
        ("\u{0}", br"\\u0000"),
        ("\"", br"\\"),
        ("\\\\", br"\\a\\"),
        ("\\u0061", br"\u0061"),
        ("\u{fffd}", "é日😀".as_bytes()),
        ("\u{fffd}", br"\ud83d\ude00"),
        ("\u{fffd}a", br"\ud83d\ude00a"),
        ("\u{fffd}a", "éa".as_bytes()),
        ("😀", br"\ud83d\\ude00"),
        ("©", "é".as_bytes()),
        ("abcdefghijklmnopqrs", b"abcdefghijklmnopqrx"),
    ];
    for &(text, bytes) in missing {
        for ignore_case in [false, true] {
            let needle = Needle::new(text, ignore_case);
            assert!(
                !is_in(&needle, bytes),
                "{text:?} in {}",
                bytes.escape_ascii()
            );
        }
    }
}

#[test]
fn ignores_case_as_simple_case_folding_does() {
    let same = [
        ("Skill", "sKILL"),
        ("k", "\u{212a}"),
        ("K", "\u{212a}"),
        ("\u{212a}", "k"),
        ("sk", "ſ\u{212a}"),
        ("tasks", "TAſ\u{212a}S"),
        ("é", "É"),
        ("ß", "ẞ"),
        ("ẞ", "ß"),
        ("Σ", "ς"),
        ("ΟΔΟΣ", "οδος"),
        ("вот", "ᲀᲂᲄ"),
        ("ω", "\u{2126}"),
        ("ȺB", "ⱥb"),
        ("Ꭰ", "ꭰ"),
        ("𐐀", "𐐨"),
        ("ǆ", "ǅ"),
    ];
    let different = [
        ("ss", "ß"),
        ("i", "ı"),
        ("i", "İ"),
        ("I", "ı"),
        ("ŉ", "ʼn"),
        ("@", "`"),
        ("[", "{"),
        ("ﬀ", "ff"),
    ];
    for (text, other) in same {
        let escaped: String = other
            .encode_utf16()
            .map(|unit| format!("\\u{unit:04X}"))
            .collect();
        for spelled in [other, &escaped] {
            assert!(
                is_in(&Needle::new(text, true), spelled.as_bytes()),
                "{text} {spelled}"
            );
            assert!(
                !is_in(&Needle::new(text, false), spelled.as_bytes()),
                "{text} {spelled}"
            );
        }
    }
    for (text, other) in different {
        assert!(
            !is_in(&Needle::new(text, true), other.as_bytes()),
            "{text} {other}"
        );
    }
}

#[test]
fn finds_a_candidate_at_every_place_of_a_text() {
    for (text, spelled) in [
        ("quick", "quick"),
        ("quick", r"\u0071uick"),
        ("quick", r"quic\u006b"),
        ("\n", r"\n"),
        ("é", "é"),
        ("😀", r"\ud83d\ude00"),
    ] {
        for ignore_case in [false, true] {
            let needle = Needle::new(text, ignore_case);
            for before in 0..70 {
                for behind in [0, 1, 5, 40] {
                    let text = [&"-".repeat(before), spelled, &"-".repeat(behind)].concat();
                    let position = needle.candidate(text.as_bytes(), 0);
                    assert!(
                        (before..before + spelled.len()).contains(&position),
                        "{text}"
                    );
                    assert_eq!(
                        needle.candidate(text.as_bytes(), before + spelled.len()),
                        text.len()
                    );
                    let cut = &text.as_bytes()[..before + spelled.len() - 1];
                    assert_eq!(needle.candidate(cut, 0), cut.len());
                }
            }
        }
    }
}

#[test]
fn finds_no_candidate_across_two_strings() {
    let line = br#"{"a":"ab","c":["cd",1e3,true]}"#;
    for text in ["bc", "ab\",\"c", "b,", "acd"] {
        assert_eq!(
            Needle::new(text, false).candidate(line, 0),
            line.len(),
            "{text}"
        );
    }
    let end = line.len();
    assert_eq!(Needle::new("", false).candidate(line, 0), 0);
    assert_eq!(Needle::new("", false).candidate(line, end + 1), end);
    assert_eq!(Needle::new("a", false).candidate(line, end + 1), end);
}

#[test]
fn reads_a_string_from_its_start_when_a_candidate_is_not_certain() {
    let a = |count| "a".repeat(count);
    let backslashes = |count| r"\\".repeat(count);
    // The needle, the spelled string, and whether it occurs. A near miss stands first in each
    // string.
    let cases = [
        (a(64), a(64), true),
        (a(64), a(63), false),
        (a(65) + "b", a(200) + "c" + &a(64) + "b", false),
        (a(65) + "b", a(200) + "c" + &a(65) + "b", true),
        (a(65) + "b", a(64) + "b" + &r"\u0061".repeat(65) + "b", true),
        (
            "b".to_owned() + &a(80),
            "b".to_owned() + &a(79) + "cb" + &a(80),
            true,
        ),
        (
            "aab".repeat(40),
            "aab".repeat(39) + "aa" + &"aab".repeat(40),
            true,
        ),
        ("\\".repeat(100), backslashes(99), false),
        ("\\".repeat(100), backslashes(100), true),
        ("\\n".into(), backslashes(100) + "n", true),
        ("\n".into(), backslashes(100) + "n", false),
        ("\n".into(), backslashes(100) + r"\n", true),
        (
            "\n".into(),
            backslashes(100) + "n" + &backslashes(100) + r"\n",
            true,
        ),
        ("\\\\a".into(), backslashes(100) + r"\u0061", true),
        ("\\\\a".into(), backslashes(100) + "u0061", false),
        ("\"a".into(), backslashes(100) + r#"\"a"#, true),
        ("\u{fffd}\\".into(), backslashes(100), false),
        (
            "\u{fffd}\\".into(),
            r"\ud83d".to_owned() + &backslashes(100),
            true,
        ),
    ];
    for (text, spelled, found) in cases {
        for ignore_case in [false, true] {
            let needle = Needle::new(&text, ignore_case);
            assert_eq!(
                is_in(&needle, spelled.as_bytes()),
                found,
                "{text:?} in {spelled}"
            );
        }
    }
}

/// If the time grew with the square of the length, each of these texts would take minutes.
#[test]
fn takes_time_that_is_linear_in_the_text() {
    const LENGTH: usize = 200_000;
    let half = "a".repeat(LENGTH / 2);
    let escaped = r"\u0061".repeat(LENGTH / 6);
    let backslashes = "\\".repeat(LENGTH);
    let cases = [
        ("\u{fffd}\\".into(), &backslashes),
        ("\\".repeat(60) + "\n", &backslashes),
        ("\n".to_owned() + &"\\".repeat(60), &backslashes),
        ("\\".repeat(LENGTH), &backslashes),
        (half.clone() + "b", &half),
        ("b".to_owned() + &half, &half),
        ("a".repeat(LENGTH / 12) + "b", &escaped),
        ("b".to_owned() + &"a".repeat(60), &escaped),
    ];
    for (text, spelled) in cases {
        let needle = Needle::new(&text, false);
        assert!(!is_in(&needle, spelled.as_bytes()));
    }
}

#[test]
fn searches_keys_and_strings_of_a_value_only() {
    let json = RawJson::new(
        br#" {"key\n": ["text", 12, true, null], "twice": "one", "twice": "two", "": {}} "#,
    )
    .unwrap();
    for text in ["", "key\n", "ext", "one", "two", "twice"] {
        assert!(Needle::new(text, false).is_in_json(&json), "{text}");
    }
    for text in [
        "12", "true", "null", ",", ": ", "keyn", "[", "TEXT", "onetwo",
    ] {
        assert!(!Needle::new(text, false).is_in_json(&json), "{text}");
    }
    assert!(Needle::new("TEXT", true).is_in_json(&json));
    assert!(Needle::new("", true).is_in_json(&RawJson::new(b"1").unwrap()));
    let deep = [
        "[".repeat(MAX_DEPTH - 1),
        "\"x\"".into(),
        "]".repeat(MAX_DEPTH - 1),
    ]
    .concat();
    assert!(Needle::new("x", false).is_in_json(&RawJson::new(deep.as_bytes()).unwrap()));
}

#[test]
fn knows_which_texts_a_timestamp_can_have() {
    for text in ["", "2026", "03:04:05.6Z", "+02:00", "T"] {
        assert!(Needle::new(text, false).may_be_in_timestamp, "{text}");
    }
    for text in ["2026 ", "t03", "z", "a"] {
        assert!(!Needle::new(text, false).may_be_in_timestamp, "{text}");
    }
    assert!(Needle::new("t03:04:05z", true).may_be_in_timestamp);
}

#[test]
fn chooses_a_run_that_differs_from_common_escapes() {
    let runs = [
        ("", ""),
        ("a", "a"),
        ("an assertion failed", "assertion"),
        ("src/decoder.rs", "decoder"),
        ("at 2026-01-02", "2026"),
        ("x = 5;", "x = 5;"),
        ("<b>bold</b>", "bold"),
        ("\"key\":\"", "key"),
        ("<>", "<"),
        ("\u{fffd}\n", "\n"),
        ("\u{fffd}", "\u{fffd}"),
        ("abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnop"),
    ];
    for (text, run) in runs {
        let needle = Needle::new(text, false);
        assert_eq!(needle.chars[needle.run].iter().collect::<String>(), run);
    }
    let needle = Needle::new("tasks", true);
    assert_eq!(needle.chars[needle.run], ['t', 'a', 's', 'k', 's']);
    let needle = Needle::new("skill", true);
    assert_eq!(needle.chars[needle.run], ['i', 'l', 'l']);
}

#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    use crate::json::RawJson;
    use crate::json::raw_string::RawString;
    use crate::search::Needle;
    use crate::search::case_folding::{fold_case, unfold_case};

    /// A character, spelled by itself, by its short escape or by its number, where possible.
    fn character() -> impl Strategy<Value = Vec<u8>> {
        let common = select(
            "abkKsSéÉßẞſ\u{212a}σςΣвᲀ<>&\"\\/\n\t\u{1}\u{7f}\u{2028}\u{fffd}😀𐐀𐐨un0"
                .chars()
                .collect::<Vec<_>>(),
        );
        let char = prop_oneof![9 => common.boxed(), 1 => any::<char>().boxed()];
        (char, 0..4).prop_map(|(char, way)| {
            let number = |char: char, upper: bool| -> String {
                let one = |&unit: &u16| {
                    if upper {
                        format!("\\u{unit:04X}")
                    } else {
                        format!("\\u{unit:04x}")
                    }
                };
                char.encode_utf16(&mut [0; 2]).iter().map(one).collect()
            };
            let spelled = match (way, char) {
                (0, _) => number(char, false),
                (1, _) => number(char, true),
                (_, '"' | '\\') | (2, '/') => format!("\\{char}"),
                (_, '\n') => "\\n".into(),
                (_, '\t') => "\\t".into(),
                (_, ..' ') => number(char, false),
                _ => char.into(),
            };
            spelled.into_bytes()
        })
    }

    /// A text repeated more often than a needle compares around a position.
    fn repeated() -> impl Strategy<Value = Vec<u8>> {
        let period = select(vec![
            &br"\\"[..],
            br"\\",
            b"a",
            br"\u0061",
            b"aab",
            "é".as_bytes(),
            br"\n",
            b"\xff",
            br"\ud83d",
            br"\ud83d\ude00",
        ]);
        let length = prop_oneof![0usize..200, 60usize..70];
        (period, length).prop_map(|(period, length)| period.repeat(length))
    }

    /// The bytes of a string between its quotes.
    fn spelled() -> impl Strategy<Value = Vec<u8>> {
        let stray = select(vec![
            &b"\xff"[..],
            b"\x80",
            b"\xc3",
            b"\xf0\x9f",
            b"\xed\xa0\x80",
            br"\ud83d",
            br"\uDE00",
            br"\ud83d\ud83d",
        ]);
        let part = prop_oneof![
            8 => character().boxed(),
            1 => stray.prop_map(Vec::from).boxed(),
            1 => "[a-z ]{1,20}".prop_map(String::into_bytes).boxed(),
            1 => repeated().boxed(),
        ];
        prop::collection::vec(part, 0..30).prop_map(|parts| parts.concat())
    }

    fn decode(bytes: &[u8]) -> String {
        let string = RawString {
            bytes,
            has_escapes: bytes.contains(&b'\\'),
        };
        string.decode().into_owned()
    }

    fn fold_all(text: &str) -> String {
        text.chars().map(fold_case).collect()
    }

    /// Cuts a needle from a text, and changes a character, or the case of several.
    fn cut(text: &str, [from, length, change]: [Index; 3], recase: u8) -> String {
        let chars: Vec<char> = text.chars().collect();
        let from = from.index(chars.len() + 1);
        let longest = if recase < 128 { 24 } else { 300 };
        let length = length.index((chars.len() - from).min(longest) + 1);
        let mut needle = chars[from..from + length].to_vec();
        if recase.is_multiple_of(4) && !needle.is_empty() {
            let change = change.index(needle.len());
            needle[change] = 'b';
        }
        if recase % 2 == 1 {
            for (index, char) in needle.iter_mut().enumerate() {
                let variants: Vec<char> = unfold_case(fold_case(*char)).collect();
                *char = variants[(index + usize::from(recase)) % variants.len()];
            }
        }
        needle.into_iter().collect()
    }

    fn is_among(needle: &str, text: &str, ignore_case: bool) -> bool {
        if ignore_case {
            fold_all(text).contains(&fold_all(needle))
        } else {
            text.contains(needle)
        }
    }

    /// Returns whether a candidate in a string is uncertain, which it is for no common string.
    fn may_be_uncertain(needle: &Needle, bytes: &[u8]) -> bool {
        let backslashes = bytes.split(|&byte| byte != b'\\').map(<[u8]>::len);
        needle.chars.len() > 64 || backslashes.max() >= Some(32)
    }

    /// A value whose keys and strings are spelled in any way.
    #[derive(Clone, Debug)]
    enum Json {
        Other(&'static str),
        String(Vec<u8>),
        Array(Vec<Json>),
        Object(Vec<(Vec<u8>, Json)>),
    }

    fn json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            select(vec!["1", "-2.5e+10", "true", "null", " 0 ", "[]", "{ }"]).prop_map(Json::Other),
            spelled().prop_map(Json::String),
        ];
        leaf.prop_recursive(4, 20, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(Json::Array),
                prop::collection::vec((spelled(), inner), 1..4).prop_map(Json::Object),
            ]
        })
    }

    fn write(json: &Json, out: &mut Vec<u8>, strings: &mut Vec<String>) {
        let string = |bytes: &[u8], out: &mut Vec<u8>, strings: &mut Vec<String>| {
            strings.push(decode(bytes));
            out.extend([b"\"", bytes, b"\""].concat());
        };
        match json {
            Json::Other(text) => out.extend(text.bytes()),
            Json::String(bytes) => string(bytes, out, strings),
            Json::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    out.push(if index == 0 { b'[' } else { b',' });
                    write(value, out, strings);
                }
                out.push(b']');
            }
            Json::Object(members) => {
                for (index, (key, value)) in members.iter().enumerate() {
                    out.push(if index == 0 { b'{' } else { b',' });
                    string(key, out, strings);
                    out.push(b':');
                    write(value, out, strings);
                }
                out.push(b'}');
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn finds_in_a_string_what_its_decoded_text_has(bytes in spelled(), cuts in any::<[Index; 3]>(), recase in any::<u8>(), ignore_case in any::<bool>()) {
            let text = decode(&bytes);
            let needle = cut(&text, cuts, recase);
            let found = is_among(&needle, &text, ignore_case);
            let needle = Needle::new(&needle, ignore_case);
            prop_assert_eq!(super::is_in(&needle, &bytes), found);
        }

        #[test]
        fn misses_no_string_of_a_text(strings in prop::collection::vec(spelled(), 1..8), which in any::<Index>(), cuts in any::<[Index; 3]>(), recase in any::<u8>(), ignore_case in any::<bool>()) {
            let text = decode(&strings[which.index(strings.len())]);
            let needle = Needle::new(&cut(&text, cuts, recase), ignore_case);
            let lines: Vec<u8> = strings.iter().flat_map(|bytes| [&b"{\"message\":\""[..], bytes, b"\"}\n"].concat()).collect();
            let mut start = 0;
            for bytes in &strings {
                let from = start + b"{\"message\":\"".len();
                let end = from + bytes.len();
                let found = super::is_in(&needle, bytes);
                let position = needle.candidate(&lines, from);
                let is_candidate = position < end || bytes.is_empty() && position == from;
                prop_assert!(is_candidate || !found);
                prop_assert!(found || !is_candidate || may_be_uncertain(&needle, bytes));
                prop_assert!(!found || needle.candidate(&lines, start) <= end);
                start = end + b"\"}\n".len();
            }
        }

        #[test]
        fn finds_in_a_value_what_one_of_its_strings_has(json in json(), which in any::<Index>(), cuts in any::<[Index; 3]>(), recase in any::<u8>(), ignore_case in any::<bool>()) {
            let (mut bytes, mut strings) = (Vec::new(), Vec::new());
            write(&json, &mut bytes, &mut strings);
            let text = if strings.is_empty() { "1" } else { which.get(&strings) };
            let needle = cut(text, cuts, recase);
            let found = needle.is_empty() || strings.iter().any(|text| is_among(&needle, text, ignore_case));
            let json = RawJson::new(&bytes).unwrap();
            prop_assert_eq!(Needle::new(&needle, ignore_case).is_in_json(&json), found);
        }

        #[test]
        fn does_not_panic_on_any_bytes(bytes in prop::collection::vec(prop_oneof![
            1 => any::<u8>(), 2 => select(b"\\u\"ab0d8\xe2\x84".to_vec()),
        ], 0..100), at in 0usize..110, text in ".{0,3}", ignore_case in any::<bool>()) {
            let needle = Needle::new(&text, ignore_case);
            let position = needle.candidate(&bytes, at);
            prop_assert!(position >= at.min(bytes.len()) && position <= bytes.len());
        }
    }
}
