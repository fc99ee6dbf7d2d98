/// Builds pcapng files block by block, also wrong ones, by the draft and not by our writer.
public struct PcapngBuilder {
    public private(set) var bytes: [UInt8] = []
    public var isBigEndian: Bool

    public init(bigEndian: Bool = false) { isBigEndian = bigEndian }

    public func u16(_ value: UInt16) -> [UInt8] {
        isBigEndian ? [UInt8(value >> 8), UInt8(value & 255)] : [UInt8(value & 255), UInt8(value >> 8)]
    }

    public func u32(_ value: UInt32) -> [UInt8] {
        let high = u16(UInt16(value >> 16))
        let low = u16(UInt16(value & 0xffff))
        return isBigEndian ? high + low : low + high
    }

    public func u64(_ value: UInt64) -> [UInt8] {
        let high = u32(UInt32(value >> 32))
        let low = u32(UInt32(value & 0xffff_ffff))
        return isBigEndian ? high + low : low + high
    }

    public func padded(_ value: [UInt8]) -> [UInt8] { value + [UInt8](repeating: 0, count: -value.count & 3) }

    public func option(_ code: UInt16, _ value: [UInt8]) -> [UInt8] {
        u16(code) + u16(UInt16(value.count)) + padded(value)
    }

    public func option(_ code: UInt16, _ text: String) -> [UInt8] { option(code, Array(text.utf8)) }

    public mutating func append(_ raw: [UInt8]) { bytes += raw }

    public mutating func block(_ type: UInt32, _ body: [UInt8]) {
        let length = u32(UInt32(body.count + 12))
        bytes += u32(type) + length + body + length
    }

    public mutating func section(options: [UInt8] = []) {
        block(0x0a0d_0d0a, u32(0x1a2b_3c4d) + u16(1) + u16(0) + u64(.max) + options)
    }

    public mutating func interface(_ linkType: UInt16, snapLength: UInt32 = 0, options: [UInt8] = []) {
        block(1, u16(linkType) + u16(0) + u32(snapLength) + options)
    }

    public mutating func enhanced(
        _ interface: UInt32, ticks: UInt64, _ data: [UInt8], original: Int? = nil, options: [UInt8] = []
    ) {
        let lengths = u32(UInt32(data.count)) + u32(UInt32(original ?? data.count))
        let time = u32(UInt32(ticks >> 32)) + u32(UInt32(ticks & 0xffff_ffff))
        block(6, u32(interface) + time + lengths + padded(data) + options)
    }

    /// The Packet Block of the first drafts.
    public mutating func obsolete(_ interface: UInt16, drops: UInt16, ticks: UInt64, _ data: [UInt8]) {
        let lengths = u32(UInt32(data.count)) + u32(UInt32(data.count))
        let time = u32(UInt32(ticks >> 32)) + u32(UInt32(ticks & 0xffff_ffff))
        block(2, u16(interface) + u16(drops) + time + lengths + padded(data))
    }

    public mutating func simple(_ data: [UInt8], original: Int? = nil) {
        block(3, u32(UInt32(original ?? data.count)) + padded(data))
    }

    public mutating func statistics(_ interface: UInt32, received: UInt64, dropped: UInt64) {
        block(5, u32(interface) + u64(0) + option(4, u64(received)) + option(5, u64(dropped)) + option(0, []))
    }
}
