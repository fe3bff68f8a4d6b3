//! Entries → a tape: words that say how to build JavaScript objects, and one text with all strings.
//!
//! JavaScript makes the text at once and slices each string from it, which is fast. Each entry has
//! a text of its own, so that a string that is kept does not keep other entries' texts in memory.
//!
//! `js/entry/tape.js` reads the tape. The words of an entry, each of 32 bits, are: the
//! [members](member) that it has; the bytes of its text; then, for each member in the canonical
//! order:
//!
//! - a string: its length, in UTF-16 units;
//! - an integer: its low half, then its high half;
//! - `attempts`: their number, then for each attempt its members and their words;
//! - `input`: words with an [op] in the low three bits, and a number in the others.

use std::fmt;

use crate::json::Cursor;
use crate::json::RawJson;
use crate::json::raw_string::{self, RawString};
use crate::scan::{MAX_ATTEMPTS, RawAttempt, RawEntry};
use crate::timestamp::Timestamp;

/// The members that an entry or an attempt may lack, one bit each. `js/entry/tape.js` has the same
/// list.
mod member {
    pub const PHASE: u32 = 1 << 0;
    pub const PROJECT_ROOT: u32 = 1 << 1;
    pub const INPUT: u32 = 1 << 2;
    pub const ATTEMPTS: u32 = 1 << 3;
    pub const FILE_PATH: u32 = 1 << 4;
    pub const MODEL_USED: u32 = 1 << 5;
    pub const DURATION_MS: u32 = 1 << 6;
    pub const MESSAGE: u32 = 1 << 7;
    /// Not a member: whether the entry's text is ASCII.
    pub const ASCII: u32 = 1 << 8;

    pub const OUTPUT_SUMMARY: u32 = 1 << 0;
    pub const RUNNER_OUTPUT: u32 = 1 << 1;
    pub const VERIFIED: u32 = 1 << 2;
}

/// What a word of a JSON value does. `js/entry/tape.js` has the same list.
mod op {
    /// Makes `null`, `false` or `true`, for the numbers 0, 1 and 2.
    pub const LITERAL: u32 = 0;
    /// Makes a string of so many UTF-16 units. In an object, every other value is a key.
    pub const STRING: u32 = 1;
    /// Makes a number from so many characters of the text.
    pub const NUMBER: u32 = 2;
    /// Makes the number in the word.
    pub const SMALL: u32 = 3;
    /// Starts an array or an object, for the numbers 0 and 1.
    pub const BEGIN: u32 = 4;
    /// Ends an array or an object.
    pub const END: u32 = 5;
    /// Makes the value by `JSON.parse` of so many UTF-16 units of the text.
    pub const JSON: u32 = 6;
    /// Makes a `RawJson` of as many bytes as the next word says.
    pub const RAW: u32 = 7;
}

/// What an `input` becomes in JavaScript.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum InputAs {
    /// A value.
    Parsed,
    /// A `RawJson` of its bytes.
    Raw,
}

/// The words, the texts and the raw inputs of entries. A length of 2²⁹ or more does not fit a word
/// with an [op]. Such a text does not fit a JavaScript string either, which fails first.
#[derive(Default)]
pub struct Tape {
    /// What to build, in words.
    pub words: Vec<u32>,
    /// The characters of strings and numbers, in UTF-8.
    pub text: Vec<u8>,
    /// The bytes of raw inputs.
    pub raw: Vec<u8>,
    /// Whether the text of the entry that is being appended is ASCII so far.
    is_ascii: bool,
}

/// The most values of an entry that become JavaScript values. Each takes 24 bytes or more. Many
/// more would end a Node process, whose memory is limited by default. `docs/limits.md` lists all
/// limits.
pub const MAX_VALUES: usize = 1 << 24;

/// How many values an attempt counts as.
const ATTEMPT_VALUES: usize = MAX_VALUES / MAX_ATTEMPTS;

