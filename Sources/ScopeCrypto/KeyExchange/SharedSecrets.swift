/// Finds g^xy of an exchange: from a private exponent of either side, else as a key file gives it.
enum SharedSecrets {
    static func find(
        _ ring: KeyRing, groups: [UInt16], initiatorKE: [UInt8]?, responderKE: [UInt8]?, given: [KeyRing.Shared],
        begun: SharedAhead.Exponentiation? = nil
    ) -> [DHSecret] {
        var found: [DHSecret] = []
        for number in groups {
            guard let group = ring.exponents.groups.group(number) else { continue }
            for (mine, other) in [(initiatorKE, responderKE), (responderKE, initiatorKE)] {
                guard let mine, let owner = ring.exponents.findOwner(of: mine, group: number) else { continue }
                owner.use.fitted = true
                // One exponent suffices; the other side's is only marked as fitting.
                guard found.isEmpty, let other else { continue }
                let ahead = begun?.result(of: owner.secret, with: other, group: number)
                guard let secret = try? ahead ?? group.shared(owner.secret, with: other) else { continue }
                found.append(DHSecret(secret: secret, use: owner.use))
            }
        }
        let length = groups.first.flatMap { ring.exponents.groups.group($0)?.sharedLength }
        for row in given {
            let secret = length.map { padded(row.secret, to: $0) } ?? row.secret
            if let first = found.first, first.use !== row.use, first.secret.equals(secret) {
                row.use.fitted = true
                continue
            }
            found.append(DHSecret(secret: secret, use: row.use))
        }
        return found
    }

    /// Begins to compute g^xy ahead, where the exponent is known already; nil where it is not.
    static func begin(
        _ ring: KeyRing, groups: [UInt16], initiatorKE: [UInt8]?, responderKE: [UInt8]?
    ) -> SharedAhead.Exponentiation? {
        guard let ahead = ring.sharedAhead, let number = groups.first, let initiatorKE, let responderKE,
            let owner = ring.exponents.knownOwner(of: initiatorKE, group: number)
        else { return nil }
        return ahead.begin(owner.secret, with: responderKE, group: number)
    }

    /// The secret with the leading zeros that a tool left out.
    private static func padded(_ secret: Secret, to length: Int) -> Secret {
        guard secret.count < length else { return secret }
        let whole = Secret(count: length)
        whole.withMutableBytes { target in
            secret.withBytes { source in
                UnsafeMutableRawBufferPointer(rebasing: target[(length - source.count)...]).copyMemory(from: source)
            }
        }
        return whole
    }
}
