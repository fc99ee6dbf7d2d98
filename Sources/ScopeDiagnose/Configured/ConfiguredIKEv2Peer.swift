import ScopeConfig
import ScopeDissect
import ScopeModel
import ScopeWire

/// IKE_AUTH is refused, and the configuration of who refuses tells whether it is the identity or the key.
struct ConfiguredIKEv2Peer: ConfiguredRule {
    let ids: Set<FindingID> = [.idMismatch, .pskMismatchV2]

    func refine(_ finding: Finding, _ attempt: Attempt, _ devices: Devices) -> Finding {
        guard attempt.sa.version == .v2 else { return finding }
        var finding = finding
        // Who refuses is who did not send what was refused: the answer to the message of the first frame.
        let proof = attempt.messages.first { finding.frames.first == $0.firstFrame }
        let refused = proof?.sender ?? .initiator
        let (refuser, other) = (attempt.address(refused.other), attempt.address(refused))
        if let config = devices[refuser] {
            if let identity = attempt.identity(of: refused) {
                finding = judge(finding, config, identity, refuser: refuser, refused: other)
            } else if let identity = expected(of: devices[other], at: other, for: refuser) {
                let judged = judge(finding, config, identity, refuser: refuser, refused: other)
                if judged.id != finding.id || judged.certainty != finding.certainty {
                    finding = judged
                    finding.certainty = min(finding.certainty, .likely)
                    finding.evidence.append(
                        "the identity is encrypted: this is what the configuration of \(other) says")
                    finding.lookAlikes = ["a configuration that has been changed since"]
                }
            }
        }
        for role in [Role.initiator, .responder] where finding.id == .pskMismatchV2 {
            let (own, peer) = (attempt.address(role), attempt.address(role.other))
            guard let config = devices[own] else { continue }
            finding.evidence += keys(config, own, peer, attempt.identity(of: role.other))
        }
        return finding
    }

    /// What a device would say that it is, where no key opens what it said.
    private func expected(of config: IOSConfig?, at own: IPAddress, for peer: IPAddress) -> Identity? {
        guard let config else { return nil }
        let profiles = Set(
            config.maps.flatMap(\.entries).filter { entry in
                entry.peers.contains { config.addresses(of: $0.text).contains(peer) }
            }.compactMap(\.ikev2Profile))
        guard profiles.count == 1, let profile = profiles.first.flatMap({ config.ikev2.profile($0) }) else {
            return nil
        }
        switch profile.identity {
        case nil: return .address(own)
        case .fqdn(let name)?: return .fqdn(name)
        case .email(let name)?: return .userFQDN(name)
        case .keyID(let name)?: return .keyID(Array(name.utf8))
        default: return nil
        }
    }

    // MARK: The identity

    private func judge(
        _ finding: Finding, _ config: IOSConfig, _ identity: Identity, refuser: IPAddress, refused: IPAddress
    ) -> Finding {
        guard !config.ikev2.profiles.isEmpty else { return finding }
        let check = config.checkIKEv2Peer(identity, at: refused, local: refuser)
        var finding = finding
        if let profile = check.profile {
            finding.evidence.append(
                "\(config.place(profile.line)): IKEv2 profile \(profile.name) takes \(Words.identity(identity))")
            if let missing = check.missingKeyring {
                finding.evidence.append(
                    "\(config.place(profile.line)): it names keyring \(missing), which is not there")
            }
            // The identity fits: what is left is the key.
            if finding.id == .idMismatch, finding.certainty < .proved, profile.remoteMethods.contains(.preShare) {
                return swap(finding, check, refuser, refused)
            }
            return finding
        }
        for (profile, why) in check.refusals.prefix(6) {
            finding.evidence.append(
                "\(config.place(profile.line)): IKEv2 profile \(profile.name) does not take \(Words.identity(identity)): \(why)"
            )
        }
        // A certificate may match where the identity does not.
        guard !check.isOpen, finding.certainty < .proved else { return finding }
        finding.id = .idMismatch
        finding.layer = .authentication
        finding.certainty = .proved
        finding.summary = "\(refuser) does not accept the identity of \(refused): \(Words.identity(identity))"
        finding.lookAlikes = []
        let name = check.refusals.first?.profile.name ?? "NAME"
        finding.advice = [
            Finding.Advice(
                "accept this identity", on: refuser,
                ios: ["crypto ikev2 profile \(name)"] + (IKEv2Text.match(identity).map { [" " + $0] } ?? [])),
            Finding.Advice(
                "or send the identity that is expected", on: refused,
                ios: wanted(check).map { ["crypto ikev2 profile NAME", " identity local \($0)"] } ?? []),
        ]
        return finding
    }

