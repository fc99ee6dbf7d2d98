import ScopeDissect
import ScopeModel
import ScopeWire

/// Annotations on what is not an IKE message: keys, SAs, accounts, and what went wrong on the way.
struct NoticeAnnotations {
    let notes: AnnotationWriter

    func keys(_ sa: IKESA, _ status: KeyStatus) {
        func name(_ sink: ByteSink) {
            sink.write(
                "IKE SA ", .paddedHex(sa.initiatorSPI, digits: 16), " (", .address(sa.initiator.address), " → ",
                .address(sa.responder.address), "): ")
        }
        switch status {
        case .none:
            notes.note { sink in
                name(sink)
                sink.literal("no keys were given, so encrypted messages stay closed")
            }
        case .opened(let key):
            notes.note { sink in
                name(sink)
                sink.write("opened by ", .foreign(key.description))
            }
        case .missing(let what, _), .wrong(let what):
            notes.warning { sink in
                name(sink)
                sink.untrusted(what)
            }
        }
    }

    func pair(_ pair: ChildSA) {
        let opener = pair.negotiation.initiatedBy
        let initiator = pair.ikeSA.endpoint(of: opener).address
        let responder = pair.ikeSA.endpoint(of: opener.other).address
        notes.note(
            "new pair of SAs: ", .child(pair.suite), "; SPI ",
            .spi(pair.spiToInitiator), " to ", .address(initiator), ", ", .spi(pair.spiToResponder), " to ",
            .address(responder))
        switch pair.keys {
        case .none: break
        case .opened(let key): notes.note("  their keys follow from ", .foreign(key.description))
        case .missing(let what, _), .wrong(let what): notes.warning("  no keys for them: ", .foreign(what))
        }
    }

    func account(_ account: IPsecAccount) {
        var parts: [Part] = [
            account.isAH ? "AH " : "ESP ", .spi(account.spi), " ", .address(account.source), " → ",
            .address(account.destination), ": ", .count(account.packets, "packet"),
        ]
        if account.sightings > 0 {
            parts.append(.text(" (and \(Wording.count(account.sightings, "second sighting")))"))
        }
        let faults = account.badICV + account.malformed
        let isClosed: StaticString = account.isAH ? ", not checked: " : ", not decrypted: "
        switch account.keys {
        case .none where account.nullEncryption != nil, .missing where account.nullEncryption != nil: break
        case .none: parts += [.literal(isClosed), "no keys were given"]
        case .missing(let what, _), .wrong(let what): parts += [.literal(isClosed), .foreign(what)]
        case .opened(let key):
            parts.append(.text(", " + verdict(account)))
            parts += [" with ", .foreign(key.description)]
        }
        if let null = account.nullEncryption { parts.append(.text(", " + NoticeLines.readable(null))) }
        if account.isICVLengthUnusual { parts.append(.text(", ICVs of \(Int(account.icvLength) * 8) bits")) }
        if let high = account.sequenceHigh { parts.append(.text(", extended sequence numbers with \(high) above")) }
        if account.enclosure.depth > 0 { parts.append(.text(", inside SA \(account.enclosure.account)")) }
        if faults > 0 { notes.warning(parts) } else { notes.note(parts) }
        let health = health(account)
        if !health.isEmpty { notes.warning(.text("  " + health.joined(separator: "; "))) }
    }

    /// The faults among its sequence numbers, paddings and inner packets.
    private func health(_ account: IPsecAccount) -> [String] {
        let sequence = account.sequence
        var health: [String] = []
        if sequence.lost > 0 {
            let runs = account.lossRuns > 1 ? " in \(account.lossRuns) runs, the longest \(account.longestLossRun)" : ""
            health.append(
                "\(sequence.lost) of \(sequence.lost + UInt64(sequence.distinct)) sequence numbers missing\(runs)")
        }
        if sequence.duplicates > 0 { health.append(Wording.count(sequence.duplicates, "duplicate")) }
        if sequence.late > 0 { health.append("\(sequence.late) late, by up to \(sequence.reorderingDistance)") }
        if sequence.forgotten > 0 { health.append("\(sequence.forgotten) too late to be classified") }
        if sequence.restarts > 0 {
            health.append("the sequence numbers started again at 1 (\(Wording.count(sequence.restarts, "time")))")
        }
        let drops = zip(SequenceCounts.windowSizes, sequence.windows).filter { $0.1.all > 0 }
        if !drops.isEmpty {
            let list = drops.map { "\($0.1.all) with \($0.0)" }.joined(separator: ", ")
            health.append("dropped by a replay window: \(list)")
        }
        if account.paddingFaults > 0 {
            health.append("\(Wording.count(account.paddingFaults, "packet")) with wrong padding")
        }
        if account.outsideSelectors > 0 {
            health.append("\(Wording.count(account.outsideSelectors, "packet")) outside the negotiated selectors")
        }
        return health
    }

    private func verdict(_ account: IPsecAccount) -> String {
        let faults: [(Int, String)] = [
            (account.unverified, "unverified"), (account.badICV, "with a wrong ICV"), (account.malformed, "malformed"),
            (account.cut, "cut short"),
        ]
        let told = faults.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        if told.isEmpty { return account.verified == account.packets ? "all verified" : "\(account.verified) verified" }
        return (account.verified > 0 ? ["\(account.verified) verified"] + told : told).joined(separator: ", ")
    }

    func icmp(_ notice: ICMPNotice, frame: Int) {
        notes.warning(
            .frame(frame), " · ", .address(notice.from), " → ", .address(notice.to), " · ",
            .text(NoticeLines.reason(notice.error)), ": it quotes ", .foreign(notice.quotedProtocol.description), " ",
            .endpoint(notice.quotedSource), " → ", .endpoint(notice.quotedDestination))
    }

    func malformed(_ packet: MalformedPacket, frame: Int) {
        notes.warning(
            .frame(frame), " · malformed ", .literal(packet.layer.name), ": ",
            .foreign(packet.error.description))
    }

    func cut(_ packet: CutPacket, frame: Int) {
        notes.note(
            .frame(frame), " · ", .endpoint(packet.source), " → ", .endpoint(packet.destination), " · ",
            .literal(CutWords.name(packet)), " cut by the capture: too little of it is here to follow it")
    }

    func reassembly(_ notice: ReassemblyNotice) {
        switch notice {
        case .overlap(let frames):
            notes.warning("fragments overlap with different bytes: ", .frames(frames))
        case .incomplete(let frames, let missing):
            notes.warning("fragments that were never complete: ", .frames(frames), "; ", .foreign(missing))
        case .refused(let frame, let why):
            notes.warning(.frame(frame), " · fragment refused: ", .foreign(why))
        }
    }

    func evicted(_ table: String, _ count: Int) {
        notes.warning("the table of ", .text(table), " was full: entries removed: ", .number(count))
    }

    func captureLoss(_ count: UInt64) {
        notes.warning(
            "the capturing system lost ", .count(Int(clamping: count), "packet"),
            " here: a packet that is missing may have been sent")
    }

    func keepalive(_ source: Endpoint, _ destination: Endpoint, frame: Int) {
        notes.note(
            .frame(frame), " · ", .endpoint(source), " → ", .endpoint(destination),
            " · NAT keepalive (the next ones are only counted)")
    }

    func keepalives(_ count: Int) { notes.note(.count(count, "NAT keepalive"), " in all") }
}
