//! Gzip members, as RFC 1952 has them.

use std::io::Write;

use flate2::write::GzDecoder;

use crate::input::Input;
use crate::status::Status;

/// Input that is decompressed at once: its text is at most a thousand times as long.
const STEP_BYTES: usize = 4 << 10;

#[derive(Default)]
pub struct Gzip {
    member: Option<GzDecoder<Vec<u8>>>,
    /// Whether zeros follow the last member, which fill the blocks of a tape.
    is_padding: bool,
}

impl Gzip {
    pub fn decompress(
        &mut self,
        input: &mut Input,
        output: &mut Vec<u8>,
        is_last: bool,
        most: usize,
    ) -> Status {
        loop {
            let Some(member) = &mut self.member else {
                match self.enter(input, is_last) {
                    None => continue,
                    Some(status) => return status,
                }
            };
            let rest = input.rest();
            if rest.is_empty() {
                return if is_last {
                    self.end(output)
                } else {
                    Status::Input
                };
            }
            let written = member.write(&rest[..rest.len().min(STEP_BYTES)]);
            output.append(member.get_mut());
            match written {
                // What is left belongs to no member yet.
                Ok(0) => return self.finish(output),
                Ok(count) => input.consume(count),
                Err(_) => return Status::Damaged,
            }
            if output.len() >= most {
                return Status::Output;
            }
        }
    }

    /// Starts the next member. Returns a status where there is none.
    fn enter(&mut self, input: &mut Input, is_last: bool) -> Option<Status> {
        if self.is_padding {
            let zeros = input.rest().iter().take_while(|&&byte| byte == 0).count();
            input.consume(zeros);
        }
        match input.rest() {
            [] if is_last => Some(Status::End),
            [0x1f] if is_last => Some(Status::Truncated),
            [] | [0x1f] => Some(Status::Input),
            [0x1f, 0x8b, ..] => {
                self.member = Some(GzDecoder::new(Vec::new()));
                self.is_padding = true;
                None
            }
            _ => Some(Status::Foreign),
        }
    }

    /// Ends a member where the input ends.
    fn end(&mut self, output: &mut Vec<u8>) -> Status {
        let Some(member) = &mut self.member else {
            return Status::End;
        };
        // The decoder keeps a part of the text. What is wrong with it shows below.
        let _ = member.flush();
        output.append(member.get_mut());
        // A member that is whole takes no more bytes.
        match member.write(&[0]) {
            Ok(0) => self.finish(output),
            _ => Status::Truncated,
        }
    }

    /// Ends a member that is whole, and compares its checksum.
    fn finish(&mut self, output: &mut Vec<u8>) -> Status {
        let Some(mut member) = self.member.take() else {
            return Status::End;
        };
        let finished = member.try_finish();
        output.append(member.get_mut());
        if finished.is_ok() {
            Status::Frame
        } else {
            Status::Checksum
        }
    }
}
