//! A log, and the faults that change it.

use std::fmt;
use std::ops::Range;

use crate::choices::Choices;
use crate::contract::{START, is_blank, is_whole};
use crate::writers::{self, Writer};

/// An entry that was appended.
#[derive(Clone, Debug)]
pub struct Appended {
    /// The offset of its first byte in the file.
    pub offset: usize,
    /// The text as written, without the line end and the blanks around it.
    pub line: Vec<u8>,
    /// The canonical line that reading returns.
    pub canonical: Vec<u8>,
    /// Whether no fault changed any of its bytes.
    pub is_intact: bool,
}

impl Appended {
    pub fn range(&self) -> Range<usize> {
        self.offset..self.offset + self.line.len()
    }
}

/// The bytes of a log, and how they came about.
#[derive(Clone, Default)]
pub struct Log {
    pub bytes: Vec<u8>,
    pub entries: Vec<Appended>,
    /// The stretches that a fault wrote.
    pub overwritten: Vec<Range<usize>>,
    /// The faults in words, for failure messages.
    pub story: Vec<String>,
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self
            .entries
            .iter()
            .filter(|entry| entry.is_intact)
            .map(Appended::range);
        let places: Vec<_> = places.collect();
        write!(
            f,
            "{:?}, intact {places:?}, overwritten {:?}:",
            self.story, self.overwritten
        )?;
        write!(f, "\n{}", self.bytes.escape_ascii())
    }
}

/// What a writer appends after a cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterCut {
    Nothing,
    LineEnd,
    Unguarded,
    Guarded,
}

impl Log {
    /// Appends a line and its line end, as the Go original does.
    pub fn append(&mut self, line: Vec<u8>) {
        let canonical = writers::canonical(&line).expect("writers write entries");
        self.entries.push(Appended {
            offset: self.bytes.len() + count_leading_blanks(&line),
            canonical,
            is_intact: true,
            line: line.trim_ascii().to_vec(),
        });
        self.bytes.extend_from_slice(&line);
        self.bytes.push(b'\n');
    }

    /// Appends a line and its line end, and first ends a line that is not ended.
    pub fn append_guarded(&mut self, line: Vec<u8>) {
        if self.bytes.last().is_some_and(|&last| last != b'\n') {
            self.bytes.push(b'\n');
        }
        self.append(line);
    }

    /// Cuts the log at an offset.
    pub fn cut(&mut self, at: usize) {
        self.story.push(format!("cut at {at}"));
        self.bytes.truncate(at);
        self.touch(at..usize::MAX);
        self.overwritten.retain_mut(|range| {
            range.end = range.end.min(at);
            range.start < range.end
        });
    }

    /// Continues after a cut.
    pub fn continue_with(&mut self, then: AfterCut, line: &[u8]) {
        self.story.push(format!("then {then:?}"));
        match then {
            AfterCut::Nothing => {}
            AfterCut::LineEnd => self.bytes.push(b'\n'),
            AfterCut::Unguarded => self.append(line.to_vec()),
            AfterCut::Guarded => self.append_guarded(line.to_vec()),
        }
    }

    /// Replaces bytes with NULs.
    pub fn write_nuls(&mut self, range: Range<usize>) {
        self.story.push(format!("NULs at {range:?}"));
        self.bytes[range.clone()].fill(0);
        self.touch(range);
    }

    /// Overwrites bytes from an offset on.
    pub fn overwrite(&mut self, at: usize, with: &[u8]) {
        let range = at..at + with.len();
        self.story.push(format!(
            "{:?} at {range:?}",
            with.escape_ascii().to_string()
        ));
        self.bytes[range.clone()].copy_from_slice(with);
        self.touch(range.clone());
        self.overwritten.push(range);
    }

    /// Removes the line end at an offset.
    pub fn lose_line_end(&mut self, at: usize) {
        self.story.push(format!("line end lost at {at}"));
        assert_eq!(self.bytes.remove(at), b'\n');
        let moved = |place: usize| if place > at { place - 1 } else { place };
        for entry in &mut self.entries {
            entry.offset = moved(entry.offset);
        }
        for range in &mut self.overwritten {
            let had = range.contains(&at);
            *range = moved(range.start)..moved(range.end);
            // The overwritten stretch is gone, so mark the bytes on both sides of it as changed.
            if had && range.start == range.end {
                *range = at.saturating_sub(1)..at + 1;
            }
        }
    }

    fn touch(&mut self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        for entry in &mut self.entries {
            entry.is_intact &= !overlap(&entry.range(), &range);
        }
    }

