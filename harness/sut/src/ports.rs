//! Free ports of the loopback interface.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, TcpListener};

/// A free port for each name. All are held at once, so that they differ; between here and the broker's own `bind`
/// another process could take one, which the system makes unlikely by giving out others first.
pub(crate) fn free_ports<'a>(names: impl IntoIterator<Item = &'a str>) -> io::Result<BTreeMap<String, u16>> {
    let held = names
        .into_iter()
        .map(|name| Ok((name.to_owned(), TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?)))
        .collect::<io::Result<Vec<_>>>()?;
    held.into_iter().map(|(name, listener)| Ok((name, listener.local_addr()?.port()))).collect()
}
