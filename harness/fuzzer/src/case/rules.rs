//! Which rules the packets of a client break, as the linter sees it.

use std::cell::RefCell;

use mqttspec_codec::model::Packet;
use mqttspec_codec::{Context, Framer, FramingError, StatementId, Version, Violation, decode_tolerating};
use mqttspec_script::ClientModel;

/// One client, as far as it decides what its packets break.
#[derive(Debug)]
pub(super) struct Sender {
    version: Version,
    model: ClientModel,
}

impl Sender {
    pub(super) fn new(version: Version) -> Self {
        Self { version, model: ClientModel::new(version) }
    }

    pub(super) fn opens(&mut self) {
        self.model.opened();
    }

    /// Takes note of bytes that are sent; with the rules that they break.
    pub(super) fn sends(&mut self, bytes: &[u8]) -> Vec<StatementId> {
        let found: RefCell<Vec<Violation>> = RefCell::default();
        let tolerate = |violation: &Violation| {
            found.borrow_mut().push(*violation);
            true
        };
        let mut broken: Vec<StatementId> = Vec::new();
        let mut framer = Framer::new(Context::from_client(self.version), usize::MAX);
        framer.buffer_mut().extend_from_slice(bytes);
        loop {
            let before = found.borrow().len();
            let frame = match framer.next_frame_tolerating(&tolerate) {
                Ok(Some(frame)) => frame,
                Ok(None) | Err(FramingError::TooLong { .. }) => break,
                Err(FramingError::Violation(violation)) => {
                    found.borrow_mut().push(violation);
                    break;
                }
            };
            match decode_tolerating(&frame, framer.context(), &tolerate) {
                Ok(packet) => {
                    let breach = self.model.sent(&packet).err();
                    // What else is wrong with a packet that is malformed may be a consequence.
                    let counts = found.borrow().len() == before;
                    broken.extend(breach.filter(|_| counts).iter().flat_map(|breach| breach.statements));
                }
                Err(violation) => found.borrow_mut().push(violation),
            }
        }
        // What comes behind the first fault may only be its consequence.
        let first = found.borrow().first().copied();
        let mut all: Vec<StatementId> = first.iter().flat_map(Violation::statements).copied().collect();
        all.extend(broken);
        all.dedup();
        all
    }

    /// Takes note of what came back.
    pub(super) fn receives(&mut self, packet: &Packet) {
        // Deliveries are acknowledged for the client.
        if !matches!(packet, Packet::Publish(_) | Packet::PubRel(_)) {
            self.model.received(packet);
        }
    }
}
