//! A line that need not fit into memory.
//!
//! A line over the limit is cut into pieces as its bytes come. Of an unended line that starts with
//! NULs, as a loss of power or a sparse file leaves them, only these NULs are taken early.
//!
//! The end of a chunk, or of the limit, is not the end of the line. So nothing is decided there:
//! not whether an entry is whole, not which byte follows it, and not what it is inside of.

use crate::damage::Reason;
use crate::damage::damaged_line::{DamagedLine, LinePieces};
use crate::damage::doubt::{NestedEntries, continues_outer};
use crate::damage::outline::{Event, Outline};
use crate::damage::piece::{PieceKind, junk_length, nul_length, starts_like_entry};
use crate::error::{Error, ErrorKind};
use crate::json::is_blank;
use crate::reader::{Reader, Refused, Sink};
use crate::scan::{Attempts, scan};

/// The most bytes of entries that a long line holds until it ends, unless the limit of a line is
/// more. When it holds more bytes, the sink gets the entries before the line ends. Doubtful entries
/// of an object that is still open are held beside them, as far as an entry within the limit may
/// still contain them. `docs/limits.md` lists all limits.
const MAX_HELD_BYTES: usize = 64 << 20;

/// An entry that the sink gets when the line ends, or when the line holds too much.
#[derive(Clone, Debug)]
pub(crate) struct HeldEntry {
    pub offset: u64,
    /// Its length, with the blanks after it.
    pub length: u64,
    pub text: Vec<u8>,
    pub is_doubtful: bool,
}

/// What is known of a long line so far.
#[derive(Clone, Debug)]
pub(crate) struct LongLine {
    /// Offset in the file of its first byte.
    pub offset: u64,
    pub pieces: LinePieces,
    /// Offset of the next byte to look at. None until the line is cut as its bytes come.
    at: Option<u64>,
    /// The object that is open and has no other object around it.
    outermost: Option<OpenObject>,
    /// Whether the last bytes are junk, which the next bytes may continue.
    in_junk: bool,
    /// A whole entry that waits for the byte after it, which decides whether it is doubtful.
    waiting: Option<HeldEntry>,
    held: Vec<HeldEntry>,
    held_bytes: usize,
}

/// An open object with no other object around it: a torn or a whole entry, or anything else.
#[derive(Clone, Debug)]
struct OpenObject {
    offset: u64,
    outline: Outline,
    nested: NestedEntries,
    /// The whole entries inside it that an entry may still contain, where the sink wants doubtful
    /// entries.
    texts: Vec<HeldEntry>,
}

impl LongLine {
    pub fn new(offset: u64) -> Self {
        Self {
            offset,
            pieces: LinePieces::default(),
            at: None,
            outermost: None,
            in_junk: false,
            waiting: None,
            held: Vec::new(),
            held_bytes: 0,
        }
    }

    /// Takes the NULs that a text starts with, and returns how many.
    pub fn take_nuls(&mut self, text: &[u8], offset: u64) -> usize {
        let count = nul_length(text);
        self.add(PieceKind::Nul, offset, count);
        count
    }

    /// Starts to cut the line as its bytes come, from an offset on.
    pub fn cut_from(&mut self, offset: u64) {
        self.at = Some(offset);
    }

    /// Returns whether the line is cut as its bytes come, because the bytes after the NULs at its
    /// start are over the limit.
    pub fn is_being_cut(&self) -> bool {
        self.at.is_some()
    }

    /// Returns whether the line so far is one object that is still open, and nothing before it.
    pub fn is_one_open_object(&self) -> bool {
        let outermost = self.outermost.as_ref();
        outermost.is_some_and(|outermost| outermost.offset == self.offset)
    }

    /// Returns whether the held entries take so much memory that the sink should get them now.
    pub fn holds_too_much(&self, limit: u64) -> bool {
        self.held_bytes as u64 > limit.max(MAX_HELD_BYTES as u64)
    }

    /// Takes the held entries, in the order of the file.
    pub fn take_held(&mut self) -> Vec<HeldEntry> {
        self.held_bytes = 0;
        std::mem::take(&mut self.held)
    }

