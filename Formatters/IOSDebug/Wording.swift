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
    static func phase1(_ transform: Transform) -> String { TransformText.phase1(transform) }

    /// `ESP AES-CBC-128, HMAC-SHA, tunnel, 3600 s`.
    static func phase2(_ transform: Transform, of proposal: SecurityProtocol) -> String {
        TransformText.phase2(transform, of: proposal)
    }
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
