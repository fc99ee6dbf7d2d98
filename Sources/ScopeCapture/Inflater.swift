import CZlib

/// Undoes gzip (RFC 1952), members one behind the other included, as a stream.
final class Inflater {
    enum Outcome {
        case bytes(Int)
        /// All input is consumed: `input` can be filled and `supply` called.
        case needsInput
        /// What follows the last member is not gzip; it is left alone, as gzip does.
        case end
        case damaged(String)
    }

    private static let blockLength = 256 << 10

    /// The buffer for the compressed bytes.
    let input: UnsafeMutableRawBufferPointer
    // zlib keeps the address of its stream, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    /// False between members.
    private(set) var isInsideMember = true
    private var hasEnded = false
    private var damage: String?

    init(startingWith head: UnsafeRawBufferPointer) {
        input = .allocate(byteCount: max(Self.blockLength, head.count), alignment: 16)
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 bits of window, and 16 for a gzip header.
        if inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) != Z_OK {
            damage = "no memory for decompression"
        }
        input.copyMemory(from: head)
        supply(head.count)
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        input.deallocate()
    }

    /// Says that `count` bytes now stand at the start of `input`.
    func supply(_ count: Int) {
        stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(count)
    }

    func inflate(into buffer: UnsafeMutableRawBufferPointer) -> Outcome {
        while true {
            if let damage { return .damaged(damage) }
            if hasEnded { return .end }
            guard stream.pointee.avail_in > 0, let next = stream.pointee.next_in else { return .needsInput }
            if !isInsideMember {
                guard next.pointee == 0x1f else {
                    hasEnded = true
                    continue
                }
                inflateReset(stream)
                isInsideMember = true
            }
            let room = UInt32(clamping: buffer.count)
            stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = room
            let result = CZlib.inflate(stream, Z_NO_FLUSH)
            switch result {
            case Z_STREAM_END: isInsideMember = false
            case Z_OK, Z_BUF_ERROR: break
            default: damage = stream.pointee.msg.map { String(cString: $0) } ?? "error \(result)"
            }
            let produced = Int(room - stream.pointee.avail_out)
            if produced > 0 { return .bytes(produced) }
        }
    }
}
