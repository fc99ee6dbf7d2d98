/// Key bytes that arrive line by line, up to a bound.
struct SecretBuffer {
    private let storage: Secret
    private(set) var count = 0

    /// - Parameter capacity: bytes; what comes beyond is dropped, and `isFull` says so.
    init(capacity: Int) { storage = Secret(count: capacity) }

    var capacity: Int { storage.count }

    var isFull: Bool { count >= storage.count }

    mutating func append(_ byte: UInt8) {
        guard !isFull else { return }
        storage.withMutableBytes { $0[count] = byte }
        count += 1
    }

    var secret: Secret { storage.slice(0..<count) }
}

extension Line {
    /// Takes the bytes of a dump's line out of it: pairs of hexadecimal digits, with `gap` blanks at most between two;
    /// more end them, for there begins the column of characters.
    ///
    /// - Returns: how many there were; 0 when the line holds anything else before the end of its bytes.
    func takeBytes(into buffer: inout SecretBuffer, most: Int, gap: Int) -> Int {
        var at = 0
        var taken = 0
        while taken < most {
            let start = at
            while self[at] == 0x20 { at += 1 }
            if taken > 0, at - start > gap { break }
            guard let high = self[at].flatMap(Hex.digit), let low = self[at + 1].flatMap(Hex.digit) else {
                return self[at] == nil ? taken : 0
            }
            // A pair stands alone where pairs are set apart.
            if gap > 0, let next = self[at + 2], next != 0x20 { return 0 }
            buffer.append(high << 4 | low)
            taken += 1
            at += 2
        }
        return taken
    }
}
