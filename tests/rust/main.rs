//! The core, tested from outside: natively, and what depends on the machine in WebAssembly too.

mod conformance;
mod nesting;

#[cfg(not(target_arch = "wasm32"))]
mod codec;
#[cfg(not(target_arch = "wasm32"))]
mod damage;
#[cfg(not(target_arch = "wasm32"))]
mod generate;
#[cfg(not(target_arch = "wasm32"))]
mod index;
#[cfg(not(target_arch = "wasm32"))]
mod read_all;
#[cfg(not(target_arch = "wasm32"))]
mod row_batch;
#[cfg(not(target_arch = "wasm32"))]
mod totals;
