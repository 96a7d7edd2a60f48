//! The choices of the reference broker, read from a YAML file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fmt, fs, io};

use mqttspec_broker::{Configuration, DeniedPublish, InvalidFilter, Overlapping, Refusal};
use mqttspec_codec::Version;
use mqttspec_codec::model::{QoS, ReasonCode};
use serde::Deserialize;

/// Why there is no configuration.
#[derive(Debug)]
pub(crate) enum ConfigurationError {
    /// The file cannot be read.
    Unreadable { path: PathBuf, error: io::Error },
    /// The file says what cannot be configured.
    Wrong { path: PathBuf, message: String },
}

impl fmt::Display for ConfigurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, error } => write!(f, "{} cannot be read: {error}", path.display()),
            Self::Wrong { path, message } => write!(f, "{}: {message}", path.display()),
        }
    }
}

impl std::error::Error for ConfigurationError {}

/// Declares the keys of the file: each sets the field of its name, by way of a function.
macro_rules! keys {
    ($($name:ident: $kind:ty => $into:expr;)*) => {
        #[derive(Debug, Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        struct Keys {
            redirection: Option<Redirection>,
            $($name: Option<$kind>,)*
        }

        impl Keys {
            fn apply(self, configuration: &mut Configuration) -> Result<(), String> {
                $(
                    if let Some(value) = self.$name {
                        configuration.$name = $into(value).map_err(|why| format!("`{}`: {why}", stringify!($name)))?;
                    }
                )*
                if let Some(Redirection { reason_code, server_reference }) = self.redirection {
                    let code = ReasonCode(reason_code);
                    if ![ReasonCode::USE_ANOTHER_SERVER, ReasonCode::SERVER_MOVED].contains(&code) {
                        return Err("`redirection.reason_code`: expected 156 (0x9c) or 157 (0x9d)".to_owned());
                    }
                    configuration.redirection = Some((code, server_reference.into()));
                }
                Ok(())
            }
        }
    };
}

