//! A text that is searched for in lines that are not decoded.
//!
//! A line may spell a character in several ways: by itself, by a short escape, or by its number.
//! Most characters are always spelled by themselves. So a run of such characters of the needle is
//! looked for first, by two of its bytes. Positions with another spelling of one of them are looked
//! at too.
//!
//! Around each such position at most [`MAX_HEAD`] characters are compared, so that no text costs
//! the square of its length. Where they do not decide, the string is read from its start.

#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::json::RawJson;
use crate::json::characters;
use crate::json::raw_string::RawString;
use crate::scan::RawEntry;
use crate::search::case_folding::{fold_case, unfold_case};
use crate::search::probe::{ByteChoice, Probe};
use crate::timestamp::Timestamp;

/// The most characters of the run that is looked for. A longer run would not be rarer.
const MAX_RUN: usize = 16;
/// Characters of a run of a preferred kind that is taken, even if a run of mixed kinds is longer.
const MIN_RUN: usize = 3;

/// The most characters that are compared around a position.
const MAX_HEAD: usize = 64;

/// A text that is searched for.
///
/// It occurs in an entry if it occurs in one decoded string. Decoding makes U+FFFD of each byte
/// that is not UTF-8, and of each lone surrogate. The empty text occurs in every entry.
pub struct Needle {
    /// Its characters, case-folded where case is ignored.
    chars: Vec<char>,
    /// The failure function of Knuth, Morris and Pratt. For the first `n + 1` characters: how many
    /// of them, but not all, are also the last of these.
    borders: Vec<usize>,
    ignore_case: bool,
    /// The characters that `probe` finds, among the first [`MAX_HEAD`].
    run: Range<usize>,
    probe: Probe,
    /// Whether all its characters occur in timestamps.
    may_be_in_timestamp: bool,
}

impl Needle {
    /// Makes a needle of a text. `ignore_case` makes characters equal that Unicode's simple case
    /// folding makes equal.
    pub fn new(text: &str, ignore_case: bool) -> Self {
        let folded = |char| if ignore_case { fold_case(char) } else { char };
        let (mut chars, mut borders) = (Vec::new(), Vec::new());
        let mut border = 0;
        for char in text.chars().map(folded) {
            chars.push(char);
            if chars.len() > 1 {
                border = advance(&chars, &borders, border, char);
            }
            borders.push(border);
        }
        let run = best_run(head(&chars), ignore_case);
        let probe = probe(&chars[run.clone()], ignore_case);
        let may_be_in_timestamp = chars.iter().all(|&char| {
            b"0123456789-:.+TZ"
                .iter()
                .any(|&of| folded(of.into()) == char)
        });
        Self {
            chars,
            borders,
            ignore_case,
            run,
            probe,
            may_be_in_timestamp,
        }
    }

    /// Returns the next candidate from `at` on: a position inside one spelling of the needle.
    /// Returns the length of the text where there is none.
    ///
    /// The text is any number of whole lines. Every string that has the needle has a candidate. But
    /// a candidate may also stand in a key of the format, in a number or between values. Of a long
    /// needle, or after many backslashes, it may be a part of the needle alone.
    pub fn candidate(&self, text: &[u8], at: usize) -> usize {
        let at = at.min(text.len());
        if self.chars.is_empty() {
            return at;
        }
        self.probe
            .find(text, at, |position| self.is_around(text, position))
    }

    /// Returns whether it occurs in a string.
    #[inline(never)]
    pub(crate) fn is_in(&self, string: RawString<'_>) -> bool {
        let text = string.bytes;
        self.chars.is_empty()
            || self.candidate(text, 0) < text.len()
                && (self.is_certain(text) || self.occurs_in_decoded(text))
    }

    /// Returns whether a candidate in a string is certain to be the whole needle.
    fn is_certain(&self, text: &[u8]) -> bool {
        self.chars.len() <= MAX_HEAD && characters::has_few_backslashes(text)
    }

    /// Returns whether it occurs in a string, which is decoded from its start.
    #[inline(never)]
    fn occurs_in_decoded(&self, text: &[u8]) -> bool {
        let (mut at, mut matched) = (0, 0);
        while matched < self.chars.len() {
            let Some((char, end)) = characters::next(text, at) else {
                return false;
            };
            at = end;
            matched = advance(&self.chars, &self.borders, matched, self.folded(char));
        }
        true
    }

    /// Returns whether it occurs in a key or a string of a JSON value.
    pub fn is_in_json(&self, json: &RawJson<'_>) -> bool {
        self.chars.is_empty() || json.strings().any(|string| self.is_in(string))
    }

    /// Returns whether it occurs in an entry: in one of its texts, in its timestamp, or in a key or
    /// a string of its `input`.
    pub fn is_in_entry(&self, entry: &RawEntry<'_>) -> bool {
        entry.texts().any(|text| self.is_in(text))
            || entry.input.is_some_and(|input| self.is_in_json(&input))
            || self.is_in_timestamp(&entry.timestamp)
    }

