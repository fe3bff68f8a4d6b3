//! Overwriting the damaged stretches with line ends keeps the entries and leaves no damage.

use skill_log::damage::Damage;
use skill_log::reader::ReadOptions;

use crate::choices::Choices;
use crate::read_all::{Found, read_with};
use crate::sweeps::any_faulty_log;

pub fn check(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let log = any_faulty_log(&mut choices);
    let read = |file: &[u8]| read_with(file, &[usize::MAX], ReadOptions::default());
    let before = read(&log.bytes);
    let mut repaired = log.bytes.clone();
    // Repair leaves a line with a doubtful piece as it is.
    let is_to_be_repaired = |damage: &&Damage| damage.doubtful.is_empty();
    for damage in before.damage.iter().filter(is_to_be_repaired) {
        for &(offset, length) in &damage.damaged {
            repaired[offset as usize..(offset + length) as usize].fill(b'\n');
        }
    }
    let after = read(&repaired);
    let entries = |found: &Found| -> Vec<(u64, Vec<u8>)> {
        let entries = found.entries.iter();
        entries
            .map(|(line, place)| (place.offset, line.clone()))
            .collect()
    };
    assert_eq!(entries(&after), entries(&before), "{log:?}");
    assert_eq!(after.pending, before.pending, "{log:?}");
    // The damage that is left has no room for a line end, or is doubtful.
    for damage in &after.damage {
        assert!(
            damage.damaged.is_empty() || !damage.doubtful.is_empty(),
            "{damage:?} {log:?}"
        );
    }
    assert_eq!(entries(&read(&repaired)), entries(&before));
}