/// An entry with more bytes of text is written only after its memory was reserved.
const LARGE_BYTES: usize = 1 << 20;

/// Returns how many JavaScript values attempts and an `input` become, if they may be too many.
/// Returns fewer for an `input` that is short enough, because it is not looked at.
pub fn count_values(attempts: usize, input: Option<&RawJson<'_>>) -> usize {
    // A value takes at least two bytes, with its comma.
    let input = input.filter(|input| input.as_bytes().len() > MAX_VALUES);
    let attempts = attempts.saturating_mul(ATTEMPT_VALUES);
    attempts.saturating_add(input.map_or(0, RawJson::count_values))
}

/// Why an entry was not appended to a tape. The tape may have a part of the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TapeError {
    /// It has too many values.
    TooManyValues {
        /// How many.
        count: usize,
        /// Whether reading its `input` raw avoids the error.
        are_in_input: bool,
    },
    /// There is not enough memory for its text.
    OutOfMemory,
}

impl fmt::Display for TapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyValues {
                count,
                are_in_input,
            } => {
                let advice = if *are_in_input {
                    "; read it with `input: \"raw\"`"
                } else {
                    ""
                };
                write!(
                    f,
                    "an entry has {count} values, but only {MAX_VALUES} can be read{advice}"
                )
            }
            Self::OutOfMemory => f.write_str("not enough memory for an entry"),
        }
    }
}

impl Tape {
    /// Empties the tape, and frees memory beyond `kept_bytes`.
    pub fn clear(&mut self, kept_bytes: usize) {
        self.words.clear();
        self.words.shrink_to(kept_bytes / size_of::<u32>());
        for bytes in [&mut self.text, &mut self.raw] {
            bytes.clear();
            bytes.shrink_to(kept_bytes);
        }
    }

    /// Appends an entry.
    ///
    /// # Errors
    ///
    /// Occurs when the entry has more than [`MAX_VALUES`] values, and when there is not enough
    /// memory.
    pub fn entry(&mut self, entry: &RawEntry<'_>, input_as: InputAs) -> Result<(), TapeError> {
        self.reserve(entry, input_as)?;
        let optional = [
            (member::PHASE, !entry.phase.bytes.is_empty()),
            (member::PROJECT_ROOT, !entry.project_root.bytes.is_empty()),
            (member::INPUT, entry.input.is_some()),
            (member::ATTEMPTS, !entry.attempts.is_empty()),
            (member::FILE_PATH, !entry.file_path.bytes.is_empty()),
            (member::MODEL_USED, !entry.model_used.bytes.is_empty()),
            (member::DURATION_MS, entry.duration_ms != 0),
            (member::MESSAGE, !entry.message.bytes.is_empty()),
        ];
        let (start, text_start) = (self.words.len(), self.text.len());
        self.words.extend([members(optional), 0]);
        self.is_ascii = true;
        self.string(entry.session_id);
        self.timestamp(&entry.timestamp);
        self.string(entry.skill);
        self.optional(entry.phase);
        self.optional(entry.project_root);
        match &entry.input {
            Some(json) if input_as == InputAs::Parsed => self.json(json),
            Some(json) => {
                self.words.extend([op::RAW, json.as_bytes().len() as u32]);
                self.raw.extend_from_slice(json.as_bytes());
            }
            None => {}
        }
        if !entry.attempts.is_empty() {
            self.words.push(entry.attempts.len() as u32);
            for attempt in &entry.attempts {
                self.attempt(attempt);
            }
        }
        self.string(entry.final_status);
        self.optional(entry.file_path);
        self.optional(entry.model_used);
        if entry.duration_ms != 0 {
            self.integer(entry.duration_ms);
        }
        self.optional(entry.message);
        self.words[start] |= if self.is_ascii { member::ASCII } else { 0 };
        self.words[start + 1] = (self.text.len() - text_start) as u32;
        Ok(())
    }

