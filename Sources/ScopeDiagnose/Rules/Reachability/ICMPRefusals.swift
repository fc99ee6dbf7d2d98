import ScopeDissect
import ScopeModel
import ScopeWire

/// ICMP errors that quote IKE, ESP or AH: who refuses what of whom, and why.
struct ICMPRefusals: Rule {
    /// Errors that say the same of the same packets.
    private struct Kind: Hashable {
        var from: IPAddress
        var isV6: Bool
        var type: UInt8
        var code: UInt8
        var what: ICMPNotice.QuotedProtocol
        var source: IPAddress
        var destination: IPAddress
    }

    func findings(_ pair: PairCase) -> [Finding] {
        var kinds: [Kind] = []
        var frames: [Kind: [Int]] = [:]
        for (notice, frame, _) in pair.errors where !notice.error.isTooBig {
            let kind = Kind(
                from: notice.from, isV6: notice.error.isV6, type: notice.error.type, code: notice.error.code,
                what: notice.quotedProtocol, source: notice.quotedSource.address,
                destination: notice.quotedDestination.address)
            if frames[kind] == nil { kinds.append(kind) }
            frames[kind, default: []].append(frame)
        }
        return kinds.map { finding($0, frames[$0] ?? [], pair) }
    }

    private func finding(_ kind: Kind, _ frames: [Int], _ pair: PairCase) -> Finding {
        let error = ICMPError(isV6: kind.isV6, type: kind.type, code: kind.code, mtu: 0, quoted: 0..<0)
        let reason = ICMPReason(error)
        let isHost = kind.from == kind.destination
        let packets = "\(kind.what) packets of \(kind.source)"
        let evidence =
            "\(Words.count(frames.count, "ICMP error")) of \(kind.from), type \(kind.type) code \(kind.code): each quotes a packet from \(kind.source) to \(kind.destination)"
        return Finding(
            .icmpUnreachable, .proved, severity: severity(kind, reason, pair), peers: pair.peers, frames: frames,
            summary: isHost
                ? "\(kind.from) refuses \(packets): \(reason.words(ofHost: true, kind.what))"
                : "\(kind.from), on the way to \(kind.destination), \(reason.isAdvice ? "comments on" : "refuses") \(packets): \(reason.words(ofHost: false, kind.what))",
            evidence: [evidence],
            advice: [reason.advice(of: kind.what, refusing: kind.destination, by: kind.from)],
            lookAlikes: [])
    }

    /// An error where nothing shows that such packets get through all the same.
    private func severity(_ kind: Kind, _ reason: ICMPReason, _ pair: PairCase) -> Finding.Severity {
        if reason.isAdvice { return .note }
        switch kind.what {
        case .ike, .ikeOrESPInUDP: return pair.attempts.contains { $0.isUp } ? .warning : .error
        case .esp, .ah, .espInUDP:
            let answers = pair.accounts.contains { $0.source == kind.destination && $0.packets > 0 }
            return answers ? .warning : .error
        }
    }
}
