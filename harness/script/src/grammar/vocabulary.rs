//! The capabilities that a case can need.

/// Every capability, as the registers of statements name them.
pub(crate) const CAPABILITIES: &[&str] = &[
    "acl-deny-publish",
    "acl-deny-subscribe",
    "auth",
    "bridge",
    "clientid-reject",
    "dollar-topics",
    "enhanced-auth",
    "max-packet-size",
    "max-qos",
    "no-retain",
    "no-shared-subs",
    "no-subscription-ids",
    "no-topic-alias-in",
    "no-wildcard",
    "only-3.1.1",
    "qos1",
    "qos2",
    "reason-strings",
    "receive-maximum",
    "restart",
    "retain",
    "server-keep-alive",
    "session",
    "shared-subs",
    "subscription-ids",
    "tls",
    "topic-alias-in",
    "topic-alias-out",
    "wait",
    "websocket",
    "wildcard",
];

/// A capability by its name, if there is one.
#[must_use]
pub fn capability(name: &str) -> Option<&'static str> {
    CAPABILITIES.iter().find(|known| **known == name).copied()
}
