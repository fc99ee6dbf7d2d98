import ScopeModel

/// Every rule, in one of the lists: in which one is decided by what it looks at.
///
/// The order of a list decides this:
/// - `attempt`: the first error of an attempt is its cause, and hides every error behind it. The rules therefore stand in the
///   order in which a negotiation fails. Warnings and notes hide nothing.
/// - `configured`: a finding goes through the rules in this order, each with what the one before made of it.
/// - All lists: among findings of one severity and one layer, those of an earlier rule are printed first. Severity and
///   layer themselves decide before that (`FindingList`).
enum Rules {
    /// One negotiation of an IKE SA.
    static let attempt: [any AttemptRule] = [
        WrongPeerAddress(), VersionMismatch(), ModeMismatch(), NoResponse(), AnswersLost(), Redirected(),
        Phase1Refused(), ClearRefusal(), InitialRefused(), InvalidKE(), CookieLoop(),
        ChosenNotOffered(), NATDetected(), NATTraversalMissing(), PortRemap(), MobikeMove(), NoFloat(),
        FragmentationNotAgreed(), LargeMessageLost(), Port4500Blocked(),
        AggressivePSKMismatch(), MainModePSKMismatch(), CertificateValidity(), ClockSkew(), SignatureInvalid(),
        CertificateMissing(), CertificateNotTrusted(), CertificateRevocation(), CertificateIdentity(),
        PostquantumKeys(), EAPWithoutKey(), EAPRefused(), PrivateIdentity(), AuthenticationRefused(), IdentityRefused(),
        WrongKeysGiven(), XAUTHRefused(), XAUTHNotExpected(), NoAddressGiven(), ConfigurationRejected(),
        Phase2Refused(), Phase2HashWrong(),
        ChildRefused(), SelectorsNarrowed(), Childless(),
        ReversedRange(), ThirdMessageLost(), LifetimesDiffer(), ExtendedSequence(), UnknownSPI(),
        LostIKESA(), DeletedBy(),
        DPDPayloadOrder(), DPDTimeout(), LivenessUnanswered(), DPDOneSided(), InitialContact(),
        SimultaneousInitiation(), RekeyCollision(),
        RekeyCrossing(), MessageIDs(), Stalled(), RekeyStorm(), RetransmitStorm(), WeakAlgorithms(), WeakPSK(),
    ]

    /// Those of `attempt` that a negotiation of IKEv1 is shown to: chosen once, as there may be a million of negotiations.
    static let attemptOfIKEv1 = attempt.filter { type(of: $0).version != .v2 }
    static let attemptOfIKEv2 = attempt.filter { type(of: $0).version != .v1 }

    /// A finding of a negotiation, and the configurations of its peers: what comes out takes its place.
    static let configured: [any Rule<ConfiguredCase>] = [
        ConfiguredMode(), ConfiguredPhase1(), ConfiguredPeerAddress(), ConfiguredPhase2(), ConfiguredKeys(),
        ConfiguredIdentity(), ConfiguredIKEv2Proposal(), ConfiguredIKEv2Peer(), ConfiguredIKEv2Child(),
    ]

    /// A refusal, and the proposals that go with it: what comes out stands under it.
    static let causes: [any Rule<Finding>] = [Phase1Difference(), EncapsulationDifference()]

    /// All that went on between two peers.
    static let pair: [any Rule<PairCase>] = [
        Reflected(), ICMPRefusals(), Scan(), StrayRefusal(), FragmentsMissing(), PathMTU(), DPDLossButESP(),
        PeerReboot(), Reauthentication(), RekeyFail(), LifetimeExpired(), ICVLengths(), TrafficOneWay(), IdleAfterUp(),
        ESPHealth(), ESPContents(), ESPWithoutIKE(), OldSPIUsed(), NATBreaksAH(), NATPlainESP(), TwoMappings(),
        PortMoves(), KeepaliveMissing(), InTCP(), ClearLeak(), AHAlone(), CaptureQuality(),
    ]

    /// Several pairs of peers: printed behind what was found of each.
    static let acrossPairs: [any Rule<[PairCase]>] = [DuplicateIdentity(), SPIShared()]

    /// The peers behind one address, each of them a pair with the same other side.
    static let acrossPeers: [any Rule<[PairCase]>] = [PeersBehindOneAddress()]

    /// The capture as a whole: printed before what was found of the peers.
    static let capture: [any Rule<CaptureCase>] = [
        CaptureDuplicates(), CaptureDrops(), NoClock(), ClockBackwards(), CutBeforePorts(), PacketsInCircles(),
        HalfOpenFlood(), ReflectionFlood(), CaptureTooLarge(),
    ]

    /// The capture as a whole, for what is told once of all peers: merged with what weak algorithms they use.
    static let merged: [any Rule<CaptureCase>] = [ReusedValues()]

    /// The capture as a whole, for facts that change nothing of what else is said: printed last.
    static let last: [any Rule<CaptureCase>] = [ChecksumsUnfinished()]

    /// Two captures of one tunnel: printed before everything else.
    static let taps: [any Rule<TapCase>] = [
        TapsUnrelated(), TapClocks(), TranslationBetweenTaps(), LossBetweenTaps(),
    ]
}
