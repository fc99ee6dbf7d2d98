import ScopeCrypto
import ScopeDissect
import ScopeModel
import ScopeWire

/// Takes what SK and SKF payloads hold as if it were not encrypted, and lets the opener of a real SA read it.
///
/// That SA was opened by a message of a shipped capture, so its keys count as proved: AUTH, certificates, EAP, the keys of
/// children and of the SA that takes its place are worked out from what a fuzzer made.
final class PlainIKEv2Opener: IKEv2SAOpener {
    private let real: any IKEv2SAOpener
    private var hasOpened = false
    private static let key = KeyName("plain[0]")

    init(_ facts: IKEv2Facts) {
        let ring = KeyRing(((try? RealSA.file.get()).map { [$0] }) ?? [])
        let known = RealSA.naming(facts)
        real = ring.opener(for: known) ?? NoOpener()
        if let message = try? ISAKMPMessage(bytes: RealSA.message) { _ = real.open(message, from: .responder) }
    }

    private init(successor real: any IKEv2SAOpener) {
        self.real = real
        hasOpened = true
    }

    func learn(_ facts: IKEv2Facts) { real.learn(RealSA.naming(facts)) }

    var isSettled: Bool { hasOpened }

    var status: KeyStatus { hasOpened ? .opened(by: .one(Self.key)) : .missing("no message was opened") }

    func open(_ message: ISAKMPMessage, from sender: Role) -> IKEv2Opening {
        // Most often its ICV is wrong.
        _ = real.open(message, from: sender)
        guard let payload = message.chain.payloads.last else { return .sealed(why: "it has no payload") }
        var inside = payload.body
        switch payload.type {
        case .encrypted: break
        case .encryptedFragment: inside = inside.dropFirst(4)
        default: return .sealed(why: "it has no Encrypted payload")
        }
        guard message.header.messageID & 15 != 15 else { return .unreadable(tried: [Self.key]) }
        hasOpened = true
        return .opened(plaintext: Array(message.chain.slice(inside)), first: payload.next, key: Self.key)
    }

    func read(_ message: IKEv2Opened) -> AuthenticationOutcome? { real.read(message) }

    func childKeys(of negotiation: ChildNegotiation) -> ChildKeys {
        _ = real.childKeys(of: negotiation)
        let spis = negotiation.agreed.flatMap { [$0.spiToInitiator, $0.spiToResponder] }.compactMap { $0 }
        return ChildKeys(status: status, openers: spis.prefix(8).map { ($0, PlainESPOpener()) })
    }

    func successor(_ facts: IKEv2Facts) -> any IKEv2SAOpener { PlainIKEv2Opener(successor: real.successor(facts)) }
}

/// Where the ring has none.
private final class NoOpener: IKEv2SAOpener {
    var isSettled: Bool { false }
    var status: KeyStatus { .none }
    func learn(_ facts: IKEv2Facts) {}
    func open(_ message: ISAKMPMessage, from sender: Role) -> IKEv2Opening { .sealed(why: "there are no keys") }
    func read(_ message: IKEv2Opened) -> AuthenticationOutcome? { nil }
    func childKeys(of negotiation: ChildNegotiation) -> ChildKeys { ChildKeys(status: .none) }
    func successor(_ facts: IKEv2Facts) -> any IKEv2SAOpener { NoOpener() }
}

/// The IKE SA of captures/ikev2/signatures: its keys, and its last message.
private enum RealSA {
    /// Decoded once; its secrets are only read.
    static nonisolated(unsafe) let file = Result { try KeyFile(bytes: Array(text.utf8), path: "real") }

    /// The facts of the fuzzer's SA as those of the real one, whose keys go by its SPIs and lengths.
    static func naming(_ facts: IKEv2Facts) -> IKEv2Facts {
        var known = facts
        known.initiatorSPI = 0x6dfb_b199_a7c6_677e
        known.responderSPI = 0xd073_9b74_3dc2_d8e5
        known.suite = suite
        return known
    }

    private static let suite: IKESuite = {
        var suite = IKESuite()
        (suite.cipher, suite.keyLength) = (.aesCBC, 256)
        (suite.prf, suite.integrity, suite.group) = (.hmac(.sha256), .hmacSHA256, .modp2048)
        return suite
    }()

    static let message: [UInt8] = {
        let digits = Array(hex.utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap { place in
            UInt8(String(decoding: digits[place...place + 1], as: UTF8.self), radix: 16)
        }
    }()

    private static let hex = """
        6dfbb199a7c6677ed0739b743dc2d8e52e2025200000000200000050000000340046e1e38f440cf2d75eb7b60eac4c35\
        96f6ede31ff235ffdd529f9e010ac378a3a9a081e020912ab69af0dca0fa3e25
        """

    private static let text = """
        {"schema": "ikescope.keys/1",
         "psk": [{"peer": "*", "key": "made up for the fuzzer"}],
         "ppk": [{"id": "ppk", "key": "made up, too"}],
         "ike": [{"version": 2, "initiator_spi": "6dfbb199a7c6677e", "responder_spi": "d0739b743dc2d8e5",
          "sk_ai": "d2b3ff0c073ef6a77b8b520b8b3437f2f1f760e6987703909f4d83d4a8d30887",
          "sk_ar": "f30addd26d548df7bad2449f822021302576a822b2a683bcdaddb57d8b56b0c6",
          "sk_d": "4aa15952a20577e2c3fdb798d70d5eed08bcd9bad50ebedfaecc92d386bbf0aa",
          "sk_ei": "b74bc8056c03b4fac9307786ac4e6402abfa3eec0be514f07810ed6daae075ed",
          "sk_er": "219d550ec5899d557573bc058a2f3cb108d5b65b142e8eb38c6e8842a5ccfbc5",
          "sk_pi": "56575b76b341a6c850338ff5ad62ae3d53be41c82d86cf18220fddb394ebf76a",
          "sk_pr": "c44d925535cda860610bfcc7e0de01d4153a93784d265a238873a9c160a9c15e"}]}
        """
}
