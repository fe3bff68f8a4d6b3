//! Chooses, by a seed, what a disk holds after its power was cut.
//!
//! A write reaches the disk block by block. Of each block, the disk may hold any state since the
//! last sync, whatever it holds of others. The size of a file and the entries of directories reach
//! the disk apart from the blocks, earlier or later.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsString;
use std::sync::Arc;
use std::time::SystemTime;

use crate::disk::{Content, Directory, Disk, Edit, File, overwrite};

/// A page of memory, and a sector of a disk.
const BLOCKS: [usize; 2] = [4096, 512];

/// Random numbers from a seed (splitmix64).
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number from 0 up to, but not including, `below`.
    fn below(&mut self, below: usize) -> usize {
        (self.next() % below as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// In which order what was not synced reaches the disk.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    /// Nothing reached the disk.
    Nothing,
    /// Everything reached the disk.
    Everything,
    /// All changes up to some moment, and some blocks of the change after them.
    InTurn,
    /// Names and sizes before bytes: what is missing reads as NULs.
    SizesFirst,
    /// Bytes before names and sizes.
    BytesFirst,
    /// Any block, size and entry, whatever else did.
    Any,
}

const ORDERS: [(Order, &str); 6] = [
    (Order::Nothing, "nothing"),
    (Order::Everything, "everything"),
    (Order::InTurn, "in turn"),
    (Order::SizesFirst, "sizes first"),
    (Order::BytesFirst, "bytes first"),
    (Order::Any, "any order"),
];

/// The choices of a cut.
struct Cut {
    order: Order,
    block: usize,
    /// How many of a hundred blocks reach the disk in their last state.
    percent: usize,
    /// The last change before the moment of `InTurn`.
    moment: u64,
    random: Random,
}

/// Returns a disk as a cut may leave it, and how the cut was made.
pub fn cut(disk: &Disk, seed: u64, modified: SystemTime) -> (Disk, String) {
    let mut random = Random(seed);
    // `Any` and `InTurn` have the most states, so they come more often.
    let (order, name) = ORDERS[[0, 1, 2, 2, 3, 4, 5, 5][random.below(8)]];
    let block = BLOCKS[random.below(2)];
    let percent = [0, 50, 90, 98][random.below(4)];
    let first = unsynced(disk).min().unwrap_or(disk.clock).max(1);
    let moment = first - 1 + random.below((disk.clock - first + 2) as usize) as u64;
    let how = format!("{name}, blocks of {block} bytes, {percent} % whole");
    let mut cut = Cut {
        order,
        block,
        percent,
        moment,
        random,
    };
    let mut left = disk.clone();
    cut.cut_directories(&mut left);
    // In the order of their numbers, because each choice takes the next random numbers.
    let mut numbers: Vec<u64> = left.nodes.keys().copied().collect();
    numbers.sort_unstable();
    for number in numbers {
        let node = left.nodes.get_mut(&number).expect("the number of a node");
        if let Content::File(file) = &mut node.content {
            file.now = Arc::new(cut.cut_file(file));
        }
    }
    left.settle(modified);
    (left, how)
}

/// Returns when each change happened that no sync followed.
fn unsynced(disk: &Disk) -> impl Iterator<Item = u64> + '_ {
    let edits = disk.nodes.values().flat_map(|node| match &node.content {
        Content::File(file) => file.edits.as_slice(),
        Content::Directory(_) => &[],
    });
    disk.changes
        .iter()
        .map(|change| change.at)
        .chain(edits.map(|edit| match edit {
            Edit::Write { at, .. } | Edit::Resize { at, .. } => *at,
        }))
}

impl Cut {
    fn cut_directories(&mut self, disk: &mut Disk) {
        let mut lost: HashSet<(u64, OsString)> = HashSet::new();
        for node in disk.nodes.values_mut() {
            if let Content::Directory(Directory { now, durable }) = &mut node.content {
                now.clone_from(durable);
            }
        }
        for change in disk.changes.clone() {
            let is_kept = match self.order {
                Order::Nothing | Order::BytesFirst => false,
                Order::Everything | Order::SizesFirst => true,
                Order::InTurn => change.at <= self.moment,
                // A name whose earlier change is lost has no later one.
                Order::Any => {
                    let is_after_lost = (change.entries.iter())
                        .any(|(directory, name, _)| lost.contains(&(*directory, name.clone())));
                    !is_after_lost && self.random.chance(70)
                }
            };
            for (directory, name, node) in change.entries {
                if !is_kept {
                    lost.insert((directory, name));
                    continue;
                }
                let Some(found) = disk.nodes.get_mut(&directory) else {
                    continue;
                };
                let Content::Directory(Directory { now, .. }) = &mut found.content else {
                    continue;
                };
                match node {
                    Some(node) => now.insert(name, node),
                    None => now.remove(&name),
                };
            }
        }
    }

