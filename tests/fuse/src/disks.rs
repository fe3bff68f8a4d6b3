//! The disks that are mounted side by side, and their captures.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::time::{Duration, SystemTime};

use crate::cut::cut;
use crate::disk::Disk;

/// How far the number of a disk stands above the numbers of its nodes in an inode number.
const DISK_SHIFT: u32 = 32;

pub struct Mounted {
    pub disk: Disk,
    /// The clock at which the disk is captured next, the earliest last.
    planned: Vec<u64>,
    /// The disk as it was at moments, with everything that was not synced.
    captures: Vec<Disk>,
}

/// The disks by number. Each is a directory of the file system.
#[derive(Default)]
pub struct Disks {
    pub mounted: HashMap<u64, Mounted>,
    pub names: HashMap<String, u64>,
    last: u64,
}

/// Returns the inode number of a node of a disk.
pub fn inode(disk: u64, node: u64) -> u64 {
    (disk << DISK_SHIFT) | node
}

/// Returns the disk and the node of an inode number. The mount's own directory is on disk 0.
pub fn place(inode: u64) -> (u64, u64) {
    (inode >> DISK_SHIFT, inode & ((1 << DISK_SHIFT) - 1))
}

impl Disks {
    pub fn named(&self, name: &OsStr) -> Option<u64> {
        self.names.get(name.to_str()?).copied()
    }

    fn insert(&mut self, name: &str, disk: Disk) {
        self.last += 1;
        self.names.insert(name.to_owned(), self.last);
        let mounted = Mounted {
            disk,
            planned: Vec::new(),
            captures: Vec::new(),
        };
        self.mounted.insert(self.last, mounted);
    }

    /// Changes a disk, after a capture that is due.
    pub fn change<T>(&mut self, number: u64, change: impl FnOnce(&mut Disk) -> T) -> Option<T> {
        let Mounted {
            disk,
            planned,
            captures,
        } = self.mounted.get_mut(&number)?;
        while planned.last().is_some_and(|clock| *clock <= disk.clock) {
            planned.pop();
            captures.push(disk.clone());
        }
        Some(change(disk))
    }

    /// Does what a line asks for, and returns the line that answers.
    ///
    /// - `new NAME` makes an empty disk.
    /// - `plan NAME N…` captures the disk before its Nth change from now on, for each N.
    /// - `capture NAME` captures the disk now. Returns the number of its captures and changes.
    /// - `cut NAME INDEX SEED AGE NEW` makes a disk of what a cut may leave of a capture, last
    ///   changed AGE seconds ago. Returns how the cut was made.
    /// - `forget NAME` ends the plan of a disk and removes its captures.
    /// - `drop NAME` removes a disk.
    pub fn command(&mut self, line: &str, owner: (u32, u32)) -> Result<String, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (verb, name, rest) = match words.as_slice() {
            [verb, name, rest @ ..] => (*verb, *name, rest),
            _ => return Err("a command is a verb and a name".to_owned()),
        };
        if verb == "new" {
            self.insert(name, Disk::new(owner));
            return Ok("new".to_owned());
        }
        let number = *self
            .names
            .get(name)
            .ok_or(format!("there is no disk {name}"))?;
        let found = self
            .mounted
            .get_mut(&number)
            .ok_or(format!("there is no disk {name}"))?;
        match (verb, rest) {
            ("plan", counts) => {
                let clock = found.disk.clock;
                let counts: Result<Vec<u64>, _> =
                    counts.iter().map(|count| number_in(count)).collect();
                found.planned = counts?.iter().map(|count| clock + count).collect();
                found.planned.sort_unstable_by(|one, other| other.cmp(one));
                Ok("planned".to_owned())
            }
            ("capture", []) => {
                found.captures.push(found.disk.clone());
                Ok(format!(
                    "captures {} {}",
                    found.captures.len(),
                    found.disk.clock
                ))
            }
            ("cut", [index, seed, age, new]) => {
                let index = number_in(index)? as usize;
                let capture = found
                    .captures
                    .get(index)
                    .ok_or("there is no such capture")?;
                let modified = SystemTime::now() - Duration::from_secs(number_in(age)?);
                let (left, how) = cut(capture, number_in(seed)?, modified);
                self.insert(new, left);
                Ok(format!("cut {how}"))
            }
            ("forget", []) => {
                found.planned.clear();
                found.captures.clear();
                Ok("forgotten".to_owned())
            }
            ("drop", []) => {
                self.names.remove(name);
                self.mounted.remove(&number);
                Ok("dropped".to_owned())
            }
            _ => Err(format!("unknown command: {line}")),
        }
    }
}

fn number_in(word: &str) -> Result<u64, String> {
    word.parse().map_err(|_| format!("{word} is no number"))
}
