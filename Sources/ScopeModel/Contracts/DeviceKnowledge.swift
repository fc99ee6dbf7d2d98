import ScopeDissect
import ScopeWire

/// What the configuration of a device tells of lines that a capture alone leaves open.
///
/// A device is named by its address; what is known of none of them is nil or empty.
public protocol DeviceKnowledge: Sendable {
    /// What was offered, held against the policies of `device`, in its order, up to the first that agrees.
    func policyChecks(of device: IPAddress, offered: [Offer]) -> [PolicyCheck]

    /// Whether `device` has a pre-shared key for `peer`; nil where it is not known.
    func hasKey(_ device: IPAddress, for peer: IPAddress) -> Bool?

    /// The interface of `device` that has this address.
    func interface(of device: IPAddress) -> String?

    /// What IPsec of `device` asks of ISAKMP for `peer` before anything was sent; nil where no crypto map says it, or more
    /// than one entry of them.
    func request(of device: IPAddress, for peer: IPAddress) -> IPsecRequest?
}

/// What a crypto map has IPsec ask for.
public struct IPsecRequest: Sendable {
    /// Of the first transform set, with its lifetimes.
    public var suite: ChildSuite
    /// The traffic of the access list's only entry that permits any; nil where there are several, one of which a packet
    /// has met.
    public var flow: Flow?

    public typealias Flow = ProxyFlow

    public init(suite: ChildSuite, flow: Flow?) { (self.suite, self.flow) = (suite, flow) }
}

/// One choice of an offer against one policy of a device.
public struct PolicyCheck: Sendable {
    /// Its place in the offer.
    public var choice: Int
    /// The policy's number.
    public var priority: Int
    /// In what they differ first; nil where they agree.
    public var difference: SuiteKind?

    public init(choice: Int, priority: Int, difference: SuiteKind?) {
        self.choice = choice
        self.priority = priority
        self.difference = difference
    }
}
