//! Which whole entries on a damaged line are in doubt.

use crate::damage::outline::{Event, Outline};
use crate::json::{Cursor, is_blank};
use crate::scan::{Attempts, scan_at};

/// Tells whether a byte goes on with an array or an object whose last value was an object. An entry
/// before it may be that object.
pub(crate) fn continues_outer(byte: u8) -> bool {
    matches!(byte, b',' | b']' | b'}')
}

/// The whole entries among the objects that have ended, the outermost of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct NestedEntries {
    /// Those that start as an entry does, whole or not, in rising order, but none inside another.
    known: Vec<(u64, u64)>,
    /// Those that are whole, in the same way.
    pub whole: Vec<(u64, u64)>,
}

impl NestedEntries {
    /// Judges an object that starts as an entry does: its text, and where it starts.
    ///
    /// Objects inside it were judged before, so that each byte is looked at a few times at most,
    /// however deep they are nested.
    pub fn judge(&mut self, text: &[u8], start: u64) -> bool {
        let end = start + text.len() as u64;
        let inside = self.known.partition_point(|&(each, _)| each < start);
        let known: Vec<(usize, usize)> = self.known[inside..]
            .iter()
            .map(|&(from, to)| ((from - start) as usize, (to - start) as usize))
            .collect();
        self.known.truncate(inside);
        self.known.push((start, end));
        let mut cursor = Cursor::with_known(text, &known);
        let is_whole = scan_at(&mut cursor, Attempts::Counted)
            .is_ok_and(|prefix| prefix.has_required() && prefix.end == text.len());
        if is_whole {
            let inside = self.whole.partition_point(|&(each, _)| each < start);
            self.whole.truncate(inside);
            self.whole.push((start, end));
        }
        is_whole
    }
}

/// Finds the whole entries inside a text that is the beginning of an entry's: the outermost of them,
/// but not the text itself.
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
                nested.judge(&text[start as usize..at], start);
            }
        }
    }
    let whole = nested.whole.into_iter();
    whole
        .map(|(start, end)| (start as usize, end as usize))
        .collect()
}
