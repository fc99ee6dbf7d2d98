import ScopeWire

extension IKEv2 {
    /// The payloads that are encrypted (RFC 7296 section 3.14), or a piece of them (RFC 7383 section 2.5).
    ///
    ///     |        Fragment Number        |        Total Fragments        |  4, in SKF alone
    ///     ~        Initialization Vector, ciphertext, checksum data       ~
    ///
    /// Where the vector ends and the checksum begins depends on the algorithms, so only who has the keys tells.
    public struct Encrypted: Hashable, Sendable {
        /// The first payload inside; 0 where there is none, and in every fragment but the first.
        public var first: PayloadType
        /// Number, from 1, and total of a fragment; nil in SK.
        public var fragment: Fragment?
        /// Initialization vector, ciphertext and checksum data.
        public var body: Range<Int>

        public struct Fragment: Hashable, Sendable {
            public var number: UInt16
            public var total: UInt16

            public init(number: UInt16, total: UInt16) {
                self.number = number
                self.total = total
            }
        }

        public init(first: PayloadType, fragment: Fragment?, body: Range<Int>) {
            self.first = first
            self.fragment = fragment
            self.body = body
        }

        init(
            reading reader: inout ByteReader, _ bytes: RawSpan, isFragment: Bool, first: PayloadType
        ) throws(DecodeError) {
            self.first = first
            if isFragment {
                let place = reader.at
                let number = try reader.u16(bytes, "fragment number")
                let total = try reader.u16(bytes, "total fragments")
                guard number > 0, number <= total else {
                    throw DecodeError(.unexpected(UInt64(number)), at: place, field: "fragment number")
                }
                fragment = Fragment(number: number, total: total)
            }
            body = reader.remainder("encrypted")
        }
    }
}
