import ScopeWire

extension IKEv2 {
    /// A public value (RFC 7296 section 3.4); of ML-KEM the key to encapsulate with, or the ciphertext.
    ///
    ///     |   Key Exchange Method Num     |           RESERVED            |  4
    ///     ~                       Key Exchange Data                       ~
    public struct KeyExchange: Hashable, Sendable {
        public var group: DHGroup
        public var data: Range<Int>

        public init(group: DHGroup, data: Range<Int>) {
            self.group = group
            self.data = data
        }

        init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
            group = try reader.code(bytes, "group")
            _ = try reader.u16(bytes, "reserved")
            data = reader.remainder("key exchange data")
        }
    }
}
