//! What a run knows that a plan does not: the values of placeholders.

use std::collections::BTreeMap;
use std::fmt;

use bytestring::ByteString;

use crate::plan::Value;

/// The values of the placeholders of one run of a case.
///
/// `$t` is the topic root, `$id` the Client Identifier of the client at hand, `$id.NAME` that of the client
/// NAME, `$(NAME)` a captured value. A token of other letters is no placeholder, so `$share` and `$SYS` stay.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// What `$t` stands for.
    pub topic_root: String,
    /// What `$id` stands for, by client.
    pub client_ids: BTreeMap<String, String>,
    /// What `$(NAME)` stands for, by name.
    pub captured: BTreeMap<String, Value>,
}

/// A placeholder that stands for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPlaceholder {
    /// The placeholder as written.
    pub token: String,
}

impl fmt::Display for UnknownPlaceholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` stands for nothing here", self.token)
    }
}

impl std::error::Error for UnknownPlaceholder {}

/// A piece of a string.
enum Piece<'a> {
    Plain(&'a str),
    TopicRoot,
    OwnId,
    IdOf(&'a str),
    Captured(Captured<'a>),
}

/// A captured value as a placeholder names it: `$(NAME)`, or `$(NAME:reversed)` for its bytes from last to first.
#[derive(Clone, Copy)]
struct Captured<'a> {
    name: &'a str,
    reversed: bool,
}

impl<'a> Captured<'a> {
    fn named(inner: &'a str) -> Self {
        match inner.strip_suffix(":reversed") {
            Some(name) => Self { name, reversed: true },
            None => Self { name: inner, reversed: false },
        }
    }

    fn bytes(self, value: &Value) -> Vec<u8> {
        let mut bytes = match value {
            Value::Bytes(bytes) => bytes.to_vec(),
            other => plain(other).into_bytes(),
        };
        if self.reversed {
            bytes.reverse();
        }
        bytes
    }
}

impl Scope {
    /// A string with its placeholders filled in, as the client `client` says it.
    ///
    /// # Errors
    /// When a placeholder names a client or a capture that does not exist.
    pub fn fill(&self, text: &str, client: &str) -> Result<String, UnknownPlaceholder> {
        let mut filled = String::with_capacity(text.len());
        for piece in pieces(text) {
            match piece {
                Piece::Plain(plain) => filled.push_str(plain),
                Piece::TopicRoot => filled.push_str(&self.topic_root),
                Piece::OwnId => filled.push_str(self.id_of(client, || "$id".to_owned())?),
                Piece::IdOf(name) => filled.push_str(self.id_of(name, || format!("$id.{name}"))?),
                Piece::Captured(captured) => {
                    filled.push_str(&String::from_utf8_lossy(&self.bytes_of(captured)?));
                }
            }
        }
        Ok(filled)
    }

    /// The same for the strings of packets.
    ///
    /// # Errors
    /// As for [`Scope::fill`].
    pub(crate) fn fill_text(
        &self,
        text: &ByteString,
        client: &str,
    ) -> Result<ByteString, UnknownPlaceholder> {
        if text.contains('$') { self.fill(text, client).map(ByteString::from) } else { Ok(text.clone()) }
    }

    /// The exact bytes of a captured value, where a string is nothing but the placeholder of one.
    ///
    /// # Errors
    /// When nothing was captured under that name.
    pub(crate) fn whole_capture(&self, text: &str) -> Result<Option<Vec<u8>>, UnknownPlaceholder> {
        match pieces(text).as_slice() {
            [Piece::Captured(captured)] => self.bytes_of(*captured).map(Some),
            _ => Ok(None),
        }
    }

    fn bytes_of(&self, captured: Captured<'_>) -> Result<Vec<u8>, UnknownPlaceholder> {
        let value = self.captured.get(captured.name);
        let value = value.ok_or_else(|| UnknownPlaceholder { token: format!("$({})", captured.name) })?;
        Ok(captured.bytes(value))
    }

    fn id_of(&self, client: &str, token: impl FnOnce() -> String) -> Result<&str, UnknownPlaceholder> {
        self.client_ids.get(client).map(String::as_str).ok_or_else(|| UnknownPlaceholder { token: token() })
    }
}

/// The form that a captured value takes inside a string.
fn plain(value: &Value) -> String {
    match value {
        Value::Flag(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.to_string(),
        Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::List(values) => values.iter().map(plain).collect::<Vec<_>>().join(","),
    }
}

/// Cuts a string at its placeholders.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('$') {
        let (before, from) = rest.split_at(start);
        if !before.is_empty() {
            pieces.push(Piece::Plain(before));
        }
        let (piece, after) = placeholder(from);
        pieces.push(piece);
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Plain(rest));
    }
    pieces
}

/// Reads the placeholder at the start of a string that begins with a dollar sign, or takes that sign as it is.
fn placeholder(from: &str) -> (Piece<'_>, &str) {
    let after_sign = from.strip_prefix('$').unwrap_or(from);
    if let Some((name, rest)) = after_sign.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
        return (Piece::Captured(Captured::named(name)), rest);
    }
    match split_word(after_sign) {
        ("t", rest) => (Piece::TopicRoot, rest),
        ("id", rest) => match rest.strip_prefix('.').map(split_word) {
            Some((name, after)) if !name.is_empty() => (Piece::IdOf(name), after),
            _ => (Piece::OwnId, rest),
        },
        _ => (Piece::Plain("$"), after_sign),
    }
}

/// The letters, digits and underscores at the start of a string, and what follows them.
fn split_word(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::{Scope, Value};

    fn scope() -> Scope {
        Scope {
            topic_root: "r7".into(),
            client_ids: [("pub".into(), "cPUB".into()), ("sub".into(), "cSUB".into())].into(),
            captured: [("n".into(), Value::Number(9)), ("s".into(), Value::Text("x/y".into()))].into(),
        }
    }

    #[test]
    fn tokens_end_where_their_letters_end() {
        for (text, filled) in [
            ("$t/a", "r7/a"),
            ("$t", "r7"),
            ("$t$t", "r7r7"),
            ("a/$id", "a/cPUB"),
            ("$id.sub/x", "cSUB/x"),
            ("$id./x", "cPUB./x"),
            ("$(n)-$(s)", "9-x/y"),
            ("$(s:reversed)", "y/x"),
            ("$share/$id/$t/#", "$share/cPUB/r7/#"),
            ("$SYS/#", "$SYS/#"),
            ("$tst $t_x $ $", "$tst $t_x $ $"),
            ("$(n", "$(n"),
            ("gr\u{fc}n", "gr\u{fc}n"),
        ] {
            assert_eq!(scope().fill(text, "pub").as_deref(), Ok(filled), "{text}");
        }
    }

    #[test]
    fn a_capture_alone_keeps_its_bytes() {
        let mut scope = scope();
        scope.captured.insert("raw".into(), Value::Bytes(bytes::Bytes::from_static(&[0x80, 1])));
        assert_eq!(scope.whole_capture("$(raw)"), Ok(Some(vec![0x80, 1])));
        assert_eq!(scope.whole_capture("$(raw:reversed)"), Ok(Some(vec![1, 0x80])));
        assert_eq!(scope.whole_capture("$(raw)x"), Ok(None));
        assert_eq!(scope.whole_capture("$(m:reversed)").unwrap_err().token, "$(m)");
    }

    #[test]
    fn what_stands_for_nothing_is_named() {
        assert_eq!(scope().fill("$id.other", "pub").unwrap_err().token, "$id.other");
        assert_eq!(scope().fill("$(m)", "pub").unwrap_err().token, "$(m)");
        assert_eq!(scope().fill("$id", "nobody").unwrap_err().token, "$id");
    }
}
