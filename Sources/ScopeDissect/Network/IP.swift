import ScopeWire

/// The IP packet that a dissection is in, for what stands inside it.
struct IPContext {
    var source: IPAddress
    var destination: IPAddress
    var hopLimit: UInt8
    var packet: Range<Int>
    /// True when the packet says that it is longer than what is there.
    var isCut: Bool
}

extension Dissection {
    /// From the first byte of an IP packet on; false when the version is neither 4 nor 6.
    mutating func ip(_ reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) -> Bool {
        depth += 1
        layer = .ip
        switch reader.peek(bytes).map({ $0 >> 4 }) {
        case 4: return try ipv4(&reader, bytes)
        case 6: return try ipv6(&reader, bytes)
        case nil where isCut || reader.limit != .capture:
            throw DecodeError(.truncated(needed: 1, available: 0, limit: reader.limit), at: reader.at, field: "version")
        default: return false
        }
    }

    private mutating func ipv4(_ reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) -> Bool {
        layers.push(.ipv4)
        let start = reader.at
        let available = reader.remaining
        let header = try reader.header(bytes, as: IPv4Header.self)
        if header.totalLength > 0 { reader.narrow(to: header.totalLength - (reader.at - start)) }
        let context = IPContext(
            source: header.source, destination: header.destination, hopLimit: header.timeToLive,
            packet: start..<reader.end, isCut: header.totalLength == 0 ? isCut : header.totalLength > available)
        if header.isFragment {
            let fragment = IPFragment(
                identification: UInt32(header.identification), nextProtocol: header.protocolType,
                offset: header.fragmentOffset, moreFragments: header.moreFragments, payload: reader.rest,
                headers: start..<reader.at)
            return found(context, .fragment(fragment))
        }
        return try transport(header.protocolType, context, reader, bytes)
    }

    private mutating func ipv6(_ reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) -> Bool {
        layers.push(.ipv6)
        let start = reader.at
        let header = try reader.header(bytes, as: IPv6Header.self)
        let available = reader.remaining
        if header.payloadLength > 0 { reader.narrow(to: header.payloadLength) }
        let context = IPContext(
            source: header.source, destination: header.destination, hopLimit: header.hopLimit,
            packet: start..<reader.end, isCut: header.payloadLength == 0 ? isCut : header.payloadLength > available)
        var next = header.nextHeader
        for _ in 0..<Self.mostExtensionHeaders {
            let before = reader
            do throws(DecodeError) {
                if IPv6ExtensionHeader.covers(next) {
                    next = try reader.header(bytes, as: IPv6ExtensionHeader.self).nextHeader
                } else if next == .ipv6Fragment {
                    let fragment = try reader.header(bytes, as: IPv6FragmentHeader.self)
                    next = fragment.nextHeader
                    guard fragment.isAtomic else {
                        let piece = IPFragment(
                            identification: fragment.identification, nextProtocol: fragment.nextHeader,
                            offset: fragment.offset, moreFragments: fragment.moreFragments, payload: reader.rest,
                            headers: start..<before.at)
                        return found(context, .fragment(piece))
                    }
                } else {
                    return try transport(next, context, reader, bytes)
                }
            } catch  where context.isCut {
                return found(context, .other(next, before.rest))
            }
        }
        throw DecodeError(.limitExceeded(Self.mostExtensionHeaders), at: reader.at, field: "extension headers")
            .enclosed(in: IPv6Header.title)
    }

    /// RFC 8200 section 4.1 allows six kinds, one of them twice; some senders repeat them.
    private static let mostExtensionHeaders = 16

    /// Ends the walk with a datagram: true, as every step that leads to one.
    mutating func found(_ context: IPContext, _ content: Datagram.Content, isCut: Bool = false) -> Bool {
        datagram = Datagram(
            source: context.source, destination: context.destination, hopLimit: context.hopLimit,
            packet: context.packet, content: content, isCut: context.isCut || isCut, layers: layers)
        return true
    }
}
