//! What each fuzz target checks. It shares its properties with the random tests in tests/rust.

#[path = "../../tests/rust/choices.rs"]
pub mod choices;
#[path = "../../tests/rust/contract.rs"]
pub mod contract;
#[path = "../../tests/rust/faults.rs"]
pub mod faults;
#[path = "../../tests/rust/many_logs.rs"]
pub mod many_logs;
#[path = "../../tests/rust/never_hide.rs"]
pub mod never_hide;
#[path = "../../tests/rust/never_invent.rs"]
pub mod never_invent;
#[path = "../../tests/rust/read_all.rs"]
pub mod read_all;
#[path = "../../tests/rust/row_cache.rs"]
pub mod row_cache;
#[path = "../../tests/rust/sweeps.rs"]
pub mod sweeps;
#[path = "../../tests/rust/writers.rs"]
pub mod writers;

pub mod cache;
pub mod damage;
pub mod decode;
pub mod repair;
pub mod rows;
pub mod scan;
pub mod search;
