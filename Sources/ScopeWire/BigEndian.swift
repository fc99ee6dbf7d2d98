extension FixedWidthInteger {
    /// The number that `bytes` spell, the most significant one first.
    ///
    /// Of more bytes than the number holds, the last ones count.
    @inlinable public init(bytes: some Sequence<UInt8>) {
        self = 0
        for byte in bytes { self = self << 8 | Self(truncatingIfNeeded: byte) }
    }
}