    /// Puts one fault of any kind at any offset. After a cut, `writer` may append.
    pub fn put_fault(&mut self, choices: &mut Choices<'_>, writer: Writer) {
        let length = self.bytes.len();
        if length == 0 {
            return;
        }
        match choices.below(4) {
            0 => {
                let at = self.place(choices);
                self.cut(at);
                let then = choices.of(&[
                    AfterCut::Nothing,
                    AfterCut::LineEnd,
                    AfterCut::Unguarded,
                    AfterCut::Unguarded,
                    AfterCut::Guarded,
                ]);
                let line = writers::line(choices, writer);
                self.continue_with(then, &line);
            }
            1 => {
                let (from, to) = (self.place(choices), self.place(choices));
                let range = match choices.below(5) {
                    0 => from.min(to)..from.max(to),
                    1 => from..length,
                    2 => 0..to,
                    _ => from..length.min(from + 1 + choices.below(40)),
                };
                self.write_nuls(range);
            }
            2 => {
                let from = self.place(choices).min(length - 1);
                let (count, kind) = (1 + choices.below(24), choices.below(5));
                let mut with = choices.bytes(count).to_vec();
                with.resize(count.min(length - from), 0);
                for byte in &mut with {
                    let all: &[u8] = match kind {
                        0 => continue,
                        1 => b"{}[],:\"",
                        2 => b" \t\r",
                        3 => b"\n",
                        _ => b"{}[],:\"\\ \n\0n1",
                    };
                    *byte = all[usize::from(*byte) % all.len()];
                }
                self.overwrite(from, &with);
            }
            _ => {
                let ends: Vec<usize> = (0..length).filter(|&at| self.bytes[at] == b'\n').collect();
                if !ends.is_empty() {
                    self.lose_line_end(choices.of(&ends));
                }
            }
        }
    }

    /// Picks an offset: for the most part one where a value or a line begins or ends.
    fn place(&self, choices: &mut Choices<'_>) -> usize {
        let all = 0..=self.bytes.len();
        let is_edge = |&at: &usize| {
            let before = at.checked_sub(1).map(|at| self.bytes[at]);
            matches!(before, Some(b'{' | b'}' | b'[' | b']' | b',' | b'\n'))
                || matches!(self.bytes.get(at), Some(b'{' | b'}' | b'[' | b']' | b'\n'))
        };
        let places: Vec<usize> = match choices.below(3) {
            0 => all.collect(),
            _ => all.filter(is_edge).collect(),
        };
        match places.len() {
            0 => 0,
            count => places[choices.below(count)],
        }
    }

    /// Returns whether a fault wrote some of these bytes.
    pub fn is_overwritten(&self, range: &Range<usize>) -> bool {
        self.overwritten.iter().any(|each| overlap(each, range))
    }

    /// Returns whether nobody appended the entry that was returned from a range.
    ///
    /// An entry is not invented when it was appended there, when a fault changed the entry appended
    /// there, or when a fault wrote its start or the start of its line. An entry is invented when it
    /// begins inside another with bytes that no fault wrote.
    pub fn is_invented(&self, canonical: &[u8], range: Range<usize>) -> bool {
        if self.has_line_of_a_fault(&range) {
            return false;
        }
        // The range includes the blanks before an entry that has a line to itself.
        let start = range.start + count_leading_blanks(&self.bytes[range.clone()]);
        let range = start..range.end;
        let appended = self
            .entries
            .iter()
            .filter(|entry| entry.offset == range.start)
            .collect::<Vec<_>>();
        let is_there = |entry: &&Appended| entry.is_intact && entry.canonical == canonical;
        let first = range.start..range.end.min(range.start + START.len());
        let is_changed = self.is_overwritten(&range) && !appended.is_empty();
        !(appended.iter().any(is_there) || is_changed || self.is_overwritten(&first))
    }

    /// Returns whether a range is a line that starts after a line end which a fault wrote.
    fn has_line_of_a_fault(&self, range: &Range<usize>) -> bool {
        let Some(before) = range.start.checked_sub(1) else {
            return false;
        };
        let is_line =
            self.bytes[before] == b'\n' && matches!(self.bytes.get(range.end), None | Some(b'\n'));
        is_line && self.is_overwritten(&(before..range.start))
    }

    /// Returns the entries that no fault touched, if they are whole entries or have a line to
    /// themselves.
    pub fn intact(&self) -> impl Iterator<Item = &Appended> {
        let intact = self.entries.iter().filter(|entry| entry.is_intact);
        intact.filter(|entry| is_whole(&entry.line) || self.has_line(entry))
    }

    /// Returns whether an entry shares its line with nothing but blanks.
    fn has_line(&self, entry: &Appended) -> bool {
        let Range { start, end } = entry.range();
        let (before, after) = (&self.bytes[..start], &self.bytes[end..]);
        let mut before = before.rsplit(|&byte| byte == b'\n');
        let mut after = after.split(|&byte| byte == b'\n');
        // A form feed is a blank of ASCII, and none of JSON.
        let are_blanks =
            |text: Option<&[u8]>| text.is_none_or(|text| text.iter().all(|&byte| is_blank(byte)));
        are_blanks(before.next()) && are_blanks(after.next())
    }
}

/// Counts the blanks that a text starts with.
fn count_leading_blanks(text: &[u8]) -> usize {
    text.iter().take_while(|byte| is_blank(**byte)).count()
}

fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

/// Writes a log of some lines.
pub fn log(choices: &mut Choices<'_>, lines: usize, writer: Writer) -> Log {
    let mut log = Log::default();
    for _ in 0..lines {
        log.append(writers::line(choices, writer));
    }
    log
}
