import ScopeModel
import ScopeWire

/// What each packet adds to the account of its SPI.
extension Accounts.Slot {
    /// Counts a packet, and tells how its sequence number stands.
    @inline(__always)
    mutating func count(
        _ opening: ESPOpening, _ null: NullEncryption?, _ repetition: IKEMessage.Repetition, sequence: UInt32,
        octets: Int, isOutside: Bool, frame: Int, time: Instant
    ) -> SequenceStep {
        guard begin(repetition, octets, frame, time) else { return .uncounted }
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
        frame: Int, time: Instant
    ) -> SequenceStep {
        guard begin(repetition, octets, frame, time) else { return .uncounted }
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
    private mutating func begin(
        _ repetition: IKEMessage.Repetition, _ octets: Int, _ frame: Int, _ time: Instant
    ) -> Bool {
        if case .sighting = repetition {
            account.sightings += 1
            return false
        }
        account.packets += 1
        account.octets += octets
        account.lastFrame = frame
        account.lastTime = time
        return true
    }

    /// As a receiver does, whose window moves only with packets that it takes (RFC 4303 section 3.4.3).
    ///
    /// Until a key is proved all count: it may be the wrong key, or the wrong packets.
    private mutating func step(
        _ sequence: UInt32, _ high: UInt32?, isProved: Bool, isRefused: Bool
    ) -> SequenceStep {
        let wasProved = account.icvLength > 0
        if isRefused, wasProved { return .uncounted }
        if isProved, !wasProved { memory.restart() }
        let number = high.map { UInt64($0) << 32 | UInt64(sequence) } ?? memory.extended(sequence)
        let step = memory.see(number)
        account.sequence.add(step)
        return step
    }

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
