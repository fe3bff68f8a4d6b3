//! The bytes after the last line end: an entry, pending bytes, or a torn or otherwise damaged tail.

use crate::reader::long_line::LongLine;
use crate::reader::{Outcome, Reader, Refused, Sink, is_blank_line};
use crate::scan::scan;

impl Reader {
    /// Judges the bytes after the last line end, when the file has no more bytes for now.
    ///
    /// - If they decode, they are an entry.
    /// - If more bytes could make them an entry, they stay [pending](Self::pending).
    /// - Otherwise they are damage. If more bytes could make their last piece an entry, that piece
    ///   stays pending.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    pub fn finish(&mut self, sink: &mut dyn Sink) -> Result<(), Refused> {
        self.flush(sink);
        if self.is_unsettled {
            return Ok(());
        }
        let all = std::mem::take(&mut self.buffer);
        let buffer = &all[..self.length];
        let mut is_done = false;
        let result = if let Some(long) = self.long_line.take() {
            let outcome = self.long_tail(&long, buffer, sink);
            self.long_line = Some(long);
            outcome
        } else {
            self.tail(buffer, &mut is_done, sink)
        };
        if is_done {
            self.offset += self.length as u64;
            self.length = 0;
            self.searched = 0;
        }
        self.buffer = all;
        self.is_unsettled = matches!(result, Ok(Outcome::Unsettled));
        result.map(|_| ())
    }

    /// Reads a tail that is not too long. Sets `is_done` if the tail is an entry, or a blank line
    /// in strict reading.
    ///
    /// In strict reading no tail is pending, because the Go original reads the last line whether or
    /// not a line end follows it.
    fn tail(
        &mut self,
        text: &[u8],
        is_done: &mut bool,
        sink: &mut dyn Sink,
    ) -> Result<Outcome, Refused> {
        let strict = self.options.strict;
        let error = match scan(text, self.options.attempts) {
            Ok(entry) => {
                sink.entry(&entry, self.undamaged(text, 0));
                *is_done = true;
                return Ok(Outcome::Done);
            }
            Err(error) if error.is_incomplete() && (!strict || is_blank_line(text)) => {
                *is_done = strict;
                return Ok(Outcome::Done);
            }
            Err(error) if strict || error.is_out_of_memory() => return self.refuse(Some(error)),
            Err(error) => error,
        };
        if self.is_unsettled_by(text) {
            return Ok(Outcome::Unsettled);
        }
        self.damaged_line(text, error, false, sink)
    }

    /// Reads the tail of a long line that has not ended.
    fn long_tail(
        &mut self,
        long: &LongLine,
        text: &[u8],
        sink: &mut dyn Sink,
    ) -> Result<Outcome, Refused> {
        let end = self.offset + text.len() as u64;
        // A copy, because more bytes may continue the line.
        let mut ended_here = long.clone();
        if ended_here.is_being_cut() {
            if ended_here.is_one_open_object() {
                return Ok(Outcome::Done);
            }
            let open = ended_here.end_for_now();
            self.pending = Some(open.map_or((end, 0), |start| (start, end - start)));
        } else {
            self.cut_pieces(text, self.offset, false, &mut ended_here.pieces, sink)?;
        }
        self.recover_held(&mut ended_here, sink)?;
        self.report_long_line(ended_here, end, false, sink);
        Ok(Outcome::Done)
    }
}