    /// Appends the strings of an entry of so many bytes, for a search: its timestamp, its texts, and
    /// each key and string of its `input`. The words are: whether the text is ASCII, its bytes, the
    /// number of attempts, the number of strings, and the length of each in UTF-16 units.
    ///
    /// # Errors
    ///
    /// Occurs when there is not enough memory.
    #[inline(never)]
    pub fn strings(&mut self, entry: &RawEntry<'_>, bytes: usize) -> Result<(), TapeError> {
        if bytes > LARGE_BYTES {
            // A byte that is not UTF-8 becomes U+FFFD, which has three bytes.
            let reserved = self.text.try_reserve(bytes.saturating_mul(3));
            reserved
                .and_then(|()| self.words.try_reserve(bytes / 2))
                .map_err(|_| TapeError::OutOfMemory)?;
        }
        let (start, text_start) = (self.words.len(), self.text.len());
        self.words.extend([0; 4]);
        self.is_ascii = true;
        self.timestamp(&entry.timestamp);
        let mut add = |text| self.string(text);
        entry.texts().for_each(&mut add);
        if let Some(input) = &entry.input {
            input.strings().for_each(add);
        }
        let bytes = self.text.len() - text_start;
        let count = self.words.len() - start - 4;
        self.words[start] = self.is_ascii.into();
        self.words[start + 1] = bytes as u32;
        self.words[start + 2] = entry.attempts.len() as u32;
        self.words[start + 3] = count as u32;
        Ok(())
    }

    /// Reserves memory for a large entry.
    fn reserve(&mut self, entry: &RawEntry<'_>, input_as: InputAs) -> Result<(), TapeError> {
        let built = entry.input.filter(|_| input_as == InputAs::Parsed);
        let count = count_values(entry.attempts.len(), built.as_ref());
        if count > MAX_VALUES {
            return Err(TapeError::TooManyValues {
                count,
                are_in_input: count_values(entry.attempts.len(), None) <= MAX_VALUES,
            });
        }
        let texts = entry.texts().map(|text| text.bytes);
        let input = entry.input.map_or(&[][..], |input| input.as_bytes());
        let bytes = texts.clone().map(<[u8]>::len).sum::<usize>() + input.len();
        if bytes <= LARGE_BYTES && entry.attempts.len() <= LARGE_BYTES / 64 {
            return Ok(());
        }
        let (parsed, raw) = match built {
            Some(_) => (input, 0),
            None => (&[][..], input.len()),
        };
        // An attempt takes at most 13 words; a value takes two, and the key before it takes two.
        let words = if parsed.len() > MAX_VALUES {
            4 * count
        } else {
            parsed.len()
        };
        let words = words + 13 * entry.attempts.len() + 64;
        // A byte that is not UTF-8 becomes U+FFFD, which has three bytes.
        let grown = |bytes: &[u8]| match std::str::from_utf8(bytes) {
            Ok(_) => bytes.len(),
            Err(_) => bytes.len().saturating_mul(3),
        };
        let text = texts.map(grown).fold(grown(parsed), usize::saturating_add);
        self.words
            .try_reserve(words)
            .and_then(|()| self.text.try_reserve(text.saturating_add(64)))
            .and_then(|()| self.raw.try_reserve(raw))
            .map_err(|_| TapeError::OutOfMemory)
    }

    fn attempt(&mut self, attempt: &RawAttempt<'_>) {
        self.words.push(members([
            (
                member::OUTPUT_SUMMARY,
                !attempt.output_summary.bytes.is_empty(),
            ),
            (
                member::RUNNER_OUTPUT,
                !attempt.runner_output.bytes.is_empty(),
            ),
            (member::VERIFIED, attempt.verified),
        ]));
        self.integer(attempt.attempt);
        self.string(attempt.model);
        self.optional(attempt.output_summary);
        self.optional(attempt.runner_output);
    }

    fn integer(&mut self, number: i64) {
        self.words.extend([number as u32, (number >> 32) as u32]);
    }

