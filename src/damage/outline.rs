//! The structure of an entry's text, followed byte by byte: which objects are open, and which end.

use crate::byte_class;
use crate::damage::piece::START;
use crate::json::MAX_DEPTH;
use crate::json::raw_string::RawString;
use crate::scan::known_key;

/// Bytes of a key that are looked at: the longest name of a member, six bytes for each letter,
/// because an escape takes six.
const KEY_BYTES: usize = 6 * "output_summary".len();

/// Follows the structure of an entry's text whose bytes come chunk by chunk.
///
/// Holds a bit for each level and a number for each open object that starts as an entry does, but
/// no text. Checks less than [`scan`](crate::scan::scan): numbers, words and escapes pass
/// unchecked. So it accepts every beginning of an entry's text, and some other texts.
#[derive(Clone, Debug)]
pub(crate) struct Outline {
    /// Bytes taken, counted from the start of the text.
    at: u64,
    /// One bit a level: whether the level is an object, not an array.
    levels: Vec<u64>,
    depth: usize,
    expected: Expected,
    /// How many bytes of [`START`] the last bytes are.
    matched: usize,
    /// Level and start of each open object that starts with [`START`].
    open: Vec<(usize, u64)>,
    /// The last key, as it is spelled, where it belongs to an entry or to an attempt.
    key: [u8; KEY_BYTES],
    key_length: usize,
    in_attempts: bool,
}

/// What the next byte that is no blank must be, or what it continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    Scalar,
    String { is_key: bool },
    Escaped { is_key: bool },
}

/// Why [`Outline::take`] stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// There are no more bytes.
    End,
    /// An object that starts as an entry does has ended, or the outermost object.
    Closed {
        /// The object's first byte.
        start: u64,
        is_entry_like: bool,
        is_outermost: bool,
    },
    /// The next byte cannot follow.
    Wrong,
}

impl Outline {
    /// Starts at a byte of the text.
    pub fn starting_at(at: u64) -> Self {
        Self {
            at,
            levels: Vec::new(),
            depth: 0,
            expected: Expected::Value,
            matched: 0,
            open: Vec::new(),
            key: [0; KEY_BYTES],
            key_length: 0,
            in_attempts: false,
        }
    }

    /// Returns the start of the first open object that starts as an entry does, from the byte
    /// `from` on.
    pub fn first_open(&self, from: u64) -> Option<u64> {
        let index = self.open.partition_point(|&(_, start)| start < from);
        self.open.get(index).map(|&(_, start)| start)
    }

    /// Returns the offset of the last bytes that may be the first bytes of [`START`].
    pub fn possible_start(&self) -> u64 {
        self.at - self.matched as u64
    }

    /// Takes bytes up to an event, and returns how many.
    pub fn take(&mut self, text: &[u8]) -> (usize, Event) {
        let mut at = 0;
        while at < text.len() {
            if let Expected::String { is_key } = self.expected
                && self.matched == 0
            {
                let end = byte_class::STRING.find(text, at);
                if is_key {
                    self.add_to_key(&text[at..end]);
                }
                self.at += (end - at) as u64;
                at = end;
                if at == text.len() {
                    break;
                }
            }
            let event = self.byte(text[at]);
            if event == Event::Wrong {
                return (at, event);
            }
            at += 1;
            self.at += 1;
            if event != Event::End {
                return (at, event);
            }
        }
        (at, Event::End)
    }

    /// Takes a byte. [`take`](Self::take) skips the plain bytes of strings.
    fn byte(&mut self, byte: u8) -> Event {
        let matched = self.matched;
        self.matched = 0;
        let event = self.structure(byte);
        if byte == b'{' && self.expected == Expected::KeyOrEnd {
            self.matched = 1;
        } else if matched > 0 && START[matched] == byte {
            self.matched = matched + 1;
            if self.matched == START.len() {
                let start = self.at + 1 - START.len() as u64;
                self.open.push((self.depth, start));
                self.matched = 0;
            }
        }
        event
    }

