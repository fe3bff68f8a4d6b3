//! A text to be searched for in lines as they are spelled, without decoding them.
//!
//! A character may be spelled in several ways: by itself, by a short escape, by its number. Most are
//! always spelled by themselves, and such a run of the needle's characters is looked for first, by two
//! of its bytes. Where another spelling of one of them stands, that is looked at as well.

#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::entry::RawJson;
use crate::fold::{fold, unfold};
use crate::json::RawString;
use crate::probe::{Byte, Probe};
use crate::scan::{RawAttempt, RawEntry};
use crate::spelling;
use crate::timestamp::Timestamp;

/// Characters of a run that are looked for: more would not make it rarer.
const MAX_RUN: usize = 16;
/// Characters of one kind that are rare enough, however many of several kinds stand in a row.
const MIN_RUN: usize = 3;
/// Two bytes that no JSON has.
const NOWHERE: [u8; 2] = *b"\\\0";

/// A text that is searched for.
///
/// It is found where it occurs in one string, as decoding gives it: with U+FFFD for each byte that is not
/// UTF-8 and for each lone surrogate. The empty one occurs everywhere.
pub struct Needle {
    /// Its characters, folded where case is ignored.
    chars: Vec<char>,
    ignore_case: bool,
    /// The characters that `probe` is for.
    run: Range<usize>,
    probe: Probe,
    /// Whether timestamps are made of its characters.
    is_of_timestamps: bool,
}

impl Needle {
    /// Takes the text. Where case is ignored, characters are the same that Unicode's simple case folding
    /// makes the same.
    pub fn new(text: &str, ignore_case: bool) -> Self {
        let fold = |char| if ignore_case { fold(char) } else { char };
        let chars: Vec<char> = text.chars().map(fold).collect();
        let run = best_run(&chars, ignore_case);
        let probe = probe(&chars[run.clone()], ignore_case);
        let is_of_timestamps = {
            let of_timestamps = "0123456789-:.+TZ".chars().map(fold);
            chars
                .iter()
                .all(|&char| of_timestamps.clone().any(|other| other == char))
        };
        Self {
            chars,
            ignore_case,
            run,
            probe,
            is_of_timestamps,
        }
    }

    /// Finds a place from `at` on, within one spelling of the needle, or the end of the text.
    ///
    /// The text may be anything that has whole lines. None of their strings that holds the needle is
    /// missed; but what is found may also stand in a key of the format, in a number or between values.
    pub fn candidate(&self, text: &[u8], at: usize) -> usize {
        if self.chars.is_empty() {
            return at.min(text.len());
        }
        self.probe
            .find(text, at, |place| self.is_around(text, place))
    }

    /// Tells whether it occurs in a string.
    pub(crate) fn is_in(&self, string: RawString<'_>) -> bool {
        self.chars.is_empty() || self.candidate(string.bytes, 0) < string.bytes.len()
    }

    /// Tells whether it occurs in a key or a string of a JSON value.
    pub fn is_in_json(&self, json: &RawJson<'_>) -> bool {
        self.chars.is_empty() || json.strings().any(|string| self.is_in(string))
    }

