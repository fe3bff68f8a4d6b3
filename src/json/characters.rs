//! The characters of a JSON string, read forwards or backwards from the spelled bytes.
//!
//! They are the characters that decoding returns: each byte that is not UTF-8, and each lone
//! surrogate, is one U+FFFD. The text may go on after the string: an unescaped quote or control
//! character is no character of it.
//!
//! Reading backwards needs to know whether a backslash is itself escaped, and so counts the
//! backslashes before it. [`follows_many_backslashes`] says where that takes too long.
//!
//! Functions are not inlined, because copies would make the wasm larger and searching no faster.

use std::char::REPLACEMENT_CHARACTER;

/// Bytes of an escape by number. A character beyond U+FFFF takes two such escapes.
const ESCAPE_BYTES: usize = "\\uXXXX".len();
/// Twice as many backslashes in a row are too many to count.
const FEW_BACKSLASHES: usize = 16;

/// Returns the character that starts at `at`, and its end.
#[inline(never)]
pub(crate) fn next(text: &[u8], at: usize) -> Option<(char, usize)> {
    match *text.get(at)? {
        b'\\' => {
            read_escape(text, at).map(|(char, end)| (char.unwrap_or(REPLACEMENT_CHARACTER), end))
        }
        b'"' | ..0x20 => None,
        byte @ ..0x80 => Some((char::from(byte), at + 1)),
        lead => Some(literal(text, at, lead)),
    }
}

/// Returns the character that ends at `at`, and its start. Another character must start at `at`,
/// after few backslashes.
#[inline(never)]
pub(crate) fn previous(text: &[u8], at: usize) -> Option<(char, usize)> {
    let last = at.checked_sub(1)?;
    // The longest first, because the second of two surrogates looks like an escape of its own.
    let starts = [2 * ESCAPE_BYTES, ESCAPE_BYTES, "\\n".len()].map(|length| at.checked_sub(length));
    for start in starts.into_iter().flatten() {
        if begins_escape(text, start)
            && let Some((char, end)) = next(text, start)
            && end == at
        {
            return Some((char, start));
        }
    }
    match text[last] {
        b'"' | ..0x20 => None,
        byte @ ..0x80 => Some((char::from(byte), last)),
        _ => {
            let start = (last.saturating_sub(3)..last).find(|&start| {
                matches!(text[start], 0xc2..) && next(text, start).is_some_and(|(_, end)| end == at)
            });
            let start = start.unwrap_or(last);
            next(text, start).map(|(char, _)| (char, start))
        }
    }
}

/// Returns whether a character starts at `at`, and does not go on there. `at` must be after few
/// backslashes.
#[inline(never)]
pub(crate) fn is_start(text: &[u8], at: usize) -> bool {
    !(at.saturating_sub(ESCAPE_BYTES)..at).any(|start| {
        (begins_escape(text, start) || text[start] >= 0x80)
            && next(text, start).is_some_and(|(_, end)| end > at)
    })
}

/// Returns whether many backslashes in a row end shortly before `at`: more than are counted.
#[inline(never)]
pub(crate) fn follows_many_backslashes(text: &[u8], at: usize) -> bool {
    let end = at.saturating_sub(2 * ESCAPE_BYTES);
    text[..end].ends_with(&[b'\\'; 2 * FEW_BACKSLASHES])
}

/// Returns whether no position in a text follows many backslashes. May also return `false` where 16
/// to 31 backslashes stand in a row.
pub(crate) fn has_few_backslashes(text: &[u8]) -> bool {
    // Twice as many backslashes fill one of these chunks, wherever they start.
    !text
        .as_chunks::<FEW_BACKSLASHES>()
        .0
        .contains(&[b'\\'; FEW_BACKSLASHES])
}

/// Returns whether there is a backslash at `at` that is not itself escaped. In a run of backslashes
/// every other one is escaped.
#[inline(never)]
fn begins_escape(text: &[u8], at: usize) -> bool {
    text[at] == b'\\' && {
        let before = text[..at].iter().rev().take_while(|&&byte| byte == b'\\');
        before.count() % 2 == 0
    }
}

/// Returns the character of a short escape: a backslash and this letter.
#[inline]
pub(crate) fn short_escape(letter: u8) -> Option<u8> {
    Some(match letter {
        b'"' | b'\\' | b'/' => letter,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        _ => return None,
    })
}

/// Returns the character of the escape at `at`, and the end of the escape. The character is none
/// for a lone surrogate. Returns none where there is no whole escape.
#[inline(never)]
pub(crate) fn read_escape(text: &[u8], at: usize) -> Option<(Option<char>, usize)> {
    let letter = *text.get(at + 1)?;
    if letter != b'u' {
        return Some((Some(short_escape(letter)?.into()), at + 2));
    }
    let end = at + ESCAPE_BYTES;
    let high = hex4(text, at + 2)?;
    Some(match char::from_u32(high) {
        Some(char) => (Some(char), end),
        None => match low_surrogate(high, text, end) {
            Some(char) => (Some(char), end + ESCAPE_BYTES),
            None => (None, end),
        },
    })
}

fn hex4(text: &[u8], at: usize) -> Option<u32> {
    let digits = text.get(at..)?.first_chunk::<4>()?;
    digits.iter().try_fold(0, |number, &byte| {
        // In letters, the low bits count from 1, and bit 6 is set.
        let digit = u32::from(byte & 0xf) + 9 * u32::from(byte >> 6);
        byte.is_ascii_hexdigit().then_some(number << 4 | digit)
    })
}

/// Returns the character of the surrogate `high` and an escaped low surrogate at `at`.
fn low_surrogate(high: u32, text: &[u8], at: usize) -> Option<char> {
    if !(0xd800..0xdc00).contains(&high) || !text.get(at..)?.starts_with(b"\\u") {
        return None;
    }
    let low = hex4(text, at + 2)?;
    if !(0xdc00..0xe000).contains(&low) {
        return None;
    }
    char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
}

/// Returns the unescaped character at `at`, whose first byte is `lead`, and its end.
fn literal(text: &[u8], at: usize, lead: u8) -> (char, usize) {
    let length = match lead {
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    };
    let char = text
        .get(at..at + length)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .and_then(|text| text.chars().next());
    char.map_or((REPLACEMENT_CHARACTER, at + 1), |char| (char, at + length))
}
