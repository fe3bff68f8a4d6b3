//! Judges damaged lines as FORMAT.md says, slowly.
//!
//! It shares no code but the decoder with the reader, which must reach the same judgement.

use std::ops::Range;

use skill_log::decode;

pub const START: &[u8] = b"{\"session_id\":\"";

/// What a line that does not decode holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// Whole entries that are returned, without the blanks after them.
    pub entries: Vec<Range<usize>>,
    /// Whole entries that may be an object in another entry.
    pub doubtful: Vec<Range<usize>>,
}

pub fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Returns whether a text is a whole entry: it starts as an entry does, decodes, and has the
/// members of every entry.
pub fn is_whole(text: &[u8]) -> bool {
    text.starts_with(START) && decode(text).is_ok() && has_whole_members(text)
}

/// Returns whether an object names the members of every entry, with values other than null.
fn has_whole_members(text: &[u8]) -> bool {
    // The keys are read from the text, because a decoded entry does not say which members it named.
    let members = top_level_keys(text);
    ["timestamp", "skill", "final_status"]
        .iter()
        .all(|name| members.iter().any(|(key, is_null)| key == name && !is_null))
}

/// Returns the keys of an object that decodes, and whether each value is null. Keys are folded as
/// the format folds them.
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

/// Returns the length of the longest beginning of a text that is an entry, or begins an entry.
fn beginning(text: &[u8]) -> usize {
    match decode(text) {
        Ok(_) => text.len(),
        Err(error) => error.offset,
    }
}

/// Returns the end of the whole entry at the start of a text.
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
                _ => found.entries.push(entry),
            }
        } else if line[at] == b'{' {
            at = torn(line, at, &mut found);
        } else {
            // Only a brace can start an entry.
            at += 1;
        }
    }
    found
}

/// Finds the entries nested in the torn entry at an offset, and returns the end of the torn entry.
fn torn(line: &[u8], at: usize, found: &mut Judgement) -> usize {
    let mut end = at + beginning(&line[at..]).max(1);
    // The first two bytes of the next entry, `{"`, may also end a string that was torn.
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