    /// Takes a byte that may change what is expected next.
    fn structure(&mut self, byte: u8) -> Event {
        match (self.expected, byte) {
            (Expected::String { is_key }, _) => match byte {
                b'"' if is_key => self.expected = Expected::Colon,
                b'"' => self.expected = Expected::CommaOrEnd,
                0..0x20 => return Event::Wrong,
                _ => {
                    if byte == b'\\' {
                        self.expected = Expected::Escaped { is_key };
                    }
                    if is_key {
                        self.add_to_key(&[byte]);
                    }
                }
            },
            (Expected::Escaped { is_key }, 0x20..) => {
                self.expected = Expected::String { is_key };
                if is_key {
                    self.add_to_key(&[byte]);
                }
            }
            (Expected::Escaped { .. }, _) => return Event::Wrong,
            (Expected::Scalar, b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'-' | b'.') => {}
            (_, b' ' | b'\t' | b'\r' | b'\n') => {
                if self.expected == Expected::Scalar {
                    self.expected = Expected::CommaOrEnd;
                }
            }
            (Expected::Colon, b':') => self.expected = Expected::Value,
            (Expected::Key | Expected::KeyOrEnd, b'"') => {
                self.expected = Expected::String { is_key: true };
                self.key_length = 0;
            }
            (Expected::Value | Expected::ValueOrEnd, b'{' | b'[') => {
                return self.open(byte == b'{');
            }
            // The outermost value is an object.
            (Expected::Value, _) if self.depth == 0 => return Event::Wrong,
            (Expected::Value | Expected::ValueOrEnd, b'"') => {
                self.expected = Expected::String { is_key: false };
            }
            (Expected::Value | Expected::ValueOrEnd, b'0'..=b'9' | b'-' | b't' | b'f' | b'n') => {
                self.expected = Expected::Scalar;
            }
            (Expected::KeyOrEnd, b'}') | (Expected::ValueOrEnd, b']') => return self.close(),
            (Expected::CommaOrEnd | Expected::Scalar, b',') => {
                self.expected = if self.is_object() {
                    Expected::Key
                } else {
                    Expected::Value
                };
            }
            (Expected::CommaOrEnd | Expected::Scalar, b'}') if self.is_object() => {
                return self.close();
            }
            (Expected::CommaOrEnd | Expected::Scalar, b']') if !self.is_object() => {
                return self.close();
            }
            _ => return Event::Wrong,
        }
        Event::End
    }

    fn is_object(&self) -> bool {
        let Some(level) = self.depth.checked_sub(1) else {
            return false;
        };
        self.levels[level / 64] >> (level % 64) & 1 == 1
    }

    /// Adds bytes to the last key, if it belongs to an entry or to an attempt.
    fn add_to_key(&mut self, bytes: &[u8]) {
        let is_members = self.depth == 1 || self.in_attempts && self.depth == 3;
        if !is_members {
            return;
        }
        match self
            .key
            .get_mut(self.key_length..self.key_length.saturating_add(bytes.len()))
        {
            Some(room) => room.copy_from_slice(bytes),
            None => self.key_length = KEY_BYTES,
        }
        self.key_length = (self.key_length + bytes.len()).min(KEY_BYTES + 1);
    }

    /// Returns the last key as the format spells it.
    fn member(&self) -> String {
        let bytes = self.key.get(..self.key_length).unwrap_or_default();
        let has_escapes = bytes.contains(&b'\\');
        known_key(RawString { bytes, has_escapes }).unwrap_or_default()
    }

    /// Returns whether the value that comes next may be an object, or an array.
    fn may_be(&self, is_object: bool) -> bool {
        match self.depth {
            0 => is_object,
            1 => match self.member().as_str() {
                "attempts" => !is_object,
                "session_id" | "timestamp" | "skill" | "phase" | "project_root"
                | "final_status" | "file_path" | "model_used" | "duration_ms" | "message" => false,
                _ => true,
            },
            2 if self.in_attempts => is_object,
            3 if self.in_attempts => !matches!(
                self.member().as_str(),
                "attempt" | "model" | "output_summary" | "runner_output" | "verified"
            ),
            _ => true,
        }
    }

    /// Goes into an array or an object.
    fn open(&mut self, is_object: bool) -> Event {
        if self.depth == MAX_DEPTH || !self.may_be(is_object) {
            return Event::Wrong;
        }
        if self.depth == 1 {
            self.in_attempts = self.member() == "attempts";
        }
        if self.depth / 64 == self.levels.len() {
            self.levels.push(0);
        }
        let word = &mut self.levels[self.depth / 64];
        let bit = 1 << (self.depth % 64);
        *word = *word & !bit | if is_object { bit } else { 0 };
        self.depth += 1;
        self.expected = if is_object {
            Expected::KeyOrEnd
        } else {
            Expected::ValueOrEnd
        };
        Event::End
    }

    /// Goes out of an array or an object.
    fn close(&mut self) -> Event {
        let level = self.depth;
        self.depth -= 1;
        self.in_attempts &= self.depth > 1;
        self.expected = Expected::CommaOrEnd;
        let is_outermost = self.depth == 0;
        let entry_like = self.open.pop_if(|&mut (open, _)| open == level);
        match entry_like {
            Some((_, start)) => Event::Closed {
                start,
                is_entry_like: true,
                is_outermost,
            },
            None if is_outermost => Event::Closed {
                start: 0,
                is_entry_like: false,
                is_outermost,
            },
            None => Event::End,
        }
    }
}
