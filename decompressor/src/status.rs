/// What a call of `decompress` came to. `js/storage/compressed/decompression.js` has the same list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Status {
    /// All input was used, and more must come.
    Input = 0,
    /// There may be more text without more input.
    Output = 1,
    /// A frame or a member ended, and its checksums are right.
    Frame = 2,
    /// The input ended where a frame ended.
    End = 3,
    /// The input ended inside a frame.
    Truncated = 4,
    /// Bytes cannot be decompressed.
    Damaged = 5,
    /// The text has another checksum, or another length, than the frame says.
    Checksum = 6,
    /// The frame needs a larger window than `MOST_WINDOW`.
    Window = 7,
    /// The frame needs a dictionary.
    Dictionary = 8,
    /// What follows is no frame and no member.
    Foreign = 9,
}
