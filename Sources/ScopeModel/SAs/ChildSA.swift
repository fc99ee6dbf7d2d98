import ScopeDissect
import ScopeWire

/// The pair of IPsec SAs that a negotiation made, one in each direction.
public struct ChildSA: Sendable {
    public var ikeSA: IKESA
    public var negotiation: ChildNegotiation
    /// Chosen by the side that began the negotiation: on packets that go to it.
    public var spiToInitiator: UInt32
    public var spiToResponder: UInt32
    public var suite: ChildSuite
    /// What IKEv1 agreed on as it was sent, for those who show it with all its attributes; nil in IKEv2.
    public var transform: Transform?
    /// Whether the keys of both directions could be derived; else what is missing.
    public var keys: KeyStatus

    public init(
        ikeSA: IKESA, negotiation: ChildNegotiation, spiToInitiator: UInt32, spiToResponder: UInt32,
        suite: ChildSuite, transform: Transform?, keys: KeyStatus
    ) {
        self.ikeSA = ikeSA
        self.negotiation = negotiation
        self.spiToInitiator = spiToInitiator
        self.spiToResponder = spiToResponder
        self.suite = suite
        self.transform = transform
        self.keys = keys
    }

    public var protocolID: SecurityProtocol { suite.protocolID }

    /// One pair for each of ESP and AH that was agreed on with an SPI of each side.
    public static func all(of negotiation: ChildNegotiation, in sa: IKESA, keys: KeyStatus) -> [ChildSA] {
        negotiation.agreed.compactMap { agreed in
            guard agreed.suite.protocolID == .esp || agreed.suite.protocolID == .ah,
                let toInitiator = agreed.spiToInitiator, let toResponder = agreed.spiToResponder
            else { return nil }
            return ChildSA(
                ikeSA: sa, negotiation: negotiation, spiToInitiator: toInitiator, spiToResponder: toResponder,
                suite: agreed.suite, transform: agreed.transform, keys: keys)
        }
    }
}
