//! The input of a stream that was not used yet.

/// Bytes that came, and how many of them were used.
#[derive(Default)]
pub struct Input {
    bytes: Vec<u8>,
    used: usize,
    /// The bytes that were used and dropped.
    dropped: u64,
}

impl Input {
    /// Makes room for more bytes after those that were not used yet.
    pub fn space(&mut self, length: usize) -> &mut [u8] {
        self.bytes.drain(..self.used);
        self.dropped += self.used as u64;
        self.used = 0;
        let start = self.bytes.len();
        self.bytes.resize(start + length, 0);
        &mut self.bytes[start..]
    }

    pub fn rest(&self) -> &[u8] {
        &self.bytes[self.used..]
    }

    pub fn consume(&mut self, count: usize) {
        self.used = self.bytes.len().min(self.used + count);
    }

    pub fn consumed(&self) -> u64 {
        self.dropped + self.used as u64
    }
}
