//! What a damaged line holds, judged as FORMAT.md has it, with nothing but the decoder: slowly.
//!
//! It shares no code with the reader, which must come to the same.

use std::ops::Range;

use skill_log::decode;

pub const START: &[u8] = b"{\"session_id\":\"";

/// What a line that does not decode holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// Whole entries, without the blanks behind them.
    pub given: Vec<Range<usize>>,
    /// Whole entries that may be an object in another one.
    pub doubtful: Vec<Range<usize>>,
}

pub fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Tells whether a text is a whole entry: it starts like one, decodes, and has what every entry has.
pub fn is_whole(text: &[u8]) -> bool {
    text.starts_with(START) && decode(text).is_ok() && has_required(text)
}

/// Tells whether an object names the members that every entry has, with a value that is not null.
fn has_required(text: &[u8]) -> bool {
    // Taken from what decoding gives: writers in these tests leave no text empty where they name it,
    // but that is no proof. So the member is taken out, one after the other, and must be missed.
    let members = top_level_keys(text);
    ["timestamp", "skill", "final_status"]
        .iter()
        .all(|name| members.iter().any(|(key, is_null)| key == name && !is_null))
}

/// Gives the keys of an object that decodes, folded as the format has it, and whether the value is null.
fn top_level_keys(text: &[u8]) -> Vec<(String, bool)> {
    let (mut keys, mut depth, mut at) = (Vec::new(), 0, 0);
    let mut last: Option<String> = None;
    while at < text.len() {
        match text[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            b'"' => {
                let start = at;
                at += 1;
                while text[at] != b'"' {
                    at += if text[at] == b'\\' { 2 } else { 1 };
                }
                let next = text[at + 1..].iter().find(|byte| !is_blank(**byte));
                if depth == 1 && next == Some(&b':') {
                    let raw = String::from_utf8_lossy(&text[start..=at]);
                    let key: String = serde_json::from_str(&raw).unwrap_or_default();
                    let fold = |char| match char {
                        '\u{17f}' => 's',
                        '\u{212a}' => 'k',
                        other => other.to_ascii_lowercase(),
                    };
                    last = Some(key.chars().map(fold).collect());
                }
            }
            b':' if depth == 1 => {
                let next = text[at + 1..].iter().find(|byte| !is_blank(**byte));
                if let Some(key) = last.take() {
                    keys.push((key, next == Some(&b'n')));
                }
            }
            _ => {}
        }
        at += 1;
    }
    keys
}

/// Gives how many of a text's first bytes begin an entry's text, or are one: the longest beginning.
fn beginning(text: &[u8]) -> usize {
    match decode(text) {
        Ok(_) => text.len(),
        // The first byte that cannot stand where it does.
        Err(error) => error.offset,
    }
}

/// Gives the end of the whole entry at the start of a text.
fn whole_end(text: &[u8]) -> Option<usize> {
    if !text.starts_with(START) {
        return None;
    }
    let mut end = beginning(text);
    while end > 0 && is_blank(text[end - 1]) {
        end -= 1;
    }
    is_whole(&text[..end]).then_some(end)
}

/// Judges a line that does not decode.
pub fn judge(line: &[u8]) -> Judgement {
    let mut found = Judgement::default();
    let mut at = 0;
    while at < line.len() {
        if line[at] == 0 || is_blank(line[at]) {
            at += 1;
        } else if let Some(length) = whole_end(&line[at..]) {
            let entry = at..at + length;
            at = entry.end;
            let next = line[at..].iter().find(|byte| !is_blank(**byte));
            match next {
                Some(b',' | b']' | b'}') => found.doubtful.push(entry),
                _ => found.given.push(entry),
            }
        } else if line[at] == b'{' {
            at = torn(line, at, &mut found);
        } else {
            // No NUL, and no brace: nothing of an entry is in it.
            at += 1;
        }
    }
    found
}

/// Finds what is nested in the torn entry at a place, and gives where it ends.
fn torn(line: &[u8], at: usize, found: &mut Judgement) -> usize {
    let mut end = at + beginning(&line[at..]).max(1);
    // Torn in a string, it takes two bytes of the next entry for the rest of the string.
    let next = end.saturating_sub(2);
    if next > at && line[next..].starts_with(&START[..3]) {
        end = next;
    }
    let mut inside = at + 1;
    while inside < end {
        match whole_end(&line[inside..]) {
            Some(length) if inside + length <= end => {
                found.doubtful.push(inside..inside + length);
                inside += length;
            }
            _ => inside += 1,
        }
    }
    end
}
