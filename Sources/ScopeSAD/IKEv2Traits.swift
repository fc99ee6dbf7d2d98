import ScopeDissect
import ScopeModel
import ScopeWire

/// What the messages of an SA of IKEv2 tell of it beside where it stands: what its sides announced and how they proved
/// themselves (RFC 7296).
package struct IKEv2Traits: Sendable {
    /// Of one side.
    package struct Side: Sendable {
        /// The message ID of its next request: the one behind its highest that was seen (RFC 7296 section 2.2); nil when
        /// none was seen.
        package internal(set) var nextMessageID: UInt32?
        /// How many requests it takes at once, as it announced (RFC 7296 section 2.3).
        package internal(set) var window: UInt32?
        /// Of its AUTH payload.
        package internal(set) var method: IKEv2.AuthenticationMethod?
        /// Of a digital signature.
        package internal(set) var signature: IKEv2.SignatureAlgorithm.Kind?
        /// EAP answered for it (RFC 7296 section 2.16).
        package internal(set) var usesEAP = false
        /// Its address is not the one that it sent from, or that it is reached under; so it looks as well where it forces
        /// ESP into UDP.
        package internal(set) var isBehindNAT = false
        var takesFragments = false
        /// A message of it that began the SA was seen.
        var hasBegun = false

        init() {}
    }

    package internal(set) var initiator = Side()
    package internal(set) var responder = Side()
    /// The address that the responder gave the initiator (RFC 7296 section 3.15).
    package internal(set) var pushed: IPAddress?
    /// A post-quantum preshared key went into its keys (RFC 8784).
    package internal(set) var usesPPK = false
    package internal(set) var refusal: Refusal?
    /// A message of it asked whether the peer lives.
    package internal(set) var hasLiveness = false
    package internal(set) var hasConfiguration = false
    /// An encrypted message of it was not opened.
    var hasSealed = false

    /// An error notification that ended it, or refused it in the clear, where anybody may have said so.
    package struct Refusal: Sendable {
        package var type: IKEv2.NotifyType
        package var frame: Int
        var isProved: Bool
    }

    init() {}

    package func side(_ role: Role) -> Side { role == .initiator ? initiator : responder }

    /// Both sides take messages in fragments (RFC 7383 section 2.3); nil where a message that would say so was not seen.
    package var hasFragmentation: Bool? {
        if initiator.takesFragments, responder.takesFragments { return true }
        return initiator.hasBegun && responder.hasBegun ? false : nil
    }

    /// NAT was found, or claimed.
    package var hasNAT: Bool { initiator.isBehindNAT || responder.isBehindNAT }

    /// What an SA has of the one whose place it takes: message IDs and windows begin anew (RFC 7296 sections 1.3.2 and
    /// 2.18).
    ///
    /// - Parameter isSwapped: its initiator was the responder of the old one.
    func inherited(isSwapped: Bool) -> IKEv2Traits {
        var new = self
        if isSwapped { (new.initiator, new.responder) = (responder, initiator) }
        for side in [\IKEv2Traits.initiator, \.responder] {
            new[keyPath: side].nextMessageID = nil
            new[keyPath: side].window = nil
        }
        new.refusal = nil
        new.hasSealed = false
        return new
    }

    private mutating func change(_ role: Role, _ body: (inout Side) -> Void) {
        if role == .initiator { body(&initiator) } else { body(&responder) }
    }
}

// MARK: Messages

extension IKEv2Traits {
    /// Takes in a message that is no repeat.
    ///
    /// - Parameter isProved: keys opened all that set the SA up: what they do not open may be anybody's, and counts for
    ///   nothing.
    mutating func note(_ message: IKEMessage, _ step: IKEv2Step, isProved: Bool, frame: Int) {
        let sender = message.sender
        let isOpened = message.opening.isBelieved
        if message.message.isEncrypted {
            if !isOpened { hasSealed = true }
            // Nobody goes on with what was refused.
            if let refusal, !refusal.isProved { self.refusal = nil }
        }
        if !step.isResponse, isOpened || !isProved {
            change(sender) { $0.nextMessageID = max($0.nextMessageID ?? 0, step.messageID &+ 1) }
        }
        noteNAT(message)
        guard let chain = message.readable else { return }
        if !message.message.isEncrypted {
            guard step.exchange == .ikeSAInit || step.exchange == .ikeSessionResume else { return }
        } else if message.v2?.purpose == .liveness {
            hasLiveness = true
        }
        for payload in chain.payloads { note(payload, of: chain, from: sender, step, isOpened) }
        noteRefusal(chain, step, isOpened: isOpened, frame: frame)
    }

