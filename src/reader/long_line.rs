//! A line that is looked at piece by piece, as its bytes come: it is over the limit, or begins with
//! NULs, as the hole does that a loss of power or a sparse file leaves.
//!
//! Where a chunk ends, or as many bytes as a line may have, no line ends. So nothing is judged there:
//! not whether an entry is whole, not what follows it, and not what it is nested in.

use crate::damage::Reason;
use crate::damage::damaged_line::{DamagedLine, LinePieces};
use crate::damage::doubt::{NestedEntries, continues_outer};
use crate::damage::outline::{Event, Outline};
use crate::damage::piece::{PieceKind, junk_length, nul_length, starts_like_entry};
use crate::error::{Error, ErrorKind};
use crate::json::is_blank;
use crate::reader::{Reader, Refused, Sink};
use crate::scan::{Attempts, scan};

/// Bytes of entries that are held until the line ends, or as many as the limit where that is more.
/// Entries beyond are given before it is known whether the line ends.
const MAX_HELD_BYTES: usize = 64 << 20;

/// An entry to be given when the line ends, because until then its bytes are pending.
#[derive(Clone, Debug)]
pub(crate) struct HeldEntry {
    pub offset: u64,
    /// With the blanks behind it.
    pub length: u64,
    pub text: Vec<u8>,
    pub is_doubtful: bool,
}

/// What is known of the line so far.
#[derive(Clone, Debug)]
pub(crate) struct LongLine {
    /// Of its first byte in the file.
    pub offset: u64,
    pub pieces: LinePieces,
    /// Where looking goes on; none as long as there were NULs alone.
    at: Option<u64>,
    /// The object that is open.
    outermost: Option<OpenObject>,
    /// Whether the last bytes are none of an entry, and those that come may go on with them.
    in_junk: bool,
    /// A whole entry, until the byte behind it is known.
    waiting: Option<HeldEntry>,
    held: Vec<HeldEntry>,
    held_bytes: usize,
}

/// An object that no other one is around, or the beginning of one.
#[derive(Clone, Debug)]
struct OpenObject {
    offset: u64,
    outline: Outline,
    nested: NestedEntries,
    /// The texts of the whole ones in it, where they are wanted.
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

    /// Takes the NULs that a text starts with, and counts them.
    pub fn take_nuls(&mut self, text: &[u8], offset: u64) -> usize {
        let count = nul_length(text);
        self.add(PieceKind::Nul, offset, count);
        count
    }

    /// Has the line looked at as its bytes come, from an offset on.
    pub fn follow(&mut self, offset: u64) {
        self.at = Some(offset);
    }

    pub fn is_followed(&self) -> bool {
        self.at.is_some()
    }

    /// Tells whether the whole line, so far, is the beginning of one object.
    pub fn is_one_beginning(&self) -> bool {
        let outermost = self.outermost.as_ref();
        outermost.is_some_and(|outermost| outermost.offset == self.offset)
    }

    /// Tells whether it is better not to wait for the end of the line.
    pub fn holds_too_much(&self, limit: u64) -> bool {
        self.held_bytes as u64 > limit.max(MAX_HELD_BYTES as u64)
    }

    /// Takes the entries that are held, in their order.
    pub fn take_held(&mut self) -> Vec<HeldEntry> {
        self.held_bytes = 0;
        std::mem::take(&mut self.held)
    }

    /// Looks on in a text that starts at an offset, and gives how many of its bytes are done with.
    pub fn read(&mut self, text: &[u8], offset: u64, limit: u64, keeps_doubtful: bool) -> usize {
        let mut at = (self.at.unwrap_or(offset) - offset) as usize;
        while at < text.len() {
            let Some(outermost) = &mut self.outermost else {
                at += self.between(&text[at..], offset + at as u64, keeps_doubtful);
                continue;
            };
            let (taken, event) = outermost.outline.take(&text[at..]);
            at += taken;
            let end = offset + at as u64;
            match event {
                Event::End => {}
                Event::Wrong => {
                    // Torn in a string, it took the first two bytes of the next entry for its own.
                    let next = at.saturating_sub(2);
                    let is_next = offset + next as u64 > outermost.offset;
                    if is_next && starts_like_entry(&text[next..]) {
                        at = next;
                    }
                    self.leave(offset + at as u64, keeps_doubtful);
                }
                Event::Closed {
                    start,
                    is_entry_like,
                    is_outermost,
                } => {
                    let start = outermost.offset + start;
                    let is_whole = is_entry_like
                        && end - start <= limit
                        && outermost.judge(
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
                        self.leave(end, keeps_doubtful);
                    }
                }
            }
        }
        let end = offset + at as u64;
        self.at = Some(end);
        let kept = self
            .outermost
            .as_ref()
            .map_or(end, |each| each.kept(end, limit));
        kept.saturating_sub(offset) as usize
    }

