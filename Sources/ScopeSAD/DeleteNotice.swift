import ScopeDissect
import ScopeModel
import ScopeWire

/// The Delete payloads of a message that a key opened, and whether they count.
///
/// In the clear anyone may send a Delete, so those count for nothing. One whose HASH is wrong is told, and deletes nothing.
struct DeleteNotice {
    let payloads: [DeletePayload]
    let deletion: Deletion
    let frames: [Int]
    /// The IKE SA that carried the message.
    let sa: IKESA
    private let isBelieved: Bool

    /// Nil when the message has none, or belongs to no IKE SA.
    init?(_ message: IKEMessage, _ moment: Moment) {
        guard case .opened(let chain, _, _) = message.opening, let sa = message.sa,
            chain.contains(.delete) || chain.contains(.deleteV2)
        else { return nil }
        payloads = chain.payloads.compactMap {
            switch $0.content {
            case .delete(let content): content
            case .ikev2(.delete(let content)): DeletePayload(content, of: sa)
            default: nil
            }
        }
        deletion = Deletion(by: message.source.address, role: message.sender, frame: moment.frame, time: moment.time)
        frames = message.frames
        self.sa = sa
        isBelieved = message.opening.isBelieved
    }

    /// Of a notification that ends an SA of IKEv2 without a Delete: the other side is not who it should be; nil for any
    /// other message.
    init?(failure message: IKEMessage, _ moment: Moment) {
        guard case .v2(let step) = message.step, step.exchange == .informationalV2, message.opening.isBelieved,
            let sa = message.sa, message.readable?.hasFailedAuthentication ?? false
        else { return nil }
        payloads = []
        deletion = Deletion(by: message.source.address, role: message.sender, frame: moment.frame, time: moment.time)
        frames = message.frames
        self.sa = sa
        isBelieved = true
    }

    /// Each SPI of an IPsec SA that it names, and whether that is one of AH.
    func forEachSPI(_ body: (UInt32, Bool) -> Void) {
        for payload in payloads where payload.protocolID == .esp || payload.protocolID == .ah {
            for spi in payload.spis where spi.count == 4 {
                body(spi.reduce(0) { $0 << 8 | UInt32($1) }, payload.protocolID == .ah)
            }
        }
    }

    /// Whether its sender has a say in a pair: it was made under this IKE SA, or is received by this sender.
    ///
    /// - Parameters:
    ///   - maker: the IKE SA that the pair was made under, where that is known.
    ///   - receiver: who takes the packets that have the SPI which the notice names.
    func mayDelete(pairOf maker: IKESAIdentity?, under receiver: IPAddress) -> Bool {
        maker == sa.identity || receiver == deletion.by
    }

    /// Tells what the notice makes of an SA that it names; true when it deletes the SA.
    ///
    /// - Parameter stands: there is more than a claim that the SA exists.
    func tell(of sa: SAIdentity, stands: Bool = true, to receiver: ChangeReceiver) -> Bool {
        let counts = isBelieved && stands
        receiver(
            SAChange(sa, counts ? .deleted(deletion) : .deletionRefused(deletion), at: deletion.time, frames: frames))
        return counts
    }

    /// Tells of an SA that it names and that is not there to be deleted.
    func tellNothing(of sa: SAIdentity, to receiver: ChangeReceiver) {
        guard isBelieved else { return }
        receiver(SAChange(sa, .nothingToDelete(deletion), at: deletion.time, frames: frames))
    }
}

extension PayloadChain {
    fileprivate var hasFailedAuthentication: Bool {
        payloads.contains {
            if case .ikev2(.notify(let notify)) = $0.content { notify.type == .authenticationFailed } else { false }
        }
    }
}

extension DeletePayload {
    /// A delete of IKEv2 in the form of IKEv1, which names the IKE SA by both SPIs (RFC 7296 section 3.11).
    fileprivate init(_ delete: IKEv2.Delete, of sa: IKESA) {
        let isIKE = delete.protocolID == .ike
        self.init(
            doi: 1, protocolID: SecurityProtocol(rawValue: delete.protocolID.rawValue),
            spis: isIKE ? [[UInt8](sa.initiatorSPI, sa.responderSPI)] : delete.spis)
    }
}

extension [UInt8] {
    fileprivate init(_ initiator: UInt64, _ responder: UInt64) {
        self = [initiator, responder].flatMap { spi in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: spi >> UInt64($0)) }
        }
    }

    /// The two cookies that name an IKE SA in a Delete (RFC 2408 section 3.15); nil for anything else.
    var cookies: Cookies? {
        guard count == 16 else { return nil }
        return Cookies(
            initiator: prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
            responder: suffix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }
}

/// Both SPIs of an IKE SA.
struct Cookies: Hashable, Sendable {
    var initiator: UInt64
    var responder: UInt64
}
