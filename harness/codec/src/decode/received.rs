//! The bytes of a stream that are not taken yet.

use std::mem;

use bytes::{Buf, Bytes, BytesMut};

/// The bytes that are not taken yet. Those that packets are cut off are shared with the packets, so that nothing is
/// copied but the start of a packet whose rest comes later.
#[derive(Debug, Default)]
pub(super) struct Received {
    /// What packets are cut off.
    cut: Bytes,
    /// How many bytes at the start of `cut` are taken.
    taken: usize,
    /// What is appended to; empty while there is something to cut.
    grown: BytesMut,
}

impl Received {
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        match self.cut.get(self.taken..) {
            None | Some([]) => &self.grown,
            Some(rest) => rest,
        }
    }

    /// Adds a chunk without copying it, if no bytes wait for it.
    pub(super) fn add(&mut self, chunk: Bytes) {
        if self.bytes().is_empty() {
            (self.cut, self.taken) = (chunk, 0);
        } else {
            self.growing().extend_from_slice(&chunk);
        }
    }

    pub(super) fn growing(&mut self) -> &mut BytesMut {
        self.let_go();
        let cut = mem::take(&mut self.cut);
        // The memory of a chunk of which nothing is left is used again, unless a packet still shares it.
        if !cut.is_empty() || self.grown.capacity() == 0 {
            self.grown = BytesMut::from(cut);
        }
        &mut self.grown
    }

    /// What starts with the next packet.
    #[inline]
    pub(super) fn cutting(&mut self) -> &mut Bytes {
        self.let_go();
        if self.cut.is_empty() {
            self.cut = mem::take(&mut self.grown).freeze();
        }
        &mut self.cut
    }

    /// Takes the first bytes; what comes back starts with them.
    #[inline]
    pub(super) fn take(&mut self, length: usize) -> &Bytes {
        self.cutting();
        self.taken = length;
        &self.cut
    }

    #[inline]
    fn let_go(&mut self) {
        if self.taken > 0 {
            self.cut.advance(mem::take(&mut self.taken));
        }
    }
}
