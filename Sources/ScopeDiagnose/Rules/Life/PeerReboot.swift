import ScopeDissect
import ScopeModel
import ScopeWire

/// A peer lost its SAs and begins anew, while the other one still uses the old ones.
struct PeerReboot: Rule {
    func findings(_ pair: PairCase) -> [Finding] {
        pair.attempts.indices.dropFirst().compactMap { index in
            let new = pair.attempts[index]
            guard new.isFromStart, pair.crossed(by: new) == nil,
                let old = pair.attempts[..<index].last(where: { $0.isUp && $0.last <= new.last && $0.first < new.first }
                )
            else { return nil }
            return finding(old, new, pair)
        }
    }

    private func finding(_ old: Attempt, _ new: Attempt, _ pair: PairCase) -> Finding? {
        let (rebooted, other) = (new.initiator, new.responder)
        guard let role: Role = old.initiator == rebooted ? .initiator : old.responder == rebooted ? .responder : nil
        else {
            return nil
        }
        // Whoever still has the old SAs says so, or deletes them, or sends through them.
        let isGone =
            old.messages.allSatisfy { message in
                message.lastTime <= new.first || message.sender != role
            } && !old.deletions.contains { $0.time <= new.first }
        let spis = Set(old.pairs.flatMap { [$0.spiToInitiator, $0.spiToResponder] })
        let accounts = pair.accounts.filter { account in
            account.packets > 0 && account.firstTime < new.first
                && (spis.isEmpty || spis.contains(account.spi))
        }
        guard isGone, !accounts.contains(where: { $0.source == rebooted && $0.lastTime > new.first }) else {
            return nil
        }
        let stale = accounts.filter { $0.source == other && $0.lastTime > lastSign(of: rebooted, old, role, accounts) }
            .filter { $0.lastTime > new.first || $0.lastTime.since(new.first) > -30_000_000_000 }
        guard let used = stale.max(by: { $0.lastTime < $1.lastTime }), used.lastTime > new.first || stale.count > 0
        else {
            return nil
        }
        let contact = new.messages.first { $0.sender == .initiator && $0.has(.initialContact) }
        let silence = used.lastTime.since(lastSign(of: rebooted, old, role, accounts))
        guard silence > 500_000_000 else { return nil }
        // One that never sent anything through them says nothing by its silence.
        let hasSent = accounts.contains { $0.source == rebooted }
        return Finding(
            .peerReboot, contact == nil ? hasSent ? .likely : .possible : hasSent ? .proved : .likely,
            severity: new.isUp ? .warning : .error, peers: pair.peers, ikeSA: new.sa.id, spi: used.spi,
            frames: Array(Set([used.lastFrame, new.firstFrame] + [contact?.firstFrame].compactMap { $0 })).sorted(),
            summary: "\(rebooted) lost its SAs and started again, while \(other) still sent through the old ones",
            evidence: [
                "ESP of \(other) with SPI \(Words.hex(used.spi)) continues for \(Words.seconds(Double(silence) / 1e9)) after the last packet of the old SAs from \(rebooted)",
                "\(rebooted) begins a new negotiation in frame \(new.firstFrame), but deletes no old SA",
                contact.map { "it says so itself: INITIAL-CONTACT in frame \($0.firstFrame)" } ?? "",
            ].filter { !$0.isEmpty },
            advice: [
                Finding.Advice(
                    "make it notice sooner: Dead Peer Detection, and recovery from unknown SPIs", on: other,
                    ios: [new.ios.keepalive, "crypto isakmp invalid-spi-recovery"]),
                Finding.Advice(
                    "see why it restarted, or failed over without its SAs", on: rebooted, ios: ["show version"]),
            ],
            lookAlikes: contact == nil
                ? ["a failover that did not keep the SAs", "SAs that were cleared by hand"] : [])
    }

    /// The last thing that came from it under the old IKE SA.
    private func lastSign(of address: IPAddress, _ old: Attempt, _ role: Role, _ accounts: [IPsecAccount]) -> Instant {
        let spoken = old.messages.filter { $0.sender == role }.map(\.lastTime).max() ?? old.first
        return max(spoken, accounts.filter { $0.source == address }.map(\.lastTime).max() ?? spoken)
    }
}
