import ScopeModel

/// SK_d of an IKEv2 SA, which keys of children and of the next SA follow from.
struct KeyBase {
    let d: Secret
    let prf: PseudorandomFunction
    let name: KeyName
    let uses: [KeyUse]
}

extension IKEv2Search {
    /// SK_d of this SA as what follows from it may have it; several where it is not decided whether a PPK is part of it.
    var bases: [KeyBase] {
        guard let newest = confirmed.last, let d = newest.keys.d, let prf = newest.prf else { return [] }
        let plain = KeyBase(d: d, prf: prf, name: newest.name, uses: newest.uses)
        switch ppk {
        case .none: return [plain]
        case .missing: return newest.isGiven ? [plain] : []
        case .one(let entry): return mixed(newest, entry, prf).map { [$0] } ?? []
        case .undecided:
            guard facts.usesPPK, !newest.isGiven else { return [plain] }
            return ring.ppk.entries.compactMap { mixed(newest, $0, prf) } + [plain]
        }
    }

    private func mixed(_ keys: IKEv2Keys, _ entry: PPKTable.Entry, _ prf: PseudorandomFunction) -> KeyBase? {
        // A row of a log has SK_d as it was in the end.
        if keys.isGiven { return keys.keys.d.map { KeyBase(d: $0, prf: prf, name: keys.name, uses: keys.uses) } }
        guard let mixed = try? keys.keys.mixed(with: entry.key, prf), let d = mixed.d else { return nil }
        return KeyBase(d: d, prf: prf, name: keys.name.and(entry.use.name), uses: keys.uses + [entry.use])
    }

    /// A PPK is part of SK_d, and it is not at hand.
    var lacksPPK: Bool {
        if case .missing = ppk { return confirmed.last.map { !$0.isGiven } ?? false }
        return false
    }

    /// The PPK that is part of a set of keys since IKE_INTERMEDIATE; nil where none is.
    func intermediatePPKName(in keys: IKEv2Keys) -> KeyName? {
        guard intermediatePPK != nil else { return nil }
        return ring.ppk.entries.first { entry in keys.uses.contains { $0 === entry.use } }?.use.name
    }

    var hasNoParent: Bool { parent?.bases.isEmpty ?? true }
}
