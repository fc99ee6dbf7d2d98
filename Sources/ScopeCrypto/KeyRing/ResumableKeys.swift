import ScopeModel

/// SK_d of IKEv2 SAs whose sessions may be resumed (RFC 5723), the newest in bounds.
struct ResumableKeys {
    struct Base {
        /// A resumed session keeps the algorithms of the SA before it.
        let suite: IKEv2Suite
        let d: Secret
        let name: KeyName
        let uses: [KeyUse]
    }

    private(set) var bases: [Base] = []
    private var next = 0
    private static let most = 256

    mutating func note(_ base: Base) {
        if bases.count < Self.most {
            bases.append(base)
        } else {
            bases[next] = base
            next = (next + 1) % Self.most
        }
    }
}

extension KeyRing {
    /// What a resumed session may follow from: SAs that were opened, the newest first, and rows with SK_d.
    var resumable: [ResumableKeys.Base] {
        let rows = ikeWithD.flatMap { entry in
            ((try? IKEv2Keys.given(entry, suite: nil)) ?? []).compactMap(ResumableKeys.Base.init)
        }
        return resumables.bases.reversed() + rows
    }

    /// Notes the keys that opened an IKEv2 SA.
    func note(confirmed keys: IKEv2Keys, of facts: IKEv2Facts) {
        export?.note(keys, facts)
        if let base = ResumableKeys.Base(keys) { resumables.note(base) }
    }

    /// The MSKs of EAP methods that were given for an SA, or for any.
    func eapKeys(for facts: IKEv2Facts) -> [(key: Secret, use: KeyUse)] {
        rows(for: facts).compactMap { entry in entry.row.keys[.eapMSK].map { ($0, entry.use) } }
    }
}

extension ResumableKeys.Base {
    init?(_ keys: IKEv2Keys) {
        guard let d = keys.keys.d, let prf = keys.prf else { return nil }
        let suite = IKEv2Suite(
            prf: prf, protection: keys.protection, encryptionKeyLength: keys.keys.initiator.encryption.count)
        self.init(suite: suite, d: d, name: keys.name, uses: keys.uses)
    }
}

extension KeyFile.IKE {
    /// It holds keys of the messages of an IKEv2 SA.
    var opensMessages: Bool { keys[.skEI] != nil || keys[.skER] != nil }
}
