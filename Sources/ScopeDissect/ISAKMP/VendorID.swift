import ScopeWire

/// A vendor id that the table knows.
public struct VendorID: Hashable, Sendable {
    public var name: String
    /// The group it belongs to: `nat-t`, `dpd`, `xauth`, `cisco`, `frag` and so on.
    public var family: String

    public init(name: String, family: String) {
        self.name = name
        self.family = family
    }

    /// The vendor whose id `bytes` is; nil when the table does not know it.
    ///
    /// The longest entry that fits wins, an exact one before a prefix before one found inside.
    public init?(matching bytes: some RandomAccessCollection<UInt8>) {
        var best: Row?
        for row in Self.table where row.fits(bytes) && row.weight > best?.weight ?? -1 { best = row }
        guard let best else { return nil }
        self.init(name: "\(best.name)", family: "\(best.family)")
    }

    /// One line of the table, in constant storage: nothing is built at start-up.
    struct Row: Sendable {
        enum Match: Int, Sendable { case contains, prefix, exact }

        var name: StaticString
        var family: StaticString
        var match: Match
        var hex: StaticString

        /// Compares rows that fit: bytes that are fixed first, then how they must fit.
        var weight: Int { hex.utf8CodeUnitCount * 4 + match.rawValue }

        func fits(_ bytes: some RandomAccessCollection<UInt8>) -> Bool {
            let length = hex.utf8CodeUnitCount / 2
            switch match {
            case .exact: return bytes.count == length && isFound(at: 0, of: bytes)
            case .prefix: return bytes.count >= length && isFound(at: 0, of: bytes)
            case .contains:
                guard bytes.count >= length else { return false }
                return (0...(bytes.count - length)).contains { isFound(at: $0, of: bytes) }
            }
        }

        /// True when the row's bytes stand `offset` bytes into `bytes`, which holds that many.
        private func isFound(at offset: Int, of bytes: some RandomAccessCollection<UInt8>) -> Bool {
            hex.withUTF8Buffer { digits in
                var place = bytes.index(bytes.startIndex, offsetBy: offset)
                for index in stride(from: 0, to: digits.count - 1, by: 2) {
                    guard bytes[place] == Self.value(digits[index]) << 4 | Self.value(digits[index + 1]) else {
                        return false
                    }
                    place = bytes.index(after: place)
                }
                return true
            }
        }

        private static func value(_ digit: UInt8) -> UInt8 { digit < 58 ? digit & 15 : (digit & 15) + 9 }
    }
}
