/// The options at the end of a pcapng block: code, length, value, padding to 4 bytes.
///
/// A list that breaks off or exceeds its block ends there; the packet before it is still complete.
struct PcapngOptions {
    private var at: Int
    private let end: Int
    private let order: ByteOrder

    init(_ range: Range<Int>, order: ByteOrder) {
        at = range.lowerBound
        end = range.upperBound
        self.order = order
    }

    /// The next option: its code and the place of its value; nil at the end.
    mutating func next(_ window: RawSpan) -> (code: UInt16, value: Range<Int>)? {
        guard end - at >= 4 else { return nil }
        let code = order.u16(window, at)
        let length = Int(order.u16(window, at + 2))
        let start = at + 4
        guard code != 0, length <= end - start else { return nil }
        at = min(end, start + (length + 3) & ~3)
        return (code, start..<(start + length))
    }

    /// The text in `range`, cut to `limit` bytes; what is not UTF-8 becomes the replacement character.
    static func text(_ window: RawSpan, _ range: Range<Int>, limit: Int = .max) -> String {
        let cut = range.lowerBound..<(range.lowerBound + min(range.count, limit))
        return window.extracting(cut).withUnsafeBytes { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
