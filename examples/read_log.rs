//! Reads a log: prints a line for each entry, and each damaged line.
//!
//! `cargo run --example read_log -- examples/agent-run.jsonl`

use std::error::Error;
use std::io::Read;
use std::{env, fs::File};

use skill_log::damage::Damage;
use skill_log::reader::{ReadOptions, Reader, Record, Sink};
use skill_log::scan::RawEntry;

/// Bytes that are read at once.
const CHUNK: usize = 1 << 20;

/// Prints what a reader finds.
#[derive(Default)]
struct Printed {
    entries: u64,
    damaged: u64,
}

impl Sink for Printed {
    fn entry(&mut self, entry: &RawEntry<'_>, record: Record) {
        let entry = entry.decode();
        self.entries += 1;
        println!(
            "{:>8}  {}  {} {} ({} ms, {} attempts)",
            record.offset,
            entry.timestamp.text(),
            entry.skill,
            entry.final_status,
            entry.duration_ms,
            entry.attempts.len(),
        );
    }

    fn damage(&mut self, damage: Damage) {
        self.damaged += damage.lines;
        println!("{:>8}  {:?}: {}", damage.offset, damage.kind, damage.reason);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args_os().nth(1).ok_or("usage: read_log FILE")?;
    let mut file = File::open(path)?;
    let mut reader = Reader::new(ReadOptions::default());
    let mut printed = Printed::default();
    let refused = |_| "there is not enough memory for a line";
    let mut chunk = vec![0; CHUNK];
    loop {
        let length = file.read(&mut chunk)?;
        if length == 0 {
            break;
        }
        reader.space(length)?.copy_from_slice(&chunk[..length]);
        reader.read(&mut printed).map_err(refused)?;
    }
    reader.finish(&mut printed).map_err(refused)?;
    let (_, pending) = reader.pending();
    println!(
        "{} entries, {} damaged lines, {pending} bytes pending",
        printed.entries, printed.damaged
    );
    Ok(())
}
