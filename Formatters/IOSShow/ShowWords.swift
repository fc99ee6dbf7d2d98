import ScopeDissect
import ScopeModel
import ScopeSAD
import ScopeWire

/// The words of the show views, which differ from those of debug.
enum ShowWords {
    /// `esp-256-aes esp-sha256-hmac`.
    static func transform(_ pair: Agreement) -> String {
        let suite = pair.suite
        if suite.protocolID == .ah {
            return suite.integrity.map { IOSWords.integrity($0, of: .ah) ?? "ah-?-hmac" } ?? "?"
        }
        let integrity = suite.integrity.map { " " + (IOSWords.integrity($0) ?? "esp-?-hmac") } ?? ""
        return (suite.cipher.map { cipher($0, suite.keyLength) } ?? "?") + integrity
    }

    /// A key length stands inside the word of AES, and behind any other.
    private static func cipher(_ cipher: Cipher, _ keyLength: UInt16?) -> String {
        guard let word = IOSWords.cipher(cipher) else { return "?" }
        guard word.hasSeveralLengths, let length = IOSWords.writtenLength(keyLength) else { return word.text }
        return cipher == .aesCBC ? "esp-\(length)-aes" : "\(word.text) \(length)"
    }

    /// Bytes; nil where there is none, or it is not known.
    static func ivSize(_ pair: Agreement) -> Int? {
        switch pair.suite.cipher {
        case .des, .tripleDES, .aesGCM8, .aesGCM12, .aesGCM16, .nullWithGMAC, .aesCTR: 8
        case .aesCBC, .camelliaCBC: 16
        default: nil
        }
    }

    static func mode(_ pair: Agreement) -> StaticString {
        switch pair.suite.encapsulation {
        case .tunnel: "Tunnel"
        case .transport: "Transport"
        case .tunnelInUDP, .tunnelInUDPDraft: "Tunnel UDP-Encaps"
        case .transportInUDP, .transportInUDPDraft: "Transport UDP-Encaps"
        case .other, nil: "?"
        }
    }

    static func encryption(_ cipher: Cipher?) -> String { cipher.flatMap { IOSWords.policy($0) } ?? "?" }

    static func hash(_ hash: Hash?) -> String { hash.flatMap { IOSWords.policy($0) } ?? "?" }

    static func authentication(_ method: AuthenticationMethod?) -> StaticString {
        guard let method, !method.isHybrid else { return "?" }
        return switch method.credential {
        case .preSharedKey: "psk"
        case .rsaSignature: "rsig"
        case .rsaEncryption where !method.isXAUTH: "renc"
        default: "?"
        }
    }

    /// Network and mask of a proxy identity; without one it is the peer itself.
    static func network(_ identification: IdentificationPayload?, of peer: IPAddress) -> (net: String, mask: String)? {
        switch identification?.identity {
        case nil: (peer.description, host(peer))
        case .address(let address): (address.description, host(address))
        case .subnet(let net, let mask): (net.description, net.isV6 ? Wording.prefix(mask) : mask.description)
        case .some: nil
        }
    }

    private static func host(_ address: IPAddress) -> String { address.isV6 ? "128" : "255.255.255.255" }

    /// `10.1.0.0/255.255.255.0/0/0`.
    static func proxy(_ record: ChildRecord, of role: Role) -> String {
        guard record.pair != nil, let network = network(record.proxy(of: role), of: record.end(role).address) else {
            return "?/?/?/?"
        }
        let proxy = record.proxy(of: role)
        return "\(network.net)/\(network.mask)/\(proxy?.protocolID ?? 0)/\(proxy?.port ?? 0)"
    }

    /// The same of both ends of a flow, whose SAs have it in common.
    static func proxies(_ flow: Flow) -> (local: String, remote: String) {
        guard let (record, local) = flow.records.first else { return ("?/?/?/?", "?/?/?/?") }
        return (proxy(record, of: local), proxy(record, of: local.other))
    }

    /// `50:03:07`: hours may have more than two digits.
    static func duration(_ seconds: Int) -> String {
        [seconds / 3600, seconds / 60 % 60, seconds % 60].map { ($0 < 10 ? "0" : "") + "\($0)" }
            .joined(separator: ":")
    }

    static func deletion(_ deletion: Deletion) -> String {
        "deleted by \(deletion.by), \(Wording.name(deletion.role)) of the IKE SA, in frame \(deletion.frame)"
    }

    static func expired(_ lifetime: UInt64?) -> String {
        "its lifetime\(lifetime.map { " of \($0) s" } ?? "") ran out, and no packet of it was seen since"
    }

    static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.utf8.count))
    }

    static func padded(_ value: Int, left width: Int) -> String {
        let text = String(value)
        return String(repeating: " ", count: max(0, width - text.utf8.count)) + text
    }

    static func upperHex(_ spi: UInt32) -> String { String(spi, radix: 16, uppercase: true) }
}
