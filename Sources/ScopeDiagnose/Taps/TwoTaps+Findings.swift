import ScopeDissect
import ScopeModel
import ScopeWire

extension TwoTaps {
    /// What the comparison shows; `names` are those of A and B.
    func findings(names: (a: String, b: String)) -> [Finding] {
        guard matchedMessages > 0 || !Set(sas[0].keys).isDisjoint(with: sas[1].keys) else {
            return [
                Finding(
                    "taps-unrelated", .warning, .proved, .capture, peers: [], frames: [],
                    summary: "no packet is in both captures: \(names.a) and \(names.b) show different tunnels or times",
                    advice: [Finding.Advice("give two captures of the same minutes")])
            ]
        }
        return clocks(names) + altered(names) + lost(names)
    }

    private func clocks(_ names: (a: String, b: String)) -> [Finding] {
        guard let offset else { return [] }
        let milliseconds = Int((Double(offset.nanoseconds.magnitude) / 1e6).rounded())
        let seconds = "\(milliseconds / 1000)." + String("00\(milliseconds % 1000)".suffix(3))
        let word = offset.nanoseconds < 0 ? "behind" : "ahead of"
        return [
            Finding(
                "taps-clock-offset", .note, offset.isTwoWay ? .proved : .likely, .capture, peers: [], frames: [],
                summary: milliseconds == 0
                    ? "the clocks of \(names.a) and \(names.b) agree to the millisecond"
                    : "the clock of \(names.b) is \(seconds) s \(word) that of \(names.a)",
                evidence: [
                    "from packets at both taps"
                        + (offset.isTwoWay ? ", in both directions" : ", in one direction alone: travel time is in it")
                ])
        ]
    }

    /// Addresses and ports that differ between the taps.
    private func altered(_ names: (a: String, b: String)) -> [Finding] {
        var changes: [String: (frame: Int, from: IPAddress, to: IPAddress, count: Int)] = [:]
        for (key, a) in messages[0].sorted(by: { $0.value.frame < $1.value.frame }) {
            guard let b = messages[1][key] else { continue }
            for (one, other) in [(a.source, b.source), (a.destination, b.destination)] where one != other {
                let text =
                    one.address != other.address
                    ? "\(one.address) at \(names.a) is \(other.address) at \(names.b)"
                    : "port \(one.port) of \(one.address) at \(names.a) is \(other.port) at \(names.b)"
                changes[text, default: (a.frame, one.address, other.address, 0)].count += 1
            }
        }
        let isAddress = changes.values.contains { $0.from != $0.to }
        // A message of both addresses may show two changes.
        let ordered = changes.sorted { ($0.value.frame, $0.key) < ($1.value.frame, $1.key) }
        guard let first = ordered.first else { return [] }
        return [
            Finding(
                "nat-detected", .note, .proved, .nat, peers: [first.value.from, first.value.to],
                frames: ordered.prefix(64).map(\.value.frame),
                summary:
                    "a NAT between \(names.a) and \(names.b) changes \(isAddress ? "addresses" : "ports"): \(first.key)",
                evidence: ordered.prefix(8).map {
                    "\($0.key) (\(Words.count($0.value.count, "IKE message")))"
                })
        ]
    }

    private static let mostFindings = 1024

    private func lost(_ names: (a: String, b: String)) -> [Finding] {
        var list: [Finding] = []
        let matched = matchedMessages
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
                goneToB.isEmpty == goneToA.isEmpty ? isFromA((a ?? b)?.source ?? IPAddress(v4: 0)) : !goneToB.isEmpty
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
                    isAll ? "esp-blocked" : "esp-loss", isAll ? .error : .warning, .proved, .traffic,
                    peers: [sender.source, sender.destination], frames: [sender.firstFrame],
                    summary: isAll
                        ? "none of \(sent) \(protocolName) packets from \(sender.source) gets from \(from) to \(to)"
                        : "\(count) of \(sent) \(protocolName) packets from \(sender.source) are lost between \(from) and \(to)",
                    evidence: [
                        "SPI \(Words.hex(key.spi)): \(Words.count(gone.count, "run")), the longest of \(longest); sequence "
                            + gone.prefix(8).map {
                                $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
                            }.joined(separator: ", ")
                            + (gone.count > 8 ? " …" : ""),
                        "\(matched) IKE messages are at both taps",
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

extension TwoTaps {
    /// The findings of one tap with those of the comparison: what both taps prove takes the place of what one suggested.
    public func settle(_ findings: [Finding], names: (a: String, b: String)) -> [Finding] {
        let own = self.findings(names: names)
        let proved = own.filter {
            $0.certainty == .proved && ["esp-blocked", "esp-loss", "nat-detected"].contains($0.id)
        }
        let replaced: Set<String> = ["esp-blocked", "one-way-inner", "esp-loss", "nat-detected", "cap-duplicates"]
        let rest = findings.filter { finding in
            guard replaced.contains(finding.id) else { return true }
            if finding.id == "one-way-inner" {
                return !proved.contains { $0.id == "esp-blocked" || $0.id == "esp-loss" }
            }
            return finding.id != "cap-duplicates" && !proved.contains { $0.id == finding.id }
        }
        return (own + rest).enumerated().sorted { a, b in
            a.element.severity != b.element.severity ? a.element.severity > b.element.severity : a.offset < b.offset
        }.map(\.element)
    }
}
