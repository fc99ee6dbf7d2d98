import CZlib
import ScopeDissect
import ScopeModel

/// Undoes the compression of packets inside ESP (IPComp, RFC 3173): DEFLATE without a header of its own (RFC 2394).
///
///     |  Next Header  |     Flags     |  Compression Parameter Index  |  compressed payload
///
/// The index is a number that peers agree on, and the algorithm is not in the packet: what does not end as a DEFLATE stream
/// with the packet is of another algorithm, or garbage. No more comes out than an IP packet can hold, whatever the packet
/// claims.
final class IPCompInflater {
    /// What came out lies behind what was decrypted, which keeps its place.
    struct Inflated {
        var nextHeader: UInt8
        var payload: Range<Int>
        var buffer: PlaintextBuffer
    }

    static let headerLength = 4
    /// An IPv4 packet, or the payload of an IPv6 packet, has a length field of 16 bits.
    static let most = 65_535

    /// Decrypted payload, room for a header of transport mode, and the largest packet.
    private let buffer = PlaintextBuffer(capacity: PlaintextBuffer.capacity + PlaintextBuffer.headroom + most)
    // zlib keeps the address of its stream, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private let isReady: Bool

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // Negative: 15 bits of window, and no header.
        isReady = inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Inflates the IPComp packet at `payload`; nil for one that is none, or of another algorithm.
    func inflate(_ plaintext: PlaintextBuffer, _ payload: Range<Int>) -> Inflated? {
        guard isReady, payload.lowerBound >= 0, payload.upperBound <= min(plaintext.count, PlaintextBuffer.capacity),
            payload.count > Self.headerLength
        else { return nil }
        let start = payload.upperBound + PlaintextBuffer.headroom
        var next: UInt8 = 0
        let count = plaintext.withUnsafeBytes { source in
            next = source[payload.lowerBound]
            return buffer.withUnsafeMutableBytes { target -> Int? in
                let same = UnsafeMutableRawBufferPointer(rebasing: target[payload])
                same.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[payload]))
                let compressed = UnsafeMutableRawBufferPointer(rebasing: same[Self.headerLength...])
                return inflate(compressed, into: UnsafeMutableRawBufferPointer(rebasing: target[start...]))
            }
        }
        guard let count, count > 0 else { return nil }
        return Inflated(nextHeader: next, payload: start..<(start + count), buffer: buffer)
    }

    /// How many bytes a whole stream gives; nil where it is none, is not whole, or gives too many.
    private func inflate(
        _ compressed: UnsafeMutableRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) -> Int? {
        guard inflateReset(stream) == Z_OK else { return nil }
        let room = min(target.count, Self.most)
        stream.pointee.next_in = compressed.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(compressed.count)
        stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(room)
        guard CZlib.inflate(stream, Z_FINISH) == Z_STREAM_END, stream.pointee.avail_in == 0 else { return nil }
        return room - Int(stream.pointee.avail_out)
    }
}
