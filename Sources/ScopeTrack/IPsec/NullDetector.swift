import ScopeDissect
import ScopeModel
import ScopeWire

/// Finds out, without keys, that an ESP SA encrypts nothing, and where its ICV begins (RFC 5879).
///
/// Each packet is read as if it were in the clear, with each length of ICV in use; what then fits by itself (padding, next
/// header, lengths and checksums of the packet inside) is counted in bits, as in section 8 there. Encrypted bytes fit n of
/// them once in 2^n.
struct NullDetector {
    private enum State: Hashable { case unsure, null, encrypted }

    private struct Shape: Hashable {
        var icvLength: Int
        var ivLength: Int
    }

    /// What a packet holds when it is read in one shape.
    struct Reading {
        var payload: Range<Int>
        var nextHeader: UInt8
    }

    private var state = State.unsure
    private var shape = Shape(icvLength: 12, ivLength: 0)
    private var bits = 0
    private var failures = 0

    /// With the ICVs of RFC 2403 to 4868, and the IV of AES-GMAC; simulators leave an IV before what they do not encrypt,
    /// or leave the ICV out.
    private static let shapes = [
        Shape(icvLength: 12, ivLength: 0), Shape(icvLength: 16, ivLength: 0), Shape(icvLength: 16, ivLength: 8),
        Shape(icvLength: 24, ivLength: 0), Shape(icvLength: 32, ivLength: 0), Shape(icvLength: 12, ivLength: 8),
        Shape(icvLength: 0, ivLength: 0),
    ]
    /// So many bits make it likely, and certain.
    private static let likely = 24
    private static let certain = 48
    private static let enough = 1024
    /// After so many packets that fit nothing, the SA encrypts.
    private static let mostFailures = 16

    /// What is known by now; nil as long as nothing speaks for it.
    var conclusion: NullEncryption? {
        guard state == .null else { return nil }
        return NullEncryption(
            certainty: bits >= Self.certain ? .certain : .likely, icvLength: UInt8(shape.icvLength),
            hasIV: shape.ivLength > 0)
    }

    /// Reads the ESP packet at `esp`; nil where it is, or seems, encrypted.
    mutating func read(_ bytes: RawSpan, _ esp: Range<Int>, from source: IPAddress, to destination: IPAddress)
        -> Reading?
    {
        switch state {
        case .encrypted: return nil
        case .null:
            let reader = ClearReader(bytes, esp: esp, from: source, to: destination)
            guard
                let (reading, more) = reader.read(bytes, shape.icvLength, shape.ivLength, isKnown: bits >= Self.enough)
            else {
                return nil
            }
            bits = min(bits + more, Self.enough)
            return reading
        case .unsure: return decide(bytes, esp, source, destination)
        }
    }

    private mutating func decide(
        _ bytes: RawSpan, _ esp: Range<Int>, _ source: IPAddress, _ destination: IPAddress
    ) -> Reading? {
        let reader = ClearReader(bytes, esp: esp, from: source, to: destination)
        var best: (reading: Reading, bits: Int, shape: Shape)?
        for shape in Self.shapes {
            guard let (reading, bits) = reader.read(bytes, shape.icvLength, shape.ivLength, isKnown: false),
                bits > best?.bits ?? 0
            else { continue }
            best = (reading, bits, shape)
        }
        guard let best, best.bits >= Self.likely else {
            failures += 1
            if failures >= Self.mostFailures { state = .encrypted }
            return nil
        }
        state = .null
        shape = best.shape
        bits = best.bits
        return best.reading
    }
}

/// Reads one ESP packet in the clear, and weighs how much of it fits.
private struct ClearReader {
    private let whole: ByteReader
    private let esp: Range<Int>
    private let source: IPAddress
    private let destination: IPAddress

    init(_ bytes: RawSpan, esp: Range<Int>, from source: IPAddress, to destination: IPAddress) {
        whole = ByteReader(bytes, in: 0..<bytes.byteCount, limit: .ip)
        self.esp = esp
        self.source = source
        self.destination = destination
    }

    func read(
        _ bytes: RawSpan, _ icvLength: Int, _ ivLength: Int, isKnown: Bool
    ) -> (NullDetector.Reading, bits: Int)? {
        let start = esp.lowerBound + 8 + ivLength
        let end = esp.upperBound - icvLength
        guard end - start >= 2, (end - start) % 4 == 0, let next = at(bytes, end - 1), let count = at(bytes, end - 2)
        else {
            return nil
        }
        let padding = Int(count)
        guard padding <= end - start - 2 else { return nil }
        let payload = start..<(end - 2 - padding)
        for index in 0..<padding where at(bytes, payload.upperBound + index) != UInt8(index + 1) { return nil }
        guard let inside = weigh(bytes, IPProtocol(rawValue: next), payload, isKnown) else { return nil }
        // The pad bytes, and a pad length that only aligns.
        let trailer = min(padding, 8) * 8 + (padding < 16 ? 4 : 0)
        return (NullDetector.Reading(payload: payload, nextHeader: next), trailer + inside)
    }

