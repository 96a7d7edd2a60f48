//! YAML as a tree of nodes that know their places. The values are `serde_yaml`'s; the places come from a
//! scanner of the layout that the suite's files keep to.

mod layout;
mod node;
mod read;

pub(crate) use layout::Strings;
pub(crate) use node::{Entry, Key, Kind, Node};
pub(crate) use read::{read, read_with};
