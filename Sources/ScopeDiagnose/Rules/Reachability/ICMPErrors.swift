import ScopeDissect
import ScopeModel
import ScopeWire

/// ICMP errors that quote IKE, ESP or AH.
struct ICMPErrors: Rule {
    func findings(_ pair: PairCase) -> [Finding] {
        let refused = pair.errors.filter { !$0.notice.error.isTooBig }
        var list: [Finding] = []
        if let first = refused.first {
            let notice = first.notice
            list.append(
                Finding(
                    .icmpUnreachable, .proved, severity: pair.attempts.contains { $0.isUp } ? .warning : .error,
                    peers: pair.peers, frames: refused.map(\.frame),
                    summary:
                        "\(notice.from) refuses \(notice.quotedProtocol) to \(notice.quotedDestination.address): \(notice.error.words)",
                    evidence: ["\(Words.count(pair.errorCount, "ICMP error")), each quotes a packet of this peer"],
                    advice: [
                        Finding.Advice(
                            "permit it there, or start the service", on: notice.from,
                            ios: ["permit udp any any eq isakmp", "permit esp any any"])
                    ]))
        }
        return list
    }
}

extension ICMPError {
    var isTooBig: Bool { isV6 ? type == 2 : type == 3 && code == 4 }

    var words: String {
        switch (isV6, type, code) {
        case (false, 3, 0), (true, 1, 0): "no route to the network"
        case (false, 3, 1), (true, 1, 3): "host unreachable"
        case (false, 3, 2): "it does not know this protocol"
        case (false, 3, 3), (true, 1, 4): "nobody listens on this port"
        case (false, 3, 9), (false, 3, 10), (false, 3, 13), (true, 1, 1): "a filter forbids it"
        case (false, 11, _), (true, 3, _): "the packet is in a routing loop"
        default: "ICMP\(isV6 ? "v6" : "") type \(type) code \(code)"
        }
    }
}
