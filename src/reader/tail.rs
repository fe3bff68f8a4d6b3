//! What follows the last line end: an entry, the beginning of one, or damage.

use crate::reader::long_line::LongLine;
use crate::reader::{Judged, Reader, Refused, Sink};
use crate::scan::scan;

impl Reader {
    /// Reads what follows the last line end: an entry if it decodes. If some continuation could make it
    /// one, it is left [pending](Self::pending). Anything else is damaged as it stands; but its last
    /// piece, where that is the beginning of an entry, is pending.
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
        let result = if self.options.strict {
            // The original reads the last line whether or not a line end follows it.
            self.line(buffer, sink).inspect(|_| is_done = true)
        } else if let Some(long) = self.long_line.take() {
            let judged = self.long_tail(&long, buffer, sink);
            self.long_line = Some(long);
            judged
        } else {
            self.tail(buffer, &mut is_done, sink)
        };
        if is_done {
            self.offset += self.length as u64;
            self.length = 0;
            self.searched = 0;
        }
        self.buffer = all;
        self.is_unsettled = matches!(result, Ok(Judged::Unsettled));
        result.map(|_| ())
    }

    /// Reads what follows the last line end, and tells through `is_done` whether it is an entry.
    fn tail(
        &mut self,
        text: &[u8],
        is_done: &mut bool,
        sink: &mut dyn Sink,
    ) -> Result<Judged, Refused> {
        let error = match scan(text, self.options.attempts) {
            Ok(entry) => {
                sink.entry(&entry, self.undamaged(text.len() as u64, 0));
                *is_done = true;
                return Ok(Judged::Done);
            }
            Err(error) if error.is_incomplete() => return Ok(Judged::Done),
            Err(error) if error.is_out_of_memory() => return self.refuse(Some(error)),
            Err(error) => error,
        };
        if self.is_unsettled_by(text) {
            return Ok(Judged::Unsettled);
        }
        self.damaged_line(text, error, false, sink)
    }

    /// Judges a long line that has not ended, as it stands.
    fn long_tail(
        &mut self,
        long: &LongLine,
        text: &[u8],
        sink: &mut dyn Sink,
    ) -> Result<Judged, Refused> {
        let end = self.offset + text.len() as u64;
        let mut now = long.clone();
        if now.is_followed() {
            if now.is_one_beginning() {
                return Ok(Judged::Done);
            }
            let open = now.stop();
            self.pending = Some(open.map_or((end, 0), |start| (start, end - start)));
        } else {
            self.pieces(text, self.offset, false, &mut now.pieces, sink)?;
        }
        self.recover_held(&mut now, sink)?;
        self.report_long_line(now, end, false, sink);
        Ok(Judged::Done)
    }
}
