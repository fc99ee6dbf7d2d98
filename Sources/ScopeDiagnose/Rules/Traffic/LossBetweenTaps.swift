import ScopeModel
import ScopeWire

/// ESP and AH packets that pass one tap and not the other.
struct LossBetweenTaps: Rule {
    private static let mostFindings = 1024

    func findings(_ taps: TapCase) -> [Finding] {
        // Of two tunnels everything is missing at the other tap.
        guard taps.isRelated else { return [] }
        var list: [Finding] = []
        let (sas, names) = (taps.sas, taps.names)
        for key in Set(sas[0].keys).union(sas[1].keys).sorted(by: {
            ($0.spi, $0.isAH ? 1 : 0) < ($1.spi, $1.isAH ? 1 : 0)
        }) {
            let (a, b) = (sas[0][key], sas[1][key])
            // More than a reader goes through, and each holds some kilobytes.
            guard list.count < Self.mostFindings else { break }
            guard !(a?.isPartial ?? false), !(b?.isPartial ?? false) else { continue }
            let (runsA, runsB) = (a?.runs ?? NumberRuns(), b?.runs ?? NumberRuns())
            let (goneToB, goneToA) = (runsA.missing(in: runsB), runsB.missing(in: runsA))
            let isToB =
                goneToB.isEmpty == goneToA.isEmpty
                ? taps.isFromA((a ?? b)?.source ?? IPAddress(v4: 0)) : !goneToB.isEmpty
            let gone = isToB ? goneToB : goneToA
            guard !gone.isEmpty, let sender = isToB ? a : b else { continue }
            let count = gone.reduce(0) { $0 + UInt64($1.upperBound - $1.lowerBound) + 1 }
            let sent = (isToB ? runsA : runsB).count
            let (from, to) = isToB ? (names.a, names.b) : (names.b, names.a)
            let isAll = count == sent
            let protocolName = key.isAH ? "AH" : "ESP"
            let longest = gone.map { UInt64($0.upperBound - $0.lowerBound) + 1 }.max() ?? 0
            list.append(
                Finding(
                    isAll ? .espBlocked : .espLoss, .proved, peers: [sender.source, sender.destination], spi: key.spi,
                    frames: [sender.firstFrame],
                    summary: isAll
                        ? "none of \(sent) \(protocolName) packets from \(sender.source) gets from \(from) to \(to)"
                        : "\(count) of \(sent) \(protocolName) packets from \(sender.source) are lost between \(from) and \(to)",
                    evidence: [
                        "SPI \(Words.hex(key.spi)): \(Words.count(gone.count, "run")), the longest of \(longest); sequence "
                            + gone.prefix(8).map {
                                $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
                            }.joined(separator: ", ")
                            + (gone.count > 8 ? " …" : ""),
                        "\(taps.matchedMessages) IKE messages are at both taps",
                    ],
                    advice: [
                        Finding.Advice(
                            isAll
                                ? "let \(protocolName) pass between the two taps"
                                : "look for loss or policing between the two taps",
                            ios: isAll ? ["permit \(key.isAH ? "ahp" : "esp") any any"] : [])
                    ]))
        }
        return list
    }
}
