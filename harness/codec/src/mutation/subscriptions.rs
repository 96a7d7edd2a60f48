//! SUBSCRIBE and UNSUBSCRIBE: Topic Filters and Subscription Options.

use super::base::Base;
use super::expectation::{Breach, breaches};
use super::mutants::Mutants;
use super::{Cut, Edit, Operator};
use crate::Version;
use crate::model::Packet;

pub(super) static OPERATORS: &[Operator] = &[
    Operator::new("no-filter", "no Topic Filter at all", no_filter),
    Operator::new("empty-filter", "an empty Topic Filter", empty_filter),
    Operator::new("misplaced-wildcard", "a wildcard that is not a level of its own", misplaced_wildcard),
    Operator::new("wildcard", "a wildcard in its place", wildcard),
    Operator::new("malformed-share", "a Shared Subscription without name or filter", malformed_share),
    Operator::new("no-local-on-shared", "No Local on a Shared Subscription", no_local),
    Operator::new("subscription-qos-3", "a QoS of 3 in the Subscription Options", qos_3),
    Operator::new("retain-handling-3", "a Retain Handling of 3", retain_handling_3),
    Operator::new("reserved-options", "a reserved bit of the Subscription Options", reserved_options),
    Operator::new("options", "other Subscription Options", options),
    Operator::new("options-missing", "no Subscription Options behind the last Topic Filter", options_missing),
    Operator::new("repeated-filter", "the same Topic Filter twice", repeated_filter),
];

breaches! {
    NO_FILTER_TO_SUBSCRIBE: PROTOCOL_ERROR, v3 ["MQTT-3.8.3-3"], v5 ["MQTT-3.8.3-2"];
    NO_FILTER_TO_UNSUBSCRIBE: PROTOCOL_ERROR, v3 ["MQTT-3.10.3-2"], v5 ["MQTT-3.10.3-2"];
    EMPTY_FILTER: TOPIC_FILTER_INVALID, v3 ["MQTT-4.7.3-1"], v5 ["MQTT-4.7.3-1"];
    MULTI_LEVEL: TOPIC_FILTER_INVALID, v3 ["MQTT-4.7.1-2"], v5 ["MQTT-4.7.1-1"];
    SINGLE_LEVEL: TOPIC_FILTER_INVALID, v3 ["MQTT-4.7.1-3"], v5 ["MQTT-4.7.1-2"];
    NO_SHARE_NAME: TOPIC_FILTER_INVALID, v3 -, v5 ["MQTT-4.8.2-1"];
    SHARE_NAME: TOPIC_FILTER_INVALID, v3 -, v5 ["MQTT-4.8.2-2"];
    NO_LOCAL: PROTOCOL_ERROR, v3 -, v5 ["MQTT-3.8.3-4"];
    QOS_3: PROTOCOL_ERROR, v3 ["MQTT-3.8.3-4"], v5 ["E5-43"];
    RETAIN_HANDLING_3: PROTOCOL_ERROR, v3 -, v5 ["E5-44"];
    RESERVED: MALFORMED_PACKET, v3 ["MQTT-3.8.3-4"], v5 ["MQTT-3.8.3-5"];
    CUT: MALFORMED_PACKET, v3 [], v5 [];
}

const QOS: u32 = 0b0000_0011;
const NO_LOCAL_BIT: u32 = 0b0000_0100;
const RETAIN_HANDLING: u32 = 0b0011_0000;

/// The Topic Filters of the packet; empty where it has none.
fn filters<'a>(base: &Base<'a>) -> Vec<&'a str> {
    match base.packet {
        Packet::Subscribe(subscribe) => {
            subscribe.filters.iter().map(|subscription| &*subscription.filter).collect()
        }
        Packet::Unsubscribe(unsubscribe) => unsubscribe.filters.iter().map(|filter| &**filter).collect(),
        _ => Vec::new(),
    }
}

fn filter(index: usize) -> String {
    format!("filters[{index}].filter")
}

fn set_options(index: usize, value: u32) -> Edit {
    Edit::SetInteger { field: format!("filters[{index}].options"), value }
}

/// The options of each subscription, in their order.
fn options_of(base: &Base<'_>) -> Vec<u32> {
    let Packet::Subscribe(subscribe) = base.packet else { return Vec::new() };
    let bits = |options: &crate::model::SubscriptionOptions| {
        let rest = if base.version == Version::V5_0 {
            u32::from(options.no_local) << 2
                | u32::from(options.retain_as_published) << 3
                | (options.retain_handling as u32) << 4
        } else {
            0
        };
        u32::from(options.qos.bits()) | rest
    };
    subscribe.filters.iter().map(|subscription| bits(&subscription.options)).collect()
}

fn no_filter(base: &Base<'_>, mutants: &mut Mutants) {
    let count = filters(base).len();
    let edits = (0..count).map(|_| Edit::Remove { field: "filters[0]".to_owned() }).collect();
    match base.packet {
        Packet::Subscribe(_) => mutants.close("", || edits, &NO_FILTER_TO_SUBSCRIBE),
        Packet::Unsubscribe(_) => mutants.close("", || edits, &NO_FILTER_TO_UNSUBSCRIBE),
        _ => {}
    }
}

fn empty_filter(base: &Base<'_>, mutants: &mut Mutants) {
    for index in 0..filters(base).len() {
        let edit = || Edit::Set { field: filter(index), bytes: b""[..].into() };
        mutants.refuse(format_args!("filters.{index}"), || vec![edit()], &EMPTY_FILTER);
    }
}

