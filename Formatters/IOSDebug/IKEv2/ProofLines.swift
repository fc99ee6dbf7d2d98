import ScopeDissect
import ScopeModel
import ScopeWire

/// How each side proves itself: with a pre-shared key, a signature, or EAP.
extension IKEv2Lines {
    // MARK: The device's own proof

    /// The device makes its AUTH payload, or leaves its proof to EAP.
    mutating func ownProof(_ chain: PayloadChain, state: StaticString) {
        let method = chain.contains(.authentication) ? method(of: chain, sender: local) : .eap
        if chain.contains(.authentication) {
            trace(state, "EV_GEN_AUTH")
            say("Generate my authentication data")
            if method.isShared { dataGenerated() }
        }
        trace(state, side == .initiator ? "EV_CHK_AUTH_TYPE" : "EV_CHK4_SIGN")
        ownMethod(method)
        if method.isSignature { signed() }
    }

    mutating func ownMethod(_ method: ProofMethod) {
        say("Get my authentication method")
        line("My authentication method is '", .word(method.word), "'")
    }

    mutating func dataGenerated() {
        say("[IKEv2 -> Crypto Engine] Generate IKEv2 authentication data", as: .bare)
        say("[Crypto Engine -> IKEv2] IKEv2 authentication data generation PASSED", as: .bare)
    }

    private mutating func signed() {
        for line in UnconfirmedLines.signing { say(line) }
    }

    // MARK: The peer's

    /// The device checks the AUTH payload of the peer; false where it does not fit.
    mutating func peerProof(
        _ chain: PayloadChain, _ outcome: AuthenticationOutcome?, state: StaticString
    ) -> Bool {
        let method = method(of: chain, sender: local.other)
        peerMethod(method, state: state)
        if method.isSignature { for line in UnconfirmedLines.chainValidated { say(line) } }
        say("Verify peer's authentication data")
        let isWrong = if case .failed? = outcome?.proof { true } else { false }
        if method.isSignature {
            say(UnconfirmedLines.verifying)
            if !isWrong { say(UnconfirmedLines.verified) }
        } else {
            dataGenerated()
        }
        if isWrong {
            say("Verification of peer's authentication data FAILED")
            return false
        }
        say("Verification of peer's authenctication data PASSED")
        return true
    }

    mutating func peerMethod(_ method: ProofMethod, state: StaticString) {
        trace(state, "EV_CHK_AUTH_TYPE")
        say("Get peer's authentication method")
        line("Peer's authentication method is '", .word(method.word), "'")
        if method.isSignature {
            trace(state, "EV_CHK_CERT_ENC EV_VERIFY_X509_CERTS")
        } else {
            trace(state, "EV_GET_PRESHR_KEY")
        }
        trace(state, "EV_VERIFY_AUTH")
    }

    /// The method of an AUTH payload; behind EAP its method number says a shared key, which is that of EAP.
    func method(of chain: PayloadChain, sender: Role) -> ProofMethod {
        guard case .ikev2(.authentication(let content))? = chain.first(.authentication)?.content else {
            return memory.usesEAP && sender == .initiator ? .eap : .unknown
        }
        if memory.usesEAP, sender == .initiator { return .eap }
        return ProofMethod(content)
    }
}

/// The methods that the device has a word for.
enum ProofMethod {
    case shared, rsa, ecdsa, mlDSA, eap, unknown

    init(_ content: IKEv2.Authentication) {
        switch content.method {
        case .sharedKey: self = .shared
        case .rsaSignature: self = .rsa
        case .ecdsa256, .ecdsa384, .ecdsa521: self = .ecdsa
        case .digitalSignature:
            switch content.algorithm?.kind {
            case .rsaPKCS1?, .rsaPSS?: self = .rsa
            case .ecdsa?: self = .ecdsa
            case .dsa?, .ed25519?, .ed448?, .other?, nil: self = .unknown
            }
        default: self = .unknown
        }
    }

    var isShared: Bool { self == .shared || self == .eap }
    var isSignature: Bool { self == .rsa || self == .ecdsa || self == .mlDSA }

    var word: StaticString? {
        switch self {
        case .shared: "PSK"
        case .rsa: "RSA"
        case .ecdsa: UnconfirmedLines.ecdsa
        case .mlDSA: UnconfirmedLines.mlDSA
        case .eap: UnconfirmedLines.eap
        case .unknown: nil
        }
    }
}
