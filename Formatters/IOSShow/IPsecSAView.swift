import ScopeDissect
import ScopeModel
import ScopeSAD
import ScopeWire

/// `show crypto ipsec sa`: a block for each proxy pair, whose counters run on over its rekeys.
struct IPsecSAView {
    let sink: ByteSink
    let standing: Snapshot

    func write(isDetailed: Bool) {
        for flow in Flow.all(of: standing) { block(flow, isDetailed) }
    }

    private func block(_ flow: Flow, _ isDetailed: Bool) {
        let (own, peer) = (flow.local.address, flow.remote.address)
        let proxies = ShowWords.proxies(flow)
        sink.text("\ninterface: ?\n    Crypto map tag: ?, local addr \(own)\n\n")
        sink.text("   local  ident (addr/mask/prot/port): (\(proxies.local))\n")
        sink.text("   remote ident (addr/mask/prot/port): (\(proxies.remote))\n")
        sink.text("   current_peer \(peer)")
        if let port = port(of: flow) { sink.text(" port \(port)") }
        sink.newline()
        counters(flow)
        if peer.isV6 {
            sink.text("\n     local crypto endpt.: \(own),\n     remote crypto endpt.: \(peer)\n")
        } else {
            sink.text("\n     local crypto endpt.: \(own), remote crypto endpt.: \(peer)\n")
        }
        let newest = flow.alive.reversed().lazy.compactMap { $0.record.spi(to: $0.local.other) }.first ?? 0
        sink.text("     current outbound spi: 0x\(ShowWords.upperHex(newest))(\(newest))\n")
        if let pair = flow.records.last?.record.pair {
            // A key encapsulation is no group of Diffie and Hellman.
            let group = pair.group.flatMap { $0.isKEM ? nil : $0 }
            let kems = IKEv2Words.kems((pair.group.map { [$0] } ?? []) + pair.suite.additionalGroups)
            sink.text("     PFS (Y/N): \(pair.group == nil ? "N" : "Y"), DH group: ")
            sink.text(group.map { "group\($0.rawValue)" } ?? "none")
            if let kems { sink.text(", PQC Key Exchange: \(kems)") }
            sink.newline()
        }
        if isDetailed { for (record, local) in flow.records { notes(record, local) } }
        associations(flow, isInbound: true)
        associations(flow, isInbound: false)
    }

    /// Of the IKE SA: IPsec packets need not have one.
    private func port(of flow: Flow) -> UInt16? {
        let known = flow.records.last { $0.record.pair != nil }
        return known.map { $0.record.end($0.local.other).port }
    }

    private func counters(_ flow: Flow) {
        let (out, into) = (flow.outbound, flow.inbound)
        sink.text("    #pkts encaps: \(out.packets), #pkts encrypt: \(out.packets), #pkts digest: \(out.packets)\n")
        sink.text("    #pkts decaps: \(into.packets), #pkts decrypt: \(into.packets), #pkts verify: \(into.verified)\n")
    }

    private func associations(_ flow: Flow, isInbound: Bool) {
        let word = isInbound ? "inbound" : "outbound"
        sink.text("\n     \(word) esp sas:\n")
        for (record, local) in flow.shown where !record.isAH {
            association(record, to: isInbound ? local : local.other)
        }
        sink.text("\n     \(word) ah sas:\n")
        for (record, local) in flow.shown where record.isAH {
            association(record, to: isInbound ? local : local.other)
        }
        sink.text("\n     \(word) pcp sas:\n")
    }

    private func association(_ record: ChildRecord, to role: Role) {
        guard let spi = record.spi(to: role) else { return }
        sink.text("      spi: 0x\(ShowWords.upperHex(spi))(\(spi))\n")
        if let pair = record.pair {
            sink.text("        transform: \(ShowWords.transform(pair)) ,\n")
            let extended = pair.suite.hasESN ? "esn" : ""
            sink.text("        in use settings ={\(ShowWords.mode(pair)), \(extended)}\n")
            timing(record, to: role)
            if let size = ShowWords.ivSize(pair) { sink.text("        IV size: \(size) bytes\n") }
        }
        sink.literal(record.trust == .claimed ? "        Status: ?" : "        Status: ACTIVE(ACTIVE)")
        if let doubt = record.doubt { sink.text(", unproved: \(doubt)") }
        sink.newline()
    }

