import ScopeDissect
import ScopeModel
import ScopeWire

/// ICMP errors that say that IKE, ESP or AH packets are too big.
struct ICMPErrors: Rule {
    func findings(_ pair: PairCase) -> [Finding] {
        let big = pair.errors.filter { $0.notice.error.isTooBig }
        var list: [Finding] = []
        if let first = big.first {
            let notice = first.notice
            let size = notice.error.mtu > 0 ? " (MTU \(notice.error.mtu))" : ""
            list.append(
                Finding(
                    .mtuPTB, .proved, peers: pair.peers, frames: big.map(\.frame),
                    summary: "\(notice.quotedProtocol) packets are too big for the path\(size)",
                    evidence: ["\(notice.from) says so of packets to \(notice.quotedDestination.address)"],
                    advice: [
                        Finding.Advice(
                            "make the packets inside smaller", ios: ["ip tcp adjust-mss 1360", "ip mtu 1400"])
                    ]))
        }
        return list
    }
}

extension ICMPError {
    var isTooBig: Bool { isV6 ? type == 2 : type == 3 && code == 4 }
}
