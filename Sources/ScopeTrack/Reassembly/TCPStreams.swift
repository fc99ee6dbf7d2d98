import ScopeDissect
import ScopeModel
import ScopeWire

/// IKE and ESP in TCP (RFC 9329): on port 4500, and in any stream that begins with the prefix "IKETCP".
///
/// Every direction is a stream of its own. Other streams cost a comparison of ports and first byte.
struct TCPStreams {
    struct Bounds {
        var streams = 1024
        var bytes = 16 << 20
    }

    private struct Key: Hashable {
        var source: IPAddress
        var destination: IPAddress
        var sourcePort: UInt16
        var destinationPort: UInt16

        var reversed: Key {
            Key(
                source: destination, destination: source, sourcePort: destinationPort, destinationPort: sourcePort)
        }
    }

    private var streams: LeastUsedTable<Key, TCPStream>
    /// Streams of other ports than 4500 among them: while there are none, such segments need no look-up.
    private var oddPorts = 0

    init() { self.init(bounds: Bounds()) }

    init(bounds: Bounds) { streams = LeastUsedTable(limit: bounds.streams, bytes: bounds.bytes) }

    /// Takes in one segment; gives the records that it completes.
    mutating func add(
        _ segment: TCPSegment, of datagram: Datagram, frame: Frame, bytes: RawSpan
    ) -> [TCPRecord] {
        let isOdd = segment.sourcePort != 4500 && segment.destinationPort != 4500
        let payload = segment.payload.clamped(to: 0..<bytes.byteCount)
        let opens = TCPPrefix.begins(bytes, payload)
        if isOdd, oddPorts == 0, !opens { return [] }
        if payload.isEmpty, !segment.isSYN, !segment.isFIN, !segment.isRST { return [] }
        let key = Key(
            source: datagram.source, destination: datagram.destination, sourcePort: segment.sourcePort,
            destinationPort: segment.destinationPort)
        if streams[key] == nil {
            guard !isOdd || opens, !payload.isEmpty || segment.isSYN else { return [] }
            begin(key, isOdd: isOdd)
            // The side that answers sends no prefix: its records begin at once.
            if isOdd, payload.count >= TCPPrefix.bytes.count, streams[key.reversed] == nil {
                begin(key.reversed, isOdd: true)
            }
        }
        guard let isForeign = streams.use(key)?.isForeign, segment.isSYN || !isForeign else { return [] }
        let piece = bytes.extracting(payload).withUnsafeBytes { Array($0) }
        let added = streams.update(key) { stream in
            (records: stream.add(segment, piece, frame: frame), held: stream.heldBytes, isForeign: stream.isForeign)
        }
        guard let added else { return [] }
        if isOdd, added.isForeign {
            streams.remove(key)
            oddPorts -= 1
        } else {
            letGo(streams.price(key, at: added.held))
        }
        return added.records
    }

    private mutating func begin(_ key: Key, isOdd: Bool) {
        if isOdd { oddPorts += 1 }
        letGo(streams.insert(TCPStream(), for: key))
    }

    /// Counts those that had to go for the bounds.
    private mutating func letGo(_ gone: [(key: Key, value: TCPStream)]) {
        for (key, _) in gone where key.sourcePort != 4500 && key.destinationPort != 4500 { oddPorts -= 1 }
    }
}

/// One IKE or ESP packet of a TCP stream.
struct TCPRecord {
    /// What stands behind the 16-bit length: four zero bytes and an IKE message, or an ESP packet.
    var bytes: [UInt8]
    /// The frames that it came in.
    var frames: [Int]
}

/// The stream prefix of RFC 9329 section 4.
enum TCPPrefix {
    static let bytes: [UInt8] = [0x49, 0x4b, 0x45, 0x54, 0x43, 0x50]

    /// True when the payload begins with the prefix, or is nothing but its beginning.
    static func begins(_ bytes: RawSpan, _ payload: Range<Int>) -> Bool {
        let reader = ByteReader(bytes, in: payload, limit: .tcp)
        guard reader.peek(bytes) == 0x49 else { return false }
        for index in 1..<min(6, payload.count) where reader.peek(bytes, ahead: index) != Self.bytes[index] {
            return false
        }
        return true
    }
}
