import ScopeWire

/// What became of an SA, told once, when it happens.
///
/// `ScopeSAD` works these out, and nothing else does: whoever asks what was established, replaced or deleted reads them.
/// A message in the clear, or one whose HASH is wrong, changes nothing that is proved.
public struct SAChange: Sendable {
    public var sa: SAIdentity
    public var what: What
    public var time: Instant
    /// The frames of the message or packet that shows it.
    public var frames: [Int]

    public init(_ sa: SAIdentity, _ what: What, at time: Instant, frames: [Int]) {
        self.sa = sa
        self.what = what
        self.time = time
        self.frames = frames
    }

    public enum What: Hashable, Sendable {
        /// It stands, as far as the capture can tell: the end of its negotiation was believed, or packets show it in use.
        case established
        /// A newer SA for the same purpose took its place. It lives on until it is deleted or its lifetime is over.
        case replaced(by: SAIdentity)
        /// One end was seen at another address or port: behind a NAT, or on its way to port 4500.
        case moved(Role, from: Endpoint, to: Endpoint)
        case deleted(Deletion)
        /// A Delete named it that does not count: its HASH is wrong, or only a claim says that the SA exists.
        case deletionRefused(Deletion)
        /// A Delete that counts named it, and there was nothing to delete: it was deleted before, or the capture shows it
        /// nowhere else.
        case nothingToDelete(Deletion)
        /// One side refused what the other one asked for. The SA never stood; a later message may still make it stand, since
        /// phase 1 is refused in the clear, where anybody may send.
        case refused(Refusal)
    }
}

/// A notification that refused an SA while it was negotiated.
public struct Refusal: Hashable, Sendable {
    /// Its sender, as a role of the IKE SA that carried it.
    public var role: Role
    /// Nil for an error that means nothing more than that.
    public var why: NotifyMeaning?

    public init(role: Role, why: NotifyMeaning?) {
        self.role = role
        self.why = why
    }
}

/// A Delete that named an SA, in a message that its keys opened.
public struct Deletion: Hashable, Sendable {
    /// The address that sent it.
    public var by: IPAddress
    /// Its sender, as a role of the IKE SA that carried it.
    public var role: Role
    public var frame: Int
    public var time: Instant

    public init(by: IPAddress, role: Role, frame: Int, time: Instant) {
        self.by = by
        self.role = role
        self.frame = frame
        self.time = time
    }
}

extension SAChange {
    /// The Delete that named the SA, whatever came of it; nil of any other change.
    public var namedByDelete: Deletion? {
        switch what {
        case .deleted(let deletion), .deletionRefused(let deletion), .nothingToDelete(let deletion): deletion
        case .established, .replaced, .moved, .refused: nil
        }
    }

    /// The known pair of IPsec SAs that a Delete named, whether the Delete counts or not; nil of any other change.
    public var childNamedByDelete: ChildSAIdentity? {
        switch (sa, what) {
        case (.child(let child), .deleted), (.child(let child), .deletionRefused): child
        default: nil
        }
    }
}
