//! Reads a whole file at once, or in chunks, and keeps what was found.

use skill_log::damage::Damage;
use skill_log::encode;
use skill_log::reader::{ReadOptions, Reader, Record, Sink};
use skill_log::scan::RawEntry;

#[derive(Debug, Default, PartialEq)]
pub struct Found {
    /// The canonical line of each entry, and where it stood.
    pub entries: Vec<(Vec<u8>, Record)>,
    pub damage: Vec<Damage>,
    /// Offset and length of what was left.
    pub pending: (u64, u64),
}

impl Sink for Found {
    fn entry(&mut self, entry: &RawEntry<'_>, place: Record) {
        let mut line = Vec::new();
        // An offset of a day or more is read, and cannot be written.
        encode(&entry.decode(), &mut line).unwrap_or(());
        self.entries.push((line, place));
    }

    fn damage(&mut self, damage: Damage) {
        self.damage.push(damage);
    }
}

/// Reads a file of which each chunk has the next of `lengths`, over and over.
pub fn read_all(file: &[u8], lengths: &[usize], max_line_bytes: u64) -> Found {
    read_with(
        file,
        lengths,
        ReadOptions {
            max_line_bytes,
            ..ReadOptions::default()
        },
    )
}

/// Reads a file in the same way, with options.
pub fn read_with(file: &[u8], lengths: &[usize], options: ReadOptions) -> Found {
    let mut reader = Reader::new(options);
    let mut found = Found::default();
    let mut rest = file;
    for length in lengths.iter().cycle() {
        let (chunk, behind) = rest.split_at((*length).min(rest.len()));
        reader.space(chunk.len()).unwrap().copy_from_slice(chunk);
        reader.read(&mut found).unwrap();
        rest = behind;
        if rest.is_empty() {
            break;
        }
    }
    reader.finish(&mut found).unwrap();
    found.pending = reader.pending();
    found
}

/// Puts the damage of neighbouring lines with the same fault together, as a reader does that meets them
/// in one chunk.
pub fn merged(damage: Vec<Damage>) -> Vec<Damage> {
    let mut merged: Vec<Damage> = Vec::new();
    let is_plain = |each: &Damage| each.damaged == [(each.offset, each.length)];
    for next in damage {
        match merged.last_mut() {
            Some(last)
                if last.offset + last.length + 1 == next.offset
                    && (last.kind, &last.reason) == (next.kind, &next.reason)
                    && is_plain(last)
                    && is_plain(&next) =>
            {
                last.length = next.offset + next.length - last.offset;
                last.lines += next.lines;
                last.damaged = vec![(last.offset, last.length)];
            }
            _ => merged.push(next),
        }
    }
    merged
}
