extension String {
    /// Two lower-case hex digits a byte.
    public init(hex bytes: some Sequence<UInt8>) {
        self = ""
        for byte in bytes { self += String(hex: byte, digits: 2) }
    }

    /// Lower-case hex, at least `digits` wide.
    public init(hex value: some BinaryInteger, digits: Int = 1) {
        let text = String(value, radix: 16)
        self = String(repeating: "0", count: Swift.max(0, digits - text.utf8.count)) + text
    }
}