    /// Takes bytes that no object is around, and gives how many.
    fn between(&mut self, text: &[u8], offset: u64, keeps_doubtful: bool) -> usize {
        let blanks = text.iter().take_while(|&&byte| is_blank(byte)).count();
        if let Some(waiting) = &mut self.waiting {
            waiting.length += blanks as u64;
            if let Some(&next) = text.get(blanks) {
                self.decide(continues_outer(next), keeps_doubtful);
            }
            return blanks;
        }
        // A chunk may end in the middle: blanks behind it begin nothing.
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

    fn add(&mut self, kind: PieceKind, offset: u64, length: usize) {
        if length > 0 {
            self.pieces.tally.add(kind);
            self.pieces
                .add_damaged(offset, length as u64, std::iter::empty());
        }
    }

    /// Takes the entry that waits, by what stands behind it.
    fn decide(&mut self, is_doubtful: bool, keeps_doubtful: bool) {
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

    fn hold(&mut self, entry: HeldEntry) {
        self.held_bytes += entry.text.len();
        self.held.push(entry);
    }

    /// Takes the outermost object for a torn entry that ends at an offset.
    fn leave(&mut self, end: u64, keeps_doubtful: bool) {
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
        self.decide(false, false);
        self.leave(offset, true);
    }

    /// Judges the line as it stands, and gives where the beginning of an entry is that may go on.
    pub fn stop(&mut self) -> Option<u64> {
        self.decide(false, false);
        let open = self.outermost.as_ref().map(|outermost| outermost.offset);
        if open.is_some() {
            self.pieces.tally.add(PieceKind::Torn);
        }
        open
    }
}

impl OpenObject {
    /// Judges an object in it, or itself, that starts as an entry does.
    fn judge(&mut self, text: &[u8], offset: u64, keeps_doubtful: bool) -> bool {
        let is_whole = self.nested.judge(text, offset - self.offset);
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

    /// Gives from where on bytes are needed still, of those before an offset: of an object that is no
    /// longer than the limit and may turn out to be an entry.
    fn kept(&self, end: u64, limit: u64) -> u64 {
        let within = end.saturating_sub(limit).saturating_sub(self.offset);
        let open = self.outline.first_open(within);
        let matching = self.outline.matching_from();
        let needed = open.map_or(matching, |open| open.min(matching));
        // Two bytes, because they may be the first of the next entry.
        (self.offset + needed)
            .min(end.saturating_sub(2))
            .max(self.offset)
    }
}

impl Reader {
    /// Looks at a line piece by piece as its bytes come, and gives how many of those in the buffer are
    /// done with.
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
        if !long.is_followed() {
            at = long.take_nuls(text, offset);
            let rest = &text[at..];
            if rest.len() as u64 > limit {
                long.follow(offset + at as u64);
            } else if is_ended {
                self.pieces(rest, offset + at as u64, true, &mut long.pieces, sink)?;
                at = text.len();
            }
        }
        if long.is_followed() {
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
                // It was whole when it was held.
                Err(error) => return self.refuse(Some(error)),
            }
        }
        Ok(())
    }

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

/// What the scanner says of a line that begins with a NUL.
fn nul_at_start() -> Error {
    match scan(b"\0", Attempts::Counted) {
        Err(error) => error,
        Ok(_) => Error::new(0, ErrorKind::UnexpectedEnd),
    }
}
