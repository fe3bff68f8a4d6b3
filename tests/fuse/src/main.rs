//! Mounts disks whose power can be cut. Reads commands from standard input, a line each, and
//! answers each by a line. Unmounts when its input ends.
//!
//!     skill-log-fuse DIRECTORY

mod cut;
mod disk;
mod disks;
mod requests;

use std::io::{BufRead, Write, stdin, stdout};
use std::process::exit;
use std::sync::{Arc, Mutex};

use fuser::{Config, MountOption, Session};

use crate::disks::Disks;
use crate::requests::Requests;

fn main() {
    let Some(directory) = std::env::args_os().nth(1) else {
        eprintln!("usage: skill-log-fuse DIRECTORY");
        exit(2);
    };
    // Safety: these calls cannot fail, and touch no memory.
    let owner = unsafe { (libc::geteuid(), libc::getegid()) };
    let disks = Arc::new(Mutex::new(Disks::default()));
    let mut config = Config::default();
    config.mount_options = vec![
        MountOption::FSName("skill-log-fuse".to_owned()),
        MountOption::NoAtime,
    ];
    let requests = Requests {
        disks: Arc::clone(&disks),
        owner,
    };
    let session = Session::new(requests, &directory, &config).and_then(Session::spawn);
    let _session = match session {
        Ok(session) => session,
        Err(error) => {
            eprintln!("cannot mount {}: {error}", directory.display());
            exit(1);
        }
    };
    println!("mounted");
    for line in stdin().lock().lines().map_while(Result::ok) {
        let answer = disks
            .lock()
            .expect("no thread panics")
            .command(&line, owner);
        let text = answer.unwrap_or_else(|error| format!("error {error}"));
        if writeln!(stdout(), "{text}").is_err() {
            break;
        }
    }
    // Detached, because a program may still have a file of it open.
    let path = std::os::unix::ffi::OsStringExt::into_vec(directory);
    if let Ok(path) = std::ffi::CString::new(path) {
        // Safety: the path is a string that ends in a NUL.
        unsafe { libc::umount2(path.as_ptr(), libc::MNT_DETACH) };
    }
    exit(0);
}
