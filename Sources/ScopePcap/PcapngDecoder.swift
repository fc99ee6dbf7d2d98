import ScopeWire

/// The pcapng format (draft-ietf-opsawg-pcapng): sections of blocks, each of its own byte order.
///
///     | type | total length | body, padded to 4 bytes | total length |
public struct PcapngDecoder: Sendable {
    /// Interfaces that one file may describe over all its sections.
    public static let mostInterfaces = 16_384
    /// The most bytes of an interface's name or description; longer ones are cut.
    static let longestName = 256
    /// The most comments that are kept of a file's sections, and of a packet.
    static let mostComments = 64

    /// The interfaces of all sections so far, in file order.
    public private(set) var interfaces: [CaptureInterface] = []
    /// Comments of the section headers.
    public private(set) var sectionComments: [String] = []
    /// All comments of the last packet that had any, a line each.
    private(set) var comment = ""
    private var clocks: [TimestampClock] = []
    /// Losses that packets have reported, so that the statistics do not report them again.
    private var lossesTold: [UInt64] = []
    private var order: ByteOrder?
    /// Index of the current section's first interface.
    private var base = 0

    public init() {}

    /// The block at `at`; `offset` is that place in the file.
    public mutating func step(_ window: RawSpan, at: Int, offset: UInt64) throws(FormatError) -> CaptureStep {
        let available = window.byteCount - at
        if available < 12 { return .needs(12) }
        var order = self.order
        // The type of a section header is the same in both byte orders; its magic tells which one holds.
        let isSection = ByteOrder.little.u32(window, at) == BlockType.section
        if isSection { order = try Self.sectionOrder(window, at: at, offset: offset) }
        guard let order else { throw FormatError(.noSection, at: offset) }
        let type = order.u32(window, at)
        let total = order.u32(window, at + 4)
        if total < 12 || total & 3 != 0 { throw FormatError(.badBlockLength(total), at: offset) }
        if total > UInt32(CaptureDecoder.longestRecord) { throw FormatError(.tooLong(UInt64(total)), at: offset) }
        let length = Int(total)
        if available < length { return .needs(length) }
        let tail = order.u32(window, at + length - 4)
        if tail != total { throw FormatError(.lengthMismatch(start: total, end: tail), at: offset) }
        let block = Block(type: type, start: at, length: length, offset: offset, order: order)
        switch type {
        case BlockType.enhancedPacket: return try enhancedPacket(window, block)
        case BlockType.section:
            self.order = order
            try beginSection(window, block)
        case BlockType.interface: try addInterface(window, block)
        case BlockType.simplePacket: return try simplePacket(window, block)
        case BlockType.obsoletePacket: return try obsoletePacket(window, block)
        case BlockType.statistics: return try statistics(window, block)
        case BlockType.custom, BlockType.customNotCopied, BlockType.journal: return .counted(length)
        default: break
        }
        return .passed(length)
    }

    private static func sectionOrder(_ window: RawSpan, at: Int, offset: UInt64) throws(FormatError) -> ByteOrder {
        let magic = ByteOrder.little.u32(window, at + 8)
        switch magic {
        case 0x1a2b_3c4d: return .little
        case 0x4d3c_2b1a: return .big
        default: throw FormatError(.badByteOrderMagic(magic), at: offset)
        }
    }

    private mutating func beginSection(_ window: RawSpan, _ block: Block) throws(FormatError) {
        let options = try block.fields(16)
        let major = block.order.u16(window, block.start + 12)
        let minor = block.order.u16(window, block.start + 14)
        guard major == 1 else { throw FormatError(.unsupportedVersion(major: major, minor: minor), at: block.offset) }
        base = interfaces.count
        var list = PcapngOptions(options, order: block.order)
        while let (code, value) = list.next(window) {
            if code == 1, sectionComments.count < Self.mostComments {
                sectionComments.append(PcapngOptions.text(window, value))
            }
        }
    }

    private mutating func addInterface(_ window: RawSpan, _ block: Block) throws(FormatError) {
        let options = try block.fields(8)
        guard interfaces.count < Self.mostInterfaces else {
            throw FormatError(.tooManyInterfaces, at: block.offset)
        }
        var interface = CaptureInterface(
            linkType: LinkType(fileField: UInt32(block.order.u16(window, block.start + 8))),
            snapLength: Int(block.order.u32(window, block.start + 12)))
        var clock = TimestampClock()
        var list = PcapngOptions(options, order: block.order)
        while let (code, value) = list.next(window) {
            switch (code, value.count) {
            case (2, _): interface.name = PcapngOptions.text(window, value, limit: Self.longestName)
            case (3, _): interface.description = PcapngOptions.text(window, value, limit: Self.longestName)
            case (9, 1): clock.setResolution(window.unsafeLoad(fromByteOffset: value.lowerBound, as: UInt8.self))
            case (14, 8): clock.offset = Int64(bitPattern: block.order.u64(window, value.lowerBound))
            default: break
            }
        }
        interfaces.append(interface)
        clocks.append(clock)
        lossesTold.append(0)
    }

