//! The state machine: bytes of the network in; bytes for the network, bytes for MQTT and the end out.

use bytes::{Bytes, BytesMut};
use mqttspec_websocket::{
    Frame, Opcode, Received, Receiver, Refusal, Request, Response, SUBPROTOCOL, Sender, head_length,
};

use super::packets::Packets;
use super::{SELECTS_MQTT, SENDS_BINARY, TAKES_BINARY_ONLY, URI_HAS_NO_MEANING, enforce};
use crate::rules::Rules;

/// The longest request for an upgrade, in bytes.
const LONGEST_REQUEST: usize = 16 * 1024;
/// The longest frame, in bytes of payload: it holds the longest packet that there is.
const LONGEST_FRAME: u64 = 268_435_460;
/// The old name of the subprotocol; used only to break a rule.
const OTHER_SUBPROTOCOL: &str = "mqttv3.1";

/// Status codes of a Close frame (7.4.1 of RFC 6455).
const NORMAL: u16 = 1000;
const PROTOCOL_ERROR: u16 = 1002;
const UNSUPPORTED_DATA: u16 = 1003;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Send these bytes on the network.
    Send(Bytes),
    /// Give these bytes to MQTT.
    Deliver(Bytes),
    /// Close the connection once everything before is sent.
    Close,
}

#[derive(Debug)]
enum Phase {
    /// The request for the upgrade, as far as it has come.
    Opening(BytesMut),
    /// Frames go both ways.
    Open,
    /// Nothing more is read.
    Closed,
}

/// The server's end of one WebSocket connection.
#[derive(Debug)]
pub(crate) struct Endpoint {
    rules: Rules,
    phase: Phase,
    receiver: Receiver,
    packets: Packets,
    /// The request has a query, and the broker breaks the rule that URIs make no difference.
    is_deaf: bool,
}

impl Endpoint {
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            phase: Phase::Opening(BytesMut::new()),
            receiver: Receiver::new(Sender::Client, LONGEST_FRAME),
            packets: Packets::new(&rules),
            rules,
            is_deaf: false,
        }
    }

    /// Bytes have come, cut anywhere.
    pub(crate) fn received(&mut self, bytes: &[u8]) -> Vec<Action> {
        let mut actions = Vec::new();
        match &mut self.phase {
            Phase::Closed => {}
            Phase::Open => {
                self.receiver.push(bytes);
                self.read_frames(&mut actions);
            }
            Phase::Opening(request) => {
                request.extend_from_slice(bytes);
                match head_length(request) {
                    Some(length) => {
                        let head = request.split_to(length);
                        let rest = request.split();
                        self.open(&head, &mut actions);
                        actions.extend(self.received_after_opening(&rest));
                    }
                    None if request.len() > LONGEST_REQUEST => self.refuse(&mut actions),
                    None => {}
                }
            }
        }
        actions
    }

    /// MQTT bytes in the form in which they are sent.
    pub(crate) fn frame(&self, bytes: Bytes) -> Bytes {
        let is_binary = enforce(&self.rules, &SENDS_BINARY);
        Frame::new(if is_binary { Opcode::BINARY } else { Opcode::TEXT }, bytes).encode()
    }

    /// The last bytes before the broker closes the connection.
    pub(crate) fn goodbye(&mut self) -> Option<Bytes> {
        match std::mem::replace(&mut self.phase, Phase::Closed) {
            Phase::Open => Some(Frame::close(NORMAL).encode()),
            Phase::Opening(_) | Phase::Closed => None,
        }
    }

    fn received_after_opening(&mut self, bytes: &[u8]) -> Vec<Action> {
        if bytes.is_empty() { Vec::new() } else { self.received(bytes) }
    }

    fn refuse(&mut self, actions: &mut Vec<Action>) {
        actions.push(Action::Send(Refusal::BAD_REQUEST.encode().into()));
        self.close(actions);
    }

    fn close(&mut self, actions: &mut Vec<Action>) {
        self.phase = Phase::Closed;
        actions.push(Action::Close);
    }

    fn fail(&mut self, status: u16, actions: &mut Vec<Action>) {
        actions.push(Action::Send(Frame::close(status).encode()));
        self.close(actions);
    }

    fn open(&mut self, head: &[u8], actions: &mut Vec<Action>) {
        let Ok(request) = Request::read(head) else { return self.refuse(actions) };
        let offers_mqtt = request.subprotocols.iter().any(|name| name == SUBPROTOCOL);
        let selected = if enforce(&self.rules, &SELECTS_MQTT) {
            // A Client has to offer it [MQTT-6.0.0-3]; what happens to others is the server's choice.
            if !offers_mqtt {
                return self.refuse(actions);
            }
            SUBPROTOCOL.to_owned()
        } else {
            let mut others = request.subprotocols.iter().filter(|name| *name != SUBPROTOCOL);
            others.next().cloned().unwrap_or_else(|| OTHER_SUBPROTOCOL.to_owned())
        };
        self.is_deaf = request.path.contains('?') && !enforce(&self.rules, &URI_HAS_NO_MEANING);
        self.phase = Phase::Open;
        actions.push(Action::Send(Response::to(&request, Some(selected)).encode().into()));
    }

    fn read_frames(&mut self, actions: &mut Vec<Action>) {
        while matches!(self.phase, Phase::Open) {
            match self.receiver.next_received() {
                Ok(None) => return,
                Err(_) => self.fail(PROTOCOL_ERROR, actions),
                Ok(Some(Received::Data { kind, payload })) => {
                    // Only binary frames carry MQTT [MQTT-6.0.0-1].
                    if kind != Opcode::BINARY && enforce(&self.rules, &TAKES_BINARY_ONLY) {
                        self.fail(UNSUPPORTED_DATA, actions);
                    } else if !self.is_deaf {
                        let bytes = self.packets.of_frame(payload);
                        if !bytes.is_empty() {
                            actions.push(Action::Deliver(bytes));
                        }
                    }
                }
                Ok(Some(Received::Ping(payload))) => {
                    actions.push(Action::Send(Frame::new(Opcode::PONG, payload).encode()));
                }
                Ok(Some(Received::Pong)) => {}
                Ok(Some(Received::Close(_))) => self.fail(NORMAL, actions),
            }
        }
    }
}
