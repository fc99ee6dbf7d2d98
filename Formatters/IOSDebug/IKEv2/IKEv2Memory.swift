import ScopeDissect
import ScopeModel

/// What the transcript remembers of one IKE SA of IKEv2 at one device.
///
/// A device prints its verdict on a request before its answer. The capture tells the verdict only by the answer, so these
/// lines are held back until then.
final class IKEv2Memory {
    var numbers: DeviceNumbers?
    /// Requests of the peer that the device has not answered.
    private var held: [HeldRequest] = []
    /// What the hashes of NAT detection tell: who is behind a NAT.
    var nat = NATSides()
    /// The capabilities that both sides have to announce in IKE_SA_INIT.
    var announced = Announced()
    /// The group of the last public value that the device sent in IKE_SA_INIT.
    var group: DHGroup?
    /// The device has sent a request of IKE_AUTH.
    var hasBegunAuth = false
    /// The initiator proves itself by EAP.
    var usesEAP = false
    /// The first child was refused, for which a device takes the IKE SA down.
    var isChildRefused = false
    /// That the peers changed to port 4500 was told.
    var hasToldFloat = false
    /// The SPIs of the device's children, which go with the IKE SA; one that takes its place inherits them.
    private(set) var children: [UInt32] = []
    /// The device took the IKE SA down.
    var isGone = false

    struct HeldRequest {
        var messageID: UInt32
        var chain: PayloadChain
        var frames: [Int]
        /// Its signature fits the key of its certificate.
        var isSigned = false
        /// What its Delete payloads name.
        var deleted = SPIsNamedByDelete()
    }

    struct NATSides {
        /// An address hash came at all.
        var isKnown = false
        var hidesInitiator = false
        var hidesResponder = false
    }

    struct Announced {
        var ietfFragmentation: Set<Role> = []
        var ciscoFragmentation: Set<Role> = []
        var deleteReason: Set<Role> = []
    }

    /// A window is rarely larger; the oldest requests go first.
    private static let bound = 16
    private static let heldBytes = 1 << 20
    private static let mostChildren = 64

    /// Bytes of messages that wait to be told, about.
    var cost: Int { held.reduce(0) { $0 + $1.cost } }

    func add(child inbound: UInt32) {
        if children.count >= Self.mostChildren { children.removeFirst() }
        children.append(inbound)
    }

    func takeChildren() -> [UInt32] {
        defer { children = [] }
        return children
    }

    func inherit(from predecessor: IKEv2Memory) { children = predecessor.takeChildren() }

    func hold(_ request: HeldRequest) {
        held.removeAll { $0.messageID == request.messageID }
        held.append(request)
        var cost = cost
        while held.count > 1, held.count > Self.bound || cost > Self.heldBytes {
            cost -= held.removeFirst().cost
        }
    }

    func release(_ messageID: UInt32) -> HeldRequest? {
        guard let index = held.firstIndex(where: { $0.messageID == messageID }) else { return nil }
        return held.remove(at: index)
    }

    /// The SA has ended: nothing of it is told any more.
    func end() {
        held = []
        isGone = true
    }
}

extension IKEv2Memory.HeldRequest {
    fileprivate var cost: Int { chain.bytes.count + chain.footprint + frames.count * 8 }
}

extension IKEv2Memory.NATSides {
    /// Takes in the hashes of one message of IKE_SA_INIT, in the order of its notifications.
    mutating func take(_ matches: [NATDiscoveryMatch], from sender: Role) {
        guard !matches.isEmpty, !matches.contains(.unknown) else { return }
        isKnown = true
        if !matches.contains(.source) { hide(sender) }
        if !matches.contains(.destination) { hide(sender.other) }
    }

    private mutating func hide(_ role: Role) {
        if role == .initiator { hidesInitiator = true } else { hidesResponder = true }
    }

    func hides(_ role: Role) -> Bool { role == .initiator ? hidesInitiator : hidesResponder }
}
