import ScopePcap

/// Whether bytes are a whole capture file.
enum WrittenCapture {
    /// Gives the number of its packets.
    static func check(_ file: [UInt8]) throws -> Int {
        var decoder = CaptureDecoder()
        var (at, packets) = (0, 0)
        while at < file.count {
            switch try decoder.step(file.span.bytes, at: at, offset: UInt64(at)) {
            case .needs(let count): throw Violation(description: "ends \(count) bytes short")
            case .passed(let length), .counted(let length), .lost(_, let length): at += length
            case .packet(let record):
                packets += 1
                at += record.length
            }
        }
        return packets
    }
}
