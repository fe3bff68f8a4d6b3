//! Tests the core from outside: natively, and what depends on the machine in WebAssembly too.

mod conformance;
mod nesting;

#[cfg(not(target_arch = "wasm32"))]
mod choices;
#[cfg(not(target_arch = "wasm32"))]
mod codec;
#[cfg(not(target_arch = "wasm32"))]
mod columns;
#[cfg(not(target_arch = "wasm32"))]
mod contract;
#[cfg(not(target_arch = "wasm32"))]
mod damage;
#[cfg(not(target_arch = "wasm32"))]
mod faults;
#[cfg(not(target_arch = "wasm32"))]
mod generate;
#[cfg(not(target_arch = "wasm32"))]
mod index;
#[cfg(not(target_arch = "wasm32"))]
mod many_logs;
#[cfg(not(target_arch = "wasm32"))]
mod never_hide;
#[cfg(not(target_arch = "wasm32"))]
mod never_invent;
#[cfg(not(target_arch = "wasm32"))]
mod portable;
#[cfg(not(target_arch = "wasm32"))]
mod read_all;
#[cfg(not(target_arch = "wasm32"))]
mod row_batch;
#[cfg(not(target_arch = "wasm32"))]
mod row_cache;
#[cfg(not(target_arch = "wasm32"))]
mod sweeps;
#[cfg(not(target_arch = "wasm32"))]
mod totals;
#[cfg(not(target_arch = "wasm32"))]
mod writers;
