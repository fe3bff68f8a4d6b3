//! Decompresses one stream of Zstandard frames or gzip members, a part at a time.
//!
//! Each instance of the wasm module has one stream. A panic ends the instance, and no other.

mod gzip;
mod input;
mod status;
mod zstd;

use std::cell::RefCell;

use gzip::Gzip;
use input::Input;
use status::Status;
use zstd::Zstd;

enum Format {
    Zstd(Box<Zstd>),
    Gzip(Gzip),
}

struct Stream {
    format: Format,
    input: Input,
    output: Vec<u8>,
}

thread_local! {
    static STREAM: RefCell<Stream> = RefCell::new(Stream {
        format: Format::Zstd(Box::default()),
        input: Input::default(),
        output: Vec::new(),
    });
}

fn with<T>(run: impl FnOnce(&mut Stream) -> T) -> T {
    STREAM.with_borrow_mut(run)
}

/// Starts a stream, of gzip members or of Zstandard frames.
#[unsafe(no_mangle)]
pub extern "C" fn begin(is_gzip: bool) {
    with(|stream| {
        stream.input = Input::default();
        stream.output.clear();
        match (&mut stream.format, is_gzip) {
            // A decoder keeps its tables for the next stream.
            (Format::Zstd(zstd), false) => zstd.begin(),
            (format, true) => *format = Format::Gzip(Gzip::default()),
            (format, false) => *format = Format::Zstd(Box::default()),
        }
    });
}

/// Returns where the next input of so many bytes goes.
#[unsafe(no_mangle)]
pub extern "C" fn space(length: usize) -> *mut u8 {
    with(|stream| stream.input.space(length).as_mut_ptr())
}

/// Decompresses until a frame ends, about `most` bytes have come, or the input is used up. `is_last`
/// says that no input follows. Returns a [`Status`].
#[unsafe(no_mangle)]
pub extern "C" fn decompress(is_last: bool, most: usize) -> Status {
    with(|stream| {
        let Stream {
            format,
            input,
            output,
        } = stream;
        output.clear();
        match format {
            Format::Zstd(zstd) => zstd.decompress(input, output, is_last, most),
            Format::Gzip(gzip) => gzip.decompress(input, output, is_last, most),
        }
    })
}

/// Returns where the text of the last call starts. It lasts until the next call.
#[unsafe(no_mangle)]
pub extern "C" fn output() -> *const u8 {
    with(|stream| stream.output.as_ptr())
}

/// Returns the length of the text of the last call.
#[unsafe(no_mangle)]
pub extern "C" fn output_length() -> usize {
    with(|stream| stream.output.len())
}

/// Returns how many bytes of input were used: all up to where decompressing goes on, or failed.
#[unsafe(no_mangle)]
pub extern "C" fn consumed() -> f64 {
    with(|stream| stream.input.consumed() as f64)
}

/// Returns the low 32 bits of the XXH64 of the last frame's text.
#[unsafe(no_mangle)]
pub extern "C" fn checksum() -> u32 {
    with(|stream| match &stream.format {
        Format::Zstd(zstd) => zstd.checksum(),
        Format::Gzip(_) => 0,
    })
}

/// Returns whether the last frame has a checksum of its own. A wrong one is [`Status::Checksum`].
#[unsafe(no_mangle)]
pub extern "C" fn is_checked() -> bool {
    with(|stream| match &stream.format {
        Format::Zstd(zstd) => zstd.is_checked(),
        Format::Gzip(_) => true,
    })
}
