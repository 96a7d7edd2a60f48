//! From a case as written to one tree for each version and each row of its `foreach`.

mod digest;
mod foreach;
mod mutants;
mod sets;
mod substitute;
mod version;

pub(crate) use digest::{digest, digest_of};
pub(crate) use foreach::{Row, rows, with_items};
pub(crate) use mutants::{MUTATION, Request, request};
pub(crate) use sets::Sets;
pub(crate) use substitute::substitute;
pub(crate) use version::{choose, parse_version};
