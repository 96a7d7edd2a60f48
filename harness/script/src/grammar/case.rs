//! The keys of a case.

use super::packets::connect_keys;
use super::shape::{Key, Shape};
use super::verbs::STEP;
use super::vocabulary::CAPABILITIES;

/// A case after the choice of a version and the expansion of `foreach`.
pub(crate) const CASE: Shape = Shape::Map("case", case_keys);

/// The keys of a case, in the order in which the formatter puts them.
pub(crate) fn case_keys() -> Vec<Key> {
    vec![
        Key::new("id", Shape::Word, "The name of the case in its file, never changed").required(),
        Key::new("title", Shape::Text, "What the case shows, in one line for people").required(),
        Key::new(
            "covers",
            Shape::List(&Shape::Statement),
            "By version, the rules that the case puts to the test",
        )
        .required(),
        Key::new("tags", Shape::List(&Shape::Word), "Free words to select by"),
        Key::new(
            "needs",
            Shape::List(&Shape::OneOf(CAPABILITIES)),
            "The capabilities that the broker must have",
        ),
        Key::new("exclusive", Shape::Flag, "Whether the case must run alone"),
        Key::new(
            "foreach",
            Shape::MapOf(&FOREACH),
            "Names with lists of items, `set(NAME)`, `range(FIRST, LAST)` or `mutants(VERDICT)`; the case is made once for each combination",
        ),
        Key::new("clients", Shape::MapOf(&CLIENT), "The clients by name; one called `client` unless given"),
        Key::new(
            "control",
            Shape::List(&STEP),
            "Steps that show that the broker accepts what is well-formed",
        ),
        Key::new("script", Shape::List(&STEP), "The steps").required(),
    ]
}

/// Expansion has read it before the tables are asked; the schema is what needs its form.
const FOREACH: Shape = Shape::Union(&[Shape::Text, Shape::List(&Shape::Anything)]);

const CLIENT: Shape = Shape::Map("client", client_keys);

fn client_keys() -> Vec<Key> {
    let mut keys = vec![
        Key::new("version", Shape::Version, "The version that it speaks; that of the case unless given"),
        Key::new(
            "transport",
            Shape::OneOf(&["websocket"]),
            "The transport that it uses; that of the run unless given",
        ),
        Key::new(
            "acknowledge",
            Shape::Flag,
            "Whether its deliveries are acknowledged for it; true unless given",
        ),
        Key::new(
            "reply_in_any_version",
            Shape::Flag,
            "Whether replies in the form of the other version are read as well",
        ),
    ];
    keys.extend(connect_keys());
    keys
}
