import ScopeDissect

/// The words of IOS transform sets and ISAKMP policies, and the algorithms that they stand for: read both ways.
public enum IOSWords {
    /// A word of a transform set: a cipher of ESP, its integrity, a hash of AH, or a compression.
    public struct Word: Sendable {
        /// Without a key length: `esp-aes`.
        public var text: String
        public var protocolID: SecurityProtocol
        public var algorithm: Algorithm
        /// The key lengths in bits that may follow; a first one of 128 is not written.
        public var keyLengths: [UInt16] = []

        /// Whether the word needs a key length beside it to tell the algorithm.
        public var hasSeveralLengths: Bool { keyLengths.count > 1 }
    }

    public enum Algorithm: Hashable, Sendable {
        case cipher(Cipher)
        case integrity(Integrity)
        case compression(IPCompTransform)
    }

    public static let all: [Word] = [
        Word(text: "esp-des", protocolID: .esp, algorithm: .cipher(.des)),
        Word(text: "esp-3des", protocolID: .esp, algorithm: .cipher(.tripleDES)),
        Word(text: "esp-null", protocolID: .esp, algorithm: .cipher(.null)),
        Word(text: "esp-aes", protocolID: .esp, algorithm: .cipher(.aesCBC), keyLengths: [128, 192, 256]),
        Word(text: "esp-gcm", protocolID: .esp, algorithm: .cipher(.aesGCM16), keyLengths: [128, 192, 256]),
        Word(text: "esp-gmac", protocolID: .esp, algorithm: .cipher(.nullWithGMAC), keyLengths: [128, 192, 256]),
        Word(text: "esp-seal", protocolID: .esp, algorithm: .cipher(.seal), keyLengths: [160]),
        Word(text: "ah-md5-hmac", protocolID: .ah, algorithm: .integrity(.hmacMD5)),
        Word(text: "ah-sha-hmac", protocolID: .ah, algorithm: .integrity(.hmacSHA1)),
        Word(text: "ah-sha256-hmac", protocolID: .ah, algorithm: .integrity(.hmacSHA256)),
        Word(text: "ah-sha384-hmac", protocolID: .ah, algorithm: .integrity(.hmacSHA384)),
        Word(text: "ah-sha512-hmac", protocolID: .ah, algorithm: .integrity(.hmacSHA512)),
        Word(text: "comp-lzs", protocolID: .ipComp, algorithm: .compression(IPCompTransform(rawValue: 3))),
        Word(text: "esp-md5-hmac", protocolID: .esp, algorithm: .integrity(.hmacMD5)),
        Word(text: "esp-sha-hmac", protocolID: .esp, algorithm: .integrity(.hmacSHA1)),
        Word(text: "esp-sha256-hmac", protocolID: .esp, algorithm: .integrity(.hmacSHA256)),
        Word(text: "esp-sha384-hmac", protocolID: .esp, algorithm: .integrity(.hmacSHA384)),
        Word(text: "esp-sha512-hmac", protocolID: .esp, algorithm: .integrity(.hmacSHA512)),
    ]

    /// The words of `encryption` in an ISAKMP policy, without a key length.
    public static let policyCiphers: [(text: String, cipher: Cipher)] = [
        ("des", .des), ("3des", .tripleDES), ("aes", .aesCBC),
    ]

    /// The words of `hash` in an ISAKMP policy.
    public static let policyHashes: [(text: String, hash: Hash)] = [
        ("md5", .md5), ("sha", .sha1), ("sha256", .sha256), ("sha384", .sha384), ("sha512", .sha512),
    ]

    /// `aes`, of a policy; nil for what IOS has no word for.
    public static func policy(_ cipher: Cipher) -> String? { policyCiphers.first { $0.cipher == cipher }?.text }

    /// `sha256`, of a policy; nil for what IOS has no word for.
    public static func policy(_ hash: Hash) -> String? { policyHashes.first { $0.hash == hash }?.text }

    /// `esp-aes`, `ah-sha-hmac`, of the suite's transform without its key length; nil for what IOS has no word for.
    public static func transform(_ suite: ChildSuite) -> String? {
        guard let algorithm = suite.transform else { return nil }
        return word(algorithm, of: suite.protocolID)?.text
    }

    /// `esp-aes 256`: of 128 bits, and of none, the word alone.
    public static func sizedTransform(_ suite: ChildSuite) -> String? {
        transform(suite).map { $0 + (writtenLength(suite.keyLength).map { " \($0)" } ?? "") }
    }

    /// The key length that stands behind the word: 128 bits are understood.
    public static func writtenLength(_ length: UInt16?) -> UInt16? { length == 128 ? nil : length }

    /// The word of a cipher of ESP; nil for what IOS has no word for.
    public static func cipher(_ cipher: Cipher) -> Word? { word(.cipher(cipher), of: .esp) }

    /// `esp-sha-hmac`, `ah-sha-hmac`; nil for what IOS has no word for.
    public static func integrity(_ integrity: Integrity, of protocolID: SecurityProtocol = .esp) -> String? {
        word(.integrity(integrity), of: protocolID)?.text
    }

    private static func word(_ algorithm: Algorithm, of protocolID: SecurityProtocol) -> Word? {
        all.first { $0.protocolID == protocolID && $0.algorithm == algorithm }
    }
}

extension ChildSuite {
    /// What its transform identifier names; an integrity algorithm of ESP stands beside it.
    public var transform: IOSWords.Algorithm? {
        if let cipher { return .cipher(cipher) }
        if let transformOfAH { return .integrity(transformOfAH) }
        return compression.map { .compression($0) }
    }
}
