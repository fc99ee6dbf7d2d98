import ScopeWire

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
    /// Of several peers behind one address, that address and the port that tells this one apart.
    public var place: Endpoint?

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
