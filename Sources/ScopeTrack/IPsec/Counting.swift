import ScopeModel
import ScopeWire

/// What each packet adds to the account of its SPI.
extension Accounts.Slot {
    /// Counts a packet, and tells how its sequence number stands.
    @inline(__always)
    mutating func count(
        _ opening: ESPOpening, _ null: NullEncryption?, _ repetition: IKEMessage.Repetition, sequence: UInt32,
        octets: Int, isOutside: Bool, in packet: borrowing Packet
    ) -> SequenceStep {
        guard begin(repetition, sequence, octets, packet) else { return .uncounted }
        if octets < account.shortest { account.shortest = octets }
        if octets > account.longest { account.longest = octets }
        account.lengthRemainders |= 1 << UInt16(truncatingIfNeeded: (octets &- 8) & 15)
        let finding = opening.finding
        var isRefused = false
        switch opening.verdict {
        case .verified: account.verified += 1
        case .unverified: account.unverified += 1
        case .badICV:
            account.badICV += 1
            isRefused = true
        case .malformed: account.malformed += 1
        case .cut: account.cut += 1
        case .noKey: break
        }
        let step = step(sequence, finding.sequenceHigh, isProved: opening.isProved, isRefused: isRefused)
        if opening.isProved { prove(finding.icvLength, finding.sequenceHigh, finding.isICVLengthUnusual) }
        if finding.hasPaddingFault { account.paddingFaults += 1 }
        if isOutside { account.outsideSelectors += 1 }
        if let null { account.nullEncryption = null }
        return step
    }

    mutating func count(
        _ verdict: AHVerdict, _ repetition: IKEMessage.Repetition, sequence: UInt32, octets: Int, isOutside: Bool,
        in packet: borrowing Packet
    ) -> SequenceStep {
        guard begin(repetition, sequence, octets, packet) else { return .uncounted }
        var finding: AHFinding?
        var isRefused = false
        switch verdict {
        case .verified(let found):
            finding = found
            account.verified += 1
        case .badICV:
            isRefused = true
            account.badICV += 1
        case .cut: account.cut += 1
        case .noKey: break
        }
        let step = step(sequence, finding?.sequenceHigh, isProved: finding != nil, isRefused: isRefused)
        if let finding { prove(finding.icvLength, finding.sequenceHigh, finding.isICVLengthUnusual) }
        if isOutside { account.outsideSelectors += 1 }
        return step
    }

    /// False for a second sighting, which is only counted as one.
    @inline(__always)
    private mutating func begin(
        _ repetition: IKEMessage.Repetition, _ sequence: UInt32, _ octets: Int, _ packet: borrowing Packet
    ) -> Bool {
        if case .sighting = repetition {
            account.sightings += 1
            return false
        }
        account.packets += 1
        account.octets += octets
        account.lastFrame = packet.frame.number
        account.lastTime = packet.frame.time
        if sequence &- lastSequence != 1 { skipped(to: sequence) }
        lastSequence = sequence
        let ports = PortPair(packet.source.port, packet.destination.port)
        if ports != account.laterPorts ?? account.ports { moved(to: ports, packet.frame.number) }
        return true
    }

    /// The number does not follow the last one: it may when both are read from their other end.
    private mutating func skipped(to sequence: UInt32) {
        if account.packets > 1, sequence.byteSwapped &- lastSequence.byteSwapped == 1 { account.swappedSteps += 1 }
    }

    private mutating func moved(to ports: PortPair, _ frame: Int) {
        account.laterPorts = ports
        account.laterPortsFrame = frame
    }

    /// As a receiver does, whose window moves only with packets that it takes (RFC 4303 section 3.4.3).
    ///
    /// Until a key is proved all count: it may be the wrong key, or the wrong packets.
    private mutating func step(
        _ sequence: UInt32, _ high: UInt32?, isProved: Bool, isRefused: Bool
    ) -> SequenceStep {
        let wasProved = account.icvLength > 0
        if isRefused, wasProved {
            let refused = SequenceStep.refused(memory.extended(sequence))
            account.sequence.add(refused)
            return refused
        }
        if isProved, !wasProved, leader.place < 0 { memory.restart() }
        let number = high.map { UInt64($0) << 32 | UInt64(sequence) } ?? memory.extended(sequence)
        let step = memory.see(number)
        account.sequence.add(step)
        return step
    }

    /// A packet of this number came, though no receiver takes it.
    mutating func take(piece sequence: UInt32) { account.sequence.add(.refused(memory.extended(sequence))) }

    private mutating func prove(_ icvLength: UInt8, _ sequenceHigh: UInt32?, _ isUnusual: Bool) {
        if let sequenceHigh { account.sequenceHigh = max(account.sequenceHigh ?? 0, sequenceHigh) }
        account.icvLength = icvLength
        account.isICVLengthUnusual = isUnusual
    }

    /// The account with what can be said once all packets were seen.
    var concluded: IPsecAccount {
        var account = account
        (account.lossRuns, account.longestLossRun) = memory.losses
        if case .opened(let name) = account.keys, account.verified == 0, account.unverified == 0 {
            if account.badICV > 0 {
                account.keys = .wrong("\(name): its ICV fits none of the packets")
            } else if account.malformed == 0 {
                account.keys = .missing("the capture cut every packet, so none could be checked")
            }
        }
        return account
    }
}
