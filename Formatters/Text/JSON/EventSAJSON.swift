import ScopeDissect
import ScopeModel
import ScopeWire

/// IKE SAs, pairs of IPsec SAs and their accounts, as members of an object.
extension JSONWriter {
    mutating func write(_ sa: IKESA) {
        writeNumber("ike_sa", sa.id)
        if let connection = sa.connectionID { writeNumber("conn_id", connection) }
        writeNumber("major_version", sa.version.rawValue)
        writeQuoted("initiator_spi") { $0.hex(sa.initiatorSPI, digits: 16) }
        writeQuoted("responder_spi") { $0.hex(sa.responderSPI, digits: 16) }
        writeEndpoint("initiator", sa.initiator)
        writeEndpoint("responder", sa.responder)
        writeProgress(of: sa)
        switch sa.progress.place {
        case .v1: if let chosen = sa.chosen { writeObject("transform") { $0.writeFields(of: chosen, in: .isakmp) } }
        case .v2: if let suite = sa.suite { writeObject("transform") { $0.writeFields(of: suite) } }
        }
        if let replaced = sa.replaces { writeNumber("replaces", replaced) }
        if let identity = sa.initiatorIdentity { writeObject("initiator_identity") { $0.write(identity) } }
        if let identity = sa.responderIdentity { writeObject("responder_identity") { $0.write(identity) } }
    }

    /// How far phase 1 has come.
    mutating func writeProgress(of sa: IKESA) {
        switch sa.phase1.mode {
        case .main: writeWord("mode", "main")
        case .aggressive: writeWord("mode", "aggressive")
        case .base: writeWord("mode", "base")
        case nil: break
        }
        writeNumber("position", sa.phase1.position)
        if case .v2 = sa.progress.place { writeStage(sa.progress.stage) }
        writeBool("established", sa.isUp)
        if !sa.phase1.missed.isEmpty {
            writeList("missed") { list in for number in sa.phase1.missed { list.writeElement(number) } }
        }
        if let crossing = sa.crosses {
            writeObject("crosses") { json in
                json.writeNumber("ike_sa", crossing.ikeSA)
                json.writeQuoted("initiator_spi") { $0.hex(crossing.initiatorSPI, digits: 16) }
                json.writeNumber("frame", crossing.frame)
            }
        }
    }

    private mutating func writeStage(_ stage: Progress.Stage) {
        switch stage {
        case .begun: writeWord("stage", "begun")
        case .answered: writeWord("stage", "answered")
        case .keyed: writeWord("stage", "keyed")
        case .proving: writeWord("stage", "proving")
        case .up: writeWord("stage", "up")
        }
    }

    mutating func write(_ liveness: Liveness) {
        writeObject("dpd") { json in
            switch liveness {
            case .asks(let sequence, let first, let attempt):
                json.writeWord("step", "asks")
                json.writeNumber("sequence", sequence)
                json.writeNumber("first_frame", first)
                json.writeNumber("attempt", attempt)
            case .answers(let sequence, let asked):
                json.writeWord("step", "answers")
                json.writeNumber("sequence", sequence)
                if let asked { json.writeNumber("asked_in", asked) }
            }
        }
    }

    mutating func write(_ pair: ChildSA) {
        writeNumber("ike_sa", pair.ikeSA.id)
        if let connection = pair.ikeSA.connectionID { writeNumber("conn_id", connection) }
        writeNumber("message_id", pair.negotiation.messageID)
        writeWord("initiated_by", pair.negotiation.initiatedBy == .initiator ? "initiator" : "responder")
        write(pair.protocolID)
        writeQuoted("spi_to_initiator") { $0.spi(pair.spiToInitiator) }
        writeQuoted("spi_to_responder") { $0.spi(pair.spiToResponder) }
        if let transform = pair.transform {
            writeObject("transform") { $0.writeFields(of: transform, in: pair.protocolID) }
        } else {
            writeObject("transform") { $0.writeFields(of: pair.suite) }
            writeMode(pair.suite.encapsulation)
        }
        if let group = pair.negotiation.group { writeNumber("pfs_group", group.rawValue) }
        if let proxy = pair.negotiation.initiatorProxy { writeObject("initiator_proxy") { $0.write(proxy) } }
        if let proxy = pair.negotiation.responderProxy { writeObject("responder_proxy") { $0.write(proxy) } }
        if let child = pair.negotiation.v2 { writeTraffic(of: child) }
        write(pair.keys)
    }

