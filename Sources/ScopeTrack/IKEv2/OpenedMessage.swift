import ScopeDissect
import ScopeModel

/// A message of an IKEv2 SA with its payloads decrypted, put together where it came in pieces.
struct OpenedMessage {
    /// As it came; of pieces the first one.
    var message: ISAKMPMessage
    /// The payloads that were encrypted.
    var chain: PayloadChain
    var sender: Role
    /// The first frame that brought it.
    var frame: Int
    /// It came in UDP with the marker of RFC 3948.
    var isInUDP: Bool
    /// The exchange that it belongs to: of a request, what is known before it is read.
    var exchange: MessageWindow.Exchange
    /// What became of its AUTH payload.
    var authentication: AuthenticationOutcome?

    var header: ISAKMPHeader { message.header }
    var isResponse: Bool { header.flags.contains(.response) }
    /// Who began the exchange.
    var begunBy: Role { isResponse ? sender.other : sender }
    /// What links the exchange to another one (RFC 9370 section 2.2.4).
    var link: [UInt8]? { chain.notify(.additionalKeyExchange).map { Array(chain.slice($0.data)) } }
    /// Its AUTH is not what the keys at hand make.
    var isRefuted: Bool { if case .failed? = authentication?.proof { true } else { false } }

    /// The payloads that stand in the clear before SK, with their headers.
    var clear: [UInt8] {
        guard
            let sealed = message.chain.payloads.first(where: { $0.type == .encrypted || $0.type == .encryptedFragment })
        else { return [] }
        return Array(message.chain.slice(ISAKMPHeader.length..<max(sealed.range.lowerBound, ISAKMPHeader.length)))
    }
}
