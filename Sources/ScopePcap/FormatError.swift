/// The reason why a capture file cannot be read on from a place.
public struct FormatError: Error, Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// The first four bytes belong to no format known here.
        case notACapture
        case unsupportedVersion(major: UInt16, minor: UInt16)
        /// A record or block longer than `CaptureDecoder.longestRecord`.
        case tooLong(UInt64)
        /// A pcapng block length below 12 or not a multiple of 4.
        case badBlockLength(UInt32)
        /// The length at the end of a pcapng block differs from the one at its start.
        case lengthMismatch(start: UInt32, end: UInt32)
        /// A pcapng block too short for the fields of its type.
        case shortBlock(type: UInt32, length: Int)
        /// A section header whose byte-order magic is neither order.
        case badByteOrderMagic(UInt32)
        /// A block other than a section header where a section must begin.
        case noSection
        /// A packet of an interface that its section has not described.
        case unknownInterface(UInt32)
        /// A packet that claims more bytes than its block holds.
        case packetBeyondBlock(captured: UInt32, room: Int)
        /// More interfaces than `PcapngDecoder.mostInterfaces`.
        case tooManyInterfaces
    }

    public var reason: Reason
    /// Bytes from the start of the (uncompressed) file to the record or block.
    public var offset: UInt64

    public init(_ reason: Reason, at offset: UInt64) {
        self.reason = reason
        self.offset = offset
    }
}

extension FormatError: CustomStringConvertible {
    /// The fault, without its place.
    public var description: String {
        switch reason {
        case .notACapture: "neither pcap nor pcapng"
        case .unsupportedVersion(let major, let minor): "format version \(major).\(minor) is not known"
        case .tooLong(let length): "a record of \(length) bytes, more than \(CaptureDecoder.longestRecord)"
        case .badBlockLength(let length): "bad block length \(length)"
        case .lengthMismatch(let start, let end): "block length is \(start) at its start but \(end) at its end"
        case .shortBlock(let type, let length): "block type \(type) cannot have only \(length) bytes"
        case .badByteOrderMagic(let magic): "bad byte-order magic 0x\(String(magic, radix: 16))"
        case .noSection: "a block outside of any section"
        case .unknownInterface(let id): "packet of interface \(id), which no interface block describes"
        case .packetBeyondBlock(let captured, let room): "packet of \(captured) bytes in a block with room for \(room)"
        case .tooManyInterfaces: "more than \(PcapngDecoder.mostInterfaces) interfaces"
        }
    }
}