    mutating func write(_ account: IPsecAccount) {
        writeAddress("src", account.source)
        writeAddress("dst", account.destination)
        writeWord("protocol", account.isAH ? "ah" : "esp")
        writeQuoted("spi") { $0.spi(account.spi) }
        writeNumber("account", account.number)
        if let id = account.ikeSA { writeNumber("ike_sa", id) }
        writeNumber("first_frame", account.firstFrame)
        writeNumber("last_frame", account.lastFrame)
        var clock = WorldClock()
        writeQuoted("first_time") { clock.write(account.firstTime, to: $0) }
        writeQuoted("last_time") { clock.write(account.lastTime, to: $0) }
        writeNumber("packets", account.packets)
        writeNumber("octets", account.octets)
        writeNumber("sightings", account.sightings)
        writeNumber("verified", account.verified)
        writeNumber("unverified", account.unverified)
        writeNumber("bad_icv", account.badICV)
        writeNumber("malformed_packets", account.malformed)
        writeNumber("cut", account.cut)
        writeNumber("padding_faults", account.paddingFaults)
        writeNumber("outside_selectors", account.outsideSelectors)
        write(account.sequence)
        writeNumber("loss_runs", account.lossRuns)
        writeNumber("longest_loss_run", account.longestLossRun)
        if let high = account.sequenceHigh { writeNumber("sequence_high", high) }
        if account.icvLength > 0 {
            writeNumber("icv_bits", Int(account.icvLength) * 8)
            writeBool("icv_unusual", account.isICVLengthUnusual)
        }
        if let null = account.nullEncryption { write(null) }
        if account.enclosure.depth > 0 {
            writeNumber("depth", account.enclosure.depth)
            writeNumber("within", account.enclosure.account)
        }
        write(account.keys)
    }

    /// What the sequence numbers of one SPI show.
    mutating func write(_ sequence: SequenceCounts) {
        writeNumber("lowest_sequence", sequence.lowest)
        writeNumber("highest_sequence", sequence.highest)
        writeNumber("distinct", sequence.distinct)
        writeNumber("lost", sequence.lost)
        writeNumber("duplicates", sequence.duplicates)
        writeNumber("late", sequence.late)
        writeNumber("reordering_distance", sequence.reorderingDistance)
        if sequence.forgotten > 0 { writeNumber("forgotten", sequence.forgotten) }
        if sequence.restarts > 0 { writeNumber("restarts", sequence.restarts) }
        writeList("replay_windows") { list in
            for (size, drops) in zip(SequenceCounts.windowSizes, sequence.windows) {
                list.writeObject { json in
                    json.writeNumber("window", size)
                    json.writeNumber("too_old", drops.tooOld)
                    json.writeNumber("duplicates", drops.duplicates)
                }
            }
        }
    }

    /// Which key opens it, or why none does.
    mutating func write(_ status: KeyStatus) {
        writeObject("keys") { json in
            switch status {
            case .none: json.writeWord("status", "none")
            case .opened(let key):
                json.writeWord("status", "opened")
                json.writeString("key", key.description)
            case .missing(let why, _):
                json.writeWord("status", "missing")
                json.writeString("why", why)
            case .wrong(let why):
                json.writeWord("status", "wrong")
                json.writeString("why", why)
            }
        }
    }

    private mutating func writeEndpoint(_ name: StaticString, _ endpoint: Endpoint) {
        writeObject(name) { json in
            json.writeAddress("address", endpoint.address)
            if endpoint.port != 0 { json.writeNumber("port", endpoint.port) }
        }
    }
}
