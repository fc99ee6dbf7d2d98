import ScopeDissect
import ScopeModel
import ScopeWire

/// Plain words that several formats print.
enum Wording {
    /// `frame 3`, `frames 3, 4`.
    static func frames(_ frames: [Int], to sink: ByteSink) {
        sink.literal(frames.count == 1 ? "frame " : "frames ")
        for (index, frame) in frames.enumerated() {
            if index > 0 { sink.literal(", ") }
            sink.decimal(frame)
        }
    }

    static func cookies(_ spi: [UInt8]) -> (UInt64, UInt64) {
        guard spi.count == 16 else { return (0, 0) }
        return (UInt64(bytes: spi.prefix(8)), UInt64(bytes: spi.suffix(8)))
    }

    /// A key id or another opaque identity: as text where it is text.
    static func text(of bytes: [UInt8]) -> String {
        if !bytes.isEmpty, bytes.allSatisfy({ (0x20...0x7e).contains($0) }) {
            return String(decoding: bytes, as: UTF8.self)
        }
        return "0x" + String(hex: bytes)
    }

    /// `text` with blanks behind it, at least `width` bytes wide.
    static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.utf8.count))
    }

    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    static func count(_ number: Int, _ noun: StaticString, to sink: ByteSink) {
        sink.decimal(number)
        sink.byte(UInt8(ascii: " "))
        sink.literal(noun)
        if number != 1 { sink.byte(UInt8(ascii: "s")) }
    }

    static func name(_ role: Role) -> String { role == .initiator ? "the initiator" : "the responder" }

    static func side(_ role: Role) -> Part { role == .initiator ? "the initiator" : "the responder" }

    static func step(_ step: Step, to sink: ByteSink) {
        switch step {
        case .v1(let step): self.step(step, to: sink)
        case .v2(let step): sink.text(step.exchange.name ?? "IKEv2 exchange \(step.exchange.rawValue)")
        case .other(let exchange): self.step(IKEv1Step.other(exchange), to: sink)
        }
    }

    private static func step(_ step: IKEv1Step, to sink: ByteSink) {
        switch step {
        case .mainMode(let number): numbered("Main Mode ", number, " of 6", to: sink)
        case .aggressive(let number): numbered("Aggressive Mode ", number, " of 3", to: sink)
        case .quickMode(let number): numbered("Quick Mode ", number, number <= 3 ? " of 3" : " (CONNECTED)", to: sink)
        case .informational, .other(.informational): sink.literal("Informational")
        case .transaction(let number): numbered("Transaction ", number, to: sink)
        case .newGroup(let number): numbered("New Group Mode ", number, to: sink)
        case .groupKeyPull(let number): numbered("GROUPKEY-PULL ", number, " of 4", to: sink)
        case .groupKeyPush: sink.literal("GROUPKEY-PUSH")
        case .other(.identityProtection): sink.literal("Main Mode")
        case .other(.aggressive): sink.literal("Aggressive Mode")
        case .other(.quickMode): sink.literal("Quick Mode")
        case .other(let type): sink.text(type.name.map { "\($0) exchange" } ?? "exchange type \(type.rawValue)")
        }
    }

    private static func numbered(
        _ before: StaticString, _ number: Int, _ behind: StaticString = "", to sink: ByteSink
    ) {
        sink.literal(before)
        sink.decimal(number)
        sink.literal(behind)
    }

    /// `SA, VID ×4`: the payloads in wire order; equal ones side by side are counted.
    static func payloads(_ chain: PayloadChain, to sink: ByteSink) {
        guard let first = chain.payloads.first else { return sink.literal("no payload") }
        var (type, count) = (first.type, 1)
        for payload in chain.payloads.dropFirst() {
            if payload.type == type {
                count += 1
            } else {
                run(type, count, to: sink)
                sink.literal(", ")
                (type, count) = (payload.type, 1)
            }
        }
        run(type, count, to: sink)
    }

    private static func run(_ type: PayloadType, _ count: Int, to sink: ByteSink) {
        sink.text(type.name ?? "payload \(type.rawValue)")
        if count > 1 {
            sink.literal(" ×")
            sink.decimal(count)
        }
    }
}

extension Wording {
    /// An identity in words; its text comes from the peer.
    static func identity(_ payload: IdentificationPayload, to sink: ByteSink) {
        identity(PeerIdentity(payload), to: sink)
    }

    /// The identity of a peer in words; its text comes from the peer.
    static func identity(_ peer: PeerIdentity, to sink: ByteSink) {
        switch peer.identity {
        case .address(let address): sink.write(.address(address))
        case .subnet(let net, let mask): sink.write(.address(net), "/", prefixPart(mask))
        case .range(let low, let high):
            sink.write(.address(low), " to ", .address(high))
            if peer.identity.isReversed { sink.literal(" (ends before it begins)") }
        case .fqdn(let name), .userFQDN(let name), .distinguishedName(let name):
            return sink.write("\"", .foreign(name), "\"")
        case .keyID(let bytes): return sink.write("key id \"", .foreign(text(of: bytes)), "\"")
        case .other(let bytes):
            return sink.write("type ", .number(peer.type.rawValue), " ", .foreign(text(of: bytes)))
        }
        if let service = peer.service, service.protocolID != 0 || service.port != 0 {
            sink.write(" protocol ", .number(service.protocolID), " port ", .number(service.port))
        }
    }

    /// The length of a contiguous mask, else the mask itself.
    static func prefix(_ mask: IPAddress) -> String { prefixLength(mask).map(String.init) ?? mask.description }

    static func prefixPart(_ mask: IPAddress) -> Part { prefixLength(mask).map { .number($0) } ?? .address(mask) }

    private static func prefixLength(_ mask: IPAddress) -> Int? {
        let ones = mask.bytes.reduce(0) { $0 + $1.nonzeroBitCount }
        let whole = mask.isV6 ? IPAddress(v6high: .max, low: .max) : IPAddress(v4: .max)
        return IPPrefix(whole, length: ones)?.address == mask ? ones : nil
    }
}
