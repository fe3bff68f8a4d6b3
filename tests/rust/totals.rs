//! Totals of several logs are the statistics of one log that has all their entries.

use proptest::prelude::*;
use skill_log::Entry;
use skill_log::index::select::Rows;
use skill_log::index::totals::Totals;

use crate::index::{entries, index_of};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn totals_of_several_logs_are_the_statistics_of_all_of_them_in_one(
        logs in prop::collection::vec((entries(), prop::option::of(prop::collection::vec(0u32..40, 0..40))), 0..5),
    ) {
        let mut totals = Totals::default();
        // What is asked of the logs before, and the rows of it that were added so far.
        let (mut all, mut added): (Vec<Entry<'static>>, Vec<u32>) = Default::default();
        for (entries, some) in logs {
            let count = entries.len() as u32;
            let before = all.len() as u32;
            // It is gone before the next one comes.
            let rows = some.as_deref().map_or(Rows::All, Rows::These);
            totals.add(&index_of(&entries), rows).unwrap();
            let asked = some.unwrap_or_else(|| (0..count).collect());
            added.extend(asked.into_iter().filter(|&row| row < count).map(|row| before + row));
            all.extend(entries);
            prop_assert_eq!(totals.stats().unwrap(), index_of(&all).stats(Rows::These(&added)).unwrap());
        }
    }

    #[test]
    fn totals_of_the_parts_of_a_log_are_its_statistics(
        entries in entries(),
        of_part in prop::collection::vec(0usize..4, 30),
    ) {
        let index = index_of(&entries);
        let mut parts = [const { Vec::new() }; 4];
        for (row, part) in (0..entries.len() as u32).zip(of_part) {
            parts[part].push(row);
        }
        let mut totals = Totals::default();
        for part in &parts {
            totals.add(&index, Rows::These(part)).unwrap();
        }
        prop_assert_eq!(totals.stats().unwrap(), index.stats(Rows::These(&parts.concat())).unwrap());
    }
}
