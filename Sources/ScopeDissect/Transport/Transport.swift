import ScopeWire

extension Dissection {
    /// From the first byte behind the IP headers on; `reader` ends where the IP packet does.
    mutating func transport(
        _ type: IPProtocol, _ context: IPContext, _ reader: ByteReader, _ bytes: RawSpan
    ) throws(DecodeError) -> Bool {
        var reader = ByteReader(
            bytes, in: reader.rest, limit: context.isCut ? .capture : .ip, recorder: reader.recorder)
        let whole = reader.rest
        switch type {
        case .udp:
            return try udp(context, &reader, bytes)
        case .tcp:
            guard let header = try? reader.header(bytes, as: TCPHeader.self) else { break }
            return found(context, .tcp(header.segment(payload: reader.rest)))
        case .esp:
            if reader.recorder != nil { _ = try? reader.header(bytes, as: ESPHeader.self) }
            return found(context, .esp(whole))
        case .ah:
            if reader.recorder != nil { _ = try? reader.header(bytes, as: AHHeader.self) }
            return found(context, .ah(whole))
        case .icmp, .icmpv6:
            if let content = icmp(type, &reader, bytes) { return found(context, content) }
        case .gre:
            if gre(reader, bytes) { return true }
        case .ipv4, .ipv6:
            let isInside = tunnelled(reader) { dissection, reader throws(DecodeError) in
                try dissection.ip(&reader, bytes)
            }
            if isInside { return true }
        default:
            break
        }
        return found(context, .other(type, whole))
    }

    private mutating func udp(
        _ context: IPContext, _ reader: inout ByteReader, _ bytes: RawSpan
    ) throws(DecodeError) -> Bool {
        let whole = reader.rest
        // The capture cut the header, which is no fault of the packet; its ports are not known.
        if context.isCut, whole.count < UDPHeader.length { return found(context, .other(.udp, whole)) }
        layer = .udp
        let header = try reader.header(bytes, as: UDPHeader.self)
        var isCut = false
        if header.length > 0 {
            isCut = header.length > whole.count
            reader.narrow(to: header.length - UDPHeader.length)
        }
        let payload = reader.rest
        if udpTunnel(header, reader, bytes) { return true }
        return found(
            context,
            .udp(sourcePort: header.sourcePort, destinationPort: header.destinationPort, payload: payload),
            isCut: isCut)
    }

    /// Goes into the packet that a tunnel carries, and keeps it when it may hold IKE, ESP or AH.
    ///
    /// False when it cannot, or when the content is no packet at all.
    mutating func tunnelled(
        _ reader: ByteReader, _ enter: (inout Dissection, inout ByteReader) throws(DecodeError) -> Bool
    ) -> Bool {
        guard depth < Self.deepest else { return false }
        var inside = self
        var reader = reader
        guard (try? enter(&inside, &reader)) ?? false else { return false }
        if case .other = inside.datagram.content { return false }
        datagram = inside.datagram
        return true
    }
}
