import ScopeDissect
import ScopeModel
import ScopeWire

/// IKE SAs, pairs of IPsec SAs and their accounts, as members of an object.
extension JSONWriter {
    mutating func write(_ sa: IKESA) {
        number("ike_sa", sa.id)
        if let connection = sa.connectionID { number("conn_id", connection) }
        number("major_version", sa.version.rawValue)
        quoted("initiator_spi") { $0.hex(sa.initiatorSPI, digits: 16) }
        quoted("responder_spi") { $0.hex(sa.responderSPI, digits: 16) }
        endpoint("initiator", sa.initiator)
        endpoint("responder", sa.responder)
        progress(of: sa)
        if let chosen = sa.chosen { object("transform") { $0.fields(of: chosen, in: .isakmp) } }
        if let identity = sa.initiatorIdentity { object("initiator_identity") { $0.write(identity) } }
        if let identity = sa.responderIdentity { object("responder_identity") { $0.write(identity) } }
    }

    /// How far phase 1 has come.
    mutating func progress(of sa: IKESA) {
        switch sa.phase1.mode {
        case .main: word("mode", "main")
        case .aggressive: word("mode", "aggressive")
        case .base: word("mode", "base")
        case nil: break
        }
        number("position", sa.phase1.position)
        bool("established", sa.isUp)
        if !sa.phase1.missed.isEmpty {
            list("missed") { list in for number in sa.phase1.missed { list.element(number) } }
        }
        if let crossing = sa.crosses {
            object("crosses") { json in
                json.number("ike_sa", crossing.ikeSA)
                json.quoted("initiator_spi") { $0.hex(crossing.initiatorSPI, digits: 16) }
                json.number("frame", crossing.frame)
            }
        }
    }

    mutating func write(_ liveness: Liveness) {
        object("dpd") { json in
            switch liveness {
            case .asks(let sequence, let first, let attempt):
                json.word("step", "asks")
                json.number("sequence", sequence)
                json.number("first_frame", first)
                json.number("attempt", attempt)
            case .answers(let sequence, let asked):
                json.word("step", "answers")
                json.number("sequence", sequence)
                if let asked { json.number("asked_in", asked) }
            }
        }
    }

    mutating func write(_ pair: ChildSA) {
        number("ike_sa", pair.ikeSA.id)
        if let connection = pair.ikeSA.connectionID { number("conn_id", connection) }
        number("message_id", pair.negotiation.messageID)
        word("initiated_by", pair.negotiation.initiatedBy == .initiator ? "initiator" : "responder")
        write(pair.protocolID)
        quoted("spi_to_initiator") { $0.spi(pair.spiToInitiator) }
        quoted("spi_to_responder") { $0.spi(pair.spiToResponder) }
        if let transform = pair.transform { object("transform") { $0.fields(of: transform, in: pair.protocolID) } }
        if let group = pair.negotiation.group { number("pfs_group", group.rawValue) }
        if let proxy = pair.negotiation.initiatorProxy { object("initiator_proxy") { $0.write(proxy) } }
        if let proxy = pair.negotiation.responderProxy { object("responder_proxy") { $0.write(proxy) } }
        write(pair.keys)
    }

    mutating func write(_ account: IPsecAccount) {
        address("src", account.source)
        address("dst", account.destination)
        word("protocol", account.isAH ? "ah" : "esp")
        quoted("spi") { $0.spi(account.spi) }
        number("account", account.number)
        if let id = account.ikeSA { number("ike_sa", id) }
        number("first_frame", account.firstFrame)
        number("last_frame", account.lastFrame)
        var clock = WorldClock()
        quoted("first_time") { clock.write(account.firstTime, to: $0) }
        quoted("last_time") { clock.write(account.lastTime, to: $0) }
        number("packets", account.packets)
        number("octets", account.octets)
        number("sightings", account.sightings)
        number("verified", account.verified)
        number("unverified", account.unverified)
        number("bad_icv", account.badICV)
        number("malformed_packets", account.malformed)
        number("cut", account.cut)
        number("padding_faults", account.paddingFaults)
        number("outside_selectors", account.outsideSelectors)
        write(account.sequence)
        number("loss_runs", account.lossRuns)
        number("longest_loss_run", account.longestLossRun)
        if let high = account.sequenceHigh { number("sequence_high", high) }
        if account.icvLength > 0 {
            number("icv_bits", Int(account.icvLength) * 8)
            bool("icv_unusual", account.isICVLengthUnusual)
        }
        if let null = account.nullEncryption { write(null) }
        if account.enclosure.depth > 0 {
            number("depth", account.enclosure.depth)
            number("within", account.enclosure.account)
        }
        write(account.keys)
    }

    /// What the sequence numbers of one SPI show.
    mutating func write(_ sequence: SequenceCounts) {
        number("lowest_sequence", sequence.lowest)
        number("highest_sequence", sequence.highest)
        number("distinct", sequence.distinct)
        number("lost", sequence.lost)
        number("duplicates", sequence.duplicates)
        number("late", sequence.late)
        number("reordering_distance", sequence.reorderingDistance)
        if sequence.forgotten > 0 { number("forgotten", sequence.forgotten) }
        if sequence.restarts > 0 { number("restarts", sequence.restarts) }
        list("replay_windows") { list in
            for (size, drops) in zip(SequenceCounts.windowSizes, sequence.windows) {
                list.object { json in
                    json.number("window", size)
                    json.number("too_old", drops.tooOld)
                    json.number("duplicates", drops.duplicates)
                }
            }
        }
    }

    /// Which key opens it, or why none does.
    mutating func write(_ status: KeyStatus) {
        object("keys") { json in
            switch status {
            case .none: json.word("status", "none")
            case .opened(let key):
                json.word("status", "opened")
                json.string("key", key.description)
            case .missing(let why, _):
                json.word("status", "missing")
                json.string("why", why)
            case .wrong(let why):
                json.word("status", "wrong")
                json.string("why", why)
            }
        }
    }

    private mutating func endpoint(_ name: StaticString, _ endpoint: Endpoint) {
        object(name) { json in
            json.address("address", endpoint.address)
            if endpoint.port != 0 { json.number("port", endpoint.port) }
        }
    }
}