    /// Looks at the next bytes of a text that starts at an offset. Returns how many bytes at its
    /// start are not needed any more.
    pub fn read(&mut self, text: &[u8], offset: u64, limit: u64, keeps_doubtful: bool) -> usize {
        let mut at = (self.at.unwrap_or(offset) - offset) as usize;
        while at < text.len() {
            let Some(outermost) = &mut self.outermost else {
                at += self.outside_objects(&text[at..], offset + at as u64, keeps_doubtful);
                continue;
            };
            let (taken, event) = outermost.outline.take(&text[at..]);
            at += taken;
            let end = offset + at as u64;
            match event {
                Event::End => {}
                Event::Wrong => {
                    // An entry torn inside a string took `{"`, the start of the next entry, for its
                    // own.
                    let next = at.saturating_sub(2);
                    let is_next = offset + next as u64 > outermost.offset;
                    if is_next && starts_like_entry(&text[next..]) {
                        at = next;
                    }
                    self.end_outermost(offset + at as u64, keeps_doubtful);
                }
                Event::Closed {
                    start,
                    is_entry_like,
                    is_outermost,
                } => {
                    let start = outermost.offset + start;
                    let is_whole = is_entry_like
                        && end - start <= limit
                        && outermost.add_nested(
                            &text[(start - offset) as usize..at],
                            start,
                            keeps_doubtful,
                        );
                    if is_outermost && is_whole {
                        let before = outermost.offset;
                        self.add(PieceKind::Torn, before, (start - before) as usize);
                        self.outermost = None;
                        self.waiting = Some(HeldEntry {
                            offset: start,
                            length: end - start,
                            text: text[(start - offset) as usize..at].to_vec(),
                            is_doubtful: false,
                        });
                    } else if is_outermost {
                        self.end_outermost(end, keeps_doubtful);
                    }
                }
            }
        }
        let end = offset + at as u64;
        self.at = Some(end);
        self.hold_doubtful(end, limit);
        let needed = self
            .outermost
            .as_ref()
            .map_or(end, |each| each.needed_from(end, limit));
        needed.saturating_sub(offset) as usize
    }

    /// Takes bytes outside of all objects, and returns how many.
    fn outside_objects(&mut self, text: &[u8], offset: u64, keeps_doubtful: bool) -> usize {
        let blanks = text.iter().take_while(|&&byte| is_blank(byte)).count();
        if let Some(waiting) = &mut self.waiting {
            waiting.length += blanks as u64;
            if let Some(&next) = text.get(blanks) {
                self.add_waiting(continues_outer(next), keeps_doubtful);
            }
            return blanks;
        }
        // Blanks after junk belong to the junk, even where a chunk ends between them.
        let was_junk = std::mem::take(&mut self.in_junk);
        match text[0] {
            0 => self.take_nuls(text, offset),
            byte if byte == b'{' || is_blank(byte) && !was_junk => {
                self.outermost = Some(OpenObject {
                    offset,
                    outline: Outline::starting_at(0),
                    nested: NestedEntries::default(),
                    texts: Vec::new(),
                });
                0
            }
            _ => {
                let count = junk_length(text);
                self.in_junk = true;
                self.add(PieceKind::Junk, offset, count);
                count
            }
        }
    }

    /// Adds a piece without entries.
    fn add(&mut self, kind: PieceKind, offset: u64, length: usize) {
        if length > 0 {
            self.pieces.tally.add(kind);
            self.pieces
                .add_damaged(offset, length as u64, std::iter::empty());
        }
    }

    /// Adds the entry that waits, now that the byte after it has decided whether it is doubtful.
    fn add_waiting(&mut self, is_doubtful: bool, keeps_doubtful: bool) {
        let Some(mut entry) = self.waiting.take() else {
            return;
        };
        let place = (entry.offset, entry.length);
        if is_doubtful {
            self.pieces.doubtful.push(place);
        } else {
            self.pieces.tally.add(PieceKind::Whole);
            self.pieces.whole.push(place);
        }
        if !is_doubtful || keeps_doubtful {
            entry.is_doubtful = is_doubtful;
            self.hold(entry);
        }
    }

    /// Holds the doubtful entries of the open object that no entry can contain any more, because it
    /// would be over the limit.
    fn hold_doubtful(&mut self, end: u64, limit: u64) {
        let Some(outermost) = &mut self.outermost else {
            return;
        };
        let texts = &mut outermost.texts;
        let count = texts.partition_point(|each| end - each.offset > limit);
        let rest = texts.split_off(count);
        for entry in std::mem::replace(texts, rest) {
            self.held_bytes += entry.text.len();
            self.held.push(entry);
        }
    }

    /// Holds an entry until the line ends.
    fn hold(&mut self, entry: HeldEntry) {
        self.held_bytes += entry.text.len();
        self.held.push(entry);
    }

    /// Adds the outermost object as a torn entry that ends at an offset.
    fn end_outermost(&mut self, end: u64, keeps_doubtful: bool) {
        let Some(OpenObject {
            offset,
            nested,
            texts,
            ..
        }) = self.outermost.take()
        else {
            return;
        };
        self.pieces.tally.add(PieceKind::Torn);
        let doubtful = nested
            .whole
            .iter()
            .map(|&(from, to)| (offset + from, to - from));
        self.pieces.add_damaged(offset, end - offset, doubtful);
        if keeps_doubtful {
            texts.into_iter().for_each(|text| self.hold(text));
        }
    }

