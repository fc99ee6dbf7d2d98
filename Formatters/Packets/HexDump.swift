import ScopeModel

/// A hex dump: the offset, sixteen bytes in hex by twos, and those bytes in ASCII.
///
///         0x0010:  4001 f977 c0a8 0001 c0a8 0002 0800 4d5a  @..w..........MZ
enum HexDump {
    private static let width = 16

    /// Bytes in `hidden` are written as `**`.
    static func write(_ bytes: [UInt8], hidden: [Range<Int>] = [], to sink: ByteSink) {
        for start in stride(from: 0, to: bytes.count, by: width) {
            let row = start..<min(start + width, bytes.count)
            let isSafe = !hidden.contains { $0.overlaps(row) }
            func isShown(_ index: Int) -> Bool { isSafe || !hidden.contains { $0.contains(index) } }
            sink.literal("        0x")
            sink.hex(UInt64(start), digits: 4)
            sink.literal(":  ")
            for index in start..<(start + width) {
                if !row.contains(index) {
                    sink.literal("  ")
                } else if isShown(index) {
                    sink.hex(UInt64(bytes[index]), digits: 2)
                } else {
                    sink.literal("**")
                }
                if index & 1 == 1 { sink.byte(UInt8(ascii: " ")) }
            }
            sink.byte(UInt8(ascii: " "))
            for index in row {
                let byte = bytes[index]
                if !isShown(index) {
                    sink.byte(UInt8(ascii: "*"))
                } else {
                    sink.byte((0x20..<0x7f).contains(byte) ? byte : UInt8(ascii: "."))
                }
            }
            sink.newline()
        }
    }
}
