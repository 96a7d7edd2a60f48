//! `mqttspec decode`.

use std::io::Write;
use std::{fs, iter};

use bytes::Bytes;
use mqttspec_codec::model::{PacketType, Sender};
use mqttspec_codec::{Context, Framer, FramingError, Version, annotate, connect_version, describe, render};

use super::Failure;
use crate::arguments::DecodeArguments;
use crate::exit::Exit;

pub(super) fn decode(arguments: &DecodeArguments) -> Result<Exit, Failure> {
    let bytes = match &arguments.file {
        Some(path) => fs::read(path)
            .map_err(|error| Failure::usage(format!("{} cannot be read: {error}", path.display())))?,
        None => hex(&arguments.hex)?,
    };
    if bytes.is_empty() {
        return Err(Failure::usage("there are no bytes to decode"));
    }
    let bytes = Bytes::from(bytes);
    let context = Context { version: version(arguments, &bytes), sender: sender(arguments, &bytes) };
    let mut stdout = anstream::stdout().lock();
    let mut exit = Exit::Expected;
    for packet in packets(&bytes, context) {
        let fields = annotate(&packet, context);
        let heading = match mqttspec_codec::decode(&packet, context) {
            Ok(packet) => format!("{} {}", context.version, describe(&packet, context.version)),
            Err(violation) => {
                exit = Exit::Unexpected;
                format!("{} broken: {violation}", context.version)
            }
        };
        writeln!(stdout, "{heading}\n{}", render(&packet, &fields))?;
    }
    Ok(exit)
}

/// The packets of a stream; what is no whole packet at the end is one by itself.
fn packets(bytes: &Bytes, context: Context) -> Vec<Bytes> {
    let mut framer = Framer::new(context, usize::MAX);
    framer.push(bytes);
    let mut packets = Vec::new();
    loop {
        match framer.next_frame() {
            Ok(Some(packet)) => packets.push(packet),
            Ok(None) | Err(FramingError::Violation(_) | FramingError::TooLong { .. }) => {
                let rest = Bytes::copy_from_slice(framer.pending());
                packets.extend(Some(rest).filter(|rest| !rest.is_empty()));
                return packets;
            }
        }
    }
}

fn version(arguments: &DecodeArguments, bytes: &Bytes) -> Version {
    arguments
        .version
        .or_else(|| connect_version(bytes).and_then(Version::from_protocol_level))
        .unwrap_or(Version::V5_0)
}

/// The side that sends packets of the first one's type; of types that both send, the client.
fn sender(arguments: &DecodeArguments, bytes: &Bytes) -> Sender {
    match arguments.from.as_deref() {
        Some("server") => Sender::Server,
        Some(_) => Sender::Client,
        None => match bytes.first().and_then(|first| PacketType::from_bits(first >> 4)) {
            Some(PacketType::ConnAck | PacketType::SubAck | PacketType::UnsubAck | PacketType::PingResp) => {
                Sender::Server
            }
            _ => Sender::Client,
        },
    }
}

/// Reads hex digits; white space, commas and `0x` are passed over.
fn hex(words: &[String]) -> Result<Vec<u8>, Failure> {
    let mut digits: Vec<u8> = Vec::new();
    for word in words.iter().flat_map(|word| word.split([' ', '\t', '\n', ','])) {
        let word = word.strip_prefix("0x").unwrap_or(word);
        for character in word.chars() {
            let digit = character
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
                .ok_or_else(|| Failure::usage(format!("`{character}` is no hex digit, in `{word}`")))?;
            digits.push(digit);
        }
        if digits.len() % 2 == 1 {
            return Err(Failure::usage(format!("`{word}` has an odd number of hex digits")));
        }
    }
    let pairs = digits.chunks_exact(2);
    Ok(pairs.flat_map(|pair| iter::once(pair.iter().fold(0, |byte, digit| byte << 4 | digit))).collect())
}

#[cfg(test)]
mod tests {
    use super::hex;

    #[test]
    fn hex_is_read_in_many_forms() {
        for text in ["c000", "C0 00", "0xc0, 0x00", "c0\n00"] {
            assert_eq!(hex(&[text.to_owned()]).unwrap(), [0xC0, 0x00], "{text}");
        }
        assert!(hex(&["c0 0".to_owned()]).is_err());
        assert!(hex(&["xy".to_owned()]).is_err());
    }
}
