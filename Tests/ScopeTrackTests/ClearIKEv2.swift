import ScopeCrypto
import ScopeDissect
import ScopeModel
import ScopeTrack
import ScopeWire

/// Keys of a world in which SK payloads hold what they say as it is: what the follower does is seen without any cipher.
///
/// A body that begins with `broken` opens under no key.
final class ClearUnsealer: Unsealer {
    static let broken: UInt8 = 0xee

    private let ring = KeyRing([])
    /// The openers that were asked for, by the initiator's SPI: those of successors as well.
    private(set) var openers: [UInt64: ClearOpener] = [:]

    var isEmpty: Bool { false }

    func opener(for facts: IKEv1Facts) -> any IKESAOpener { ring.opener(for: facts) }

    func opener(for facts: IKEv2Facts) -> (any IKEv2SAOpener)? { made(facts) }

    fileprivate func made(_ facts: IKEv2Facts) -> ClearOpener {
        let opener = ClearOpener(facts, self)
        openers[facts.initiatorSPI] = opener
        return opener
    }

    func espOpeners(spi: UInt32, source: IPAddress, destination: IPAddress) -> [any ESPOpener] { [] }

    func ahVerifiers(spi: UInt32, source: IPAddress, destination: IPAddress) -> [any AHVerifier] { [] }

    func natDiscoveryHash(
        _ hash: Hash, initiatorSPI: UInt64, responderSPI: UInt64, address: IPAddress, port: UInt16
    ) -> [UInt8]? {
        ring.natDiscoveryHash(
            hash, initiatorSPI: initiatorSPI, responderSPI: responderSPI, address: address, port: port)
    }

    func certificates(in chain: PayloadChain, _ context: CertificateContext) -> CertificateReport? { nil }

    func unusedKeys() -> [String] { [] }
}

final class ClearOpener: IKEv2SAOpener {
    /// What the follower told of the SA, at last.
    private(set) var facts: IKEv2Facts
    /// The negotiations whose keys were asked for.
    private(set) var children: [ChildNegotiation] = []
    private unowned let unsealer: ClearUnsealer

    init(_ facts: IKEv2Facts, _ unsealer: ClearUnsealer) {
        self.facts = facts
        self.unsealer = unsealer
    }

    func learn(_ facts: IKEv2Facts) { self.facts = facts }

    /// The facts stay as they were told.
    var isSettled: Bool { false }

    var status: KeyStatus { .opened(by: .one(KeyName("clear"))) }

    func open(_ message: ISAKMPMessage, from sender: Role) -> IKEv2Opening {
        for payload in message.chain.payloads {
            guard case .ikev2(.encrypted(let content)) = payload.content else { continue }
            let plaintext = Array(message.chain.slice(content.body))
            if plaintext.first == ClearUnsealer.broken { return .unreadable(tried: [KeyName("clear")]) }
            return .opened(plaintext: plaintext, first: content.first, key: KeyName("clear"))
        }
        return .sealed(why: "it has no SK payload")
    }

    func read(_ message: IKEv2Opened) -> AuthenticationOutcome? {
        guard message.chain.contains(.authentication) else { return nil }
        return AuthenticationOutcome(
            proof: .verified(.authentication(message.sender)), method: AuthenticationMethod(.preSharedKey))
    }

    func childKeys(of negotiation: ChildNegotiation) -> ChildKeys {
        children.append(negotiation)
        return ChildKeys(status: status)
    }

    func successor(_ facts: IKEv2Facts) -> any IKEv2SAOpener { unsealer.made(facts) }
}

/// Messages of IKEv2 byte by byte, as RFC 7296 section 3 draws them, and what the tracker makes of them.
final class IKEv2Play {
    /// A payload without its generic header.
    struct Body {
        var type: UInt8
        var bytes: [UInt8]

        init(_ type: UInt8, _ bytes: [UInt8]) { (self.type, self.bytes) = (type, bytes) }

