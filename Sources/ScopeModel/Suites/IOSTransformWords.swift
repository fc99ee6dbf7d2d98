import ScopeDissect

/// The words of IOS transform sets, and the code points of IPsec proposals that they stand for.
public enum IOSTransformWords {
    /// A cipher of ESP, a hash of AH or a compression: the number of its transform.
    public struct Word: Sendable {
        /// Without a key length: `esp-aes`.
        public var text: String
        public var protocolID: SecurityProtocol
        public var id: UInt8
        /// The key lengths in bits that may follow; a first one of 128 is not written.
        public var keyLengths: [UInt64] = []
        /// The Authentication-Algorithm that goes with a transform of AH (RFC 2407 section 4.4.3).
        public var integrity: UInt16?
    }

    public static let transforms: [Word] = [
        Word(text: "esp-des", protocolID: .esp, id: 2), Word(text: "esp-3des", protocolID: .esp, id: 3),
        Word(text: "esp-null", protocolID: .esp, id: 11),
        Word(text: "esp-aes", protocolID: .esp, id: 12, keyLengths: [128, 192, 256]),
        Word(text: "esp-gcm", protocolID: .esp, id: 20, keyLengths: [128, 192, 256]),
        Word(text: "esp-gmac", protocolID: .esp, id: 23, keyLengths: [128, 192, 256]),
        Word(text: "esp-seal", protocolID: .esp, id: 255, keyLengths: [160]),
        Word(text: "ah-md5-hmac", protocolID: .ah, id: 2, integrity: 1),
        Word(text: "ah-sha-hmac", protocolID: .ah, id: 3, integrity: 2),
        Word(text: "ah-sha256-hmac", protocolID: .ah, id: 5, integrity: 5),
        Word(text: "ah-sha384-hmac", protocolID: .ah, id: 6, integrity: 6),
        Word(text: "ah-sha512-hmac", protocolID: .ah, id: 7, integrity: 7),
        Word(text: "comp-lzs", protocolID: .ipComp, id: 3),
    ]

    /// The integrity algorithms of ESP by the Authentication-Algorithm attribute.
    public static let integrities: [(text: String, value: UInt16)] = [
        ("esp-md5-hmac", 1), ("esp-sha-hmac", 2), ("esp-sha256-hmac", 5), ("esp-sha384-hmac", 6),
        ("esp-sha512-hmac", 7),
    ]

    /// `esp-aes`, `ah-sha-hmac`; nil for what IOS has no word for.
    public static func word(_ id: UInt8, of protocolID: SecurityProtocol) -> String? {
        transforms.first { $0.protocolID == protocolID && $0.id == id }?.text
    }

    /// `esp-aes 256`: of 128 bits, and of none, the word alone.
    public static func word(_ id: UInt8, of protocolID: SecurityProtocol, keyLength: UInt64?) -> String? {
        word(id, of: protocolID).map { $0 + (writtenLength(keyLength).map { " \($0)" } ?? "") }
    }

    /// The key length that stands behind the word: 128 bits are understood.
    public static func writtenLength(_ length: UInt64?) -> UInt64? { length == 128 ? nil : length }

    /// `esp-sha-hmac`; nil for what IOS has no word for.
    public static func integrity(_ value: UInt64) -> String? { integrities.first { $0.value == value }?.text }
}