    /// Ends the line at an offset.
    pub fn end(&mut self, offset: u64) {
        self.add_waiting(false, false);
        self.end_outermost(offset, true);
    }

    /// Ends the line for now, and returns the offset of the open object, which more bytes may
    /// continue.
    pub fn end_for_now(&mut self) -> Option<u64> {
        self.add_waiting(false, false);
        let open = self.outermost.as_ref().map(|outermost| outermost.offset);
        if open.is_some() {
            self.pieces.tally.add(PieceKind::Torn);
        }
        open
    }
}

impl OpenObject {
    /// Adds an object inside it, or itself, that starts as an entry does. Returns whether it is
    /// whole.
    fn add_nested(&mut self, text: &[u8], offset: u64, keeps_doubtful: bool) -> bool {
        let is_whole = self.nested.add(text, offset - self.offset);
        if is_whole && keeps_doubtful {
            self.texts
                .truncate(self.texts.partition_point(|each| each.offset < offset));
            self.texts.push(HeldEntry {
                offset,
                length: text.len() as u64,
                text: text.to_vec(),
                is_doubtful: true,
            });
        }
        is_whole
    }

    /// Returns the offset of the first byte that is still needed, before `end`. It starts an open
    /// object that may be an entry and is not over the limit.
    fn needed_from(&self, end: u64, limit: u64) -> u64 {
        let within = end.saturating_sub(limit).saturating_sub(self.offset);
        let open = self.outline.first_open(within);
        let possible_start = self.outline.possible_start();
        let needed = open.map_or(possible_start, |open| open.min(possible_start));
        // The last two bytes may be the start of the next entry.
        (self.offset + needed)
            .min(end.saturating_sub(2))
            .max(self.offset)
    }
}

impl Reader {
    /// Reads the bytes of a long line that came so far. Returns how many bytes of the buffer are
    /// not needed any more.
    pub(super) fn long_line(
        &mut self,
        text: &[u8],
        is_ended: bool,
        sink: &mut dyn Sink,
    ) -> Result<usize, Refused> {
        let (offset, limit) = (self.offset, self.limit);
        let long = self.long_line.take();
        let mut long = long.unwrap_or_else(|| LongLine::new(offset));
        let mut at = 0;
        if !long.is_being_cut() {
            at = long.take_nuls(text, offset);
            let rest = &text[at..];
            if rest.len() as u64 > limit {
                long.cut_from(offset + at as u64);
            } else if is_ended {
                self.cut_pieces(rest, offset + at as u64, true, &mut long.pieces, sink)?;
                at = text.len();
            }
        }
        if long.is_being_cut() {
            let keeps_doubtful = self.options.doubtful;
            at = long.read(text, offset, limit, keeps_doubtful);
            if is_ended {
                long.end(offset + text.len() as u64);
            }
        }
        if is_ended || long.holds_too_much(limit) {
            self.recover_held(&mut long, sink)?;
        }
        if is_ended {
            self.report_long_line(long, offset + text.len() as u64, true, sink);
        } else {
            self.long_line = Some(long);
        }
        Ok(at)
    }

    /// Gives the sink the entries that a long line holds.
    pub(super) fn recover_held(
        &mut self,
        long: &mut LongLine,
        sink: &mut dyn Sink,
    ) -> Result<(), Refused> {
        for held in long.take_held() {
            match scan(&held.text, self.options.attempts) {
                Ok(entry) => {
                    self.recover(&entry, held.offset, held.length, held.is_doubtful, sink);
                }
                // It decoded when it was held, so that only memory can be missing.
                Err(error) => return self.refuse(Some(error)),
            }
        }
        Ok(())
    }

    /// Reports the damage of a long line that ends at an offset.
    pub(super) fn report_long_line(
        &mut self,
        long: LongLine,
        end: u64,
        is_ended: bool,
        sink: &mut dyn Sink,
    ) {
        let offset = long.offset;
        let reason = if end - offset > self.limit {
            Reason::TooLong(self.limit + 1)
        } else {
            Reason::Error(nul_at_start())
        };
        let line = DamagedLine {
            pieces: long.pieces,
            reason,
            offset,
            end,
        };
        self.report(line, is_ended, sink);
    }
}

/// Returns the error of a line that starts with a NUL.
fn nul_at_start() -> Error {
    match scan(b"\0", Attempts::Counted) {
        Err(error) => error,
        Ok(_) => Error::new(0, ErrorKind::UnexpectedEnd),
    }
}