        /// A proposal of AES-CBC-256, PRF-HMAC-SHA2-256, HMAC-SHA2-256-128 and a group; ESP has no PRF.
        static func sa(protocolID: UInt8, spi: [UInt8] = [], group: UInt16? = nil) -> Body {
            var transforms: [[UInt8]] = [[1, 0, 0, 12, 0x80, 14, 1, 0]]
            if protocolID == 1 { transforms.append([2, 0, 0, 5]) }
            transforms.append([3, 0, 0, 12])
            if let group { transforms.append([4, 0] + big(group)) }
            if protocolID != 1 { transforms.append([5, 0, 0, 0]) }
            let count = transforms.count
            var body: [UInt8] = []
            for (index, transform) in transforms.enumerated() {
                body += [UInt8(index == count - 1 ? 0 : 3), 0]
                body += big(UInt16(transform.count + 4))
                body += transform
            }
            var proposal: [UInt8] = [0, 0]
            proposal += big(UInt16(8 + spi.count + body.count))
            proposal += [1, protocolID, UInt8(spi.count), UInt8(count)]
            return Body(33, proposal + spi + body)
        }

        static func ke(_ group: UInt16, _ value: UInt8) -> Body { Body(34, big(group) + [0, 0] + filled(value, 32)) }
        static func nonce(_ value: UInt8) -> Body { Body(40, filled(value, 32)) }
        static func id(initiator: Bool, _ name: String) -> Body { Body(initiator ? 35 : 36, [2, 0, 0, 0] + name.utf8) }
        static let auth = Body(39, [2, 0, 0, 0] + filled(0xaa, 32))
        static func notify(_ type: UInt16, protocolID: UInt8 = 0, spi: [UInt8] = [], _ data: [UInt8] = []) -> Body {
            Body(41, [protocolID, UInt8(spi.count)] + big(type) + spi + data)
        }
        /// 10.`network`.0.0/16, any protocol and port.
        static func ts(initiator: Bool, _ network: UInt8) -> Body {
            Body(
                initiator ? 44 : 45,
                [1, 0, 0, 0, 7, 0, 0, 16, 0, 0, 0xff, 0xff, 10, network, 0, 0, 10, network, 255, 255])
        }
        static func delete(protocolID: UInt8, _ spis: [[UInt8]] = []) -> Body {
            Body(42, [protocolID, UInt8(spis.first?.count ?? 0)] + big(UInt16(spis.count)) + spis.flatMap { $0 })
        }
        static func eap(_ code: UInt8) -> Body { Body(48, [code, 1, 0, 5, 1]) }
    }

    let unsealer = ClearUnsealer()
    private(set) var events: [Event] = []
    private var tracker: Tracker?
    private var number = 0

    var initiatorSPI: UInt64 = 0x1111_1111_1111_1111
    var responderSPI: UInt64 = 0x2222_2222_2222_2222
    /// 192.0.2.1 and 192.0.2.2.
    var addresses: (initiator: [UInt8], responder: [UInt8]) = ([192, 0, 2, 1], [192, 0, 2, 2])

    init(limits: Limits = Limits()) {
        tracker = Tracker(unsealer: unsealer, limits: limits) { [unowned self] event, _, _ in events.append(event) }
    }

    var messages: [IKEMessage] {
        events.compactMap { if case .ikeMessage(let message) = $0.kind { message } else { nil } }
    }

    var pairs: [ChildSA] {
        events.compactMap { if case .ipsecSAs(let pair) = $0.kind { pair } else { nil } }
    }

    func finish() { tracker?.finish() }

    /// The opener of the SA with this initiator SPI.
    func opener(_ spi: UInt64? = nil) -> ClearOpener? { unsealer.openers[spi ?? initiatorSPI] }

    // MARK: Messages

    /// Of IKE_SA_INIT: nothing is encrypted.
    func initial(response: Bool = false, responderSPI: UInt64? = nil, _ bodies: [Body]) {
        let spi = responderSPI ?? (response ? self.responderSPI : 0)
        let message = Self.message(
            (initiatorSPI, spi), exchange: 34, flags: response ? 0x20 : 0x08, id: 0, next: bodies.first?.type ?? 0,
            Self.chain(bodies))
        send(message, fromInitiator: !response)
    }