fn misplaced_wildcard(base: &Base<'_>, mutants: &mut Mutants) {
    let ends: [(&str, &'static [u8], &Breach); 6] = [
        ("hash-in-level", b"/a#", &MULTI_LEVEL),
        ("hash-before-end", b"/#/b", &MULTI_LEVEL),
        ("level-behind-hash", b"/#/", &MULTI_LEVEL),
        ("two-hashes", b"/##", &MULTI_LEVEL),
        ("plus-behind-text", b"/a+", &SINGLE_LEVEL),
        ("plus-before-text", b"/+a", &SINGLE_LEVEL),
    ];
    for (index, text) in filters(base).into_iter().enumerate() {
        // Behind a wildcard more than one thing may be wrong.
        if text.contains(['#', '+']) {
            continue;
        }
        for (how, end, breach) in ends {
            let edit = || Edit::InsertAfter { field: format!("{}.data", filter(index)), bytes: end.into() };
            mutants.refuse(format_args!("filters.{index}={how}"), || vec![edit()], breach);
        }
    }
}

fn wildcard(base: &Base<'_>, mutants: &mut Mutants) {
    let ends: [(&str, &'static [u8]); 7] = [
        ("hash", b"/#"),
        ("plus", b"/+"),
        ("plus-inside", b"/+/b"),
        ("two-pluses", b"/+/+"),
        ("plus-and-hash", b"/+/#"),
        ("empty-levels", b"//+//#"),
        ("empty-level-behind", b"/+/"),
    ];
    for (index, text) in filters(base).into_iter().enumerate() {
        if text.contains(['#', '+']) {
            continue;
        }
        for (how, end) in ends {
            let edit = || Edit::InsertAfter { field: format!("{}.data", filter(index)), bytes: end.into() };
            mutants.accept_where(format_args!("filters.{index}={how}"), || vec![edit()], &["wildcard"]);
        }
    }
}

/// In 3.1.1 these are filters as any other, or names that a Server keeps for itself.
fn malformed_share(base: &Base<'_>, mutants: &mut Mutants) {
    let names: [(&str, &'static [u8], &Breach); 6] = [
        ("nothing-behind", b"$share/", &NO_SHARE_NAME),
        ("no-name", b"$share//mqttspec", &NO_SHARE_NAME),
        ("no-filter", b"$share/mqttspec", &SHARE_NAME),
        ("empty-filter", b"$share/mqttspec/", &SHARE_NAME),
        ("plus-as-name", b"$share/+/mqttspec", &SHARE_NAME),
        ("hash-in-name", b"$share/a#/mqttspec", &SHARE_NAME),
    ];
    for index in 0..filters(base).len() {
        for (how, name, breach) in names {
            let edit = || Edit::Set { field: filter(index), bytes: name.into() };
            mutants.refuse(format_args!("filters.{index}={how}"), || vec![edit()], breach);
        }
    }
}

fn no_local(base: &Base<'_>, mutants: &mut Mutants) {
    for (index, (options, text)) in options_of(base).into_iter().zip(filters(base)).enumerate() {
        if !text.starts_with("$share/") {
            let share = Edit::InsertBefore {
                field: format!("{}.data", filter(index)),
                bytes: b"$share/mqttspec/"[..].into(),
            };
            let edits = vec![share, set_options(index, options | NO_LOCAL_BIT)];
            mutants.close(format_args!("filters.{index}"), || edits, &NO_LOCAL);
        }
    }
}

fn qos_3(base: &Base<'_>, mutants: &mut Mutants) {
    for (index, options) in options_of(base).into_iter().enumerate() {
        mutants.close(format_args!("filters.{index}"), || vec![set_options(index, options | QOS)], &QOS_3);
    }
}

fn retain_handling_3(base: &Base<'_>, mutants: &mut Mutants) {
    for (index, options) in options_of(base).into_iter().enumerate() {
        let edits = vec![set_options(index, options | RETAIN_HANDLING)];
        mutants.close(format_args!("filters.{index}"), || edits, &RETAIN_HANDLING_3);
    }
}

fn reserved_options(base: &Base<'_>, mutants: &mut Mutants) {
    let first = if base.version == Version::V5_0 { 6 } else { 2 };
    for (index, options) in options_of(base).into_iter().enumerate() {
        for bit in first..8 {
            let edits = vec![set_options(index, options | 1 << bit)];
            mutants.close(format_args!("filters.{index}=bit-{bit}"), || edits, &RESERVED);
        }
    }
}

fn options(base: &Base<'_>, mutants: &mut Mutants) {
    let highest = if base.version == Version::V5_0 { 0b0010_1110 } else { QOS };
    for (index, (current, text)) in options_of(base).into_iter().zip(filters(base)).enumerate() {
        for value in 0..=highest {
            let is_defined = value & QOS != QOS && value & RETAIN_HANDLING != RETAIN_HANDLING;
            let is_shared = base.version == Version::V5_0 && text.starts_with("$share/");
            if is_defined && value != current && !(is_shared && value & NO_LOCAL_BIT != 0) {
                mutants.accept(format_args!("filters.{index}=0x{value:02x}"), || {
                    vec![set_options(index, value)]
                });
            }
        }
    }
}

fn options_missing(base: &Base<'_>, mutants: &mut Mutants) {
    if let Some(last) = options_of(base).len().checked_sub(1) {
        let field = format!("filters[{last}].options");
        mutants.close("", || vec![Edit::Truncate { field, cut: Cut::Keep(0) }], &CUT);
    }
}

fn repeated_filter(base: &Base<'_>, mutants: &mut Mutants) {
    for index in 0..filters(base).len() {
        let edit = || Edit::Duplicate { field: format!("filters[{index}]") };
        mutants.accept(format_args!("filters.{index}"), || vec![edit()]);
    }
}
