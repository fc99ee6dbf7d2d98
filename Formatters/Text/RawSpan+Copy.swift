extension RawSpan {
    /// A copy of all bytes.
    var copied: [UInt8] { withUnsafeBytes { Array($0) } }

    /// A copy of the bytes at `range`, cut to what there is.
    func copy(_ range: Range<Int>) -> [UInt8] {
        extracting(range.clamped(to: 0..<byteCount)).withUnsafeBytes { Array($0) }
    }
}
