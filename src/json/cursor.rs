//! JSON's grammar over bytes, exactly as Go's `encoding/json` checks it.
//!
//! Strings may have bytes from 0x80 on that are not UTF-8. Nothing here recurses, so that values
//! may be nested [`MAX_DEPTH`] deep on any stack.

use crate::byte_class;
use crate::error::{Error, ErrorKind};
use crate::json::name::{self, Name};
use crate::json::raw_json::RawJson;
use crate::json::raw_string::RawString;
use crate::json::string_block;

/// How deep arrays and objects may be nested: as deep as Go's decoder allows. `docs/limits.md`
/// lists all limits.
pub const MAX_DEPTH: usize = 10_000;

/// An offset in a text, and how many arrays and objects are open there.
pub(crate) struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
    blanks: usize,
    /// Start and end of objects that are known to be valid, in rising order. They are skipped.
    known: &'a [(usize, usize)],
    /// Whether the insides of strings are not checked, because they were checked before.
    trusts_strings: bool,
}

/// Returns whether a byte is one of the four blanks of JSON.
pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            blanks: 0,
            known: &[],
            trusts_strings: false,
        }
    }

    /// Starts at a text whose grammar was checked before. Checks all but the insides of strings, which
    /// takes a third of the time. A string that is not short counts as having escapes.
    pub fn trusting(text: &'a [u8]) -> Self {
        Self {
            trusts_strings: true,
            ..Self::new(text)
        }
    }

    /// Starts at a text whose objects from start to end, as `known` lists them, are known to be
    /// valid.
    pub fn with_known(text: &'a [u8], known: &'a [(usize, usize)]) -> Self {
        Self {
            known,
            ..Self::new(text)
        }
    }

    /// Starts at the value of an entry's member, which is one level down.
    pub fn within_entry(text: &'a [u8]) -> Self {
        Self {
            depth: 1,
            ..Self::new(text)
        }
    }

    pub fn at(&self) -> usize {
        self.at
    }

    /// Returns the bytes from `start` up to here.
    pub fn since(&self, start: usize) -> &'a [u8] {
        &self.text[start..self.at]
    }

    pub fn error<T>(&self, kind: ErrorKind) -> Result<T, Error> {
        Err(Error::new(self.at, kind))
    }

    /// Returns the error of a wrong byte here, or of the end of the text.
    pub fn unexpected<T>(&self, expected: &'static str) -> Result<T, Error> {
        Err(self.unexpected_byte(expected))
    }

    #[cold]
    #[inline(never)]
    pub fn unexpected_byte(&self, expected: &'static str) -> Error {
        let kind = match self.text.get(self.at) {
            None => ErrorKind::UnexpectedEnd,
            Some(&found) => ErrorKind::UnexpectedByte { found, expected },
        };
        Error::new(self.at, kind)
    }

    /// Skips blanks, then returns the next byte without taking it.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        match self.text.get(self.at) {
            Some(&byte) if byte > b' ' => Some(byte),
            _ => self.peek_after_blanks(),
        }
    }

    // Not inlined, because writers write no blanks.
    #[cold]
    #[inline(never)]
    fn peek_after_blanks(&mut self) -> Option<u8> {
        self.blanks += self.skip_while(is_blank);
        self.text.get(self.at).copied()
    }

    /// Skips blanks, then takes the next byte if it is `wanted`. Returns whether it was.
    #[inline]
    pub fn take(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// Takes the opening bracket or brace here, and goes one level down.
    pub fn open(&mut self) -> Result<(), Error> {
        if self.depth == MAX_DEPTH {
            return self.error(ErrorKind::TooDeep);
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    /// Goes one level up, after a closing bracket or brace was taken.
    pub fn close(&mut self) {
        self.depth -= 1;
    }

    /// Skips bytes of a text whose grammar was checked.
    #[cfg(target_arch = "wasm32")]
    pub fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Skips the bytes that match, and returns how many.
    pub fn skip_while(&mut self, matches: impl Fn(u8) -> bool) -> usize {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let count = rest.iter().take_while(|&&byte| matches(byte)).count();
        self.at += count;
        count
    }

    /// Takes the number here, of a text whose grammar was checked.
    #[cfg(target_arch = "wasm32")]
    #[inline]
    pub fn plain_number(&mut self) -> &'a [u8] {
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or_default();
        let length = rest
            .iter()
            .position(|byte| !matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
            .unwrap_or(rest.len());
        // At least one byte, so that a caller in a loop comes to the end.
        self.at += length.max(1);
        &rest[..length]
    }

    #[inline(never)]
    pub fn literal(&mut self, word: &'static str) -> Result<(), Error> {
        for &byte in word.as_bytes() {
            if self.text.get(self.at) != Some(&byte) {
                return self.unexpected(word);
            }
            self.at += 1;
        }
        Ok(())
    }

    /// Takes a key and the colon after it.
    pub fn key(&mut self) -> Result<RawString<'a>, Error> {
        if self.peek() != Some(b'"') {
            return self.unexpected("a key");
        }
        let key = self.string()?;
        if !self.take(b':') {
            return self.unexpected("':'");
        }
        Ok(key)
    }

    /// Takes a key and the colon after it, if the key is spelled as one of some names. Returns the
    /// name's place in `names`. Names from `next` on are found faster.
    #[inline]
    pub fn known_key<M>(&mut self, names: &[Name<M>], next: usize) -> Result<Option<usize>, Error> {
        self.peek();
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some((place, length)) = name::find(names, next, rest) else {
            return Ok(None);
        };
        self.at += length;
        if !self.take(b':') {
            return self.unexpected("':'");
        }
        Ok(Some(place))
    }

    /// Takes the string whose opening quote is here.
    pub fn string(&mut self) -> Result<RawString<'a>, Error> {
        self.at += 1;
        let start = self.at;
        let has_escapes = if self.trusts_strings {
            self.trusted_end()?
        } else {
            let has_escapes = self.string_blocks()?;
            if self.text.get(self.at) == Some(&b'"') {
                self.at += 1;
                has_escapes
            } else {
                self.string_end()? | has_escapes
            }
        };
        Ok(RawString {
            bytes: &self.text[start..self.at - 1],
            has_escapes,
        })
    }

    /// Takes the rest of the string without a look at its escapes: up to a quote after an even number
    /// of backslashes. Returns whether it may have escapes.
    #[inline(never)]
    fn trusted_end(&mut self) -> Result<bool, Error> {
        let (text, start) = (self.text, self.at);
        let end = byte_class::STRING.find_near(text, start);
        if text.get(end) == Some(&b'"') {
            self.at = end + 1;
            return Ok(false);
        }
        let is_escaped = |quote: usize| {
            let before = text[start..quote].iter().rev();
            before.take_while(|&&byte| byte == b'\\').count() % 2 == 1
        };
        while let Some(block) = text.get(self.at..).and_then(<[u8]>::first_chunk) {
            let mut quotes = string_block::quotes(block);
            while quotes != 0 {
                let quote = self.at + quotes.trailing_zeros() as usize;
                if !is_escaped(quote) {
                    self.at = quote + 1;
                    return Ok(true);
                }
                quotes &= quotes - 1;
            }
            self.at += string_block::BLOCK_BYTES;
        }
        while let Some(&byte) = text.get(self.at) {
            self.at += 1;
            if byte == b'"' && !is_escaped(self.at - 1) {
                return Ok(true);
            }
        }
        self.error(ErrorKind::UnexpectedEnd)
    }

    /// Takes the whole blocks of the string, and returns whether they have an escape.
    fn string_blocks(&mut self) -> Result<bool, Error> {
        let mut has_escapes = false;
        let mut is_escaped = false;
        while let Some(block) = self.text.get(self.at..).and_then(<[u8]>::first_chunk) {
            let found = string_block::classify(block, is_escaped);
            has_escapes |= found.has_escapes;
            let start = self.at;
            let mut unusual = found.unusual;
            while unusual != 0 {
                self.at = start + unusual.trailing_zeros() as usize;
                self.escaped()?;
                unusual &= unusual - 1;
            }
            self.at = start + found.end;
            if found.end < string_block::BLOCK_BYTES {
                return Ok(has_escapes);
            }
            is_escaped = found.escapes_next;
        }
        // Back to the backslash, where the byte that it escapes is in the next block.
        self.at -= usize::from(is_escaped);
        Ok(has_escapes)
    }

    /// Takes the rest of the string, and returns whether it has an escape.
    fn string_end(&mut self) -> Result<bool, Error> {
        let mut has_escapes = false;
        loop {
            self.at = byte_class::STRING.find(self.text, self.at);
            match self.text.get(self.at) {
                None => return self.error(ErrorKind::UnexpectedEnd),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(has_escapes);
                }
                Some(b'\\') => {
                    has_escapes = true;
                    self.at += 1;
                    self.escaped()?;
                }
                Some(_) => return self.unexpected("no control character inside a string"),
            }
        }
    }

    /// Takes the rest of an escape, after its backslash.
    fn escaped(&mut self) -> Result<(), Error> {
        match self.text.get(self.at) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                let digits = self.text.get(self.at..).and_then(<[u8]>::first_chunk::<4>);
                if digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                    self.at += 4;
                    return Ok(());
                }
                for _ in 0..4 {
                    match self.text.get(self.at) {
                        Some(byte) if byte.is_ascii_hexdigit() => self.at += 1,
                        _ => return self.unexpected("a hexadecimal digit"),
                    }
                }
            }
            _ => return self.unexpected("an escape: one of \"\\/bfnrtu"),
        }
        Ok(())
    }

    #[inline]
    fn digits(&mut self) -> Result<(), Error> {
        let start = self.at;
        while self.text.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        if self.at == start {
            return self.unexpected("a digit");
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Error> {
        if self.text.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        if self.text.get(self.at) == Some(&b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.text.get(self.at) {
            self.at += 1;
            if let Some(b'+' | b'-') = self.text.get(self.at) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// Takes a whole number that fits an `i64`. A number with a fraction or an exponent has the
    /// wrong type.
    pub fn integer(&mut self, field: &'static str) -> Result<i64, Error> {
        let negative = self.text.get(self.at) == Some(&b'-');
        self.at += usize::from(negative);
        let start = self.at;
        let mut number = 0i64;
        while let Some(byte @ b'0'..=b'9') = self.text.get(self.at) {
            if self.at > start && self.text[start] == b'0' {
                return self.unexpected("no digit after a leading zero");
            }
            // Counted downwards, because the lowest i64 has no positive counterpart.
            // (`checked_mul` would multiply 128 bits in WebAssembly.)
            let next = (number >= i64::MIN / 10)
                .then(|| number * 10)
                .and_then(|tens| tens.checked_sub(i64::from(byte - b'0')));
            number = match next {
                Some(number) if negative || number != i64::MIN => number,
                _ => return self.error(ErrorKind::OutOfRange { field }),
            };
            self.at += 1;
        }
        if self.at == start {
            return self.unexpected("a digit");
        }
        if let Some(b'.' | b'e' | b'E') = self.text.get(self.at) {
            return self.error(ErrorKind::WrongType {
                field,
                expected: "a whole number",
            });
        }
        Ok(if negative { number } else { -number })
    }

    /// Takes the object here if it is known to be valid, and returns whether it is.
    #[cold]
    fn skip_known(&mut self) -> bool {
        let known = self.known;
        let found = known.binary_search_by_key(&self.at, |&(start, _)| start);
        if let Ok(index) = found {
            self.at = known[index].1;
        }
        found.is_ok()
    }

    /// Takes any value. The value that is returned has no blanks around it.
    pub fn value(&mut self) -> Result<RawJson<'a>, Error> {
        let outer = self.depth;
        let mut levels = Levels::default();
        self.peek();
        let (start, blanks) = (self.at, self.blanks);
        'value: loop {
            match self.peek() {
                Some(b'{') if !self.known.is_empty() && self.skip_known() => {}
                Some(bracket @ (b'{' | b'[')) => {
                    self.open()?;
                    levels.open(bracket == b'{');
                    let empty = self.take(if bracket == b'{' { b'}' } else { b']' });
                    if !empty {
                        if bracket == b'{' {
                            self.key()?;
                        }
                        continue 'value;
                    }
                    self.close();
                    levels.close();
                }
                Some(b'"') => {
                    self.string()?;
                }
                Some(b'-' | b'0'..=b'9') => self.number()?,
                Some(b't') => self.literal("true")?,
                Some(b'f') => self.literal("false")?,
                Some(b'n') => self.literal("null")?,
                _ => return self.unexpected("a value"),
            }
            // A value has ended: close the arrays and objects that end with it.
            loop {
                if self.depth == outer {
                    return Ok(RawJson {
                        bytes: &self.text[start..self.at],
                        has_blanks: self.blanks > blanks,
                    });
                }
                let in_object = levels.is_object();
                if self.take(b',') {
                    if in_object {
                        self.key()?;
                    }
                    continue 'value;
                }
                if !self.take(if in_object { b'}' } else { b']' }) {
                    return self.unexpected(if in_object {
                        "',' or '}'"
                    } else {
                        "',' or ']'"
                    });
                }
                self.close();
                levels.close();
            }
        }
    }
}

/// The open arrays and objects of a value: one bit a level, which says whether it is an object.
#[derive(Default)]
struct Levels {
    depth: usize,
    /// The innermost levels, the last in the lowest bit: as many as `outer` does not have.
    inner: u64,
    /// The other levels, 64 a word. Few values have any.
    outer: Vec<u64>,
}

impl Levels {
    #[inline]
    fn open(&mut self, is_object: bool) {
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.outer.push(self.inner);
        }
        self.depth += 1;
        self.inner = self.inner << 1 | u64::from(is_object);
    }

    #[inline]
    fn close(&mut self) {
        self.depth -= 1;
        self.inner >>= 1;
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.inner = self.outer.pop().unwrap_or_default();
        }
    }

    /// Returns whether the innermost level is an object.
    fn is_object(&self) -> bool {
        self.inner & 1 == 1
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::Cursor;

    proptest! {
        #[test]
        fn ends_a_string_at_the_same_quote_when_it_trusts(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "a", "\\\\", "\\\"", "\\n", "\\u0022", "é", "{},:", "0123456789abcdef0123456789",
                ]),
                0..40,
            ),
            is_cut in any::<bool>(),
        ) {
            let rest = if is_cut { "" } else { "\",\"next\\\"\"" };
            let text = format!("\"{}{rest}", pieces.concat());
            let bytes = |mut cursor: Cursor<'_>| {
                let string = cursor.string().ok().map(|string| string.bytes.to_vec());
                (string, cursor.at())
            };
            let checked = bytes(Cursor::new(text.as_bytes()));
            prop_assert_eq!(checked.0.is_none(), is_cut);
            prop_assert_eq!(bytes(Cursor::trusting(text.as_bytes())), checked);
        }
    }
}
