import ScopeDissect
import ScopeModel
import ScopeWire

/// The report at the end: the keys that fitted nothing, and what each was tried on.
struct UnusedKeys {
    /// A key of a file, in the order of the files.
    enum Row {
        case psk(Int)
        case exponent(KeyUse)
        case sharedBySA(UInt64, KeyUse)
        case sharedByChild(UInt32, KeyUse)
        case ike(KeyFile.IKE, KeyUse)
        case sa(KeyFile.SA, KeyUse)
        case ppk(KeyUse)
    }

    /// The keys of a file, for one that tells of any number of tunnels.
    final class FileUse {
        let name: String
        let isRecord: Bool
        var uses: [KeyUse] = []

        init(_ file: KeyFile) {
            name = file.baseName
            isRecord = file.format.isRecord
        }
    }

    let rows: [Row]
    let files: [FileUse]
    let psk: PSKTable
    let exponents: ExponentIndex
    let sightings: Sightings
    /// The list of candidates, once it was searched in vain.
    let candidates: KeyUse?

    func lines() -> [String] {
        var lines: [String] = []
        var absentPeers = 0
        for row in rows {
            guard let line = unused(row) else { continue }
            if case .psk(let index) = row, !isPresent(index) {
                absentPeers += 1
                if absentPeers > 5 { continue }
            }
            lines.append(line)
        }
        if let use = candidates {
            lines.append("\(use.name): none of its \(use.failures) lines is the PSK\(use.trials)")
        }
        if absentPeers > 5 {
            lines.append("psk: \(absentPeers - 5) more entries name peers that no IKE SA of this capture has")
        }
        return lines + files.compactMap(unused)
    }

    /// A log tells of other tunnels too: only a log of which no key is of use is reported.
    private func unused(_ file: FileUse) -> String? {
        guard file.isRecord, !file.uses.isEmpty else { return nil }
        let tried = file.uses.count { !$0.fitted && $0.failures > 0 }
        guard !file.uses.contains(where: \.fitted) else { return nil }
        let count = file.uses.count == 1 ? "its one key is" : "none of its \(file.uses.count) keys is"
        let ofUse = file.uses.count == 1 ? "of no use" : "of use"
        let trials = tried > 0 ? " (\(tried) tried without success)" : ""
        return "\(file.name): \(count) \(ofUse) for this capture\(trials)"
    }

    private func unused(_ row: Row) -> String? {
        switch row {
        case .psk(let index): return unusedPSK(index)
        case .exponent(let use):
            // An exponent that was not needed is not reported.
            guard !use.fitted, !sightings.hasOpened || exponents.isTried(use) else { return nil }
            return "\(use.name): fits no public value among \(exponents.searched)"
        case .sharedBySA(let spi, let use):
            // A secret that was not needed is not reported.
            guard !use.fitted, use.failures > 0 || !sightings.openedSAs.contains(spi) else { return nil }
            let name = Hex.spell(spi, digits: 16)
            return unused(use, ofSA: spi, name)
        case .sharedByChild(let spi, let use):
            guard !use.fitted else { return nil }
            let name = "0x" + Hex.spell(UInt64(spi), digits: 8)
            return sightings.childSPIs.contains(spi)
                ? "\(use.name): opens no packet of the SAs with SPI \(name)"
                : "\(use.name): no Quick Mode with PFS that could be read made SPI \(name)"
        case .ike(let row, let use):
            guard !use.fitted else { return nil }
            guard let spi = row.initiatorSPI else {
                return "\(use.name): opens no IKE SA of this capture\(use.trials)"
            }
            let name = Hex.spell(spi, digits: 16)
            return unused(use, ofSA: spi, name)
        case .sa(let row, let use): return unusedSA(row, use)
        case .ppk(let use):
            return use.fitted ? nil : "\(use.name): is part of the keys of no IKE SA that could be read\(use.trials)"
        }
    }

    private func unused(_ use: KeyUse, ofSA spi: UInt64, _ name: String) -> String {
        if sightings.initiatorSPIs.contains(spi) {
            return "\(use.name): does not open the IKE SA with initiator SPI \(name)\(use.trials)"
        }
        return "\(use.name): no IKE SA of this capture has initiator SPI \(name)"
    }

    private func unusedPSK(_ index: Int) -> String? {
        let entry = psk[index]
        guard !entry.use.fitted else { return nil }
        if entry.use.failures > 0 { return "\(entry.use.name): fits no IKE SA\(entry.use.trials)" }
        guard isPresent(index) else { return "\(entry.use.name): no IKE SA of this capture has this peer" }
        // Another key opened what there was.
        guard !sightings.hasOpened else { return nil }
        return
            "\(entry.use.name): could not be tried: no message that a PSK proves could be read "
            + "(Main Mode and IKE_AUTH also need the DH secret)"
    }

    /// An IKE SA has its peer, or it names none that could be looked for.
    private func isPresent(_ index: Int) -> Bool {
        sightings.presentPSKs.seen.contains(index)
            || psk[index].peers.contains { peer in if case .prefix = peer { false } else { true } }
    }

    private func unusedSA(_ row: KeyFile.SA, _ use: KeyUse) -> String? {
        guard !use.fitted else { return nil }
        let protocolName = row.isAH ? "AH" : "ESP"
        guard let number = row.spi else { return "\(use.name): opens no \(protocolName) packet of this capture" }
        let spi = "0x" + Hex.spell(UInt64(number), digits: 8)
        if use.failures > 0 {
            let count = use.failures == 1 ? "the one packet" : "any of the \(use.failures) packets"
            return
                "\(use.name): does not open \(count) that it was tried on (\(protocolName) SPI \(spi)): the key or the algorithm is wrong"
        }
        // The keys of the Quick Mode that made it opened it.
        if sightings.childSPIs.contains(number) { return nil }
        let to = row.destination.map { " to \($0)" } ?? ""
        return "\(use.name): no whole \(protocolName) packet with SPI \(spi)\(to) in this capture"
    }
}

extension KeyUse {
    /// ` (tried on Main Mode message 5, …)`.
    var trials: String {
        guard !triedOn.isEmpty else { return "" }
        let more = triedMore > 0 ? " and \(triedMore) more message\(triedMore == 1 ? "" : "s")" : ""
        return " (tried on \(triedOn.joined(separator: ", "))\(more))"
    }
}
