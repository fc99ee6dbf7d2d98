import TestSupport

/// The same talk in what networks put around it.
extension Talk {
    /// Behind a NAT in front of the initiator, as seen outside: its address is `outside` in every packet.
    public func translated(to outside: [UInt8] = [203, 0, 113, 77]) -> Talk {
        let inside = initiator
        return changingPackets { packet in
            if packet.source == inside { packet.source = outside }
            if packet.destination == inside { packet.destination = outside }
        }
    }

    /// Every IPv4 packet in fragments of `size` bytes, a multiple of eight.
    public func fragmented(size: Int = 40, reversed: Bool = false) -> Talk {
        var number: UInt16 = 0
        return with(
            frames.flatMap { made -> [Analysis.MadeFrame] in
                guard let packet = made.packet else { return [made] }
                number += 1
                let payload = packet.payload
                let pieces = stride(from: 0, to: payload.count, by: size).map { start -> Analysis.MadeFrame in
                    let end = min(start + size, payload.count)
                    var piece = packet
                    piece.identification = number
                    piece.fragment = UInt16(start / 8) | (end < payload.count ? 0x2000 : 0)
                    piece.body = .other(Array(payload[start..<end]))
                    return made.with(piece.bytes)
                }
                return reversed ? pieces.reversed() : pieces
            })
    }

    /// Every UDP payload as a record of a TCP stream (RFC 8229), in segments of 77 bytes; the host `client` opened it.
    public func inTCP(client: [UInt8]) -> Talk {
        var sequences: [[UInt8]: Int] = [:]
        return with(
            frames.flatMap { made -> [Analysis.MadeFrame] in
                guard let packet = made.packet, let ports = packet.ports, let datagram = packet.datagram else {
                    return [made]
                }
                let record = (ports.source == 500 ? [0, 0, 0, 0] : []) + datagram
                let prefix = sequences[packet.source] == nil && packet.source == client ? Array("IKETCP".utf8) : []
                let stream = prefix + Packets.u16(record.count + 2) + record
                var next = sequences[packet.source] ?? 1000
                let segments = stride(from: 0, to: stream.count, by: 77).map { start -> Analysis.MadeFrame in
                    let piece = Array(stream[start..<min(start + 77, stream.count)])
                    var segment = packet
                    segment.protocolNumber = 6
                    segment.body = .other(
                        Packets.u16(4500) + Packets.u16(4500) + Packets.u32(next) + Packets.u32(0)
                            + [0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0] + piece)
                    next += piece.count
                    return made.with(segment.bytes)
                }
                sequences[packet.source] = next
                return segments
            })
    }

    /// What is on port 4500 as the first drafts of NAT traversal have it: on port 500, and ESP behind eight zero bytes.
    public func withNonIKEMarkers() -> Talk {
        changingPackets { packet in
            guard let ports = packet.ports, ports == (4500, 4500), !packet.isKeepalive else { return }
            let (ike, esp) = (packet.ike, packet.esp)
            packet.ports = (500, 500)
            packet.datagram = ike ?? [UInt8](repeating: 0, count: 8) + (esp ?? [])
        }
    }

    /// Every IPv4 packet in a packet of another protocol between two routers.
    public func enclosed(in protocolNumber: UInt8, _ head: (MadePacket) -> [UInt8], tail: [UInt8] = []) -> Talk {
        changingPackets { packet in
            let inner = Array(packet.bytes.dropFirst(packet.link.count))
            packet = MadePacket(
                link: packet.link, from: [203, 0, 113, 1], to: [203, 0, 113, 2], protocolNumber: protocolNumber,
                body: .other(head(packet) + inner + tail))
        }
    }

    /// In Generic Routing Encapsulation (RFC 2784), without options.
    public func inGRE() -> Talk { enclosed(in: 47, { _ in [0, 0, 8, 0] }) }

    /// Every IPv4 packet in an ESP tunnel without encryption and without ICV.
    public func inOpenTunnel(spi: UInt32) -> Talk {
        var sequence = 0
        return changingPackets { packet in
            sequence += 1
            let inner = Array(packet.bytes.dropFirst(packet.link.count))
            let padding = (4 - (inner.count + 2) % 4) % 4
            packet = MadePacket(
                link: packet.link, from: [203, 0, 113, 1], to: [203, 0, 113, 2], protocolNumber: 50,
                body: .other(
                    Packets.u32(Int(spi)) + Packets.u32(sequence) + inner + (0..<padding).map { UInt8($0 + 1) }
                        + [UInt8(padding), 4]))
        }
    }

    /// Every UDP packet behind an AH header (RFC 4302) whose ICV nobody can check.
    public func behindAH(spi: UInt32) -> Talk {
        var sequence = 0
        return changingPackets { packet in
            guard packet.ports != nil else { return }
            sequence += 1
            let head = [17, 4, 0, 0] + Packets.u32(Int(spi)) + Packets.u32(sequence) + [UInt8](repeating: 7, count: 12)
            (packet.body, packet.protocolNumber) = (.other(head + packet.payload), 51)
        }
    }
}

extension MadePacket {
    /// An ICMP error about this packet, from `router` to its sender, with the first `count` bytes quoted (RFC 792).
    public func refused(by router: [UInt8], type: UInt8 = 3, code: UInt8, mtu: Int = 0, quoting count: Int = 28)
        -> MadePacket
    {
        MadePacket(
            link: link, from: router, to: source, protocolNumber: 1,
            body: .other(
                [type, code, 0, 0, 0, 0] + Packets.u16(mtu) + bytes.dropFirst(link.count).prefix(count)))
    }

    /// The IKE message as values.
    public var message: MadeMessage? {
        get { ike.flatMap { MadeMessage($0) } }
        set { if let newValue { ike = newValue.bytes } }
    }
}
