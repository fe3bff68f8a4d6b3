//! Answers the requests of the kernel.

use std::ffi::OsStr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use fuser::{
    BsdFileFlags, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation,
    INodeNo, LockOwner, OpenFlags, RenameFlags, ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory,
    ReplyEmpty, ReplyEntry, ReplyOpen, ReplyWrite, Request, TimeOrNow, WriteFlags,
};

use crate::disk::{Content, Directory, Disk, File, Node, ROOT};
use crate::disks::{Disks, inode, place};

/// How long the kernel keeps names and sizes: all changes pass through it.
const KEPT: Duration = Duration::from_secs(60);

pub struct Requests {
    pub disks: Arc<Mutex<Disks>>,
    pub owner: (u32, u32),
}

impl Requests {
    fn disks(&self) -> MutexGuard<'_, Disks> {
        self.disks.lock().expect("no thread panics")
    }

    /// Calls `read` with a disk and the number of a node on it.
    fn look<T>(&self, number: INodeNo, read: impl FnOnce(&Disk, u64) -> Option<T>) -> Option<T> {
        let (disk, node) = place(number.into());
        read(&self.disks().mounted.get(&disk)?.disk, node)
    }

    /// Calls `change` with a disk and the number of a node on it.
    fn change<T>(
        &self,
        number: INodeNo,
        change: impl FnOnce(&mut Disk, u64) -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        let (disk, node) = place(number.into());
        self.disks()
            .change(disk, |disk| change(disk, node))
            .unwrap_or(Err(Errno::EPERM))
    }

    fn attributes(&self, number: INodeNo) -> Option<FileAttr> {
        if number == INodeNo::ROOT {
            let node = Disk::new(self.owner).nodes.remove(&ROOT)?;
            return Some(attributes(number, &node));
        }
        self.look(number, |disk, node| {
            Some(attributes(number, disk.nodes.get(&node)?))
        })
    }

    /// Makes a file or a directory.
    fn make(
        &self,
        parent: INodeNo,
        name: &OsStr,
        content: Content,
        mode: u32,
        owner: (u32, u32),
    ) -> Result<FileAttr, Errno> {
        let (number, _) = place(parent.into());
        self.change(parent, |disk, directory| {
            if disk.child(directory, name).is_some() {
                return Err(Errno::EEXIST);
            }
            let node = disk.add(content, (mode & 0o7777) as u16, owner);
            disk.change(vec![(directory, name.to_owned(), Some(node))]);
            Ok(attributes(INodeNo(inode(number, node)), &disk.nodes[&node]))
        })
    }

    /// Removes a name.
    fn remove(&self, parent: INodeNo, name: &OsStr, is_directory: bool) -> Result<(), Errno> {
        self.change(parent, |disk, directory| {
            let node = disk.child(directory, name).ok_or(Errno::ENOENT)?;
            match disk.directory(node) {
                Some(_) if !is_directory => return Err(Errno::EISDIR),
                Some(Directory { now, .. }) if !now.is_empty() => return Err(Errno::ENOTEMPTY),
                None if is_directory => return Err(Errno::ENOTDIR),
                _ => {}
            }
            disk.change(vec![(directory, name.to_owned(), None)]);
            Ok(())
        })
    }
}

fn attributes(number: INodeNo, node: &Node) -> FileAttr {
    let (kind, size) = match &node.content {
        Content::File(file) => (FileType::RegularFile, file.now.len() as u64),
        Content::Directory(_) => (FileType::Directory, 0),
    };
    FileAttr {
        ino: number,
        size,
        blocks: size.div_ceil(512),
        atime: node.modified,
        mtime: node.modified,
        ctime: node.changed,
        crtime: node.created,
        kind,
        perm: node.mode,
        nlink: 1,
        uid: node.owner.0,
        gid: node.owner.1,
        rdev: 0,
        blksize: 4096,
        flags: 0,
    }
}

