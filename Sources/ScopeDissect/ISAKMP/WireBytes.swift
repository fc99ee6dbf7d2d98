extension RawSpan {
    /// A copy of the bytes at `range`, cut to what there is.
    func copy(_ range: Range<Int>) -> [UInt8] {
        let range = range.clamped(to: 0..<byteCount)
        return extracting(range).withUnsafeBytes { Array($0) }
    }

    /// The bytes at `range` as text; what is not UTF-8 becomes U+FFFD.
    func text(_ range: Range<Int>) -> String { String(decoding: copy(range), as: UTF8.self) }
}