    /// Tells whether it occurs in an entry: in one of its texts, or in a key or a string of its `input`.
    pub fn is_in_entry(&self, entry: &RawEntry<'_>) -> bool {
        let texts = [
            entry.session_id,
            entry.skill,
            entry.phase,
            entry.project_root,
            entry.final_status,
            entry.file_path,
            entry.model_used,
            entry.message,
        ];
        let in_attempt = |attempt: &RawAttempt<'_>| {
            let texts = [attempt.model, attempt.output_summary, attempt.runner_output];
            texts.into_iter().any(|text| self.is_in(text))
        };
        texts.into_iter().any(|text| self.is_in(text))
            || entry.attempts.iter().any(in_attempt)
            || entry.input.is_some_and(|input| self.is_in_json(&input))
            || self.is_in_timestamp(&entry.timestamp)
    }

    /// Tells whether it occurs in a timestamp's canonical text. A line need not have that text: it may
    /// spell the timestamp otherwise, or leave it out.
    pub fn is_in_timestamp(&self, timestamp: &Timestamp) -> bool {
        self.is_of_timestamps && self.is_in_text(&timestamp.to_string())
    }

    /// Tells whether it occurs in text that is not spelled as JSON.
    fn is_in_text(&self, text: &str) -> bool {
        let mut rest = text.chars();
        loop {
            let mut chars = rest.clone().map(|char| self.fold(char));
            if self.chars.iter().all(|&char| chars.next() == Some(char)) {
                return true;
            }
            if rest.next().is_none() {
                return false;
            }
        }
    }

    #[inline]
    fn fold(&self, char: char) -> char {
        if self.ignore_case { fold(char) } else { char }
    }

    /// Tells whether one of the run's characters is spelled at `place`, and the others around it.
    fn is_around(&self, text: &[u8], place: usize) -> bool {
        let Some((char, end)) = spelling::next(text, place) else {
            return false;
        };
        let char = self.fold(char);
        // By itself and in one byte, only the run's first one is found.
        let is_usual = end == place + 1 && char != char::REPLACEMENT_CHARACTER;
        let run = if is_usual {
            self.run.start..self.run.start + 1
        } else {
            self.run.clone()
        };
        run.into_iter().any(|index| {
            let (before, from) = self.chars.split_at(index);
            from[0] == char
                && self.are_behind(&from[1..], text, end)
                && spelling::is_start(text, place)
                && self.are_before(before, text, place)
        })
    }

    fn are_behind(&self, chars: &[char], text: &[u8], mut at: usize) -> bool {
        chars.iter().all(|&wanted| match spelling::next(text, at) {
            Some((char, end)) => {
                at = end;
                self.fold(char) == wanted
            }
            None => false,
        })
    }

    fn are_before(&self, chars: &[char], text: &[u8], mut at: usize) -> bool {
        chars
            .iter()
            .rev()
            .all(|&wanted| match spelling::previous(text, at) {
                Some((char, start)) => {
                    at = start;
                    self.fold(char) == wanted
                }
                None => false,
            })
    }
}

/// Tells whether lines spell a character by itself, but for escapes that none needs.
fn is_plain(char: char) -> bool {
    let is_escaped = matches!(
        char,
        ..' ' | '"' | '\\' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}'
    );
    // A byte that is not UTF-8 is one as well.
    !is_escaped && char != char::REPLACEMENT_CHARACTER
}

/// Gives the run of characters to look for: such that few other places pass its probe.
fn best_run(chars: &[char], ignore_case: bool) -> Range<usize> {
    // What most escapes stand for is neither a letter nor a digit: a digit tells their escapes apart.
    let is_letter = |char| char >= '@' && is_plain(char);
    let has_usual_spellings_alone = |char: char| {
        variants(char, ignore_case).all(|variant| variant.len_utf8() == char.len_utf8())
    };
    let run = [
        longest(chars, |char| {
            is_letter(char) && has_usual_spellings_alone(char)
        }),
        longest(chars, is_letter),
        longest(chars, |char| char.is_ascii_digit()),
    ]
    .into_iter()
    .find(|run| run.len() >= MIN_RUN)
    .unwrap_or_else(|| longest(chars, is_plain));
    if run.is_empty() && !chars.is_empty() {
        // U+FFFD has the most spellings.
        let is_text = |&char: &char| char != char::REPLACEMENT_CHARACTER;
        let index = chars.iter().position(is_text).unwrap_or(0);
        return index..index + 1;
    }
    run.start..run.end.min(run.start + MAX_RUN)
}

/// Gives the longest run of characters that are all `good`.
fn longest(chars: &[char], good: impl Fn(char) -> bool) -> Range<usize> {
    let mut longest = 0..0;
    let mut start = 0;
    for (index, &char) in chars.iter().enumerate() {
        if !good(char) {
            start = index + 1;
        } else if index - start >= longest.len() {
            longest = start..index + 1;
        }
    }
    longest
}