    fn timestamp(&mut self, timestamp: &Timestamp) {
        let start = self.text.len();
        timestamp.write(&mut self.text);
        self.words.push((self.text.len() - start) as u32);
    }

    fn optional(&mut self, string: RawString<'_>) {
        if !string.bytes.is_empty() {
            self.string(string);
        }
    }

    fn string(&mut self, string: RawString<'_>) {
        let (length, _) = self.decoded(string);
        self.words.push(length);
    }

    /// Appends the text of a string. Returns its length in UTF-16 units, and whether nothing became
    /// U+FFFD.
    #[inline]
    fn decoded(&mut self, string: RawString<'_>) -> (u32, bool) {
        let start = self.text.len();
        let decoded = string.decode_into(&mut self.text);
        let length = if decoded.is_ascii {
            (self.text.len() - start) as u32
        } else {
            self.is_ascii = false;
            utf16_length(&self.text[start..])
        };
        (length, decoded.is_lossless)
    }

    /// Appends a JSON value, whose grammar was checked.
    fn json(&mut self, json: &RawJson<'_>) {
        let (words, text) = (self.words.len(), self.text.len());
        if !self.walk(json) {
            // `JSON.parse` keeps lone surrogates, which UTF-8 cannot.
            self.words.truncate(words);
            self.text.truncate(text);
            raw_string::push_lossy(&mut self.text, json.as_bytes());
            self.is_ascii = false;
            self.words
                .push(utf16_length(&self.text[text..]) << 3 | op::JSON);
        }
    }

    /// Appends a JSON value word by word. Returns `false` where a string has no exact UTF-8 text.
    fn walk(&mut self, json: &RawJson<'_>) -> bool {
        let mut cursor = Cursor::new(json.as_bytes());
        while let Some(byte) = cursor.peek() {
            let word = match byte {
                b'"' => {
                    let Ok(string) = cursor.string() else {
                        return false;
                    };
                    let (length, is_lossless) = self.decoded(string);
                    if !is_lossless {
                        return false;
                    }
                    self.words.push(length << 3 | op::STRING);
                    continue;
                }
                b'{' => 1 << 3 | op::BEGIN,
                b'[' => op::BEGIN,
                b'}' | b']' => op::END,
                b',' | b':' => {
                    cursor.skip(1);
                    continue;
                }
                b'n' => op::LITERAL,
                b'f' => 1 << 3 | op::LITERAL,
                b't' => 2 << 3 | op::LITERAL,
                _ => {
                    let number = cursor.plain_number();
                    self.words.push(match small(number) {
                        Some(small) => small << 3 | op::SMALL,
                        None => {
                            self.text.extend_from_slice(number);
                            (number.len() as u32) << 3 | op::NUMBER
                        }
                    });
                    continue;
                }
            };
            cursor.skip(match byte {
                b'n' | b't' => 4,
                b'f' => 5,
                _ => 1,
            });
            self.words.push(word);
        }
        true
    }
}

fn members(optional: impl IntoIterator<Item = (u32, bool)>) -> u32 {
    optional.into_iter().fold(0, |members, (member, has)| {
        members | if has { member } else { 0 }
    })
}

/// Returns a number that is spelled with at most eight digits and nothing else.
fn small(number: &[u8]) -> Option<u32> {
    (number.len() <= 8)
        .then(|| {
            number.iter().try_fold(0, |sum, byte| {
                byte.is_ascii_digit()
                    .then(|| sum * 10 + u32::from(byte - b'0'))
            })
        })
        .flatten()
}

/// Returns how many UTF-16 units a UTF-8 text has: two for a character of four bytes, one for any
/// other.
fn utf16_length(text: &[u8]) -> u32 {
    text.iter()
        .map(|&byte| u32::from(byte & 0xc0 != 0x80) + u32::from(byte >= 0xf0))
        .sum()
}
