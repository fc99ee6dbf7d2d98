import ScopeDissect
import ScopeModel
import ScopeSAD
import ScopeWire

/// `show crypto ikev2 sa` and its `detailed`.
struct IKEv2SAView {
    let sink: ByteSink
    let standing: Snapshot

    func write(isDetailed: Bool) {
        let all = standing.ike.filter { $0.record.sa.version == .v2 }
        // A router says nothing where there is none.
        guard !all.isEmpty else { return }
        sink.literal(" IPv4 Crypto IKEv2  SA \n\n")
        for (record, local) in all where !record.sa.initiator.address.isV6 { write(record, local, isDetailed) }
        sink.literal(" IPv6 Crypto IKEv2  SA \n\n")
        for (record, local) in all where record.sa.initiator.address.isV6 { write(record, local, isDetailed) }
    }

    /// The head, the row and its lines, and an empty line.
    func write(_ record: IKERecord, _ local: Role, _ isDetailed: Bool) {
        let sa = record.sa
        if sa.initiator.address.isV6 { rowV6(record, local) } else { row(record, local) }
        let side = (own: record.v2?.side(local), peer: record.v2?.side(local.other))
        sink.text("      \(IKEv2Words.algorithms(sa.suite)), Auth sign: \(IKEv2Words.authentication(side.own))")
        sink.text(", Auth verify: \(IKEv2Words.authentication(side.peer))")
        sink.literal(record.v2?.usesPPK ?? false ? ", QR\n" : "\n")
        let kems = IKEv2Words.kems(sa.suite?.additionalGroups ?? [])
        if let kems { sink.text("      PQC Key Exchange: \(kems)\n") }
        sink.text("      Life/Active Time: ?/\(record.activeSeconds(at: standing.now)) sec\n")
        if isDetailed { details(record, local, kems) }
        comments(record, isDetailed)
        sink.newline()
    }

    private func row(_ record: IKERecord, _ local: Role) {
        let (own, peer) = (record.sa.endpoint(of: local), record.sa.endpoint(of: local.other))
        sink.literal("Tunnel-id Local                 Remote                fvrf/ivrf            Status \n")
        let columns: [(String, Int)] = [
            ("\(record.sa.id)", 10), ("\(own.address)/\(own.port)", 22), ("\(peer.address)/\(peer.port)", 22),
            ("?/?", 21),
        ]
        sink.text(columns.map { ShowWords.padded($0.0, $0.1) }.joined())
        sink.text("\(record.state)  \n")
    }

    private func rowV6(_ record: IKERecord, _ local: Role) {
        let (own, peer) = (record.sa.endpoint(of: local), record.sa.endpoint(of: local.other))
        sink.literal("Tunnel-id    fvrf/ivrf              Status \n")
        sink.text(ShowWords.padded("\(record.sa.id)", 13) + ShowWords.padded("?/?", 23) + "\(record.state)  \n")
        sink.text("Local  \(own.address)/\(own.port)\nRemote  \(peer.address)/\(peer.port)\n")
    }

    // MARK: Detail

    private func details(_ record: IKERecord, _ local: Role, _ kems: String?) {
        let sa = record.sa
        let spis = [sa.initiatorSPI, sa.responderSPI].map { IKEv2Words.spi($0) }
        let (own, peer) = local == .initiator ? (spis[0], spis[1]) : (spis[1], spis[0])
        sink.text("      Local spi: \(own)       Remote spi: \(peer)\n")
        if record.isAlive, record.isEstablished { sink.literal("      Status Description: Negotiation done\n") }
        identity("Local id: ", local == .initiator ? sa.initiatorIdentity : sa.responderIdentity)
        identity("Remote id: ", local == .initiator ? sa.responderIdentity : sa.initiatorIdentity)
        guard let traits = record.v2 else { return }
        counters(traits, local, record)
        switch traits.hasFragmentation {
        case true?: sink.literal("      IETF Std Fragmentation  enabled.\n")
        case false?: sink.literal("      Fragmentation not  configured.\n")
        case nil: break
        }
        if traits.usesPPK { sink.literal("      Quantum-safe Encryption using PPK is enabled\n") }
        if let kems { sink.text("      Quantum-safe Encryption using PQC: \(kems)\n") }
        nat(traits, local)
        sink.text("      Initiator of SA : \(local == .initiator ? "Yes" : "No")\n")
        if let address = traits.pushed { sink.text("      Pushed IP address: \(address)\n") }
    }

    private func identity(_ label: StaticString, _ identity: PeerIdentity?) {
        sink.text("      \(label)")
        if let identity { Wording.identity(identity, to: sink) } else { sink.literal("?") }
        sink.newline()
    }

    /// A request that waits in a queue is on no wire.
    private func counters(_ traits: IKEv2Traits, _ local: Role, _ record: IKERecord) {
        let (own, peer) = (traits.side(local), traits.side(local.other))
        let next = [own, peer].map { "\($0.nextMessageID ?? 0)" }
        // Of one that announces none it is 1 (RFC 7296 section 2.3).
        let windows = [own, peer].map {
            $0.window.map { "\($0)" } ?? (record.isEstablished && record.isProved ? "1" : "?")
        }
        pair("req msg id:  ", next)
        pair("next msg id: ", next)
        pair("req queued:  ", ["?", "?"])
        pair("window:      ", windows)
    }

    private func pair(_ label: String, _ values: [String]) {
        sink.text("      Local \(label)\(ShowWords.padded(values[0], 15))Remote \(label)")
        sink.text("\(ShowWords.padded(values[1], 10))\n")
    }

    private func nat(_ traits: IKEv2Traits, _ local: Role) {
        switch (traits.side(local).isBehindNAT, traits.side(local.other).isBehindNAT) {
        case (false, false): sink.literal("      NAT-T is not detected  \n")
        case (true, false): sink.literal("      NAT-T is detected inside\n")
        case (false, true): sink.literal("      NAT-T is detected  outside\n")
        case (true, true):
            sink.literal("      NAT-T is detected inside\n      NAT-T is detected  outside\n")
        }
    }

    // MARK: Comments

    /// What no router prints.
    private func comments(_ record: IKERecord, _ isDetailed: Bool) {
        if record.isUnread {
            sink.literal("! no key opens its messages: whether it was set up cannot be told\n")
        } else if record.isAlive, record.trust == .probable {
            sink.literal("! unproved: no key opened a message of it\n")
        }
        if let refusal = record.v2?.refusal {
            sink.text("! ended by \(refusal.type.name ?? "notification \(refusal.type.rawValue)")")
            sink.text(" in frame \(refusal.frame)\n")
        }
        if let old = standing.ikeRecord(record.replaces) {
            sink.text("! replaced tunnel-id \(old.sa.id) in frame \(record.establishedFrame)\n")
        }
        if let new = standing.ikeRecord(record.replacedBy) {
            sink.text("! replaced by tunnel-id \(new.sa.id) in frame \(new.establishedFrame)\n")
        }
        guard isDetailed else { return }
        if let deletion = record.deletion { sink.text("! \(ShowWords.deletion(deletion))\n") }
    }
}

extension IKERecord {
    /// Since it was established, until now or until it was deleted.
    fileprivate func activeSeconds(at now: Instant) -> Int {
        guard let established else { return 0 }
        return Int(max(0, (deletion?.time ?? now).since(established) / 1_000_000_000))
    }
}