    /// The bits of `payload` that a packet of `next` must have so; nil when it is none.
    private func weigh(_ bytes: RawSpan, _ next: IPProtocol, _ payload: Range<Int>, _ isKnown: Bool) -> Int? {
        // One of a dozen numbers of 256.
        let named = 4
        switch next {
        case .ipv4:
            guard let first = at(bytes, payload.lowerBound), first >> 4 == 4, first & 15 >= 5,
                let total = u16(bytes, payload.lowerBound + 2)
            else { return nil }
            let header = Int(first & 15) * 4
            guard total >= header, total <= payload.count, let sum = sum(bytes, payload.prefix(header)), sum == 0xffff
            else { return nil }
            return named + 8 + 16 + (total == payload.count ? 16 : 4)
        case .ipv6:
            guard payload.count >= 40, at(bytes, payload.lowerBound).map({ $0 >> 4 == 6 }) ?? false,
                let length = u16(bytes, payload.lowerBound + 4), length + 40 <= payload.count
            else { return nil }
            return named + 4 + (length + 40 == payload.count ? 16 : 2)
        case .udp:
            guard payload.count >= 8, let length = u16(bytes, payload.lowerBound + 4), length == payload.count else {
                return nil
            }
            return named + 16 + checksum(bytes, next, payload, isKnown)
        case .tcp:
            guard payload.count >= 20, let offset = at(bytes, payload.lowerBound + 12), offset & 0x0e == 0 else {
                return nil
            }
            let header = Int(offset >> 4) * 4
            guard header >= 20, header <= payload.count else { return nil }
            return named + 4 + checksum(bytes, next, payload, isKnown)
        case .icmp:
            guard payload.count >= 8, let sum = sum(bytes, payload), sum == 0xffff else { return nil }
            return named + 16
        case .icmpv6:
            guard payload.count >= 4 else { return nil }
            return named + checksum(bytes, next, payload, isKnown)
        case .sctp:
            guard payload.count >= 16 else { return nil }
            return named
        case .gre:
            guard let flags = u16(bytes, payload.lowerBound), flags & 0x07f8 == 0,
                let type = u16(bytes, payload.lowerBound + 2),
                [0x0800, 0x86dd, 0x6558, 0x880b, 0x88be, 0x8847].contains(type)
            else { return nil }
            return named + 20
        case .ospf:
            guard let version = at(bytes, payload.lowerBound), version == 2 || version == 3,
                let length = u16(bytes, payload.lowerBound + 2), length <= payload.count, length >= 16
            else { return nil }
            return named + 7 + (length == payload.count ? 16 : 4)
        case .esp, .ah: return payload.count >= 8 ? named : nil
        case .noNext: return named
        default: return nil
        }
    }

    /// A checksum over pseudo-header and payload; behind a NAT it may be wrong for no fault of the packet.
    private func checksum(_ bytes: RawSpan, _ next: IPProtocol, _ payload: Range<Int>, _ isKnown: Bool) -> Int {
        guard !isKnown, let data = sum(bytes, payload) else { return 0 }
        var total = data + UInt64(payload.count) + UInt64(next.rawValue)
        for half in [source.high, source.low, destination.high, destination.low] {
            for shift in stride(from: UInt64(0), to: 64, by: 16) {
                total += half >> shift & 0xffff
            }
        }
        return fold(total) == 0xffff ? 16 : 0
    }

    /// The ones' complement sum of RFC 1071; of records too that no 32 bits hold the sum of.
    private func sum(_ bytes: RawSpan, _ range: Range<Int>) -> UInt64? {
        guard range.lowerBound >= 0, range.upperBound <= bytes.byteCount else { return nil }
        var total: UInt64 = 0
        var index = range.lowerBound
        while index + 1 < range.upperBound {
            total += UInt64(u16(bytes, index) ?? 0)
            index += 2
        }
        if index < range.upperBound { total += UInt64(at(bytes, index) ?? 0) << 8 }
        return fold(total)
    }

    private func fold(_ total: UInt64) -> UInt64 {
        var total = total
        while total > 0xffff { total = (total & 0xffff) + (total >> 16) }
        return total
    }

    private func at(_ bytes: RawSpan, _ index: Int) -> UInt8? { whole.peek(bytes, ahead: index) }

    private func u16(_ bytes: RawSpan, _ index: Int) -> Int? {
        guard let high = at(bytes, index), let low = at(bytes, index + 1) else { return nil }
        return Int(high) << 8 | Int(low)
    }
}

extension Range<Int> {
    fileprivate func prefix(_ count: Int) -> Range<Int> { lowerBound..<Swift.min(lowerBound + count, upperBound) }
}
