import ScopeDissect
import ScopeModel
import ScopeWire

/// How IKE, ESP and AH went between two peers: in what, and with which silences.
struct PathFacts {
    /// One side's packets on UDP 4500, keepalives among them.
    struct Side {
        var keepalives = 0
        /// ESP as IP protocol 50.
        var plainESP = 0
        var plainFrames: [Int] = []
        /// Its last packet of any kind.
        var last: Instant?
        /// What the other side sent after a long silence of this one.
        var unanswered: (first: Instant, frame: Int, last: Int, count: Int)?
    }

    /// What many NATs keep a mapping of UDP for.
    private static let silence: Int64 = 30_000_000_000

    private var initiator = Side()
    private var responder = Side()
    /// Frames of IKE and ESP in TCP, and how many packets they carried.
    var tcpFrames: [Int] = []
    var tcpPackets = 0
    /// ESP goes in UDP.
    var isEncapsulated = false

    init() {}

    /// Of several pairs of ports together: the last one that ESP went over, with the keepalives of all.
    init(_ lanes: [PathFacts]) {
        guard let main = lanes.last(where: \.isEncapsulated) ?? lanes.last else { return }
        self = main
        for isInitiator in [true, false] {
            self[isInitiator].keepalives = lanes.reduce(0) { $0 + $1[isInitiator].keepalives }
        }
    }

    /// In place: a side is not copied for each packet.
    subscript(isInitiator: Bool) -> Side {
        _read { if isInitiator { yield initiator } else { yield responder } }
        _modify { if isInitiator { yield &initiator } else { yield &responder } }
    }

    /// Notes that a side sent something in `frame`.
    mutating func note(fromInitiator: Bool, _ carrier: Carrier, _ event: Event) {
        self[fromInitiator].last = event.time
        self[fromInitiator].unanswered = nil
        if let last = self[!fromInitiator].last, event.time.since(last) > Self.silence {
            var waiting = self[!fromInitiator].unanswered ?? (event.time, event.frame, event.frame, 0)
            waiting.count += 1
            waiting.last = event.frame
            self[!fromInitiator].unanswered = waiting
        }
        if carrier == .tcp {
            tcpPackets += 1
            if tcpFrames.count < 8 { tcpFrames.append(event.frame) }
        }
    }

    mutating func noteESP(fromInitiator: Bool, _ carrier: Carrier, _ event: Event) {
        if carrier == .udpEncapsulated { isEncapsulated = true }
        guard carrier == .ip else { return }
        self[fromInitiator].plainESP += 1
        if self[fromInitiator].plainFrames.count < 8 { self[fromInitiator].plainFrames.append(event.frame) }
    }
}
