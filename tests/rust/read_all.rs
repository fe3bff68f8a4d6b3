//! Reads a whole file, at once or in chunks, and collects what the reader finds.

use std::ops::Range;

use skill_log::damage::Damage;
use skill_log::encode;
use skill_log::reader::{ReadOptions, Reader, Record, Sink};
use skill_log::scan::RawEntry;

#[derive(Debug, Default, PartialEq)]
pub struct Found {
    /// The canonical line of each entry, and its place.
    pub entries: Vec<(Vec<u8>, Record)>,
    pub damage: Vec<Damage>,
    /// The offset and length of the pending bytes.
    pub pending: (u64, u64),
}

impl Sink for Found {
    fn entry(&mut self, entry: &RawEntry<'_>, place: Record) {
        let mut line = Vec::new();
        // An offset from UTC of a day or more can be read but not written: the line stays empty.
        encode(&entry.decode(), &mut line).unwrap_or(());
        self.entries.push((line, place));
    }

    fn damage(&mut self, damage: Damage) {
        self.damage.push(damage);
    }
}

/// Returns the place of an entry, in bytes of the file.
pub fn range(place: &Record) -> Range<usize> {
    stretch(&(place.offset, place.length))
}

/// Returns an offset and a length as a range of bytes.
pub fn stretch(&(offset, length): &(u64, u64)) -> Range<usize> {
    offset as usize..(offset + length) as usize
}

/// Reads a file in chunks of `lengths` bytes, which repeat.
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

/// Reads a file in chunks of `lengths` bytes, which repeat, with options.
pub fn read_with(file: &[u8], lengths: &[usize], options: ReadOptions) -> Found {
    let mut reader = Reader::new(options);
    let mut found = Found::default();
    let mut rest = file;
    for length in lengths.iter().cycle() {
        let (chunk, more) = rest.split_at((*length).min(rest.len()));
        reader.space(chunk.len()).unwrap().copy_from_slice(chunk);
        reader.read(&mut found).unwrap();
        rest = more;
        if rest.is_empty() {
            break;
        }
    }
    reader.finish(&mut found).unwrap();
    found.pending = reader.pending();
    check_ends(file, &found);
    found
}

/// Checks that each record ends after its entry, or after the line end that follows the entry.
fn check_ends(file: &[u8], found: &Found) {
    for (_, record) in &found.entries {
        let range = range(record);
        let end = record.end as usize;
        let is_after_line = file.get(range.end) == Some(&b'\n') && end == range.end + 1;
        assert!(
            end <= file.len() && (is_after_line || end == range.end),
            "{record:?} of {} bytes",
            file.len()
        );
    }
}

/// Merges the damage of neighbouring lines with the same fault, as the reader does when they share
/// a chunk.
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