    /// An encrypted message.
    ///
    /// `byInitiator`: the side that sends it is the initiator of the IKE SA.
    func sealed(_ exchange: UInt8, id: UInt32, byInitiator: Bool = true, response: Bool = false, _ bodies: [Body]) {
        sealed(
            exchange, id: id, byInitiator: byInitiator, response: response, first: bodies.first?.type ?? 0,
            Self.chain(bodies))
    }

    func sealed(
        _ exchange: UInt8, id: UInt32, byInitiator: Bool, response: Bool, first: UInt8, _ plaintext: [UInt8]
    ) {
        let flags: UInt8 = (byInitiator ? 0x08 : 0) | (response ? 0x20 : 0)
        let body = [first, 0] + Self.big(UInt16(plaintext.count + 4)) + plaintext
        send(
            Self.message((initiatorSPI, responderSPI), exchange: exchange, flags: flags, id: id, next: 46, body),
            fromInitiator: byInitiator)
    }

    /// One piece of an encrypted message; `number` counts from 1.
    func piece(
        _ exchange: UInt8, id: UInt32, number: UInt16, of total: UInt16, first: UInt8, _ plaintext: [UInt8]
    ) {
        let body =
            [number == 1 ? first : 0, 0] + Self.big(UInt16(plaintext.count + 8)) + Self.big(number) + Self.big(total)
            + plaintext
        send(
            Self.message((initiatorSPI, responderSPI), exchange: exchange, flags: 0x08, id: id, next: 53, body),
            fromInitiator: true)
    }

    static func chain(_ bodies: [Body]) -> [UInt8] {
        bodies.enumerated().flatMap { index, body in
            [index + 1 < bodies.count ? bodies[index + 1].type : 0, 0] + big(UInt16(body.bytes.count + 4)) + body.bytes
        }
    }

    private static func message(
        _ spis: (UInt64, UInt64), exchange: UInt8, flags: UInt8, id: UInt32, next: UInt8, _ body: [UInt8]
    ) -> [UInt8] {
        big(spis.0) + big(spis.1) + [next, 0x20, exchange, flags] + big(id) + big(UInt32(28 + body.count)) + body
    }

    // MARK: Packets

    private func send(_ message: [UInt8], fromInitiator: Bool) {
        let (from, to) =
            fromInitiator ? (addresses.initiator, addresses.responder) : (addresses.responder, addresses.initiator)
        let udp =
            Self.big(UInt16(500)) + Self.big(UInt16(500)) + Self.big(UInt16(8 + message.count)) + [0, 0] + message
        let packet = [0x45, 0] + Self.big(UInt16(20 + udp.count)) + [0, 0, 0, 0, 64, 17, 0, 0] + from + to + udp
        number += 1
        let frame = Frame(
            number: number, time: Instant(nanoseconds: Int64(number) * 100_000_000), linkType: .raw,
            capturedLength: packet.count, originalLength: packet.count)
        tracker?.follow(.frame(frame), packet.span.bytes)
    }

    private static func big(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }

    // MARK: Whole exchanges

    /// IKE_SA_INIT and IKE_AUTH with a child: SPI 0xc0000001 to the initiator, 0xc0000002 to the responder.
    func up(mobike: Bool = false) {
        initial([.sa(protocolID: 1, group: 31), .ke(31, 1), .nonce(2)])
        initial(response: true, [.sa(protocolID: 1, group: 31), .ke(31, 3), .nonce(4)])
        let mobike: [Body] = mobike ? [.notify(16396)] : []
        sealed(
            35, id: 1,
            [.id(initiator: true, "left"), .auth, .sa(protocolID: 3, spi: [0xc0, 0, 0, 1])]
                + [.ts(initiator: true, 1), .ts(initiator: false, 2)] + mobike)
        sealed(
            35, id: 1, byInitiator: false, response: true,
            [.id(initiator: false, "right"), .auth, .sa(protocolID: 3, spi: [0xc0, 0, 0, 2])]
                + [.ts(initiator: true, 1), .ts(initiator: false, 2)] + mobike)
    }
}

private func big(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }
private func filled(_ value: UInt8, _ count: Int) -> [UInt8] { [UInt8](repeating: value, count: count) }