keys! {
    versions: Vec<String> => versions;
    connect_timeout: f64 => seconds;
    authentication_timeout: f64 => seconds;
    refusal: RefusalName => |name: RefusalName| ok(name.into());
    disconnect_before_close: bool => ok;
    reason_strings: bool => ok;
    maximum_qos: u8 => qos;
    retain_available: bool => ok;
    wildcard_subscriptions: bool => ok;
    subscription_identifiers: bool => ok;
    shared_subscriptions: bool => ok;
    maximum_granted_qos: u8 => qos;
    receive_maximum: u16 => |value| above_zero(value, 0);
    maximum_packet_size: u32 => |value| above_zero(value, 0).map(Some);
    topic_alias_maximum: u16 => ok;
    sends_topic_aliases: bool => ok;
    server_keep_alive: u16 => |value| ok(Some(value));
    session_expiry_maximum: u32 => |value| ok(Some(value));
    response_information: String => text;
    empty_client_id: bool => ok;
    client_id_maximum: usize => longest_client_id;
    client_id_denied: String => text;
    anonymous: bool => ok;
    accounts: BTreeMap<String, String> => accounts;
    denied_topics: String => text;
    denied_publish: DeniedPublishName => |name: DeniedPublishName| ok(name.into());
    authentication_method: String => text;
    overlapping: OverlappingName => |name: OverlappingName| ok(name.into());
    invalid_filter: InvalidFilterName => |name: InvalidFilterName| ok(name.into());
    refuse_disallowed_characters: bool => ok;
    report_no_subscribers: bool => ok;
    validate_payload_format: bool => ok;
    queue_qos0: bool => ok;
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Redirection {
    reason_code: u8,
    server_reference: String,
}

/// Declares the words for a choice.
macro_rules! words {
    ($name:ident for $choice:ident: $($word:literal => $variant:ident),*) => {
        #[derive(Debug, Deserialize)]
        enum $name {
            $(#[serde(rename = $word)] $variant,)*
        }

        impl From<$name> for $choice {
            fn from(name: $name) -> Self {
                match name {
                    $($name::$variant => Self::$variant,)*
                }
            }
        }
    };
}

words!(RefusalName for Refusal: "connack" => ConnAck, "silent" => Silent);
words!(DeniedPublishName for DeniedPublish: "acknowledge" => Acknowledge, "close" => Close);
words!(OverlappingName for Overlapping: "once" => Once, "each-subscription" => EachSubscription);
words!(InvalidFilterName for InvalidFilter: "suback" => SubAck, "close" => Close);

/// The default configuration with what a YAML file says otherwise.
///
/// # Errors
/// When the file cannot be read, or names or sets what cannot be.
pub(crate) fn read(path: &Path) -> Result<Configuration, ConfigurationError> {
    let text = fs::read_to_string(path)
        .map_err(|error| ConfigurationError::Unreadable { path: path.to_owned(), error })?;
    parse(&text).map_err(|message| ConfigurationError::Wrong { path: path.to_owned(), message })
}

fn parse(text: &str) -> Result<Configuration, String> {
    let keys: Keys = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    let mut configuration = Configuration::default();
    keys.apply(&mut configuration)?;
    Ok(configuration)
}

type Converted<T> = Result<T, String>;

#[expect(clippy::unnecessary_wraps, reason = "stands where conversions stand that can fail")]
fn ok<T>(value: T) -> Converted<T> {
    Ok(value)
}

#[expect(clippy::unnecessary_wraps, reason = "stands where conversions stand that can fail")]
fn text<T: From<String>>(value: String) -> Converted<Option<T>> {
    Ok(if value.is_empty() { None } else { Some(value.into()) })
}

fn versions(names: Vec<String>) -> Converted<Vec<Version>> {
    let versions: Vec<Version> = names
        .iter()
        .map(|name| name.parse().map_err(|error| format!("{error}")))
        .collect::<Result<_, _>>()?;
    if versions.is_empty() { Err("expected at least one of 3.1.1 and 5.0".to_owned()) } else { Ok(versions) }
}

fn seconds(value: f64) -> Converted<Duration> {
    Duration::try_from_secs_f64(value).map_err(|_| format!("{value} is no number of seconds"))
}

fn qos(value: u8) -> Converted<QoS> {
    QoS::from_bits(value).ok_or_else(|| format!("expected 0, 1 or 2, got {value}"))
}

fn above_zero<T: PartialOrd>(value: T, zero: T) -> Converted<T> {
    if value > zero { Ok(value) } else { Err("expected a number above 0".to_owned()) }
}

fn longest_client_id(length: usize) -> Converted<usize> {
    // A server has to accept Client Identifiers of up to 23 bytes [MQTT-3.1.3-5].
    if length >= 23 { Ok(length) } else { Err("expected 23 or more".to_owned()) }
}

#[expect(clippy::unnecessary_wraps, reason = "stands where conversions stand that can fail")]
fn accounts<N: From<String>, P: From<String>>(accounts: BTreeMap<String, String>) -> Converted<Vec<(N, P)>> {
    Ok(accounts.into_iter().map(|(name, password)| (name.into(), password.into())).collect())
}

#[cfg(test)]
mod tests {
    use mqttspec_broker::Overlapping;
    use mqttspec_codec::Version;
    use mqttspec_codec::model::QoS;

    use super::parse;

    #[test]
    fn what_is_not_said_keeps_its_default() {
        let configured =
            parse("maximum_qos: 1\nversions: ['3.1.1']\noverlapping: each-subscription\n").unwrap();
        assert_eq!(configured.maximum_qos, QoS::AtLeastOnce);
        assert_eq!(configured.versions, [Version::V3_1_1]);
        assert_eq!(configured.overlapping, Overlapping::EachSubscription);
        assert!(configured.retain_available);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, wanted) in [
            ("maximum_qos: 3", "`maximum_qos`: expected 0, 1 or 2, got 3"),
            ("receive_maximum: 0", "`receive_maximum`: expected a number above 0"),
            ("versions: []", "`versions`: expected at least one of 3.1.1 and 5.0"),
            ("client_id_maximum: 3", "`client_id_maximum`: expected 23 or more"),
            (
                "redirection: {reason_code: 5, server_reference: x}",
                "`redirection.reason_code`: expected 156 (0x9c)",
            ),
            ("connect_timeout: -1", "`connect_timeout`: -1 is no number of seconds"),
        ] {
            let message = parse(text).unwrap_err();
            assert!(message.starts_with(wanted), "{text}: {message}");
        }
        let message = parse("retain_available: true\nmaximum_qso: 3\n").unwrap_err();
        assert!(message.contains("maximum_qso") && message.contains("line 2"), "{message}");
    }
}