    /// Returns the same as [`is_in_entry`](Self::is_in_entry), faster where a
    /// [candidate](Self::candidate) stands in the entry: at the start of `found`.
    pub(crate) fn is_in_entry_at(&self, entry: &RawEntry<'_>, found: &[u8]) -> bool {
        let is_within = |bytes: &[u8]| bytes.as_ptr_range().contains(&found.as_ptr());
        // A certain candidate inside a string is the needle.
        let is_at = |text: RawString<'_>| is_within(text.bytes) && self.is_certain(text.bytes);
        entry.texts().any(is_at)
            || entry
                .input
                .is_some_and(|input| is_within(input.as_bytes()) && input.strings().any(is_at))
            || self.is_in_entry(entry)
    }

    /// Returns whether it may occur in a timestamp, however the line spells the timestamp.
    pub(crate) fn may_be_in_timestamp(&self) -> bool {
        self.may_be_in_timestamp
    }

    /// Returns whether it occurs in the canonical text of a timestamp. The line may spell the
    /// timestamp in another way, or leave it out.
    pub fn is_in_timestamp(&self, timestamp: &Timestamp) -> bool {
        if !self.may_be_in_timestamp {
            return false;
        }
        let mut text = Vec::with_capacity(35);
        timestamp.write(&mut text);
        (0..=text.len()).any(|start| self.is_at_start(&text[start..]))
    }

    /// Returns whether an ASCII text starts with it.
    fn is_at_start(&self, text: &[u8]) -> bool {
        let mut found = text.iter().map(|&byte| self.folded(char::from(byte)));
        self.chars.iter().all(|&char| found.next() == Some(char))
    }

    #[inline]
    fn folded(&self, char: char) -> char {
        if self.ignore_case {
            fold_case(char)
        } else {
            char
        }
    }

    /// Returns whether a character of the run is spelled at `position`, and the rest of the needle
    /// around it.
    fn is_around(&self, text: &[u8], position: usize) -> bool {
        let Some((char, end)) = characters::next(text, position) else {
            return false;
        };
        let char = self.folded(char);
        // The probe finds only the first character of the run where it is spelled by itself, in one
        // byte.
        let is_usual = end == position + 1 && char != char::REPLACEMENT_CHARACTER;
        let run = if is_usual {
            self.run.start..self.run.start + 1
        } else {
            self.run.clone()
        };
        run.into_iter().any(|index| {
            let (before, from) = head(&self.chars).split_at(index);
            from[0] == char
                && self.are_after(&from[1..], text, end)
                && (characters::follows_many_backslashes(text, position)
                    || characters::is_start(text, position))
                && self.are_before(before, text, position)
        })
    }

    /// Returns whether these characters start at `at`.
    fn are_after(&self, chars: &[char], text: &[u8], mut at: usize) -> bool {
        chars
            .iter()
            .all(|&wanted| match characters::next(text, at) {
                Some((char, end)) => {
                    at = end;
                    self.folded(char) == wanted
                }
                None => false,
            })
    }

    /// Returns whether these characters end at `at`, where another character starts. Stops with
    /// `true` at many backslashes.
    fn are_before(&self, chars: &[char], text: &[u8], mut at: usize) -> bool {
        for &wanted in chars.iter().rev() {
            if characters::follows_many_backslashes(text, at) {
                break;
            }
            match characters::previous(text, at) {
                Some((char, start)) if self.folded(char) == wanted => at = start,
                _ => return false,
            }
        }
        true
    }
}

/// Returns the characters that are compared around a position.
fn head(chars: &[char]) -> &[char] {
    &chars[..chars.len().min(MAX_HEAD)]
}

/// Returns how many of the first characters end a text after `char` is appended to it. `matched` is
/// how many ended it before.
#[inline(never)]
fn advance(chars: &[char], borders: &[usize], mut matched: usize, char: char) -> usize {
    while chars[matched] != char {
        if matched == 0 {
            return 0;
        }
        matched = borders[matched - 1];
    }
    matched + 1
}

/// Returns the run of characters to look for: a run whose probe few other positions pass.
#[inline(never)]
fn best_run(chars: &[char], ignore_case: bool) -> Range<usize> {
    // One hexadecimal digit distinguishes escapes of letters, or of digits, from common escapes.
    // But where case is ignored, k and s also match the Kelvin sign and `ſ`, whose escapes have
    // other digits.
    let any = LETTER | ODD_LETTER | DIGIT | OTHER;
    let kinds = [LETTER, LETTER | ODD_LETTER, DIGIT, any];
    for kinds in kinds {
        let run = longest(chars, kinds, ignore_case);
        if run.len() >= MIN_RUN || kinds == any && !run.is_empty() {
            return run.start..run.end.min(run.start + MAX_RUN);
        }
    }
    // U+FFFD has the most spellings.
    let is_text = |&char: &char| char != char::REPLACEMENT_CHARACTER;
    let index = chars.iter().position(is_text).unwrap_or(0);
    index..chars.len().min(index + 1)
}

