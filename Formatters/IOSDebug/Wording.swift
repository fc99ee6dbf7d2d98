import ScopeDissect
import ScopeModel
import ScopeWire

/// Plain words for the annotations.
enum Wording {
    static func frames(_ frames: [Int]) -> String {
        (frames.count == 1 ? "frame " : "frames ") + frames.map(String.init).joined(separator: ", ")
    }

    static func cookies(_ spi: [UInt8]) -> (UInt64, UInt64) {
        guard spi.count == 16 else { return (0, 0) }
        return (spi.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }, spi.suffix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    static func hex(_ value: some BinaryInteger, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// A key id or another opaque identity: as text where it is text.
    static func text(of bytes: [UInt8]) -> String {
        if !bytes.isEmpty, bytes.allSatisfy({ (0x20...0x7e).contains($0) }) {
            return String(decoding: bytes, as: UTF8.self)
        }
        return "0x" + bytes.map { hex($0, digits: 2) }.joined()
    }

    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    static func name(_ role: Role) -> String { role == .initiator ? "the initiator" : "the responder" }

    static func side(_ role: Role) -> Part { role == .initiator ? "the initiator" : "the responder" }

    static func step(_ step: ExchangeStep, exchange: ExchangeType) -> String {
        switch step {
        case .mainMode(let number): "Main Mode \(number) of 6"
        case .aggressive(let number): "Aggressive Mode \(number) of 3"
        case .quickMode(let number): number <= 3 ? "Quick Mode \(number) of 3" : "Quick Mode \(number) (CONNECTED)"
        case .informational: "Informational"
        case .transaction(let number): "Transaction \(number)"
        case .newGroup(let number): "New Group Mode \(number)"
        case .groupKeyPull(let number): "GROUPKEY-PULL \(number) of 4"
        case .groupKeyPush: "GROUPKEY-PUSH"
        case .ikev2: exchange.name ?? "IKEv2 exchange \(exchange.rawValue)"
        case .other(.identityProtection): "Main Mode"
        case .other(.aggressive): "Aggressive Mode"
        case .other(.quickMode): "Quick Mode"
        case .other(.informational): "Informational"
        case .other(let type): type.name.map { "\($0) exchange" } ?? "exchange type \(type.rawValue)"
        }
    }

    /// `SA, VID ×4`: the payloads in wire order, like ones side by side counted.
    static func payloads(_ chain: PayloadChain) -> String {
        var runs: [(name: String, count: Int)] = []
        for payload in chain.payloads {
            let name = payload.type.name ?? "payload \(payload.type.rawValue)"
            if runs.last?.name == name { runs[runs.count - 1].count += 1 } else { runs.append((name, 1)) }
        }
        if runs.isEmpty { return "no payload" }
        return runs.map { $0.count == 1 ? $0.name : "\($0.name) ×\($0.count)" }.joined(separator: ", ")
    }

    /// `AES-CBC-256, SHA, group 2, pre-share, 28800 s`.
    static func phase1(_ transform: Transform) -> String {
        var words: [String] = []
        if let value = transform.value(1) {
            words.append(sized(value, encryptionNames, "encryption", length: transform.value(14)))
        }
        if let value = transform.value(2) { words.append(named(value, hashNames, "hash")) }
        if let value = transform.value(4) { words.append("group \(value)") }
        if let value = transform.value(3) { words.append(named(value, methodNames, "authentication method")) }
        words += lifetime(type: transform.value(11), duration: transform.value(12))
        return words.joined(separator: ", ")
    }

    /// `ESP AES-CBC-128, HMAC-SHA, tunnel, 3600 s`.
    static func phase2(_ transform: Transform, of proposal: SecurityProtocol) -> String {
        let names = proposal == .ah ? ahNames : proposal == .ipComp ? compressionNames : espNames
        var words = [sized(UInt64(transform.id), names, "transform", length: transform.value(6))]
        if let value = transform.value(5) { words.append(named(value, integrityNames, "integrity")) }
        if let value = transform.value(4) { words.append(named(value, modeNames, "encapsulation mode")) }
        for (type, value) in QuickModeChoice.lifetimes(transform) { words += lifetime(type: type, duration: value) }
        if let value = transform.value(3) { words.append("PFS group \(value)") }
        if transform.value(11) == 1 { words.append("64-bit sequence numbers") }
        return (proposal.name ?? "protocol \(proposal.rawValue)") + " " + words.joined(separator: ", ")
    }

    private static func lifetime(type: UInt64?, duration: UInt64?) -> [String] {
        guard let duration else { return [] }
        return switch type {
        case 1, nil: ["\(duration) s"]
        case 2: ["\(duration) kB"]
        case .some(let type): ["lifetime \(duration) of type \(type)"]
        }
    }

    private static func named(_ value: UInt64, _ names: [UInt64: String], _ what: String) -> String {
        names[value] ?? "\(what) \(value)"
    }

    private static func sized(
        _ value: UInt64, _ names: [UInt64: String], _ what: String, length: UInt64?
    ) -> String {
        named(value, names, what) + (length.map { "-\($0)" } ?? "")
    }

    private static let encryptionNames: [UInt64: String] = [
        1: "DES-CBC", 2: "IDEA-CBC", 3: "BLOWFISH-CBC", 4: "RC5-CBC", 5: "3DES-CBC", 6: "CAST-CBC", 7: "AES-CBC",
        8: "CAMELLIA-CBC",
    ]
    private static let hashNames: [UInt64: String] = [
        1: "MD5", 2: "SHA", 3: "TIGER", 4: "SHA2-256", 5: "SHA2-384", 6: "SHA2-512",
    ]
    private static let methodNames: [UInt64: String] = [
        1: "pre-share", 2: "DSS signatures", 3: "RSA signatures", 4: "RSA encryption", 5: "revised RSA encryption",
        9: "ECDSA P-256", 10: "ECDSA P-384", 11: "ECDSA P-521", 64221: "hybrid RSA (initiator)",
        64222: "hybrid RSA (responder)", 65001: "XAUTH and pre-share (initiator)",
        65002: "XAUTH and pre-share (responder)", 65005: "XAUTH and RSA signatures (initiator)",
        65006: "XAUTH and RSA signatures (responder)",
    ]
    private static let espNames: [UInt64: String] = [
        2: "DES-CBC", 3: "3DES-CBC", 4: "RC5", 5: "IDEA", 6: "CAST", 7: "BLOWFISH", 11: "NULL", 12: "AES-CBC",
        13: "AES-CTR", 14: "AES-CCM-8", 15: "AES-CCM-12", 16: "AES-CCM-16", 18: "AES-GCM-8", 19: "AES-GCM-12",
        20: "AES-GCM-16", 22: "CAMELLIA-CBC", 23: "NULL with AES-GMAC",
    ]
    private static let ahNames: [UInt64: String] = [
        2: "MD5", 3: "SHA", 5: "SHA2-256", 6: "SHA2-384", 7: "SHA2-512", 9: "AES-XCBC",
    ]
    private static let compressionNames: [UInt64: String] = [1: "OUI", 2: "DEFLATE", 3: "LZS", 4: "LZJH"]
    private static let integrityNames: [UInt64: String] = [
        1: "HMAC-MD5", 2: "HMAC-SHA", 5: "HMAC-SHA2-256", 6: "HMAC-SHA2-384", 7: "HMAC-SHA2-512", 9: "AES-XCBC-MAC",
    ]
    private static let modeNames: [UInt64: String] = [
        1: "tunnel", 2: "transport", 3: "tunnel in UDP", 4: "transport in UDP", 61443: "tunnel in UDP (draft)",
        61444: "transport in UDP (draft)",
    ]
}

extension Wording {
    /// An identity in words; its text comes from the peer.
    static func identity(_ payload: IdentificationPayload) -> [Part] {
        let ports: [Part] =
            payload.protocolID == 0 && payload.port == 0
            ? [] : [.text(" protocol \(payload.protocolID) port \(payload.port)")]
        return switch payload.identity {
        case .address(let address): [.address(address)] + ports
        case .subnet(let net, let mask): [.address(net), "/", .text(prefix(mask))] + ports
        case .range(let low, let high): [.address(low), " to ", .address(high)] + ports
        case .fqdn(let name), .userFQDN(let name), .distinguishedName(let name): ["\"", .foreign(name), "\""]
        case .keyID(let bytes): ["key id \"", .foreign(text(of: bytes)), "\""]
        case .other(let bytes): [.text("type \(payload.type.rawValue) "), .foreign(text(of: bytes))]
        }
    }

    /// The length of a contiguous mask, else the mask itself.
    static func prefix(_ mask: IPAddress) -> String {
        let ones = mask.bytes.reduce(0) { $0 + $1.nonzeroBitCount }
        let whole = mask.isV6 ? IPAddress(v6high: .max, low: .max) : IPAddress(v4: .max)
        return IPPrefix(whole, length: ones)?.address == mask ? String(ones) : mask.description
    }
}
