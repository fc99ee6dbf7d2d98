/// The block types that are read or written (section 11.3.1 of the draft).
enum BlockType {
    static let section: UInt32 = 0x0a0d_0d0a
    static let interface: UInt32 = 1
    static let obsoletePacket: UInt32 = 2
    static let simplePacket: UInt32 = 3
    static let statistics: UInt32 = 5
    static let enhancedPacket: UInt32 = 6
    static let journal: UInt32 = 9
    static let custom: UInt32 = 0x0000_0bad
    static let customNotCopied: UInt32 = 0x4000_0bad
}

/// One whole block in the window.
struct Block {
    let type: UInt32
    let start: Int
    let length: Int
    let offset: UInt64
    let order: ByteOrder

    /// What follows the `count` bytes of fixed fields, up to the trailing length.
    func fields(_ count: Int) throws(FormatError) -> Range<Int> {
        let end = start + length - 4
        guard start + 8 + count <= end else { throw FormatError(.shortBlock(type: type, length: length), at: offset) }
        return (start + 8 + count)..<end
    }

    /// The packet bytes at `at`.
    func data(at: Int, captured: UInt32) throws(FormatError) -> Range<Int> {
        let room = start + length - 4 - at
        guard captured <= UInt32(CaptureDecoder.longestRecord), Int(captured) <= room else {
            throw FormatError(.packetBeyondBlock(captured: captured, room: room), at: offset)
        }
        return at..<(at + Int(captured))
    }
}