/// Kinds of characters, one bit each. A character that the Go original escapes has no kind.
const LETTER: u8 = 1;
/// A letter that also matches a character far away in Unicode, where case is ignored.
const ODD_LETTER: u8 = 2;
const DIGIT: u8 = 4;
const OTHER: u8 = 8;

fn kind_of(char: char, ignore_case: bool) -> u8 {
    match char {
        ..' ' | '"' | '\\' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => 0,
        char::REPLACEMENT_CHARACTER => 0,
        'k' | 's' if ignore_case => ODD_LETTER,
        '0'..='9' => DIGIT,
        '@'.. => LETTER,
        _ => OTHER,
    }
}

/// Returns the longest run of characters of some kinds.
#[inline(never)]
fn longest(chars: &[char], kinds: u8, ignore_case: bool) -> Range<usize> {
    let mut longest = 0..0;
    let mut start = 0;
    for (index, &char) in chars.iter().enumerate() {
        if kind_of(char, ignore_case) & kinds == 0 {
            start = index + 1;
        } else if index - start >= longest.len() {
            longest = start..index + 1;
        }
    }
    longest
}

/// Makes the probe for a run. One position of each spelling of the run passes: the first character
/// that is escaped or has an unusual length. Where there is none, the start of the run passes.
#[inline(never)]
fn probe(run: &[char], ignore_case: bool) -> Probe {
    let mut probe = Probe::default();
    probe.escape[0].add(b'\\');
    probe.escape[1].add(b'u');
    let mut digits = [ByteChoice::default(); 4];
    let mut length = 0;
    for (index, &char) in run.iter().enumerate() {
        let usual_length = char.len_utf8();
        length += usual_length;
        // The last byte of a character is rarer than its first.
        if index == 0 && run.len() > 1 {
            probe.usual[0].0 = usual_length - 1;
        }
        if let Some(letter) = short_escape(char) {
            probe.other[0].add(b'\\');
            probe.other[1].add(letter);
        }
        let variants = if ignore_case { usize::MAX } else { 1 };
        for variant in unfold_case(char).take(variants) {
            add_code(&mut digits, variant.encode_utf16(&mut [0; 2])[0]);
            let mut bytes = [0; 4];
            if variant.encode_utf8(&mut bytes).len() != usual_length {
                // It has at least two bytes, because an ASCII character folds to an ASCII
                // character.
                probe.other[0].add(bytes[0]);
                probe.other[1].add(bytes[1]);
            } else if !matches!(char, '"' | '\\' | ..' ') {
                if index == 0 {
                    probe.usual[0].1.add(bytes[probe.usual[0].0]);
                }
                if index + 1 == run.len() {
                    probe.usual[1].0 = length - 1;
                    probe.usual[1].1.add(bytes[usual_length - 1]);
                }
            }
        }
    }
    if let [char::REPLACEMENT_CHARACTER] = run {
        // Any byte from 0x80 on may be invalid, and any surrogate may be a lone surrogate.
        probe.usual[0].1.add(0x80);
        probe.usual[0].1.add(0xff);
        probe.usual[1] = probe.usual[0];
        for code in 0xd800..=0xdfff {
            add_code(&mut digits, code);
        }
    }
    let mut fewest = usize::MAX;
    for (position, digit) in digits.into_iter().enumerate() {
        let passing = count_common(position, digit);
        if passing < fewest {
            fewest = passing;
            probe.digit = ("\\u".len() + position, digit);
        }
    }
    probe
}

/// The most common escapes by number: `<`, `>`, `&`, and the escape character of terminals.
const COMMON_ESCAPES: [&[u8; 4]; 4] = [b"003c", b"003e", b"0026", b"001b"];

/// Returns how many common escapes have a digit at a position that passes.
#[inline(never)]
fn count_common(position: usize, digit: ByteChoice) -> usize {
    let codes = COMMON_ESCAPES.iter();
    codes.filter(|code| digit.passes(code[position])).count()
}

/// Adds the four hexadecimal digits of a code to the choices.
#[inline(never)]
fn add_code(digits: &mut [ByteChoice; 4], code: u16) {
    for (position, byte) in digits.iter_mut().enumerate() {
        let digit = b"0123456789abcdef"[usize::from(code >> (12 - 4 * position) & 0xf)];
        byte.add(digit);
        byte.add(digit.to_ascii_uppercase());
    }
}

/// Returns the letter of a character's short escape.
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
