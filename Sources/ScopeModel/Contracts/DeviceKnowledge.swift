import ScopeDissect
import ScopeWire

/// What the configuration of a device tells of lines that a capture alone leaves open.
///
/// A device is named by its address; what is known of none of them is nil or empty.
public protocol DeviceKnowledge: Sendable {
    /// The offered transforms held against the policies of `device`, in its order, up to the first that agrees.
    func policyChecks(of device: IPAddress, offered: [Transform]) -> [PolicyCheck]

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
    public var proposal: Proposal
    /// The traffic of the access list's only entry that permits any; nil where there are several, one of which a packet
    /// has met.
    public var flow: Flow?

    public typealias Flow = ProxyFlow

    public init(proposal: Proposal, flow: Flow?) { (self.proposal, self.flow) = (proposal, flow) }
}

/// One transform against one policy of a device.
public struct PolicyCheck: Sendable {
    public var transform: Transform
    /// The policy's number.
    public var priority: Int
    /// The attribute in which they differ first (RFC 2409 appendix A); nil where they agree.
    public var difference: UInt16?

    public init(transform: Transform, priority: Int, difference: UInt16?) {
        self.transform = transform
        self.priority = priority
        self.difference = difference
    }
}