/// Answers by `ok`, or by an error.
macro_rules! answer {
    ($reply:expr, $result:expr, |$value:pat_param| $ok:expr) => {
        match $result {
            Ok($value) => $ok,
            Err(error) => $reply.error(error),
        }
    };
}

impl Filesystem for Requests {
    fn lookup(&self, _req: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let found = if parent == INodeNo::ROOT {
            self.disks().named(name).map(|disk| inode(disk, ROOT))
        } else {
            let (number, _) = place(parent.into());
            self.look(parent, |disk, node| disk.child(node, name))
                .map(|node| inode(number, node))
        };
        match found.and_then(|number| self.attributes(INodeNo(number))) {
            Some(attr) => reply.entry(&KEPT, &attr, Generation(0)),
            None => reply.error(Errno::ENOENT),
        }
    }

    fn getattr(&self, _req: &Request, ino: INodeNo, _fh: Option<FileHandle>, reply: ReplyAttr) {
        match self.attributes(ino) {
            Some(attr) => reply.attr(&KEPT, &attr),
            None => reply.error(Errno::ENOENT),
        }
    }

    fn setattr(
        &self,
        _req: &Request,
        ino: INodeNo,
        mode: Option<u32>,
        uid: Option<u32>,
        gid: Option<u32>,
        size: Option<u64>,
        _atime: Option<TimeOrNow>,
        mtime: Option<TimeOrNow>,
        _ctime: Option<SystemTime>,
        _fh: Option<FileHandle>,
        _crtime: Option<SystemTime>,
        _chgtime: Option<SystemTime>,
        _bkuptime: Option<SystemTime>,
        _flags: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let result = self.change(ino, |disk, number| {
            if let Some(size) = size {
                disk.resize(number, size);
            }
            let node = disk.nodes.get_mut(&number).ok_or(Errno::ENOENT)?;
            node.changed = SystemTime::now();
            if let Some(mode) = mode {
                node.mode = (mode & 0o7777) as u16;
            }
            node.owner = (uid.unwrap_or(node.owner.0), gid.unwrap_or(node.owner.1));
            match mtime {
                Some(TimeOrNow::SpecificTime(time)) => node.modified = time,
                Some(TimeOrNow::Now) => node.modified = SystemTime::now(),
                None => {}
            }
            Ok(attributes(ino, node))
        });
        answer!(reply, result, |attr| reply.attr(&KEPT, &attr));
    }

    fn mkdir(
        &self,
        req: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        reply: ReplyEntry,
    ) {
        let content = Content::Directory(Directory::default());
        let result = self.make(parent, name, content, mode & !umask, (req.uid(), req.gid()));
        answer!(reply, result, |attr| reply.entry(
            &KEPT,
            &attr,
            Generation(0)
        ));
    }

    fn create(
        &self,
        req: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        _flags: i32,
        reply: ReplyCreate,
    ) {
        let content = Content::File(File::default());
        let result = self.make(parent, name, content, mode & !umask, (req.uid(), req.gid()));
        answer!(reply, result, |attr| reply.created(
            &KEPT,
            &attr,
            Generation(0),
            FileHandle(0),
            FopenFlags::FOPEN_KEEP_CACHE
        ));
    }

    fn unlink(&self, _req: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        answer!(reply, self.remove(parent, name, false), |()| reply.ok());
    }

    fn rmdir(&self, _req: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        answer!(reply, self.remove(parent, name, true), |()| reply.ok());
    }

