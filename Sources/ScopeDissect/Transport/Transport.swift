import ScopeWire

extension Dissection {
    /// From the first byte behind the IP headers on; `reader` ends where the IP packet does.
    func transport(
        _ type: IPProtocol, _ context: IPContext, _ reader: ByteReader, _ bytes: RawSpan
    ) throws(DecodeError) -> Datagram {
        var reader = ByteReader(
            bytes, in: reader.rest, limit: context.isCut ? .capture : .ip, recorder: reader.recorder)
        let whole = reader.rest
        switch type {
        case .udp:
            return try udp(context, &reader, bytes)
        case .tcp:
            guard let header = try? reader.header(bytes, as: TCPHeader.self) else { break }
            return datagram(context, .tcp(header.segment(payload: reader.rest)))
        case .esp:
            if reader.recorder != nil { _ = try? reader.header(bytes, as: ESPHeader.self) }
            return datagram(context, .esp(whole))
        case .ah:
            if reader.recorder != nil { _ = try? reader.header(bytes, as: AHHeader.self) }
            return datagram(context, .ah(whole))
        case .icmp, .icmpv6:
            if let content = icmp(type, &reader, bytes) { return datagram(context, content) }
        case .gre:
            if let inner = gre(reader, bytes) { return inner }
        case .ipv4, .ipv6:
            if let inner = tunnelled(
                reader,
                { dissection, reader throws(DecodeError) in
                    try dissection.ip(&reader, bytes)
                })
            {
                return inner
            }
        default:
            break
        }
        return datagram(context, .other(type, whole))
    }

    private func udp(
        _ context: IPContext, _ reader: inout ByteReader, _ bytes: RawSpan
    ) throws(DecodeError) -> Datagram {
        let whole = reader.rest
        // A header that the capture cut is nobody's fault: what is left of it names no ports.
        if context.isCut, whole.count < UDPHeader.length { return datagram(context, .other(.udp, whole)) }
        let header = try reader.header(bytes, as: UDPHeader.self)
        var isCut = false
        if header.length > 0 {
            isCut = header.length > whole.count
            reader.narrow(to: header.length - UDPHeader.length)
        }
        let payload = reader.rest
        if let inner = udpTunnel(header, reader, bytes) { return inner }
        return datagram(
            context,
            .udp(sourcePort: header.sourcePort, destinationPort: header.destinationPort, payload: payload),
            isCut: isCut)
    }

    /// Goes into the packet that a tunnel carries, and gives it when it may be one for us; nil when it is not, or when
    /// what is inside is no packet at all.
    func tunnelled(
        _ reader: ByteReader, _ enter: (inout Dissection, inout ByteReader) throws(DecodeError) -> Datagram?
    ) -> Datagram? {
        guard depth < Self.deepest else { return nil }
        var inside = self
        var reader = reader
        guard let inner = try? enter(&inside, &reader) else { return nil }
        if case .other = inner.content { return nil }
        return inner
    }
}