    private mutating func enhancedPacket(_ window: RawSpan, _ block: Block) throws(FormatError) -> CaptureStep {
        let body = try block.fields(20)
        let order = block.order
        let at = block.start
        let interface = try self.interface(order.u32(window, at + 8), block)
        let captured = order.u32(window, at + 20)
        let data = try block.data(at: body.lowerBound, captured: captured)
        var record = CaptureRecord(
            length: block.length, data: data, time: time(window, at + 12, of: interface, order), interface: interface,
            linkType: interfaces[interface].linkType, originalLength: Int(order.u32(window, at + 24)))
        readOptions(window, block, behind: data, into: &record)
        return .packet(record)
    }

    /// The Packet Block of the format's first drafts: a 16-bit interface and a drop count.
    private mutating func obsoletePacket(_ window: RawSpan, _ block: Block) throws(FormatError) -> CaptureStep {
        let body = try block.fields(20)
        let order = block.order
        let at = block.start
        let interface = try self.interface(UInt32(order.u16(window, at + 8)), block)
        let data = try block.data(at: body.lowerBound, captured: order.u32(window, at + 20))
        var record = CaptureRecord(
            length: block.length, data: data, time: time(window, at + 12, of: interface, order), interface: interface,
            linkType: interfaces[interface].linkType, originalLength: Int(order.u32(window, at + 24)))
        readOptions(window, block, behind: data, into: &record)
        let drops = order.u16(window, at + 10)
        if drops != .max, record.lost == 0 { tell(UInt64(drops), of: interface, in: &record) }
        return .packet(record)
    }

    /// A Simple Packet Block belongs to the section's first interface and has no time: it gets the epoch.
    private func simplePacket(_ window: RawSpan, _ block: Block) throws(FormatError) -> CaptureStep {
        let body = try block.fields(4)
        let interface = try self.interface(0, block)
        let original = block.order.u32(window, block.start + 8)
        let snapLength = interfaces[interface].snapLength
        var captured = Int(original)
        if snapLength > 0 { captured = min(captured, snapLength) }
        guard captured <= body.count else {
            throw FormatError(
                .packetBeyondBlock(captured: UInt32(truncatingIfNeeded: captured), room: body.count), at: block.offset)
        }
        return .packet(
            CaptureRecord(
                length: block.length, data: body.lowerBound..<(body.lowerBound + captured),
                time: Instant(nanoseconds: 0), interface: interface, linkType: interfaces[interface].linkType,
                originalLength: Int(original)))
    }

    private mutating func statistics(_ window: RawSpan, _ block: Block) throws(FormatError) -> CaptureStep {
        let options = try block.fields(12)
        let interface = try self.interface(block.order.u32(window, block.start + 8), block)
        var dropped: UInt64?
        var list = PcapngOptions(options, order: block.order)
        while let (code, value) = list.next(window) {
            guard value.count == 8 else { continue }
            let count = block.order.u64(window, value.lowerBound)
            switch code {
            case 4: interfaces[interface].received = count
            // Lost by the interface (5) and by the system (7).
            case 5, 7: dropped = (dropped ?? 0).addingClamped(count)
            default: break
            }
        }
        guard let dropped else { return .passed(block.length) }
        interfaces[interface].dropped = dropped
        guard dropped > lossesTold[interface] else { return .passed(block.length) }
        defer { lossesTold[interface] = dropped }
        return .lost(dropped - lossesTold[interface], length: block.length)
    }

    private mutating func readOptions(
        _ window: RawSpan, _ block: Block, behind data: Range<Int>, into record: inout CaptureRecord
    ) {
        let end = block.start + block.length - 4
        let start = block.start + (data.upperBound - block.start + 3) & ~3
        guard end - start >= 4 else { return }
        var list = PcapngOptions(start..<end, order: block.order)
        var comments = 0
        while let (code, value) = list.next(window) {
            if code == 1, comments < Self.mostComments {
                let text = PcapngOptions.text(window, value)
                comment = comments > 0 ? comment + "\n" + text : text
                record.isCommented = true
                comments += 1
            } else if code == 4, value.count == 8 {
                tell(block.order.u64(window, value.lowerBound), of: record.interface, in: &record)
            }
        }
    }

    private mutating func tell(_ lost: UInt64, of interface: Int, in record: inout CaptureRecord) {
        record.lost = lost
        lossesTold[interface] = lossesTold[interface].addingClamped(lost)
    }

    private func interface(_ id: UInt32, _ block: Block) throws(FormatError) -> Int {
        guard id < UInt32(Self.mostInterfaces), base + Int(id) < interfaces.count else {
            throw FormatError(.unknownInterface(id), at: block.offset)
        }
        return base + Int(id)
    }

    private func time(_ window: RawSpan, _ at: Int, of interface: Int, _ order: ByteOrder) -> Instant {
        // The upper half comes first in both byte orders.
        let ticks = UInt64(order.u32(window, at)) << 32 | UInt64(order.u32(window, at + 4))
        return clocks[interface].instant(ticks: ticks)
    }
}
