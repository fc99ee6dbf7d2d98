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
        var best: (row: Int, weight: Int)?
        for row in Self.candidates.rows(for: bytes.first) {
            let weight = Self.table[row].weight
            if weight > best?.weight ?? -1, Self.table[row].fits(bytes) { best = (row, weight) }
        }
        guard let best else { return nil }
        self = Self.named[best.row]
    }

    /// The rows of the table as values.
    private static let named = table.map { VendorID(name: "\($0.name)", family: "\($0.family)") }

    private static let candidates = Candidates(table)

    /// The rows that can fit an id, by its first byte, in the order of the table.
    private struct Candidates {
        private var byFirstByte: [[Int]]
        private let ofNoByte: [Int]

        init(_ table: [Row]) {
            byFirstByte = Array(repeating: [], count: 256)
            for (index, row) in table.enumerated() {
                let first = row.match == .contains ? nil : row.firstByte
                for byte in byFirstByte.indices where first.map({ Int($0) == byte }) ?? true {
                    byFirstByte[byte].append(index)
                }
            }
            ofNoByte = table.indices.filter { table[$0].firstByte == nil }
        }

        func rows(for byte: UInt8?) -> [Int] { byte.map { byFirstByte[Int($0)] } ?? ofNoByte }
    }

    /// One line of the table, in constant storage: nothing is built at start-up.
    struct Row: Sendable {
        enum Match: Int, Sendable { case contains, prefix, exact }

        var name: StaticString
        var family: StaticString
        var match: Match
        var hex: StaticString

        /// Ranks the rows that fit: first by how many bytes are fixed, then by how they must fit.
        var weight: Int { hex.utf8CodeUnitCount * 4 + match.rawValue }

        /// Nil for a row of no bytes.
        var firstByte: UInt8? {
            hex.withUTF8Buffer { $0.count < 2 ? nil : Self.value($0[0]) << 4 | Self.value($0[1]) }
        }

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