    fn rename(
        &self,
        _req: &Request,
        parent: INodeNo,
        name: &OsStr,
        newparent: INodeNo,
        newname: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        let (from_disk, _) = place(parent.into());
        let (to_disk, to) = place(newparent.into());
        if from_disk != to_disk {
            return reply.error(Errno::EXDEV);
        }
        if !flags.is_empty() {
            return reply.error(Errno::EINVAL);
        }
        let result = self.change(parent, |disk, from| {
            let node = disk.child(from, name).ok_or(Errno::ENOENT)?;
            let old = disk.child(to, newname).and_then(|old| disk.directory(old));
            if old.is_some_and(|directory| !directory.now.is_empty()) {
                return Err(Errno::ENOTEMPTY);
            }
            let removed = (from, name.to_owned(), None);
            disk.change(vec![removed, (to, newname.to_owned(), Some(node))]);
            Ok(())
        });
        answer!(reply, result, |()| reply.ok());
    }

    fn open(&self, _req: &Request, _ino: INodeNo, _flags: OpenFlags, reply: ReplyOpen) {
        reply.opened(FileHandle(0), FopenFlags::FOPEN_KEEP_CACHE);
    }

    fn read(
        &self,
        _req: &Request,
        ino: INodeNo,
        _fh: FileHandle,
        offset: u64,
        size: u32,
        _flags: OpenFlags,
        _lock_owner: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let bytes = self.look(ino, |disk, node| Some(Arc::clone(&disk.file(node)?.now)));
        match bytes {
            Some(bytes) => {
                let from = bytes.len().min(offset as usize);
                reply.data(&bytes[from..bytes.len().min(from + size as usize)]);
            }
            None => reply.error(Errno::ENOENT),
        }
    }

    fn write(
        &self,
        _req: &Request,
        ino: INodeNo,
        _fh: FileHandle,
        offset: u64,
        data: &[u8],
        _write_flags: WriteFlags,
        _flags: OpenFlags,
        _lock_owner: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let result = self.change(ino, |disk, node| {
            disk.write(node, offset, data);
            Ok(())
        });
        answer!(reply, result, |()| reply.written(data.len() as u32));
    }

    fn flush(
        &self,
        _req: &Request,
        _ino: INodeNo,
        _fh: FileHandle,
        _lock_owner: LockOwner,
        reply: ReplyEmpty,
    ) {
        reply.ok();
    }

    fn fsync(
        &self,
        _req: &Request,
        ino: INodeNo,
        _fh: FileHandle,
        _datasync: bool,
        reply: ReplyEmpty,
    ) {
        let result = self.change(ino, |disk, node| {
            disk.sync_file(node);
            Ok(())
        });
        answer!(reply, result, |()| reply.ok());
    }

    fn fsyncdir(
        &self,
        _req: &Request,
        ino: INodeNo,
        _fh: FileHandle,
        _datasync: bool,
        reply: ReplyEmpty,
    ) {
        if ino == INodeNo::ROOT {
            return reply.ok();
        }
        let result = self.change(ino, |disk, node| {
            disk.sync_directory(node);
            Ok(())
        });
        answer!(reply, result, |()| reply.ok());
    }

    fn readdir(
        &self,
        _req: &Request,
        ino: INodeNo,
        _fh: FileHandle,
        offset: u64,
        mut reply: ReplyDirectory,
    ) {
        let (number, _) = place(ino.into());
        let children = if ino == INodeNo::ROOT {
            let disks = self.disks();
            Some(
                disks
                    .names
                    .iter()
                    .map(|(name, disk)| (name.into(), inode(*disk, ROOT)))
                    .collect(),
            )
        } else {
            self.look(ino, |disk, node| {
                let now = &disk.directory(node)?.now;
                Some(
                    now.iter()
                        .map(|(name, node)| (name.clone(), inode(number, *node)))
                        .collect(),
                )
            })
        };
        let children: Vec<(std::ffi::OsString, u64)> = children.unwrap_or_default();
        for (index, (name, child)) in children.into_iter().enumerate().skip(offset as usize) {
            let child = INodeNo(child);
            let Some(attr) = self.attributes(child) else {
                continue;
            };
            if reply.add(child, index as u64 + 1, attr.kind, name) {
                break;
            }
        }
        reply.ok();
    }
}
