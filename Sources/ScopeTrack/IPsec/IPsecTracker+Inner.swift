import ScopeDissect
import ScopeModel
import ScopeWire

/// The IP packet inside an ESP packet, once that is open.
extension IPsecTracker {
    /// The inner IP packet of what was decrypted: in transport mode with the outer packet's header.
    @inline(__always)
    func innerPacket(
        _ verdict: ESPVerdict, _ packet: Packet, header: Range<Int>, _ bytes: RawSpan,
        _ plaintext: PlaintextBuffer
    ) -> Range<Int>? {
        switch verdict {
        case .verified(let payload, let number), .unverified(let payload, let number):
            innerPacket(payload, IPProtocol(rawValue: number), packet, header: header, bytes, plaintext)
        default: nil
        }
    }

    @inline(__always)
    func innerPacket(
        _ payload: Range<Int>, _ next: IPProtocol, _ packet: Packet, header: Range<Int>, _ bytes: RawSpan,
        _ plaintext: PlaintextBuffer
    ) -> Range<Int>? {
        switch next {
        case .noNext: return nil
        case .ipv4, .ipv6: return tunnelled(payload, plaintext)
        default:
            return TransportPacket.rebuild(
                plaintext, payload: payload, next: next, packet, header: header, bytes)
        }
    }

    /// What a compressed payload holds; nil where it does not inflate, and stays what it is.
    func inflated(
        _ verdict: ESPVerdict, _ plaintext: PlaintextBuffer, _ depth: UInt8
    ) -> IPCompInflater.Inflated? {
        switch verdict {
        case .verified(let payload, _), .unverified(let payload, _):
            while inflaters.count <= Int(depth) { inflaters.append(IPCompInflater()) }
            return inflaters[Int(depth)].inflate(plaintext, payload)
        case .noKey, .badICV, .malformed, .cut: return nil
        }
    }

    /// A packet of tunnel mode, without the bytes that only hide its length (RFC 4303 section 2.7).
    private func tunnelled(_ payload: Range<Int>, _ plaintext: PlaintextBuffer) -> Range<Int>? {
        plaintext.withUnsafeBytes { raw in
            let span = raw.bytes
            let start = ByteReader(span, in: payload, limit: .plaintext)
            guard let first = start.peek(span) else { return nil }
            let field = first >> 4 == 4 ? 2 : 4
            guard first >> 4 == 4 || first >> 4 == 6, let high = start.peek(span, ahead: field),
                let low = start.peek(span, ahead: field + 1)
            else { return payload }
            let length = (Int(high) << 8 | Int(low)) + (field == 4 ? 40 : 0)
            guard length >= 20, length <= payload.count else { return payload }
            return payload.lowerBound..<(payload.lowerBound + length)
        }
    }
}

extension ESPVerdict {
    /// An IP packet was inside: tunnel mode.
    var isTunnel: Bool {
        switch self {
        case .verified(_, let next), .unverified(_, let next): IPProtocol(rawValue: next).isIP
        case .noKey, .badICV, .malformed, .cut: false
        }
    }

    /// An IPComp packet was inside (RFC 3173).
    var isCompressed: Bool {
        switch self {
        case .verified(_, let next), .unverified(_, let next): next == IPProtocol.ipComp.rawValue
        case .noKey, .badICV, .malformed, .cut: false
        }
    }
}

extension IPProtocol {
    var isIP: Bool { self == .ipv4 || self == .ipv6 }
}