    private func timing(_ record: ChildRecord, to role: Role) {
        let seconds = record.secondsLeft(at: standing.now)
        switch (record.kilobytesLeft(to: role), seconds) {
        case (let kilobytes?, let seconds?):
            sink.text("        sa timing: remaining key lifetime (k/sec): (\(kilobytes)/\(seconds))\n")
        case (nil, let seconds?):
            sink.text("        sa timing: remaining key lifetime (sec): \(seconds)\n")
            sink.literal("        Kilobyte Volume Rekey has been disabled\n")
        case (_, nil): break
        }
    }

    // MARK: Detail

    private func notes(_ record: ChildRecord, _ local: Role) {
        let (into, out) = (record.traffic(to: local), record.traffic(to: local.other))
        let name = Self.name(record, local)
        sink.text("! \(name): made in frame \(record.frame); ")
        sink.text("in \(Wording.count(into.packets, "packet")), \(bytes(into)); ")
        sink.text("out \(Wording.count(out.packets, "packet")), \(bytes(out))\n")
        let refused = into.refused + out.refused
        if refused > 0 { sink.text("! \(name): \(Wording.count(refused, "packet")) that did not verify\n") }
        for (word, traffic) in [("in", into), ("out", out)] {
            for line in Self.findings(traffic) { sink.text("! \(name): \(word): \(line)\n") }
        }
        if let old = standing.childRecord(record.replaces) {
            sink.text("! \(name): replaced \(Self.name(old, side(of: old, like: record, local)))\n")
        }
        if let new = standing.childRecord(record.replacedBy) {
            sink.text("! \(name): replaced by \(Self.name(new, side(of: new, like: record, local)))")
            sink.text(" in frame \(new.frame)\n")
        }
        if let deletion = record.deletion { sink.text("! \(name): \(ShowWords.deletion(deletion))\n") }
        if record.isExpired { sink.text("! \(name): \(ShowWords.expired(record.lifetime(.seconds)))\n") }
    }

    /// What the packets of one direction told beside their number.
    private static func findings(_ traffic: Traffic) -> [String] {
        var lines: [String] = []
        if traffic.verified > 0 {
            let icv = traffic.icvLength > 0 ? ", ICV of \(Int(traffic.icvLength) * 8) bits" : ""
            let unusual = traffic.isICVLengthUnusual ? ", which is not the length of the algorithm" : ""
            let high = traffic.sequenceHigh.map { ", extended sequence numbers with \($0) above" } ?? ""
            lines.append("\(traffic.verified) of \(traffic.packets) verified\(icv)\(unusual)\(high)")
        }
        if let null = traffic.nullEncryption { lines.append(NoticeLines.readable(null)) }
        if traffic.within > 0 { lines.append("inside SA \(traffic.within) of the packets' accounts") }
        let sequence = traffic.sequence
        if sequence.lost > 0 {
            lines.append("\(sequence.lost) of \(sequence.lost + UInt64(sequence.distinct)) sequence numbers missing")
        }
        if sequence.late > 0 { lines.append("\(sequence.late) late, by up to \(sequence.reorderingDistance)") }
        if sequence.duplicates > 0 { lines.append(Wording.count(sequence.duplicates, "duplicate")) }
        if sequence.forgotten > 0 { lines.append("\(sequence.forgotten) too late to be classified") }
        if sequence.restarts > 0 {
            lines.append("the sequence numbers started again at 1 (\(Wording.count(sequence.restarts, "time")))")
        }
        for (size, drops) in zip(SequenceCounts.windowSizes, sequence.windows) where drops.all > 0 {
            lines.append(
                "a replay window of \(size) drops \(drops.all) (\(drops.tooOld) too old, \(drops.duplicates) duplicate)"
            )
        }
        if traffic.paddingFaults > 0 {
            lines.append("\(Wording.count(traffic.paddingFaults, "packet")) with wrong padding")
        }
        if traffic.outsideSelectors > 0 {
            lines.append("\(Wording.count(traffic.outsideSelectors, "packet")) outside the negotiated selectors")
        }
        return lines
    }

    private func side(of other: ChildRecord, like record: ChildRecord, _ local: Role) -> Role {
        other.end(local).address == record.end(local).address ? local : local.other
    }

    private func bytes(_ traffic: Traffic) -> String {
        traffic.isOpened ? "\(traffic.octets) bytes (\(traffic.payloadOctets) inside)" : "\(traffic.octets) bytes"
    }

    /// `in 0xC947BB0F out 0xC53972D3`.
    private static func name(_ record: ChildRecord, _ local: Role) -> String {
        let into = record.spi(to: local).map { "in 0x" + ShowWords.upperHex($0) }
        let out = record.spi(to: local.other).map { "out 0x" + ShowWords.upperHex($0) }
        return (record.isAH ? "AH " : "ESP ") + [into, out].compactMap { $0 }.joined(separator: " ")
    }
}
