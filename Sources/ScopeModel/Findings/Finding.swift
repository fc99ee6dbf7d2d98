import ScopeWire

/// One thing that is wrong, doubtful or worth knowing, with what shows it.
public struct Finding: Sendable {
    public var id: FindingID
    public var severity: Severity
    public var certainty: Certainty
    public var layer: Layer
    /// The initiator first, where it is known.
    public var peers: [IPAddress]
    /// The IKE SA that it speaks of, by its number in this run; the first of them, where the same was found in several.
    public var ikeSA: Int?
    /// The SPI of the ESP or AH SA that it speaks of, where it is one.
    public var spi: UInt32?
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
    /// The kind of the finding of the same attempt that this one is a cause of: it stands under that one, and is no
    /// second fault.
    public var explains: FindingID?

    /// - Parameters:
    ///   - severity: where it is not the usual one of its kind.
    ///   - layer: the same.
    public init(
        _ id: FindingID, _ certainty: Certainty, severity: Severity? = nil, layer: Layer? = nil, peers: [IPAddress],
        ikeSA: Int? = nil, spi: UInt32? = nil, frames: [Int], summary: String, evidence: [String] = [],
        advice: [Advice] = [], lookAlikes: [String] = []
    ) {
        self.id = id
        self.severity = severity ?? id.usualSeverity
        self.certainty = certainty
        self.layer = layer ?? id.layer
        self.peers = peers
        self.ikeSA = ikeSA
        self.spi = spi
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
        /// IOS configuration or commands; those of another product where the text names it.
        public var ios: [String]

        public init(_ text: String, on peer: IPAddress? = nil, ios: [String] = []) {
            self.text = text
            self.peer = peer
            self.ios = ios
        }
    }
}
