//! Zstandard frames, as RFC 8878 has them: a block at a time, so that memory is bounded by the window.

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::input::Input;
use crate::status::Status;

/// The largest window: levels up to 21 need no more. What `zstd --long` writes may need more.
const MOST_WINDOW: u64 = 64 << 20;

/// The longest block that the format allows.
const MOST_BLOCK: usize = 128 << 10;

const MAGIC: u32 = 0xfd2f_b528;

/// Skippable frames have one of 16 magic numbers.
const SKIPPABLE: u32 = 0x184d_2a50;

#[derive(Default)]
enum State {
    #[default]
    Between,
    /// In a skippable frame, of which so many bytes are left.
    Skipping(u64),
    InFrame(Frame),
}

/// What the header of a frame says.
#[derive(Clone, Copy)]
struct Frame {
    header_length: usize,
    window: u64,
    content: Option<u64>,
    is_checked: bool,
    dictionary: bool,
}

enum Header {
    Incomplete,
    Skippable(u32),
    Frame(Frame),
    Reserved,
    Foreign,
}

#[derive(Default)]
pub struct Zstd {
    decoder: FrameDecoder,
    state: State,
    /// The text of the frame so far, in bytes.
    length: u64,
    is_checked: bool,
}

impl Zstd {
    pub fn begin(&mut self) {
        self.state = State::Between;
    }

    pub fn checksum(&self) -> u32 {
        self.decoder.get_calculated_checksum().unwrap_or(0)
    }

    pub fn is_checked(&self) -> bool {
        self.is_checked
    }

    pub fn decompress(
        &mut self,
        input: &mut Input,
        output: &mut Vec<u8>,
        is_last: bool,
        most: usize,
    ) -> Status {
        let missing = if is_last {
            Status::Truncated
        } else {
            Status::Input
        };
        loop {
            match self.state {
                State::Between => match header(input.rest()) {
                    Header::Incomplete if input.rest().is_empty() && is_last => return Status::End,
                    Header::Incomplete => return missing,
                    Header::Foreign => return Status::Foreign,
                    Header::Reserved => return Status::Damaged,
                    Header::Skippable(length) => {
                        input.consume(8);
                        self.state = State::Skipping(u64::from(length));
                    }
                    Header::Frame(frame) => match self.enter(frame, input) {
                        Ok(()) => self.state = State::InFrame(frame),
                        Err(status) => return status,
                    },
                },
                State::Skipping(left) => {
                    let count = left.min(input.rest().len() as u64);
                    input.consume(count as usize);
                    if count < left {
                        self.state = State::Skipping(left - count);
                        return missing;
                    }
                    self.state = State::Between;
                }
                State::InFrame(frame) => {
                    let Some(block) = Block::whole(input.rest(), frame.is_checked) else {
                        if is_last {
                            self.finish_early(output);
                        }
                        return missing;
                    };
                    if block.is_invalid || !self.decode(&input.rest()[..block.length], output) {
                        return Status::Damaged;
                    }
                    input.consume(block.length);
                    if block.is_last {
                        self.state = State::Between;
                        return self.end_of(frame);
                    }
                    if output.len() >= most {
                        return Status::Output;
                    }
                }
            }
        }
    }

    fn enter(&mut self, frame: Frame, input: &mut Input) -> Result<(), Status> {
        if frame.dictionary {
            return Err(Status::Dictionary);
        }
        if frame.window > MOST_WINDOW {
            return Err(Status::Window);
        }
        let header = &input.rest()[..frame.header_length];
        self.decoder.reset(header).map_err(|_| Status::Damaged)?;
        input.consume(frame.header_length);
        self.length = 0;
        self.is_checked = frame.is_checked;
        Ok(())
    }

    /// Decodes a block, and takes what no later block refers to. Returns whether the block is valid.
    fn decode(&mut self, block: &[u8], output: &mut Vec<u8>) -> bool {
        let decoded = self
            .decoder
            .decode_blocks(block, BlockDecodingStrategy::UptoBlocks(1));
        let start = output.len();
        let taken = decoded.is_ok() && self.decoder.collect_to_writer(&mut *output).is_ok();
        self.length += (output.len() - start) as u64;
        taken
    }

