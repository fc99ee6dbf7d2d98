import ScopeWire

/// One thing that is wrong, doubtful or worth knowing, with what shows it.
public struct Finding: Sendable {
    /// Stable: scripts test on it.
    public var id: String
    public var severity: Severity
    public var certainty: Certainty
    public var layer: Layer
    /// The initiator first, where it is known.
    public var peers: [IPAddress]
    /// The frames that prove it, or all but prove it.
    public var frames: [Int]
    /// How often the same was found, in other attempts of the same peers.
    public var count = 1
    /// One sentence, which may hold text that a peer wrote: whoever prints it escapes it.
    public var summary: String
    /// What was seen, in the field's terms; as hostile as `summary`.
    public var evidence: [String]
    public var advice: [Advice]
    /// Other causes with the same look, where the certainty is less than proved.
    public var lookAlikes: [String]
    /// What was offered, beside what is known of who refused it.
    public var proposals: ProposalTable? {
        get { tables.first }
        set { tables = newValue.map { [$0] } ?? [] }
    }
    /// One at most: few findings have any, and there are very many findings.
    private var tables: [ProposalTable] = []
    /// The id of the finding of the same attempt that this one is a cause of: it stands under that one, and is no second
    /// fault.
    public var explains: String?

    public init(
        _ id: String, _ severity: Severity, _ certainty: Certainty, _ layer: Layer, peers: [IPAddress], frames: [Int],
        summary: String, evidence: [String] = [], advice: [Advice] = [], lookAlikes: [String] = []
    ) {
        self.id = id
        self.severity = severity
        self.certainty = certainty
        self.layer = layer
        self.peers = peers
        self.frames = frames
        self.summary = summary
        self.evidence = evidence
        self.advice = advice
        self.lookAlikes = lookAlikes
    }

    public enum Severity: UInt8, Comparable, CaseIterable, Sendable {
        case note, warning, error

        public static func < (a: Severity, b: Severity) -> Bool { a.rawValue < b.rawValue }
    }

    public enum Certainty: UInt8, Comparable, CaseIterable, Sendable {
        /// Consistent with what was seen, not singled out.
        case possible
        /// The usual cause of this pattern.
        case likely
        /// Nothing else gives these bytes.
        case proved

        public static func < (a: Certainty, b: Certainty) -> Bool { a.rawValue < b.rawValue }
    }

    /// What fails first hides what comes behind it.
    public enum Layer: UInt8, Comparable, Sendable {
        case capture, reachability, version, phase1, nat, fragments, authentication, userAuthentication, phase2,
            traffic,
            life, hygiene

        public static func < (a: Layer, b: Layer) -> Bool { a.rawValue < b.rawValue }
    }

    /// What to do about it.
    public struct Advice: Hashable, Sendable {
        /// On which device; nil where it is either, or none of the peers.
        public var peer: IPAddress?
        public var text: String
        /// IOS configuration or commands.
        public var ios: [String]

        public init(_ text: String, on peer: IPAddress? = nil, ios: [String] = []) {
            self.text = text
            self.peer = peer
            self.ios = ios
        }
    }
}

/// What became of everything between two peers, in one row.
public struct PeerOverview: Sendable {
    /// Who began first, where it is known.
    public var initiator: IPAddress
    public var responder: IPAddress
    /// Negotiations of an IKE SA.
    public var attempts: Int
    /// How far the best of them came.
    public var reached: String
    /// That stand at the end.
    public var ikeSAs: Int
    public var ipsecSAs: Int
    /// ESP and AH packets from `initiator`, and to it.
    public var sent: Int
    public var received: Int
    /// The worst of the findings in a few words.
    public var verdict: String
    public var severity: Finding.Severity?

    public init(
        initiator: IPAddress, responder: IPAddress, attempts: Int, reached: String, ikeSAs: Int, ipsecSAs: Int,
        sent: Int, received: Int, verdict: String, severity: Finding.Severity?
    ) {
        self.initiator = initiator
        self.responder = responder
        self.attempts = attempts
        self.reached = reached
        self.ikeSAs = ikeSAs
        self.ipsecSAs = ipsecSAs
        self.sent = sent
        self.received = received
        self.verdict = verdict
        self.severity = severity
    }
}

/// Prints what a diagnosis found.
public protocol FindingFormatter {
    /// The peers, the worst off first, and the findings in the same order.
    mutating func write(_ peers: [PeerOverview], _ findings: [Finding], to sink: ByteSink)

    /// Called at the very end of a live run: how complete it is.
    mutating func close(_ statistics: CaptureStatistics, to sink: ByteSink)
}

extension FindingFormatter {
    public mutating func close(_ statistics: CaptureStatistics, to sink: ByteSink) {}
}
