//! IPv4 packets with TCP segments, built so that both checksums hold.

/// One side of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoint {
    pub(super) address: [u8; 4],
    pub(super) port: u16,
}

pub(super) const FIN: u8 = 0x01;
pub(super) const SYN: u8 = 0x02;
pub(super) const RST: u8 = 0x04;
pub(super) const PUSH: u8 = 0x08;
pub(super) const ACK: u8 = 0x10;

const TCP: u8 = 6;
const WINDOW: u16 = u16::MAX;

/// What a segment says besides its ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    pub(super) sequence: u32,
    pub(super) acknowledged: u32,
    pub(super) flags: u8,
    /// At most 65495 bytes.
    pub(super) payload: &'a [u8],
}

impl Segment<'_> {
    /// The IPv4 packet that carries the segment.
    pub(super) fn packet(&self, from: Endpoint, to: Endpoint) -> Vec<u8> {
        let tcp_length = u16::try_from(20 + self.payload.len()).unwrap_or(u16::MAX);
        let mut pseudo_header = [from.address, to.address].concat();
        pseudo_header.extend([0, TCP]);
        pseudo_header.extend(tcp_length.to_be_bytes());
        let unsummed = self.tcp_header(from.port, to.port, 0);
        let sum = checksum([&pseudo_header, &unsummed, self.payload]);
        let total = tcp_length.saturating_add(20);
        let mut packet = ip_header(from.address, to.address, total, 0);
        packet = ip_header(from.address, to.address, total, checksum([&packet, &[], &[]]));
        packet.extend(self.tcp_header(from.port, to.port, sum));
        packet.extend(self.payload);
        packet
    }

    fn tcp_header(&self, from: u16, to: u16, sum: u16) -> Vec<u8> {
        let mut header = [from.to_be_bytes(), to.to_be_bytes()].concat();
        header.extend(self.sequence.to_be_bytes());
        header.extend(self.acknowledged.to_be_bytes());
        // Five words of header, no options.
        header.extend([0x50, self.flags]);
        header.extend(WINDOW.to_be_bytes());
        header.extend(sum.to_be_bytes());
        header.extend([0, 0]);
        header
    }
}

fn ip_header(from: [u8; 4], to: [u8; 4], total: u16, sum: u16) -> Vec<u8> {
    let mut header = vec![0x45, 0];
    header.extend(total.to_be_bytes());
    // No identification, since it must not be fragmented.
    header.extend([0, 0, 0x40, 0, 64, TCP]);
    header.extend(sum.to_be_bytes());
    header.extend(from);
    header.extend(to);
    header
}

/// The Internet checksum (RFC 1071) over parts of which all but the last have even lengths.
pub(super) fn checksum(parts: [&[u8]; 3]) -> u16 {
    let mut sum: u64 = 0;
    for word in parts.iter().flat_map(|part| part.chunks(2)) {
        sum += match *word {
            [high, low] => u64::from(u16::from_be_bytes([high, low])),
            [high] => u64::from(high) << 8,
            _ => 0,
        };
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{ACK, Endpoint, Segment, checksum};

    #[test]
    fn the_sum_over_a_summed_packet_is_zero() {
        let ends = [([192, 0, 2, 1], 1883), ([198, 51, 100, 7], 49152)];
        let [from, to] = ends.map(|(address, port)| Endpoint { address, port });
        for payload in [&[][..], &[0xc0, 0x00], &[0xff; 1001]] {
            let packet =
                Segment { sequence: 7, acknowledged: u32::MAX, flags: ACK, payload }.packet(from, to);
            let (ip, tcp) = packet.split_at(20);
            assert_eq!(checksum([ip, &[], &[]]), 0);
            let length = u16::try_from(tcp.len()).unwrap().to_be_bytes();
            let pseudo = [&from.address[..], &to.address, &[0, 6], &length].concat();
            assert_eq!(checksum([&pseudo, tcp, &[]]), 0);
        }
    }
}
