import ScopeDissect
import ScopeWire

/// The pair of IPsec SAs that a Quick Mode made.
public struct ChildSA: Sendable {
    public var ikeSA: IKESA
    public var quickMode: ChildNegotiation
    public var protocolID: SecurityProtocol
    /// Chosen by the exchange's initiator: on packets that go to it.
    public var spiToInitiator: UInt32
    public var spiToResponder: UInt32
    /// The agreed transform with its attributes.
    public var transform: Transform
    /// Whether the keys of both directions could be derived; else what is missing.
    public var keys: KeyStatus

    public init(
        ikeSA: IKESA, quickMode: ChildNegotiation, protocolID: SecurityProtocol, spiToInitiator: UInt32,
        spiToResponder: UInt32, transform: Transform, keys: KeyStatus
    ) {
        self.ikeSA = ikeSA
        self.quickMode = quickMode
        self.protocolID = protocolID
        self.spiToInitiator = spiToInitiator
        self.spiToResponder = spiToResponder
        self.transform = transform
        self.keys = keys
    }
}
