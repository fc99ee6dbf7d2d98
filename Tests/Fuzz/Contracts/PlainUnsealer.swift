import ScopeCrypto
import ScopeDissect
import ScopeModel
import ScopeWire

/// Keys of a world that encrypts nothing: what says that it is encrypted is read as it is.
///
/// So a fuzzer can change what stands inside encrypted messages and packets, which no real cipher lets it do.
final class PlainUnsealer: Unsealer {
    private let ring = KeyRing([])

    var isEmpty: Bool { false }

    func opener(for facts: IKEv1Facts) -> any IKESAOpener { PlainIKEOpener() }

    func opener(for facts: IKEv2Facts) -> (any IKEv2SAOpener)? { PlainIKEv2Opener(facts) }

    /// Of every second SPI, so that there are SAs without keys.
    func espOpeners(spi: UInt32, source: IPAddress, destination: IPAddress) -> [any ESPOpener] {
        spi & 1 == 0 ? [] : [PlainESPOpener()]
    }

    func ahVerifiers(spi: UInt32, source: IPAddress, destination: IPAddress) -> [any AHVerifier] { [] }

    func natDiscoveryHash(
        _ hash: Hash, initiatorSPI: UInt64, responderSPI: UInt64, address: IPAddress, port: UInt16
    ) -> [UInt8]? {
        ring.natDiscoveryHash(
            hash, initiatorSPI: initiatorSPI, responderSPI: responderSPI, address: address, port: port)
    }

    func certificates(in chain: PayloadChain, _ context: CertificateContext) -> CertificateReport? {
        ring.certificates(in: chain, context)
    }

    func unusedKeys() -> [String] { ["plain[0] fits nothing"] }
}

private final class PlainIKEOpener: IKESAOpener {
    private var hasOpened = false
    private static let key = KeyName("plain[0]")

    func learn(_ facts: IKEv1Facts) {}

    var isSettled: Bool { hasOpened }

    var status: KeyStatus { hasOpened ? .opened(by: .one(Self.key)) : .missing("no message was opened") }

    func open(_ message: ISAKMPMessage, from sender: Role, step: IKEv1Step) -> Opening {
        guard !message.ciphertext.isEmpty else { return .clear }
        let chain = message.chain(ofPlaintext: Array(message.bytes[message.ciphertext]))
        guard !chain.payloads.isEmpty else { return .unreadable(tried: [Self.key]) }
        hasOpened = true
        return .opened(chain, key: Self.key, proof: Self.proof(message))
    }

    func signer(_ sender: Role) -> [UInt8]? { nil }

    func prove(_ message: ISAKMPMessage, from sender: Role, step: IKEv1Step) -> Proof { Self.proof(message) }

    func childKeys(of quickMode: ChildNegotiation) -> ChildKeys {
        let spis = [quickMode.offer, quickMode.answer].compactMap { $0 }.flatMap(\.proposals).compactMap { proposal in
            proposal.spi.count == 4 ? proposal.spi.reduce(0) { $0 << 8 | UInt32($1) } : nil
        }
        return ChildKeys(status: status, openers: spis.prefix(8).map { ($0, PlainESPOpener()) })
    }

    /// Most are right; phase 1 has message id 0.
    private static func proof(_ message: ISAKMPMessage) -> Proof {
        switch message.header.messageID & 7 {
        case 5: .failed(.hash(1))
        case 6: .notChecked
        default: .verified(.hash(1))
        }
    }
}

/// Takes a packet as ESP without encryption and without an ICV, and believes it.
final class PlainESPOpener: ESPOpener {
    var keyName: KeyName { KeyName("plain[1]") }

    func open(_ bytes: RawSpan, esp: Range<Int>, into plaintext: PlaintextBuffer) -> ESPOpening {
        let length = esp.count - 8
        guard length >= 2, PlaintextBuffer.headroom + length <= plaintext.count else { return ESPOpening(.badICV) }
        return bytes.withUnsafeBytes { bytes in
            plaintext.withUnsafeMutableBytes { buffer in
                let place = PlaintextBuffer.headroom..<(PlaintextBuffer.headroom + length)
                UnsafeMutableRawBufferPointer(rebasing: buffer[place])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[(esp.lowerBound + 8)..<esp.upperBound]))
                let (padding, next) = (Int(buffer[place.upperBound - 2]), buffer[place.upperBound - 1])
                guard padding <= length - 2 else { return ESPOpening(.malformed(.padLength)) }
                let payload = place.lowerBound..<(place.upperBound - 2 - padding)
                return ESPOpening(.verified(payload: payload, nextHeader: next), ESPFinding(icvLength: 12))
            }
        }
    }

    func twin() -> (any ESPOpener)? { PlainESPOpener() }

    func note(_ opening: ESPOpening) {}
}