/// Makes the probe for a run. Each spelling of the run has one place that passes: where the first character
/// stands that is not spelled by itself in as many bytes as usual, else the run's start.
fn probe(run: &[char], ignore_case: bool) -> Probe {
    let mut codes: Vec<u16> = Vec::new();
    // The first two bytes of what is neither usual nor an escape by number.
    let mut others = Vec::new();
    for &char in run {
        others.extend(short_escape(char).map(|letter| [b'\\', letter]));
        for variant in variants(char, ignore_case) {
            codes.push(variant.encode_utf16(&mut [0; 2])[0]);
            if variant.len_utf8() != char.len_utf8() {
                let bytes = utf8(variant);
                others.push([bytes[0], bytes[1]]);
            }
        }
        if char == char::REPLACEMENT_CHARACTER {
            codes.extend(0xd800..=0xdfff);
        }
    }
    if others.is_empty() {
        others.push(NOWHERE);
    }
    let other = |byte: usize| (byte, Byte::one_of(others.iter().map(|bytes| bytes[byte])));
    Probe {
        usual: usual(run, ignore_case),
        escape: [
            (0, Byte::one_of(*b"\\")),
            (1, Byte::one_of(*b"u")),
            digit(&codes),
        ],
        other: [other(0), other(1)],
    }
}

/// Gives two bytes of a run that is spelled as usual.
fn usual(run: &[char], ignore_case: bool) -> [(usize, Byte); 2] {
    let (first, last) = match *run {
        [] | ['"' | '\\' | ..' '] => return NOWHERE.map(|byte| (0, Byte::one_of([byte]))),
        // Every byte of UTF-8 that is not ASCII: those that are wrong are among them.
        [char::REPLACEMENT_CHARACTER] => return [(0, Byte::one_of([0x80, 0xff])); 2],
        [first, .., last] => (first, last),
        [only] => (only, only),
    };
    let byte = |char: char, byte: usize| {
        let variants =
            variants(char, ignore_case).filter(|variant| variant.len_utf8() == char.len_utf8());
        Byte::one_of(variants.map(|variant| utf8(variant)[byte]))
    };
    let length: usize = run.iter().map(|char| char.len_utf8()).sum();
    // A character's last byte tells more than its first.
    let of_first = if run.len() == 1 {
        0
    } else {
        first.len_utf8() - 1
    };
    [
        (of_first, byte(first, of_first)),
        (length - 1, byte(last, last.len_utf8() - 1)),
    ]
}

/// Gives the distance of a digit from an escape's start, and the digit: the one that tells the codes best
/// from those that escapes mostly have.
fn digit(codes: &[u16]) -> (usize, Byte) {
    let digit_of =
        |code: u16, place: usize| b"0123456789abcdef"[usize::from(code >> (12 - 4 * place) & 0xf)];
    let digits = [0, 1, 2, 3].map(|place| {
        let lower = codes.iter().map(|&code| digit_of(code, place));
        (
            place,
            Byte::one_of(
                lower
                    .clone()
                    .chain(lower.map(|digit| digit.to_ascii_uppercase())),
            ),
        )
    });
    let passing = |&(place, byte): &(usize, Byte)| {
        let common = ['<', '>', '&', '\u{1b}'].map(|char| digit_of(char as u16, place));
        common
            .into_iter()
            .filter(|&digit| byte.passes(digit))
            .count()
    };
    let [first, rest @ ..] = digits;
    let (place, byte) = rest.into_iter().fold(first, |best, digit| {
        if passing(&digit) < passing(&best) {
            digit
        } else {
            best
        }
    });
    ("\\u".len() + place, byte)
}

/// Gives the characters that are the same as one.
fn variants(char: char, ignore_case: bool) -> impl Iterator<Item = char> {
    unfold(char).take(if ignore_case { usize::MAX } else { 1 })
}

fn utf8(char: char) -> [u8; 4] {
    let mut bytes = [0; 4];
    char.encode_utf8(&mut bytes);
    bytes
}

/// Gives the letter of the escape that a character has besides the one by number.
fn short_escape(char: char) -> Option<u8> {
    Some(match char {
        '"' => b'"',
        '\\' => b'\\',
        '/' => b'/',
        '\u{8}' => b'b',
        '\u{c}' => b'f',
        '\n' => b'n',
        '\r' => b'r',
        '\t' => b't',
        _ => return None,
    })
}
