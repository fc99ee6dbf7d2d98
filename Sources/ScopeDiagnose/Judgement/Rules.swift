import ScopeDissect
import ScopeModel
import ScopeWire

/// What a rule says of one negotiation.
protocol AttemptRule: Sendable {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding]
}

/// What a rule says of all that went on between two peers.
protocol PairRule: Sendable {
    func findings(_ pair: PairCase) -> [Finding]
}

/// What a rule says of several pairs of peers.
protocol CaptureRule: Sendable {
    func findings(_ pairs: [PairCase]) -> [Finding]
}

/// Every rule, in the order of the layers: the first error of an attempt is its cause, and hides those behind it.
enum Rules {
    static let attempt: [any AttemptRule] = [
        WrongPeerAddress(), VersionMismatch(), ModeMismatch(), NoResponse(), AnswersLost(), Phase1Refused(),
        ChosenNotOffered(), NATDetected(), NATTraversalMissing(), PortRemap(), NoFloat(), Port4500Blocked(),
        AggressivePSKMismatch(),
        MainModePSKMismatch(), CertificateValidity(), ClockSkew(), SignatureInvalid(), CertificateMissing(),
        CertificateNotTrusted(), CertificateRevocation(), PrivateIdentity(), IdentityRefused(), WrongKeysGiven(),
        XAUTHRefused(), XAUTHNotExpected(), NoAddressGiven(), Phase2Refused(), Phase2HashWrong(), ReversedRange(),
        ThirdMessageLost(),
        LifetimeShortened(), ExtendedSequence(), UnknownSPI(), DeletedBy(), DPDPayloadOrder(), DPDTimeout(),
        DPDOneSided(),
        InitialContact(), SimultaneousInitiation(), RekeyCollision(), RekeyStorm(), RetransmitStorm(),
        WeakAlgorithms(), WeakPSK(),
    ]

    static let pair: [any PairRule] = [
        ICMPErrors(), Scan(), FragmentsMissing(), DPDLossButESP(), PeerReboot(), RekeyFail(), TrafficOneWay(),
        IdleAfterUp(), ESPHealth(), ESPWithoutIKE(), OldSPIUsed(), NATBreaksAH(), NATPlainESP(), KeepaliveMissing(),
        InTCP(), ClearLeak(), CaptureQuality(), IKEv2NotJudged(),
    ]
}

extension Rules {
    static let capture: [any CaptureRule] = [DuplicateIdentity()]
}

struct AttemptJudgement {
    var findings: [Finding] = []

    init(_ attempt: Attempt, in pair: PairCase) {
        var hasCause = false
        for rule in Rules.attempt {
            for found in rule.findings(attempt, in: pair) {
                let finding = ConfiguredRules.refine(found, attempt, pair.devices)
                if finding.severity == .error {
                    guard !hasCause else { continue }
                    hasCause = true
                }
                findings.append(finding)
                findings += Phase1Difference.causes(of: finding) + EncapsulationDifference.causes(of: finding)
            }
        }
    }
}
