//! A disk that knows what was synced, and what it may hold after its power was cut.

use std::collections::{BTreeMap, HashMap};
use std::ffi::{OsStr, OsString};
use std::sync::Arc;
use std::time::SystemTime;

/// What stands for the user's memory of what was acknowledged: no cut takes anything from it.
pub const NEVER_LOST: &str = "acknowledged";

/// The number of a disk's first directory.
pub const ROOT: u64 = 1;

/// A change of a file's bytes that no sync followed.
#[derive(Clone)]
pub enum Edit {
    Write {
        at: u64,
        offset: u64,
        bytes: Arc<[u8]>,
    },
    Resize {
        at: u64,
        size: u64,
    },
}

#[derive(Clone, Default)]
pub struct File {
    /// The bytes that programs read.
    pub now: Arc<Vec<u8>>,
    /// The bytes that were synced.
    pub durable: Arc<Vec<u8>>,
    /// The changes since, in order.
    pub edits: Vec<Edit>,
}

/// The entries of a directory: name → number of a node.
pub type Entries = BTreeMap<OsString, u64>;

#[derive(Clone, Default)]
pub struct Directory {
    pub now: Entries,
    pub durable: Entries,
}

#[derive(Clone)]
pub enum Content {
    File(File),
    Directory(Directory),
}

#[derive(Clone)]
pub struct Node {
    pub content: Content,
    pub mode: u16,
    pub owner: (u32, u32),
    pub modified: SystemTime,
    pub changed: SystemTime,
    pub created: SystemTime,
    pub is_never_lost: bool,
}

/// A change of directories that is kept as a whole or lost as a whole: a rename has two entries.
#[derive(Clone)]
pub struct Change {
    pub at: u64,
    /// Directory, name, and the node that the name has from then on.
    pub entries: Vec<(u64, OsString, Option<u64>)>,
}

/// Files and directories, as programs see them and as they were synced.
#[derive(Clone)]
pub struct Disk {
    pub nodes: HashMap<u64, Node>,
    /// The changes of directories that no sync followed, in order.
    pub changes: Vec<Change>,
    /// The number of changes so far, syncs among them.
    pub clock: u64,
    next: u64,
}

impl Disk {
    pub fn new(owner: (u32, u32)) -> Disk {
        let mut disk = Disk {
            nodes: HashMap::new(),
            changes: Vec::new(),
            clock: 0,
            next: ROOT,
        };
        disk.add(Content::Directory(Directory::default()), 0o755, owner);
        disk
    }

    /// Adds a node that no directory names yet.
    pub fn add(&mut self, content: Content, mode: u16, owner: (u32, u32)) -> u64 {
        let time = SystemTime::now();
        let (modified, changed, created) = (time, time, time);
        let node = Node {
            content,
            mode,
            owner,
            modified,
            changed,
            created,
            is_never_lost: false,
        };
        let number = self.next;
        self.next += 1;
        self.nodes.insert(number, node);
        number
    }

    pub fn file(&self, number: u64) -> Option<&File> {
        match &self.nodes.get(&number)?.content {
            Content::File(file) => Some(file),
            Content::Directory(_) => None,
        }
    }

    pub fn directory(&self, number: u64) -> Option<&Directory> {
        match &self.nodes.get(&number)?.content {
            Content::Directory(directory) => Some(directory),
            Content::File(_) => None,
        }
    }

    fn directory_mut(&mut self, number: u64) -> Option<&mut Directory> {
        match &mut self.nodes.get_mut(&number)?.content {
            Content::Directory(directory) => Some(directory),
            Content::File(_) => None,
        }
    }

    pub fn child(&self, directory: u64, name: &OsStr) -> Option<u64> {
        self.directory(directory)?.now.get(name).copied()
    }

    /// Writes bytes to a file. Nothing of them is durable.
    pub fn write(&mut self, number: u64, offset: u64, bytes: &[u8]) {
        self.clock += 1;
        let at = self.clock;
        let edit = Edit::Write {
            at,
            offset,
            bytes: bytes.into(),
        };
        self.edit(number, edit, |now| overwrite(now, offset as usize, bytes));
    }

