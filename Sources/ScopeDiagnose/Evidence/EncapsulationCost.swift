import ScopeModel
import ScopeWire

/// What ESP or AH adds to a packet, so that the largest packet inside a path's MTU can be told.
struct EncapsulationCost {
    /// The outer IP header, and UDP.
    private let outer: Int
    private let isAH: Bool
    private let ivLength: Int
    private let blockLength: Int
    private let icvLength: Int
    /// GRE inside, and the IP header that transport mode does not repeat.
    private let inner: Int
    /// The algorithms are known: else the costliest of those in use are counted.
    let isExact: Bool

    /// Of the SA of `account`; `suite` is what was agreed on for it, where that is known.
    init(_ account: IPsecAccount, _ suite: ChildSuite?) {
        let header = account.source.isV6 ? 40 : 20
        outer = header + (account.ports.isNone ? 0 : 8)
        isAH = account.isAH
        let cipher = suite?.cipher
        isExact = isAH ? account.icvLength > 0 || suite != nil : cipher != nil && suite != nil
        ivLength = isAH ? 0 : cipher.map(Self.ivLength) ?? 16
        blockLength = isAH ? 4 : max(4, cipher?.blockLength ?? 16)
        icvLength =
            account.icvLength > 0 ? Int(account.icvLength) : cipher?.tagLength ?? suite?.integrity?.icvLength ?? 16
        let isTransport = suite?.encapsulation?.isTransport ?? account.contents.contains(.transport)
        let carriesGRE = account.contents.contains(.gre) || suite == nil && account.contents.isEmpty
        inner = (carriesGRE ? -Self.greLength : 0) + (isTransport && !carriesGRE ? header : 0)
    }

    /// Without a key (RFC 2784).
    private static let greLength = 4

    /// The largest IP packet inside that a path with this MTU lets through.
    func largest(inside mtu: Int) -> Int {
        guard !isAH else { return mtu - outer - 12 - (icvLength + 3) / 4 * 4 + inner }
        let room = mtu - outer - 8 - ivLength - icvLength
        // Pad length and next header end the last block.
        return room - room % blockLength - 2 + inner
    }

    private static func ivLength(_ cipher: Cipher) -> Int {
        switch cipher {
        case .null, .aesCCM8ImplicitIV, .aesGCM16ImplicitIV, .chaCha20Poly1305ImplicitIV: 0
        default: cipher.blockLength == 1 ? 8 : cipher.blockLength
        }
    }
}

extension Cipher {
    /// Bytes of the ICV that a cipher makes itself; nil where it makes none.
    fileprivate var tagLength: Int? {
        switch self {
        case .aesCCM8, .aesGCM8, .camelliaCCM8, .aesCCM8ImplicitIV: 8
        case .aesCCM12, .aesGCM12, .camelliaCCM12: 12
        default: isAEAD ? 16 : nil
        }
    }
}

extension Integrity {
    /// Bytes of its ICV (RFC 2403, 2404, 4868).
    var icvLength: Int {
        switch self {
        case .none: 0
        case .hmacSHA256, .hmacMD5Whole, .aes128GMAC, .aes192GMAC, .aes256GMAC: 16
        case .hmacSHA1Whole: 20
        case .hmacSHA384: 24
        case .hmacSHA512: 32
        case .hmacMD5, .hmacSHA1, .hmacRIPEMD, .desMAC, .kpdk, .aesXCBC, .aesCMAC, .rsa: 12
        case .other: 16
        }
    }
}

extension PairCase {
    /// The SAs that a negotiation made under an SPI.
    func made(_ spi: UInt32) -> (attempt: Attempt, sas: Attempt.MadeSAs)? {
        for attempt in attempts.reversed() {
            if let sas = attempt.pairs.last(where: { $0.spiToInitiator == spi || $0.spiToResponder == spi }) {
                return (attempt, sas)
            }
        }
        return nil
    }
}
