//! Which whole entries of a damaged line are doubtful.
//!
//! `input` holds what models and tools write. An object in it may have every member of an entry,
//! and must never be taken for an appended entry. So a whole entry of a damaged line is doubtful if
//!
//! - the next byte that is no blank [continues](continues_outer) an array or an object around it;
//!   or
//! - it is [inside](nested_in) a torn entry: the torn bytes and the entry after them can be read on
//!   as one entry's text. Of entries inside each other, the outermost is the doubtful entry.

use crate::damage::outline::{Event, Outline};
use crate::json::{Cursor, is_blank};
use crate::scan::{Attempts, scan_prefix};

/// Returns whether a byte continues an array or an object after a value in it. An entry before such
/// a byte may be that value.
pub(crate) fn continues_outer(byte: u8) -> bool {
    matches!(byte, b',' | b']' | b'}')
}

/// The whole entries among the objects of a text that have ended.
///
/// In both lists starts rise, and no object is inside another: the outermost stands for those in
/// it.
#[derive(Clone, Debug, Default)]
pub(crate) struct NestedEntries {
    /// Start and end of each object that starts as an entry does, whole or not.
    known: Vec<(u64, u64)>,
    /// After the last start of an object that is not JSON, although its [`Outline`] is.
    broken_to: u64,
    /// Start and end of each whole entry.
    pub whole: Vec<(u64, u64)>,
}

impl NestedEntries {
    /// Adds an object that starts as an entry does, and returns whether it is a whole entry. `text`
    /// is the object, `start` the offset of its first byte.
    ///
    /// Objects inside it were added before and are not scanned again. So each byte is looked at a
    /// few times at most, however deep objects are nested.
    pub fn add(&mut self, text: &[u8], start: u64) -> bool {
        // All objects that have ended, and started later, are inside this one.
        if self.broken_to > start {
            return false;
        }
        let end = start + text.len() as u64;
        let first_inside = self.known.partition_point(|&(each, _)| each < start);
        let known: Vec<(usize, usize)> = self.known[first_inside..]
            .iter()
            .map(|&(from, to)| ((from - start) as usize, (to - start) as usize))
            .collect();
        self.known.truncate(first_inside);
        self.known.push((start, end));
        let cursor = || Cursor::with_known(text, &known);
        let is_whole = scan_prefix(cursor(), Attempts::Counted)
            .is_ok_and(|prefix| prefix.has_whole_members() && prefix.end == text.len());
        // As a value in an entry it need only be JSON.
        if !is_whole && cursor().value().is_err() {
            self.broken_to = start + 1;
        }
        if is_whole {
            let first_inside = self.whole.partition_point(|&(each, _)| each < start);
            self.whole.truncate(first_inside);
            self.whole.push((start, end));
        }
        is_whole
    }
}

/// Returns start and end of each whole entry inside `text` that no other contains. `text` starts an
/// entry's text, and is never returned itself.
pub(crate) fn nested_in(text: &[u8]) -> Vec<(usize, usize)> {
    let mut nested = NestedEntries::default();
    let mut at = text.iter().take_while(|&&byte| is_blank(byte)).count();
    let mut outline = Outline::starting_at(at as u64);
    loop {
        let (taken, event) = outline.take(&text[at..]);
        at += taken;
        match event {
            Event::Closed {
                is_outermost: true, ..
            }
            | Event::Wrong
            | Event::End => break,
            Event::Closed { start, .. } => {
                nested.add(&text[start as usize..at], start);
            }
        }
    }
    let whole = nested.whole.into_iter();
    whole
        .map(|(start, end)| (start as usize, end as usize))
        .collect()
}
