//! Two opinions on a mutant: that of its operator and that of the strict decoder.

use bytes::Bytes;

use super::{Mutant, Verdict};
use crate::model::Packet;
use crate::{Context, Framer, FramingError, StatementId, Version, Violation, WireError};

/// The greatest packet that a Remaining Length can announce, and more.
const NO_LIMIT: usize = 1 << 29;

/// What a Server reads from a stream that begins with the bytes; none when it waits for more.
fn read(bytes: &Bytes, version: Version) -> Option<Result<Packet, Violation>> {
    let mut framer = Framer::new(Context::from_client(version), NO_LIMIT);
    framer.push_chunk(bytes.clone());
    match framer.next_packet() {
        Ok(packet) => packet.map(Ok),
        Err(FramingError::Violation(violation)) => Some(Err(violation)),
        Err(FramingError::TooLong { .. }) => None,
    }
}

/// Why the decoder contradicts the expectation of a mutant of a packet, if it does. It must refuse exactly what is to
/// be refused, and cite what the operator cites first.
///
/// Neither asks the other, so that an error has to be made twice to go unnoticed here.
#[must_use]
pub fn contradiction(packet: &Packet, version: Version, mutant: &Mutant) -> Option<String> {
    contradiction_in(packet, version, mutant, mutant.bytes(packet, version))
}

/// The same for a mutant whose bytes are known.
#[must_use]
pub fn contradiction_in(
    packet: &Packet,
    version: Version,
    mutant: &Mutant,
    bytes: Result<Bytes, WireError>,
) -> Option<String> {
    let told = |problem: String| Some(format!("{version} {} of {packet:?}: {problem}", mutant.label()));
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => return told(error.to_string()),
    };
    let expected = &mutant.expectation;
    let problem = match (expected.verdict, read(&bytes, version)) {
        (Verdict::Either, _) | (Verdict::MustAccept, Some(Ok(_))) => return None,
        (_, None) => "is not whole".to_owned(),
        (Verdict::MustAccept, Some(Err(violation))) => format!("refused: {violation}"),
        (Verdict::MustClose | Verdict::MustRefuse, Some(Ok(packet))) => format!("accepted: {packet:?}"),
        (Verdict::MustClose | Verdict::MustRefuse, Some(Err(violation))) => {
            let cited: &[StatementId] = violation.statements();
            match expected.statements.first() {
                Some(first) if cited.contains(first) => return None,
                _ => format!("cites {cited:?}, not {:?}", expected.statements),
            }
        }
    };
    told(format!("{problem}\n{bytes:02x?}"))
}
