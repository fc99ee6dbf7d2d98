/// The bytes of one run, read from the front: what steers the run first, then what is under test.
struct Input {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isEmpty: Bool { rest.isEmpty }

    /// The next byte; 0 behind the end.
    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    /// The next bytes: as many as a 16-bit length before them says, or all there are.
    mutating func piece() -> [UInt8] { piece(count: number()) }

    mutating func number() -> Int { Int(byte()) << 8 | Int(byte()) }

    mutating func piece(count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    mutating func remainder() -> [UInt8] {
        defer { rest = [] }
        return Array(rest)
    }
}
