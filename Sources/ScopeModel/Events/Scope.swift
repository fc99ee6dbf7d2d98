import ScopeWire

/// What an event belongs to: all that a condition may look at.
public struct Scope: Hashable, Sendable {
    /// Source and destination of the packet, or the two peers of the SA that the event speaks of.
    public var source: IPAddress?
    public var destination: IPAddress?
    /// The IKE SA, numbered from 1 in the order of first sight.
    public var ikeSA: Int?

    @inlinable public init(source: IPAddress? = nil, destination: IPAddress? = nil, ikeSA: Int? = nil) {
        self.source = source
        self.destination = destination
        self.ikeSA = ikeSA
    }
}