    /// Takes the text of the last blocks, which the decoder keeps until a frame ends.
    fn finish_early(&mut self, output: &mut Vec<u8>) {
        // An empty last block, and a checksum that nobody compares.
        self.decode(&[1, 0, 0, 0, 0, 0, 0], output);
    }

    fn end_of(&self, frame: Frame) -> Status {
        let is_sound = !frame.is_checked
            || self.decoder.get_checksum_from_data() == self.decoder.get_calculated_checksum();
        let has_length = frame.content.is_none_or(|length| length == self.length);
        if is_sound && has_length {
            Status::Frame
        } else {
            Status::Checksum
        }
    }
}

/// A block that came whole, with the checksum that follows the last one.
struct Block {
    length: usize,
    is_last: bool,
    is_invalid: bool,
}

impl Block {
    fn whole(bytes: &[u8], is_checked: bool) -> Option<Block> {
        let (header, _) = bytes.split_first_chunk::<3>()?;
        let bits = u32::from_le_bytes([header[0], header[1], header[2], 0]);
        let is_last = bits & 1 == 1;
        let kind = bits >> 1 & 3;
        let size = (bits >> 3) as usize;
        let body = if kind == 1 { 1 } else { size };
        let length = 3 + body + if is_last && is_checked { 4 } else { 0 };
        let is_invalid = kind == 3 || size > MOST_BLOCK;
        (is_invalid || bytes.len() >= length).then_some(Block {
            length,
            is_last,
            is_invalid,
        })
    }
}

/// Reads the header of a frame.
fn header(bytes: &[u8]) -> Header {
    let Some((magic, rest)) = bytes.split_first_chunk::<4>() else {
        let is_start = MAGIC.to_le_bytes().starts_with(bytes)
            || matches!(bytes, [0x50..=0x5f, rest @ ..] if [0x2a, 0x4d].starts_with(rest));
        return if is_start {
            Header::Incomplete
        } else {
            Header::Foreign
        };
    };
    let magic = u32::from_le_bytes(*magic);
    if magic & 0xffff_fff0 == SKIPPABLE {
        return match rest.first_chunk::<4>() {
            Some(length) => Header::Skippable(u32::from_le_bytes(*length)),
            None => Header::Incomplete,
        };
    }
    if magic != MAGIC {
        return Header::Foreign;
    }
    frame(rest).map_or(Header::Incomplete, |frame| match frame {
        Some(frame) => Header::Frame(frame),
        None => Header::Reserved,
    })
}

/// Reads what follows the magic number. Returns `None` where bytes are missing, and `Some(None)` where
/// a bit is set that has no meaning yet.
fn frame(bytes: &[u8]) -> Option<Option<Frame>> {
    let (descriptor, rest) = bytes.split_first()?;
    if descriptor & 0x08 != 0 {
        return Some(None);
    }
    let is_single = descriptor & 0x20 != 0;
    let (window, rest) = if is_single {
        (None, rest)
    } else {
        let (byte, rest) = rest.split_first()?;
        let base = 1u64 << (10 + (byte >> 3));
        (Some(base + base / 8 * u64::from(byte & 7)), rest)
    };
    let (dictionary, rest) = rest.split_at_checked([0, 1, 2, 4][usize::from(descriptor & 3)])?;
    let size = match descriptor >> 6 {
        0 => usize::from(is_single),
        log => 1 << log,
    };
    let (content, rest) = rest.split_at_checked(size)?;
    let mut word = [0; 8];
    word[..size].copy_from_slice(content);
    let content = u64::from_le_bytes(word) + if size == 2 { 256 } else { 0 };
    Some(Some(Frame {
        header_length: 4 + bytes.len() - rest.len(),
        window: window.unwrap_or(content),
        content: (size > 0).then_some(content),
        is_checked: descriptor & 0x04 != 0,
        dictionary: dictionary.iter().any(|&byte| byte != 0),
    }))
}
