import ScopeCrypto
import TestSupport

/// A scenario of IKEv2 with AES-CBC-256 and HMAC-SHA2-256-128, to be played with what is encrypted changed.
///
/// The lab knows the keys of its IKE SAs, so a message is opened, its payloads are changed, and it is encrypted and
/// authenticated again (RFC 7296 section 3.14). AUTH covers the first messages and the identity of its sender alone.
public struct IKEv2Talk {
    public struct Payload: Sendable, Equatable {
        public var type: UInt8
        public var body: [UInt8]

        public init(_ type: UInt8, _ body: [UInt8]) { (self.type, self.body) = (type, body) }

        /// A notification of no SA (RFC 7296 section 3.10).
        public static func notify(_ type: UInt16, _ data: [UInt8] = []) -> Payload {
            Payload(41, [0, 0] + Packets.u16(Int(type)) + data)
        }
    }

    private struct Keys {
        /// Of the side with the Initiator flag, and of the other one.
        var encryption: [Bool: [UInt8]] = [:]
        var integrity: [Bool: [UInt8]] = [:]
    }

    public var frames: [Analysis.MadeFrame]
    public var keys: [KeyFile]
    private let sas: [UInt64: Keys]

    /// Nil, with a visible line, where the lab is absent.
    public init?(_ scenario: String) throws {
        guard let lab = IKEv2Scenario.named(scenario), let path = lab.path("capture.pcap"),
            let keys = try lab.keys("all")
        else { return nil }
        frames = try Analysis.frames(path)
        self.keys = [keys]
        var sas: [UInt64: Keys] = [:]
        for (initiatorSPI, _, row) in try lab.ikeSAs() {
            func value(_ name: String) -> [UInt8] { (row[name] as? String).map { [UInt8](hex: $0) } ?? [] }
            sas[initiatorSPI] = Keys(
                encryption: [true: value("SK_ei"), false: value("SK_er")],
                integrity: [true: value("SK_ai"), false: value("SK_ar")])
        }
        self.sas = sas
    }

    /// The indices of frames with messages of an exchange: requests, or responses.
    public func places(_ exchange: UInt8, isResponse: Bool) -> [Int] {
        frames.indices.filter { index in
            guard let message = frames[index].packet?.ike, message.count >= 28 else { return false }
            return message[18] == exchange && (message[19] & 0x20 != 0) == isResponse
        }
    }

    /// The payloads of an encrypted message, put together where it came in pieces; empty where it does not open.
    public func payloads(_ indices: [Int]) -> [Payload] {
        var plain: [UInt8] = []
        var first: UInt8 = 0
        for index in indices {
            guard let message = frames[index].packet?.ike, let opened = open(message) else { return [] }
            if first == 0 { first = opened.first }
            plain += opened.bytes
        }
        var payloads: [Payload] = []
        var (type, rest) = (first, plain[...])
        while type != 0, rest.count >= 4 {
            let head = Array(rest.prefix(4))
            let length = Int(head[2]) << 8 | Int(head[3])
            guard length >= 4, rest.count >= length else { return [] }
            payloads.append(Payload(type, Array(rest.dropFirst(4).prefix(length - 4))))
            (type, rest) = (head[0], rest.dropFirst(length))
        }
        return payloads
    }

    /// The same with other payloads in the message that these frames brought, which goes in one packet.
    public func with(_ payloads: [Payload], in indices: [Int]) -> IKEv2Talk {
        var talk = self
        guard let place = indices.first, let message = frames[place].packet?.ike,
            let made = seal(payloads, as: message)
        else { return self }
        talk.frames[place] = frames[place].changing { $0.ike = made }
        for index in indices.dropFirst().reversed() { talk.frames.remove(at: index) }
        return talk
    }

    /// With another message of the same side in `frames`, under another exchange and message ID.
    public func adding(
        _ payloads: [Payload], like index: Int, exchange: UInt8, messageID: UInt32, isResponse: Bool,
        after seconds: Double
    ) -> IKEv2Talk {
        guard var message = frames[index].packet?.ike else { return self }
        message[18] = exchange
        message[19] = (message[19] & ~0x20) | (isResponse ? 0x20 : 0)
        message.replaceSubrange(20..<24, with: Packets.u32(Int(messageID)))
        guard let made = seal(payloads, as: message) else { return self }
        var talk = self
        talk.frames.insert(frames[index].changing { $0.ike = made }.later(seconds: seconds), at: index + 1)
        return talk
    }

    // MARK: SK

    private func open(_ message: [UInt8]) -> (first: UInt8, bytes: [UInt8])? {
        let isFragment = message[16] == 53
        let start = 28 + 4 + (isFragment ? 4 : 0)
        guard message[16] == 46 || isFragment, message.count >= start + 32, let key = key(message)?.encryption else {
            return nil
        }
        let body = message[start..<(message.count - 16)]
        let plain = Libcrypto.cbc(
            "AES-256-CBC", key: key, iv: Array(body.prefix(16)), Array(body.dropFirst(16)), encrypts: false)
        guard let plain, let padding = plain.last, plain.count > Int(padding) else { return nil }
        return (message[28], Array(plain.dropLast(Int(padding) + 1)))
    }

    private func seal(_ payloads: [Payload], as message: [UInt8]) -> [UInt8]? {
        guard let key = key(message) else { return nil }
        var plain: [UInt8] = []
        for (index, payload) in payloads.enumerated() {
            let next = payloads.indices.contains(index + 1) ? payloads[index + 1].type : 0
            plain += [next, 0] + Packets.u16(payload.body.count + 4) + payload.body
        }
        let padding = 15 - plain.count % 16
        plain += [UInt8](repeating: 0, count: padding) + [UInt8(padding)]
        let iv = [UInt8](repeating: 7, count: 16)
        guard let sealed = Libcrypto.cbc("AES-256-CBC", key: key.encryption, iv: iv, plain, encrypts: true) else {
            return nil
        }
        let length = 32 + 16 + sealed.count + 16
        var made = Array(message.prefix(16)) + [46] + Array(message[17..<24]) + Packets.u32(length)
        made += [payloads.first?.type ?? 0, 0] + Packets.u16(length - 28) + iv + sealed
        return made + Libcrypto.hmac("SHA256", key.integrity, made).prefix(16)
    }

    private func key(_ message: [UInt8]) -> (encryption: [UInt8], integrity: [UInt8])? {
        let spi = message.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        let isInitiator = message[19] & 0x08 != 0
        guard let keys = sas[spi], let encryption = keys.encryption[isInitiator],
            let integrity = keys.integrity[isInitiator]
        else { return nil }
        return (encryption, integrity)
    }
}
