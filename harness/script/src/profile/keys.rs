//! The keys of a profile.

use crate::baseline::ENTRIES;
use crate::grammar::{CAPABILITIES, Key, Shape};

/// A profile.
pub(crate) const PROFILE: Shape = Shape::Map("profile", profile_keys);

const COMMAND: Shape = Shape::Union(&[Shape::Text, Shape::List(&Shape::Text)]);

/// How connections can come.
pub(super) const TRANSPORTS: &[&str] = &["tcp", "tls", "websocket", "secure-websocket"];

fn profile_keys() -> Vec<Key> {
    vec![
        Key::new("name", Shape::Word, "The name to choose the profile by").required(),
        Key::new("title", Shape::Text, "The broker's name for people; its name unless given"),
        Key::new("install", Shape::Text, "The command that installs the broker, shown when it is not there"),
        Key::new(
            "requires",
            Shape::List(&Shape::Text),
            "Files that the installation leaves, besides the program",
        ),
        Key::new("version", COMMAND, "The command that prints the broker's version"),
        Key::new("environment", Shape::MapOf(&Shape::Text), "Variables of its environment"),
        Key::new("files", Shape::MapOf(&Shape::Text), "Files of its folder, by path and text"),
        Key::new("setup", Shape::List(&COMMAND), "Commands that are run once, before it is first started"),
        Key::new(
            "start",
            COMMAND,
            "The command that is the broker; it must not go to the background. Without it the broker is one that runs already",
        ),
        Key::new("logs", Shape::List(&Shape::Text), "Files that it writes its log to, besides its output"),
        Key::new(
            "alarms",
            Shape::List(&Shape::Text),
            "Texts in its log that tell that something in it broke, besides those that any program may write",
        ),
        Key::new(
            "listeners",
            Shape::List(&LISTENER),
            "Where it takes connections, first of all by TCP; one for both versions, `{port: main}`, unless given",
        ),
        Key::new(
            "ports",
            Shape::List(&Shape::Word),
            "The names of further ports that it needs free, `{{port.NAME}}` each",
        ),
        Key::new("account", Shape::Map("account", account_keys), "What each of its clients has to show"),
        Key::new("declares", Shape::Map("declares", declares_keys), "What it declares about itself"),
        Key::new(
            "deviations",
            ENTRIES,
            "What its documentation says that it does otherwise than the specification: a baseline, unless a run has another",
        ),
        Key::new(
            "notes",
            Shape::List(&NOTE),
            "What its documentation says about parts of the specification, for the implementation statement",
        ),
        Key::new("ready_within", Shape::Duration, "How long it may take until it serves; 10s unless given"),
        Key::new("stop_within", Shape::Duration, "How long it may take to stop in order; 10s unless given"),
    ]
}

const LISTENER: Shape = Shape::Map("listener", listener_keys);

fn listener_keys() -> Vec<Key> {
    vec![
        Key::new("port", Shape::Word, "The name of its port, whose number is `{{port.NAME}}`").required(),
        Key::new("transport", Shape::OneOf(TRANSPORTS), "How connections come; tcp unless given"),
        Key::new("path", Shape::Text, "The path of the WebSocket resource; / unless given"),
        Key::new("versions", Shape::List(&Shape::Version), "The versions that it serves; both unless given"),
        Key::new(
            "provides",
            Shape::List(&Shape::OneOf(CAPABILITIES)),
            "What it provides to the cases that need it; they are played on this listener",
        ),
    ]
}

const NOTE: Shape = Shape::Map("note", note_keys);

fn note_keys() -> Vec<Key> {
    vec![
        Key::new(
            "about",
            Shape::Text,
            "The section or the statement, such as 3.8.4 or MQTT-3.8.4-6; the whole unless given",
        ),
        Key::new("version", Shape::Version, "The version of MQTT that it is about; both unless given"),
        Key::new("says", Shape::Text, "What the documentation says, in your words").required(),
    ]
}

fn account_keys() -> Vec<Key> {
    vec![
        Key::new("user_name", Shape::Text, "User Name").required(),
        Key::new("password", Shape::Text, "Password").required(),
    ]
}

fn declares_keys() -> Vec<Key> {
    vec![
        Key::new("supports", Shape::List(&Shape::OneOf(CAPABILITIES)), "What it supports"),
        Key::new("lacks", Shape::List(&Shape::OneOf(CAPABILITIES)), "What it does not support"),
        Key::new("limits", Shape::Map("limits", limit_keys), "Its limits"),
    ]
}

/// Limits that a broker can declare, as far as a probe can find them out.
pub(super) fn limit_keys() -> Vec<Key> {
    let number = |name, about| Key::new(name, Shape::Number(u32::MAX), about);
    vec![
        number("maximum_qos", "The highest QoS of a message that it takes"),
        number("granted_qos", "The highest QoS that it grants to a subscription"),
        number("receive_maximum", "Receive Maximum"),
        number("maximum_packet_size", "The longest packet that it takes, in bytes"),
        number("topic_alias_maximum", "Topic Alias Maximum"),
        number("session_expiry_interval", "The longest Session Expiry Interval that it grants, in seconds"),
        number("server_keep_alive", "Server Keep Alive, in seconds"),
        number("client_id_length", "The longest Client Identifier that it takes, in bytes"),
        number("topic_length", "The longest Topic Name that it takes, in bytes"),
        number("topic_levels", "The most levels of a Topic Name that it takes"),
    ]
}
