//! Entries → a tape: numbers that say how to build JavaScript objects, beside one text for the strings.
//!
//! A string is made by slicing the text, which was made at once: that is what makes it fast. Each
//! entry has a text of its own, so that a string that is kept keeps no other entry's text in memory.
//!
//! The words of an entry, each 32 bits: the [members](member) it has; the bytes its text takes; then
//! for each member in the canonical order what it takes:
//!
//! - a string: its length, in UTF-16 units;
//! - an integer: its low and its high half;
//! - `attempts`: their number, then for each its members and what they take;
//! - `input`: words with an [op] in the low three bits and a number above it.

use std::fmt;

use crate::json::Cursor;
use crate::json::RawJson;
use crate::json::raw_string::{self, RawString};
use crate::scan::{MAX_ATTEMPTS, RawAttempt, RawEntry};
use crate::timestamp::Timestamp;

/// The members that an entry or an attempt may lack.
mod member {
    pub const PHASE: u32 = 1 << 0;
    pub const PROJECT_ROOT: u32 = 1 << 1;
    pub const INPUT: u32 = 1 << 2;
    pub const ATTEMPTS: u32 = 1 << 3;
    pub const FILE_PATH: u32 = 1 << 4;
    pub const MODEL_USED: u32 = 1 << 5;
    pub const DURATION_MS: u32 = 1 << 6;
    pub const MESSAGE: u32 = 1 << 7;
    /// No member: whether the entry's text is ASCII.
    pub const ASCII: u32 = 1 << 8;

    pub const OUTPUT_SUMMARY: u32 = 1 << 0;
    pub const RUNNER_OUTPUT: u32 = 1 << 1;
    pub const VERIFIED: u32 = 1 << 2;
}

/// What the words of a JSON value do. `js/entry/tape.js` has the same list.
mod op {
    /// Makes `null`, `false` or `true`: 0, 1 or 2.
    pub const LITERAL: u32 = 0;
    /// Makes a string of so many units; inside an object every other one is a key.
    pub const STRING: u32 = 1;
    /// Makes a number of so many characters of the text.
    pub const NUMBER: u32 = 2;
    /// Makes this number.
    pub const SMALL: u32 = 3;
    /// Begins an array, or an object: 0 or 1.
    pub const BEGIN: u32 = 4;
    /// Ends an array or an object.
    pub const END: u32 = 5;
    /// Makes the value by `JSON.parse` of so many units.
    pub const JSON: u32 = 6;
    /// Makes a `RawJson` of so many bytes: the next word tells.
    pub const RAW: u32 = 7;
}

/// What an `input` becomes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum InputAs {
    /// The value.
    Parsed,
    /// Its bytes.
    Raw,
}

/// The tape, its text and the bytes of raw inputs. Lengths of 2²⁹ and more do not fit a word; a
/// text as long as that does not fit a JavaScript string, which is found out first.
#[derive(Default)]
pub struct Tape {
    /// What to build.
    pub words: Vec<u32>,
    /// The texts of the strings and numbers, in UTF-8.
    pub text: Vec<u8>,
    /// The bytes of raw inputs.
    pub raw: Vec<u8>,
    /// Whether the text of the entry that is being appended is ASCII so far.
    is_ascii: bool,
}

/// Values of an entry that become JavaScript values, at most. Each takes 24 bytes or more, so that
/// many more would end a process that has the memory that Node takes by default.
pub const MAX_VALUES: usize = 1 << 24;

/// Values that an attempt counts as.
const ATTEMPT_VALUES: usize = MAX_VALUES / MAX_ATTEMPTS;

/// Bytes of an entry's text beyond which it is asked whether memory suffices before it is written.
const LARGE_BYTES: usize = 1 << 20;

/// Counts the JavaScript values that attempts and an `input` become, where there may be too many of
/// them; gives fewer where there are not.
pub fn count_values(attempts: usize, input: Option<&RawJson<'_>>) -> usize {
    // A value takes two bytes, its comma counted.
    let input = input.filter(|input| input.as_bytes().len() > MAX_VALUES);
    let attempts = attempts.saturating_mul(ATTEMPT_VALUES);
    attempts.saturating_add(input.map_or(0, RawJson::count_values))
}

/// Why an entry was not appended to a tape. The tape may hold a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotMade {
    /// It has so many values.
    TooManyValues {
        /// How many.
        count: usize,
        /// Whether reading its `input` raw helps.
        are_in_input: bool,
    },
    /// Memory does not suffice for its text.
    OutOfMemory,
}

impl fmt::Display for NotMade {
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
                    "an entry has {count} values, and JavaScript is given {MAX_VALUES} at most{advice}"
                )
            }
            Self::OutOfMemory => f.write_str("memory does not suffice for an entry"),
        }
    }
}

impl Tape {
    /// Empties the tape, and gives memory back beyond `kept_bytes`.
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
    /// Occurs when it has more than [`MAX_VALUES`] values, and when memory does not suffice.
    pub fn entry(&mut self, entry: &RawEntry<'_>, input_as: InputAs) -> Result<(), NotMade> {
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

    /// Makes room for an entry that is large.
    fn reserve(&mut self, entry: &RawEntry<'_>, input_as: InputAs) -> Result<(), NotMade> {
        let built = entry.input.filter(|_| input_as == InputAs::Parsed);
        let count = count_values(entry.attempts.len(), built.as_ref());
        if count > MAX_VALUES {
            return Err(NotMade::TooManyValues {
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
        // Of an attempt 13 words at most. Of a value two, and two of the key before it.
        let words = if parsed.len() > MAX_VALUES {
            4 * count
        } else {
            parsed.len()
        };
        let words = words + 13 * entry.attempts.len() + 64;
        // A byte that is not UTF-8 becomes three.
        let grown = |bytes: &[u8]| match std::str::from_utf8(bytes) {
            Ok(_) => bytes.len(),
            Err(_) => bytes.len().saturating_mul(3),
        };
        let text = texts.map(grown).fold(grown(parsed), usize::saturating_add);
        self.words
            .try_reserve(words)
            .and_then(|()| self.text.try_reserve(text.saturating_add(64)))
            .and_then(|()| self.raw.try_reserve(raw))
            .map_err(|_| NotMade::OutOfMemory)
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

    /// Appends a string's text, and gives its length and whether nothing became U+FFFD.
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
            // JavaScript has strings that UTF-8 cannot say: lone surrogates.
            self.words.truncate(words);
            self.text.truncate(text);
            raw_string::push_lossy(&mut self.text, json.as_bytes());
            self.is_ascii = false;
            self.words
                .push(utf16_length(&self.text[text..]) << 3 | op::JSON);
        }
    }

    /// Appends a JSON value piece by piece; gives up where a string is not one of UTF-8.
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

/// Gives a number that is spelled in at most eight digits and nothing else.
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

/// Counts the UTF-16 units of a text that is UTF-8: a character is one, and two where it takes four bytes.
fn utf16_length(text: &[u8]) -> u32 {
    text.iter()
        .map(|&byte| u32::from(byte & 0xc0 != 0x80) + u32::from(byte >= 0xf0))
        .sum()
}