    private mutating func note(
        _ payload: Payload, of chain: PayloadChain, from sender: Role, _ step: IKEv2Step, _ isOpened: Bool
    ) {
        guard case .ikev2(let content) = payload.content else { return }
        switch content {
        case .notify(let notify): note(notify, from: sender, step, isOpened)
        case .nonce where step.exchange == .ikeSAInit: change(sender) { $0.hasBegun = true }
        case .authentication(let proof) where step.exchange == .ikeAuth:
            change(sender) {
                ($0.method, $0.signature) = (proof.method, proof.algorithm?.kind)
            }
        case .eap where step.exchange == .ikeAuth: change(.initiator) { $0.usesEAP = true }
        case .configuration(let configuration):
            hasConfiguration = true
            guard configuration.type == .reply else { break }
            pushed = pushed ?? configuration.attributes.lazy.compactMap(\.internalAddress).first
        default: break
        }
    }

    private mutating func note(
        _ notify: IKEv2.Notify, from sender: Role, _ step: IKEv2Step, _ isOpened: Bool
    ) {
        switch notify.type {
        case .fragmentationSupported: change(sender) { $0.takesFragments = true }
        case .setWindowSize:
            guard case .windowSize(let size) = notify.content, isOpened else { break }
            change(sender) { $0.window = size }
        // The responder says so where it has used the key that the initiator named.
        case .ppkIdentity where step.isResponse && isOpened: usesPPK = true
        case .ppkIdentityKey where step.isResponse && isOpened: usesPPK = true
        default: break
        }
    }

    /// NAT_DETECTION_SOURCE_IP and NAT_DETECTION_DESTINATION_IP against the addresses at this tap (RFC 7296 section 2.23).
    private mutating func noteNAT(_ message: IKEMessage) {
        let matches = message.natDiscovery
        if message.v2?.purpose == .addresses, case .v2(let step) = message.step, !step.isResponse {
            (initiator.isBehindNAT, responder.isBehindNAT) = (false, false)
        }
        guard !matches.isEmpty, !matches.contains(.unknown) else { return }
        // One hash for each address that a side may have; one of them has to fit.
        if !matches.contains(.source) { change(message.sender) { $0.isBehindNAT = true } }
        if !matches.contains(.destination) { change(message.sender.other) { $0.isBehindNAT = true } }
    }

    /// An error that leaves no IKE SA: before it stands, or that the other side is not who it should be (RFC 7296 section
    /// 2.21).
    private mutating func noteRefusal(
        _ chain: PayloadChain, _ step: IKEv2Step, isOpened: Bool, frame: Int
    ) {
        let error = chain.payloads.lazy.compactMap { payload -> IKEv2.NotifyType? in
            guard case .ikev2(.notify(let notify)) = payload.content, notify.type.isError else { return nil }
            return notify.type
        }.first
        guard let error else { return }
        let ends =
            switch step.exchange {
            // The initiator asks again with the group that is wanted.
            case .ikeSAInit: step.isResponse && error != .invalidKEPayload && !isOpened
            // With AUTH it refuses the child alone (RFC 7296 section 1.2).
            case .ikeAuth: step.isResponse && isOpened && !chain.contains(.authentication)
            case .informationalV2: isOpened && error == .authenticationFailed
            default: false
            }
        if ends { refusal = Refusal(type: error, frame: frame, isProved: isOpened) }
    }
}

extension Attribute {
    /// INTERNAL_IP4_ADDRESS and INTERNAL_IP6_ADDRESS, which has a prefix length behind it (RFC 7296 section 3.15.1).
    fileprivate var internalAddress: IPAddress? {
        let value = value
        switch (type, value.count) {
        case (1, 4): return IPAddress(v4: UInt32(truncatingIfNeeded: value.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }))
        case (8, 16), (8, 17):
            let halves = [value.prefix(8), value.prefix(16).suffix(8)].map {
                $0.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            }
            guard let high = halves.first, let low = halves.last else { return nil }
            return IPAddress(v6high: high, low: low)
        default: return nil
        }
    }
}
