//! One frame and its form on the wire (section 5.2).

use bytes::{BufMut, Bytes, BytesMut};

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Opcode(pub u8);

impl Opcode {
    /// Goes on with a message that a frame before has begun.
    pub const CONTINUATION: Self = Self(0x0);
    /// Text.
    pub const TEXT: Self = Self(0x1);
    /// Binary data: the only kind in which MQTT travels [MQTT-6.0.0-1].
    pub const BINARY: Self = Self(0x2);
    /// The first of the five kinds of data that the RFC keeps for later.
    pub const RESERVED: Self = Self(0x3);
    /// The end of the connection.
    pub const CLOSE: Self = Self(0x8);
    /// Asks for a pong.
    pub const PING: Self = Self(0x9);
    /// Answers a ping.
    pub const PONG: Self = Self(0xA);

    /// Whether it is about the connection, not about data.
    #[must_use]
    pub const fn is_control(self) -> bool {
        self.0 & 0x8 != 0
    }
}

/// A frame. Its parts are free: nothing here keeps to what a side may send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Whether it is the last of its message (FIN).
    pub last: bool,
    /// RSV1 to RSV3, as the three bits after FIN; 0 without an extension.
    pub reserved: u8,
    /// What it is.
    pub opcode: Opcode,
    /// The masking key, which a client has to use and a server must not (5.1).
    pub mask: Option<[u8; 4]>,
    /// What it carries, not masked.
    pub payload: Bytes,
}

impl Frame {
    /// A whole message in one frame, without a mask.
    #[must_use]
    pub fn new(opcode: Opcode, payload: impl Into<Bytes>) -> Self {
        Self { last: true, reserved: 0, opcode, mask: None, payload: payload.into() }
    }

    /// The end of the connection with a status code (7.4).
    #[must_use]
    pub fn close(status: u16) -> Self {
        Self::new(Opcode::CLOSE, status.to_be_bytes().to_vec())
    }

    /// The same frame with a masking key.
    #[must_use]
    pub fn masked(self, key: [u8; 4]) -> Self {
        Self { mask: Some(key), ..self }
    }

    /// The bytes on the wire.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let mut bytes = BytesMut::with_capacity(self.payload.len() + 14);
        bytes.put_u8(u8::from(self.last) << 7 | (self.reserved & 0x7) << 4 | self.opcode.0 & 0xF);
        let mask_bit = u8::from(self.mask.is_some()) << 7;
        match self.payload.len() {
            length @ 0..=125 => bytes.put_u8(mask_bit | u8::try_from(length).unwrap_or_default()),
            length => match u16::try_from(length) {
                Ok(length) => {
                    bytes.put_u8(mask_bit | 126);
                    bytes.put_u16(length);
                }
                Err(_) => {
                    bytes.put_u8(mask_bit | 127);
                    bytes.put_u64(u64::try_from(length).unwrap_or(u64::MAX));
                }
            },
        }
        match self.mask {
            None => bytes.put_slice(&self.payload),
            Some(key) => {
                bytes.put_slice(&key);
                bytes.extend(self.payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
            }
        }
        bytes.freeze()
    }
}
