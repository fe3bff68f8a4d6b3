//! The characters of a JSON string, read from its spelling where they stand, in either direction.
//!
//! They are those that decoding gives: each byte that is not UTF-8, and each lone surrogate, is one
//! U+FFFD. What surrounds the string may be there too: characters end at a quote or a control
//! character that is not escaped.
//!
//! Nothing is inlined: copies would make the wasm larger, and searching no faster.

use std::char::REPLACEMENT_CHARACTER;

/// Bytes of an escape by number; a character beyond U+FFFF has two of them.
const ESCAPE: usize = "\\uXXXX".len();
/// Backslashes in a row of which twice as many are not counted.
const FEW: usize = 16;

/// Reads the character that starts at `at`, and tells where it ends.
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

/// Reads the character that ends at `at`, where another one starts, and tells where it starts itself. It is
/// to be clear there.
#[inline(never)]
pub(crate) fn previous(text: &[u8], at: usize) -> Option<(char, usize)> {
    let last = at.checked_sub(1)?;
    // The longest first: of two surrogates the second may pass for an escape by itself.
    let starts = [2 * ESCAPE, ESCAPE, "\\n".len()].map(|length| at.checked_sub(length));
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

/// Tells whether a character starts at `at`, rather than that one goes on there. It is to be clear there.
#[inline(never)]
pub(crate) fn is_start(text: &[u8], at: usize) -> bool {
    !(at.saturating_sub(ESCAPE)..at).any(|start| {
        (begins_escape(text, start) || text[start] >= 0x80)
            && next(text, start).is_some_and(|(_, end)| end > at)
    })
}

/// Tells whether so many backslashes end shortly before `at` that it would take long to count them.
#[inline(never)]
pub(crate) fn follows_many_backslashes(text: &[u8], at: usize) -> bool {
    let end = at.saturating_sub(2 * ESCAPE);
    text[..end].ends_with(&[b'\\'; 2 * FEW])
}

/// Tells whether it is clear everywhere in a text; of one with many backslashes it may also say no.
pub(crate) fn has_few_backslashes(text: &[u8]) -> bool {
    // Twice as many, wherever they start, fill one of these.
    !text.as_chunks::<FEW>().0.contains(&[b'\\'; FEW])
}

/// Tells whether there is a backslash at `at` that is not escaped itself: in a run of them, every other
/// one is.
#[inline(never)]
fn begins_escape(text: &[u8], at: usize) -> bool {
    text[at] == b'\\' && {
        let before = text[..at].iter().rev().take_while(|&&byte| byte == b'\\');
        before.count() % 2 == 0
    }
}

/// Gives the character that a letter behind a backslash stands for by itself.
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

/// Reads the escape at `at`, and tells where it ends. None of it is a character where it is a surrogate
/// alone. Gives nothing where it is not a whole escape.
#[inline(never)]
pub(crate) fn read_escape(text: &[u8], at: usize) -> Option<(Option<char>, usize)> {
    let letter = *text.get(at + 1)?;
    if letter != b'u' {
        return Some((Some(short_escape(letter)?.into()), at + 2));
    }
    let end = at + ESCAPE;
    let high = hex4(text, at + 2)?;
    Some(match char::from_u32(high) {
        Some(char) => (Some(char), end),
        None => match low_surrogate(high, text, end) {
            Some(char) => (Some(char), end + ESCAPE),
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

/// Pairs the surrogate `high` with an escaped low one at `at`.
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

/// Reads the character of UTF-8 at `at`, of which `lead` is the first byte, and tells where it ends.
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
