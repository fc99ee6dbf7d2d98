import ScopeConfig
import ScopeDissect
import ScopeModel
import ScopeWire

/// Quick Mode is refused, and the configuration of who refuses tells for which reason.
struct ConfiguredPhase2: ConfiguredRule {
    let ids: Set<FindingID> = [.p2TransformMismatch, .proxyIDMismatch, .p2Failed]

    func refine(_ finding: Finding, _ attempt: Attempt, _ devices: Devices) -> Finding {
        guard
            let mode = attempt.quickModes.first(where: { mode in
                attempt.messages.contains { $0.messageID == mode.messageID && finding.frames.contains($0.firstFrame) }
            }), let first = attempt.messages.first(where: { $0.messageID == mode.messageID }),
            let config = devices[attempt.address(first.sender.other)]
        else { return finding }
        let (own, other) = (attempt.address(first.sender), attempt.address(first.sender.other))
        if let request = Self.request(attempt, mode, first) {
            let check = config.checkPhase2(request)
            var refined = Self.judge(finding, check, request, config)
            if let entry = check.forPeer.first, check.accepted == nil {
                refined.proposals = table(entry, mode, request, config, frame: first.firstFrame) ?? refined.proposals
            }
            if refined.id == .proxyIDMismatch { Self.mirror(&refined, own, other, devices) }
            return refined
        }
        // What was proposed is encrypted: then it is what the other configuration would propose.
        guard let caller = devices[own] else { return finding }
        return Self.guess(finding, caller.requests(from: own, to: other), config)
    }

    private static func request(_ attempt: Attempt, _ mode: Attempt.Mode, _ first: Attempt.Message) -> Phase2Request? {
        guard first.isOpened, let offers = mode.offers else { return nil }
        let (own, other) = (attempt.address(first.sender), attempt.address(first.sender.other))
        return Phase2Request(
            local: other, peer: own, offers: offers,
            flow: ProxyFlow(local: mode.responderProxy, of: other, remote: mode.initiatorProxy, of: own),
            pfs: first.hasKE ? offers.lazy.compactMap { $0.child?.group }.first : nil,
            identity: attempt.identity(of: first.sender))
    }

    /// The transform sets of the entry beside what was proposed, where they are what it is about.
    private func table(
        _ entry: Phase2Check.Entry, _ mode: Attempt.Mode, _ request: Phase2Request, _ config: IOSConfig, frame: Int
    ) -> ProposalTable? {
        var names: [String] = []
        var pfs: PFS?
        for obstacle in entry.obstacles {
            switch obstacle {
            case .transforms(let differences): names = differences.map(\.set)
            case .pfs(let configured, _): pfs = configured
            case .proxies(let name?, _):
                return config.accessList(name).map { ProposalTable.proxies(mode, request, $0, frame: frame) }
            default: break
            }
        }
        if names.isEmpty, pfs != nil { names = [entry.transformSet].compactMap { $0 } }
        let sets = names.compactMap { name in
            config.transformSet(name) ?? TransformSet.defaults.first { $0.name == name }
        }
        guard !sets.isEmpty else { return nil }
        return ProposalTable.phase2(mode, request, sets: sets, pfs: pfs ?? PFS.none, frame: frame)
    }

    /// Both configurations, with what went over the wire unread.
    static func guess(_ finding: Finding, _ requests: [Phase2Request], _ config: IOSConfig) -> Finding {
        let refused = requests.first { config.checkPhase2($0).accepted == nil }
        guard let refused else {
            guard !requests.isEmpty else { return finding }
            var finding = finding
            finding.evidence.append("\(config.place()) would accept what the other configuration proposes")
            return finding
        }
        var made = judge(finding, config.checkPhase2(refused), refused, config)
        guard made.summary != finding.summary else { return made }
        made.certainty = .likely
        made.evidence.append("the proposal is encrypted: this is what the configuration of \(refused.peer) says")
        made.lookAlikes = ["a configuration that has been changed since"]
        return made
    }

    // MARK: What stands in the way

    static func judge(
        _ finding: Finding, _ check: Phase2Check, _ request: Phase2Request, _ config: IOSConfig
    ) -> Finding {
        var finding = finding
        if let accepted = check.accepted {
            finding.evidence.append(
                "\(accepted.place.text) of \(config.place(accepted.line)) would accept this: the configuration does not explain it"
            )
            return finding
        }
        guard let entry = check.forPeer.first else {
            noMap(&finding, check, request, config)
            return finding
        }
        // The others are for other traffic; where none is for this, the nearest is what there is to say.
        let reading = Phase2Reading(entry, request, config)
        guard let cause = reading.cause else {
            finding.evidence += reading.evidence
            return finding
        }
        finding.id = cause.id
        finding.summary = cause.summary
        finding.certainty = .proved
        finding.evidence += ["\(config.place(entry.line)): \(entry.place.text)"] + reading.evidence
        finding.advice = cause.advice
        finding.lookAlikes = []
        return finding
    }

    private static func noMap(
        _ finding: inout Finding, _ check: Phase2Check, _ request: Phase2Request, _ config: IOSConfig
    ) {
        let (device, peer) = (request.local, request.peer)
        finding.id = .noMapForPeer
        finding.certainty = .proved
        finding.summary = "\(device) has no crypto map or tunnel for \(peer)"
        finding.lookAlikes = []
        var lines = [" set peer \(peer)"]
        switch check.absence {
        case .nothingApplied(let interface):
            finding.evidence.append(
                "\(config.place()): \(interface ?? "no interface") has neither crypto map nor tunnel protection")
            let name = config.maps.first?.name ?? "MAP"
            lines = ["interface \(interface ?? "INTERFACE")", " crypto map \(name)"]
            finding.advice = [Finding.Advice("apply the crypto map", on: device, ios: lines)]
            return
        case .emptyMap(let name, let interface):
            finding.evidence.append("\(config.place()): crypto map \(name) on \(interface) has no entries")
            lines.insert("crypto map \(name) 10 ipsec-isakmp", at: 0)
        case nil:
            for entry in check.entries.prefix(6) {
                guard
                    case .peer(let peers) = entry.obstacles.first(where: { if case .peer = $0 { true } else { false } })
                else { continue }
                finding.evidence.append(
                    "\(config.place(entry.line)): \(entry.place.text) is for \(peers.prefix(4).joined(separator: ", "))"
                )
                if lines.count == 1, case .map(let name, let number, _) = entry.place {
                    lines.insert("crypto map \(name) \(number) ipsec-isakmp", at: 0)
                }
            }
        }
        finding.advice = [Finding.Advice("name the peer in the crypto map", on: device, ios: lines)]
    }

    /// The two access lists side by side, where both are at hand.
    static func mirror(_ finding: inout Finding, _ own: IPAddress, _ other: IPAddress, _ devices: Devices) {
        guard let mine = devices[own], let theirs = devices[other],
            let check = mine.mirrorCheck(against: theirs, local: own, peer: other), !check.isMirrored
        else { return }
        for (config, entries) in [(mine, check.onlyLeft), (theirs, check.onlyRight)] {
            for unmatched in entries.prefix(4) {
                finding.evidence.append(
                    "without a mirror image: \(config.place(unmatched.entry.line)), access list \(unmatched.list): "
                        + IOSText.entry(unmatched.entry))
            }
        }
    }
}
