//! Reading invents and hides nothing in logs that the fuzzer's bytes describe.

use crate::choices::Choices;
use crate::{never_hide, never_invent};

pub fn check(bytes: &[u8]) {
    const PROPERTIES: [fn(&mut Choices<'_>); 9] = [
        never_invent::one_fault,
        never_invent::several_faults_of_ours,
        never_invent::undamaged_line,
        never_invent::judged_as_the_contract_says,
        never_hide::one_fault,
        never_hide::several_faults_of_ours,
        never_hide::torn_then_whole,
        never_hide::followed,
        never_hide::pending_beginning,
    ];
    let mut choices = Choices::new(bytes);
    choices.of(&PROPERTIES)(&mut choices);
}
