import ScopeConfig
import ScopeDissect
import ScopeModel
import ScopeWire

/// Phase 1 is refused, and the responder's configuration tells by which policy, or for want of which key.
struct ConfiguredPhase1: ConfiguredRule {
    let ids: Set<FindingID> = [.p1ProposalMismatch, .noKeyForPeer, .peerSilentPolicy, .noResponse]

    func refine(_ finding: Finding, _ attempt: Attempt, _ devices: Devices) -> Finding {
        guard attempt.sa.version == .v1, let config = devices[attempt.responder] else { return finding }
        let offered = (attempt.offers ?? []).filter { $0.ike != nil }
        guard config.isISAKMPEnabled else { return disabled(finding, attempt, config) }
        guard !offered.isEmpty else { return finding }
        // What the responder has chosen, its policies have passed.
        let check = config.checkPhase1(attempt.sa.suite.map { [Offer(choosing: $0)] } ?? offered)
        if attempt.sa.suite != nil, check.match == nil { return chosen(finding, config) }
        guard let match = check.match else { return policies(finding, attempt, config, check, devices: devices) }
        var finding = finding
        if match.suite.authentication?.usesPSK ?? false {
            let identity = attempt.sa.mode == .aggressive ? attempt.identity(of: .initiator) : nil
            let key = config.checkKey(for: attempt.initiator, local: attempt.responder, identity: identity)
            if key.found.isEmpty { return noKey(finding, attempt, config, key) }
            finding.evidence += key.found.prefix(1).map { found in
                "\(config.place(found.key.line)) has a key for \(attempt.initiator): \(IOSText.peer(found.key.peer))"
            }
        }
        finding.evidence.append(
            "policy \(match.policy.number) of \(config.place(match.policy.line)) would take transform \(match.transform): the configuration does not explain this"
        )
        return finding
    }

    private func chosen(_ finding: Finding, _ config: IOSConfig) -> Finding {
        var finding = finding
        finding.evidence.append(
            "\(config.place()) has no policy like the transform that was chosen: the configuration has changed since")
        return finding
    }

    /// What was refused is proved to be for this reason; what was not answered may have been lost.
    private func settle(_ finding: inout Finding, id: FindingID, _ summary: String) {
        guard finding.id != .noResponse else { return }
        finding.certainty = finding.id == .peerSilentPolicy ? .likely : .proved
        finding.id = id
        finding.summary = summary
        finding.layer = .phase1
        if finding.certainty == .proved { finding.lookAlikes = [] }
    }

    private func disabled(_ finding: Finding, _ attempt: Attempt, _ config: IOSConfig) -> Finding {
        var finding = finding
        finding.evidence.append("\(config.place()) has 'no crypto isakmp enable'")
        finding.advice.insert(
            Finding.Advice("enable IKE on it", on: attempt.responder, ios: ["crypto isakmp enable"]), at: 0)
        return finding
    }

    // MARK: Policies

    private func policies(
        _ finding: Finding, _ attempt: Attempt, _ config: IOSConfig, _ check: Phase1Check, devices: Devices
    ) -> Finding {
        var finding = finding
        guard let nearest = check.nearest else {
            finding.evidence.append("\(config.place()) has no policy at all")
            settle(
                &finding, id: .p1ProposalMismatch,
                "\(attempt.responder) has no phase 1 policy for \(attempt.initiator)")
            return finding
        }
        let words = nearest.differences.map { "\($0.name)" }
        settle(
            &finding, id: .p1ProposalMismatch,
            "\(attempt.responder) accepts none of the phase 1 proposals of \(attempt.initiator): "
                + "\(Self.list(words)) \(words.count == 1 ? "differs" : "differ") from its policy \(nearest.policy.number)"
        )
        finding.proposals = ProposalTable.phase1(attempt, check)
        for pairing in check.closest.prefix(8) {
            let name = pairing.policy.isDefault ? "default policy" : "policy"
            finding.evidence.append(
                "\(name) \(pairing.policy.number) of \(config.place(pairing.policy.line)) and transform \(pairing.transform): "
                    + pairing.reasons.joined(separator: "; "))
        }
        if check.closest.count > 8 { finding.evidence.append("and \(check.closest.count - 8) more policies") }
        if check.usesDefaults {
            finding.evidence.append(
                "no policy is configured: these are the default policies of IOS 12.4(20)T and later")
            finding.certainty = min(finding.certainty, .likely)
        }
        finding.advice = advice(nearest, attempt, config, devices)
        return finding
    }

    private func advice(
        _ nearest: Phase1Check.Pairing, _ attempt: Attempt, _ config: IOSConfig, _ devices: Devices
    ) -> [Finding.Advice] {
        var list: [Finding.Advice] = []
        if let lines = IOSText.policyLines(nearest.suite, number: Self.free(config)) {
            list.append(Finding.Advice("add a policy for what is offered", on: attempt.responder, ios: lines))
        }
        let other = devices[attempt.initiator]
        list.append(
            Finding.Advice(
                list.isEmpty ? "offer what the other side has" : "or offer what the other side has",
                on: attempt.initiator, ios: IOSText.policyLines(nearest.policy, number: other.map(Self.free) ?? 10)))
        return list
    }

    /// The first number in tens that no policy has.
    private static func free(_ config: IOSConfig) -> Int {
        let used = Set(config.policies.map(\.number))
        return (1...1025).lazy.map { $0 * 10 }.first { !used.contains($0) } ?? 10
    }

    private static func list(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "something" }
        return words.dropLast().joined(separator: ", ") + " and " + last
    }

    // MARK: Keys

    private func noKey(_ finding: Finding, _ attempt: Attempt, _ config: IOSConfig, _ check: KeyCheck) -> Finding {
        var finding = finding
        settle(
            &finding, id: .noKeyForPeer, "\(attempt.responder) has no pre-shared key for \(attempt.initiator)")
        finding.evidence += check.outOfReach.prefix(4).map { "\(config.place($0.found.key.line)): \($0.why)" }
        let all = (config.keys + config.keyrings.flatMap(\.keys))
        let shown = all.prefix(4).map { "\(IOSText.peer($0.peer)) (line \($0.line))" }.joined(separator: ", ")
        finding.evidence.append(
            all.isEmpty
                ? "\(config.place()) has no pre-shared key at all"
                : "\(config.place()) has keys for \(shown)\(all.count > 4 ? " and \(all.count - 4) more" : ""), none of which is for \(attempt.initiator)"
        )
        finding.advice = [
            Finding.Advice(
                "add the key for this address", on: attempt.responder,
                ios: ["crypto isakmp key KEY address \(attempt.initiator)"])
        ]
        return finding
    }
}

extension Attempt {
    /// What a side said in phase 1 that it is.
    func identity(of role: Role) -> Identity? {
        messages.lazy.compactMap { message -> Identity? in
            guard message.sender == role, message.step.isOfSetUp else { return nil }
            return message.identification?.identity
        }.first
    }
}
