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

/// Every rule, in the order of the layers: the first error of an attempt is its cause, and hides those behind it.
enum Rules {
    static let attempt: [any AttemptRule] = [
        WrongPeerAddress(), VersionMismatch(), ModeMismatch(), NoResponse(), AnswersLost(), Phase1Refused(),
        ChosenNotOffered(), NATDetected(), PortRemap(), NoFloat(), Port4500Blocked(), AggressivePSKMismatch(),
        MainModePSKMismatch(), CertificateValidity(), PrivateIdentity(), IdentityRefused(), WrongKeysGiven(),
        XAUTHRefused(), NoAddressGiven(), Phase2Refused(), ThirdMessageLost(), LifetimeShortened(), UnknownSPI(),
        DeletedBy(), DPDTimeout(), DPDOneSided(), InitialContact(), SimultaneousInitiation(), RekeyStorm(),
        RetransmitStorm(), WeakAlgorithms(),
    ]

    static let pair: [any PairRule] = [
        ICMPErrors(), Scan(), FragmentsMissing(), TrafficOneWay(), IdleAfterUp(), ESPHealth(), ESPWithoutIKE(),
        CaptureQuality(),
    ]
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
                findings += Phase1Difference.causes(of: finding)
            }
        }
    }
}

struct PairJudgement {
    var findings: [Finding] = []

    init(_ pair: PairCase, _ capture: CaptureCase) {
        for rule in Rules.pair { findings += rule.findings(pair) }
    }
}
