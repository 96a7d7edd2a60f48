//! The head of an HTTP message: a first line and headers.

use super::HandshakeError;

/// The number of bytes of the head that the bytes begin with, its empty line included, once it is whole.
#[must_use]
pub fn head_length(bytes: &[u8]) -> Option<usize> {
    const END: &[u8] = b"\r\n\r\n";
    bytes.windows(END.len()).position(|window| window == END).map(|start| start + END.len())
}

/// A head, taken apart.
pub(super) struct Head<'a> {
    pub(super) first: &'a str,
    headers: Vec<(&'a str, &'a str)>,
}

impl<'a> Head<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, HandshakeError> {
        let text = std::str::from_utf8(bytes).map_err(|_| HandshakeError::NotHttp)?;
        let mut lines = text.split("\r\n");
        let first = lines.next().unwrap_or_default();
        let headers = lines.filter_map(|line| line.split_once(':'));
        let headers = headers.map(|(name, value)| (name.trim(), value.trim())).collect();
        Ok(Self { first, headers })
    }

    /// The values of a header, which may come several times.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// The only value of a header.
    pub(super) fn one(&self, name: &'static str) -> Result<&'a str, HandshakeError> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (Some(value), None) => Ok(value),
            (None, _) => Err(HandshakeError::Missing(name)),
            (Some(_), Some(_)) => Err(HandshakeError::Wrong(name)),
        }
    }

    /// The elements of a header that is a list.
    pub(super) fn list(&self, name: &str) -> Vec<&'a str> {
        self.all(name).flat_map(|value| value.split(',')).map(str::trim).filter(|it| !it.is_empty()).collect()
    }

    /// Demands that a list has an element, in capitals or not.
    pub(super) fn demand(&self, name: &'static str, element: &str) -> Result<(), HandshakeError> {
        let list = self.list(name);
        match list.iter().any(|it| it.eq_ignore_ascii_case(element)) {
            true => Ok(()),
            false if list.is_empty() => Err(HandshakeError::Missing(name)),
            false => Err(HandshakeError::Wrong(name)),
        }
    }
}
