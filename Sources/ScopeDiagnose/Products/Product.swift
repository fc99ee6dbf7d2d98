import ScopeModel

/// An implementation of IKE, and how a setting is called there.
///
/// To add one is to add a file with its words, and to say in `Recognition` what shows it.
struct Product: Sendable {
    let name: String
    /// Where the lines belong: `swanctl.conf`, `FortiOS CLI`.
    let place: String
    /// Lines of configuration or commands.
    ///
    /// `PEER` stands for the address of the other side, other words in capitals for what the user chose.
    private let words: [Setting: [String]]

    /// Each of them, those first that a capture is likely to hold.
    static let all: [Product] = [
        strongSwan, libreswan, racoon, openIKED, routerOS, junos, fortiGate, panOS, checkPoint, sonicWall, windows,
        apple,
    ]

    init(_ name: String, in place: String, _ words: [Setting: [String]]) {
        self.name = name
        self.place = place
        self.words = words
    }

    /// How the setting is changed there, for a tunnel with `peer`; nil where this product has none.
    func lines(for setting: Setting, peer: String) -> [String]? {
        words[setting]?.map { line in
            line.split(separator: "PEER", omittingEmptySubsequences: false).joined(separator: peer)
        }
    }
}

/// What a finding has somebody change.
enum Setting: CaseIterable, Sendable {
    case presharedKey, ikeProposal, childProposal, pfs, selectors, identity, mode, version, natTraversal, fragmentation
    case certificateAuthority, encapsulation

    /// The setting that is to be changed; nil where there is none, or more than one.
    init?(of finding: FindingID) {
        guard let setting = Self.byFinding[finding] else { return nil }
        self = setting
    }

    private static let byFinding: [FindingID: Setting] = [
        .pskMismatchMain: .presharedKey, .pskMismatchAggressive: .presharedKey, .pskMismatchV2: .presharedKey,
        .noKeyForPeer: .presharedKey,
        .p1ProposalMismatch: .ikeProposal, .p1EncrDiffers: .ikeProposal, .p1KeylenDiffers: .ikeProposal,
        .p1HashDiffers: .ikeProposal, .p1GroupDiffers: .ikeProposal,
        .p2TransformMismatch: .childProposal, .v2ChildNoProposal: .childProposal,
        .pfsMismatch: .pfs,
        .proxyIDMismatch: .selectors, .tsUnacceptable: .selectors, .noMapForPeer: .selectors,
        .proxyIDNarrowed: .selectors,
        .idMismatch: .identity, .certWrongIdentity: .identity,
        .modeMismatch: .mode, .versionMismatch: .version, .nattNotOffered: .natTraversal,
        .certFragmentLost: .fragmentation, .ikeFragIncomplete: .fragmentation, .v2UnsupportedFrag: .fragmentation,
        .certNotTrusted: .certificateAuthority, .certMissingReq: .certificateAuthority,
        .encapModeMismatch: .encapsulation,
    ]
}