    /// Returns the bytes of a file that the disk holds.
    fn cut_file(&mut self, file: &File) -> Vec<u8> {
        if file.edits.is_empty() {
            return file.now.to_vec();
        }
        let is_resized = file
            .edits
            .iter()
            .any(|edit| matches!(edit, Edit::Resize { .. }));
        match self.order {
            Order::Nothing => file.durable.to_vec(),
            Order::Everything => file.now.to_vec(),
            Order::InTurn => self.up_to_moment(file),
            // Which blocks a smaller size frees, and when, depends on the file system. All keep
            // these changes in turn.
            _ if is_resized => {
                let index = self.random.below(file.edits.len() + 1);
                after(&file.durable, &file.edits[..index])
            }
            Order::SizesFirst => self.mixed(file, file.now.len()),
            Order::BytesFirst => self.mixed(file, file.durable.len()),
            Order::Any => {
                let size = self.size(file);
                self.mixed(file, size)
            }
        }
    }

    /// Returns a file after all changes up to the moment, and after some blocks of the next one.
    fn up_to_moment(&mut self, file: &File) -> Vec<u8> {
        let count = file.edits.partition_point(|edit| match edit {
            Edit::Write { at, .. } | Edit::Resize { at, .. } => *at <= self.moment,
        });
        let mut bytes = after(&file.durable, &file.edits[..count]);
        if let Some(Edit::Write {
            at,
            offset,
            bytes: written,
        }) = file.edits.get(count)
            && *at == self.moment + 1
        {
            let start = *offset as usize;
            let first_end = self.block - start % self.block;
            let blocks = 1 + written.len().saturating_sub(first_end).div_ceil(self.block);
            let end = match self.random.below(blocks + 1) {
                0 => 0,
                count => written.len().min(first_end + (count - 1) * self.block),
            };
            if end > 0 {
                overwrite(&mut bytes, start, &written[..end]);
            }
        }
        bytes
    }

    /// Chooses a size that a file may have on the disk: after any write, or at the end of a block.
    fn size(&mut self, file: &File) -> usize {
        let (from, to) = (file.durable.len(), file.now.len());
        match self.random.below(4) {
            0 => from,
            1 => to,
            2 => (from + self.random.below(to - from + 1))
                .next_multiple_of(self.block)
                .min(to),
            _ => {
                let index = self.random.below(file.edits.len());
                after(&file.durable, &file.edits[..index]).len()
            }
        }
    }

    /// Returns a file of a size, each of whose blocks is in a state of its own.
    fn mixed(&mut self, file: &File, size: usize) -> Vec<u8> {
        let mut states: BTreeMap<usize, Vec<(usize, &[u8])>> = BTreeMap::new();
        for edit in &file.edits {
            let Edit::Write { offset, bytes, .. } = edit else {
                continue;
            };
            let mut rest: &[u8] = bytes;
            let mut at = *offset as usize;
            while !rest.is_empty() {
                let length = rest.len().min(self.block - at % self.block);
                states
                    .entry(at / self.block)
                    .or_default()
                    .push((at, &rest[..length]));
                at += length;
                rest = &rest[length..];
            }
        }
        let mut left = file.durable.to_vec();
        left.resize(file.now.len().max(size), 0);
        for writes in states.values() {
            let count = if self.random.chance(self.percent) {
                writes.len()
            } else {
                self.random.below(writes.len() + 1)
            };
            for (at, bytes) in &writes[..count] {
                left[*at..at + bytes.len()].copy_from_slice(bytes);
            }
        }
        left.truncate(size);
        left
    }
}

/// Returns bytes after edits.
fn after(bytes: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for edit in edits {
        match edit {
            Edit::Write {
                offset,
                bytes: written,
                ..
            } => {
                overwrite(&mut bytes, *offset as usize, written);
            }
            Edit::Resize { size, .. } => bytes.resize(*size as usize, 0),
        }
    }
    bytes
}