    pub fn resize(&mut self, number: u64, size: u64) {
        self.clock += 1;
        let edit = Edit::Resize {
            at: self.clock,
            size,
        };
        self.edit(number, edit, |now| now.resize(size as usize, 0));
    }

    fn edit(&mut self, number: u64, edit: Edit, change: impl FnOnce(&mut Vec<u8>)) {
        let Some(node) = self.nodes.get_mut(&number) else {
            return;
        };
        node.modified = SystemTime::now();
        node.changed = node.modified;
        let Content::File(file) = &mut node.content else {
            return;
        };
        change(Arc::make_mut(&mut file.now));
        if node.is_never_lost {
            file.durable = Arc::clone(&file.now);
        } else {
            file.edits.push(edit);
        }
    }

    /// Changes entries of directories. Nothing of it is durable.
    pub fn change(&mut self, entries: Vec<(u64, OsString, Option<u64>)>) {
        self.clock += 1;
        for (directory, name, node) in &entries {
            self.apply(*directory, name, *node, false);
        }
        let is_never_lost = entries.iter().any(|(_, name, _)| name == NEVER_LOST);
        self.changes.push(Change {
            at: self.clock,
            entries: entries.clone(),
        });
        if !is_never_lost {
            return;
        }
        for (directory, _, node) in entries {
            self.sync_directory(directory);
            if let Some(node) = node.and_then(|number| self.nodes.get_mut(&number)) {
                node.is_never_lost = true;
            }
        }
    }

    fn apply(&mut self, directory: u64, name: &OsStr, node: Option<u64>, is_durable: bool) {
        let Some(found) = self.directory_mut(directory) else {
            return;
        };
        let entries = if is_durable {
            &mut found.durable
        } else {
            &mut found.now
        };
        match node {
            Some(node) => entries.insert(name.to_owned(), node),
            None => entries.remove(name),
        };
        if let (false, Some(node)) = (is_durable, self.nodes.get_mut(&directory)) {
            node.modified = SystemTime::now();
            node.changed = node.modified;
        }
    }

    /// Makes a file's bytes durable, but not its name.
    pub fn sync_file(&mut self, number: u64) {
        self.clock += 1;
        let Some(node) = self.nodes.get_mut(&number) else {
            return;
        };
        let Content::File(file) = &mut node.content else {
            return;
        };
        file.durable = Arc::clone(&file.now);
        file.edits.clear();
    }

    /// Makes the entries of a directory durable, but not what they name.
    pub fn sync_directory(&mut self, number: u64) {
        self.clock += 1;
        // A change of the directory also needs the earlier changes of the entries that it names.
        let mut needed: Vec<(u64, OsString)> = Vec::new();
        let mut kept = Vec::new();
        let mut synced = Vec::new();
        for change in std::mem::take(&mut self.changes).into_iter().rev() {
            let is_synced = change.entries.iter().any(|(directory, name, _)| {
                *directory == number || needed.iter().any(|(d, n)| d == directory && n == name)
            });
            if is_synced {
                needed.extend(change.entries.iter().map(|(d, name, _)| (*d, name.clone())));
                synced.push(change);
            } else {
                kept.push(change);
            }
        }
        kept.reverse();
        self.changes = kept;
        for change in synced.into_iter().rev() {
            for (directory, name, node) in change.entries {
                self.apply(directory, &name, node, true);
            }
        }
    }

    /// Makes everything durable that the disk holds now, and sets the times of change.
    pub fn settle(&mut self, modified: SystemTime) {
        self.changes.clear();
        for node in self.nodes.values_mut() {
            node.modified = modified;
            node.changed = modified;
            node.is_never_lost = false;
            match &mut node.content {
                Content::File(file) => {
                    file.durable = Arc::clone(&file.now);
                    file.edits.clear();
                }
                Content::Directory(directory) => directory.durable = directory.now.clone(),
            }
        }
    }
}

/// Writes bytes over others, and after them. A gap is filled with NULs.
pub fn overwrite(into: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if into.len() < offset + bytes.len() {
        into.resize(offset + bytes.len(), 0);
    }
    into[offset..offset + bytes.len()].copy_from_slice(bytes);
}