    /// What the first profile that refuses would take, as the other side's line has it.
    private func wanted(_ check: IKEv2PeerCheck) -> String? {
        switch check.refusals.first?.profile.matches.first {
        case .fqdn(let name)?: "fqdn \(name)"
        case .email(let name)?: "email \(name)"
        case .keyID(let name)?: "key-id \(name)"
        case .address(.wildcard(let address, 0))?: "address \(IPAddress(v4: address))"
        default: nil
        }
    }

    private func swap(
        _ finding: Finding, _ check: IKEv2PeerCheck, _ refuser: IPAddress, _ refused: IPAddress
    ) -> Finding {
        var finding = finding
        finding.id = .pskMismatchV2
        finding.certainty = .likely
        finding.summary =
            "\(refuser) refuses \(refused), whose identity its configuration takes: they have different pre-shared keys"
        finding.lookAlikes = ["another way to authenticate (\(FindingID.authMethodMismatch.text))"]
        let (ring, peer) =
            check.keys.first.map { ($0.keyring, $0.peer.name) } ?? (check.profile?.keyring ?? "RING", "NAME")
        finding.advice = [
            Finding.Advice(
                "enter the key again: the local key of one side is the remote key of the other", on: refuser,
                ios: ["crypto ikev2 keyring \(ring)", " peer \(peer)", "  address \(refused)", "  pre-shared-key KEY"])
        ]
        return finding
    }

    // MARK: The key

    /// The lines to look at; IKEv2 has a key for each direction.
    private func keys(_ config: IOSConfig, _ own: IPAddress, _ peer: IPAddress, _ identity: Identity?) -> [String] {
        let check = config.checkIKEv2Peer(identity ?? .address(peer), at: peer, local: own)
        let found =
            config.isASA
            ? config.ikev2.keyrings.flatMap { ring in
                ring.peers.filter { $0.address?.covers(.address(peer)) == true }.map { (ring.name, $0) }
            } : check.keys.map { ($0.keyring, $0.peer) }
        guard let (ring, entry) = found.first else {
            guard let profile = check.profile else { return [] }
            if let local = profile.localKeyLine, let remote = profile.remoteKeyLine {
                return [
                    "the keys of \(config.place()) for \(peer): its own in line \(local), that of the peer in line \(remote)"
                ]
            }
            return profile.keyring.map {
                ["\(config.place(profile.line)): keyring \($0) has no entry for \(peer)"]
            } ?? []
        }
        let what =
            switch (entry.localKeyLine, entry.remoteKeyLine) {
            case (let local?, let remote?) where local == remote: "one key for both directions in line \(local)"
            case (let local?, let remote?): "its own in line \(local), that of the peer in line \(remote)"
            case (let local?, nil): "its own in line \(local), and none for the peer"
            case (nil, let remote?): "that of the peer in line \(remote), and none of its own"
            case (nil, nil): "none"
            }
        let more = found.count > 1 ? "; also peer \(found[1].1.name)" : ""
        return ["the keys of \(config.place()) for \(peer): keyring \(ring), peer \(entry.name), \(what)\(more)"]
    }
}
