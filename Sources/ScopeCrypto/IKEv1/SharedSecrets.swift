/// Finds g^xy of an exchange: from an exponent of either side, else as a key file gives it.
enum SharedSecrets {
    static func find(
        _ ring: KeyRing, groups: [UInt16], initiatorKE: [UInt8]?, responderKE: [UInt8]?, given: [KeyRing.Shared]
    ) -> [IKEv1Opener.DHSecret] {
        var found: [IKEv1Opener.DHSecret] = []
        for number in groups {
            guard let group = ring.exponents.groups.group(number) else { continue }
            for (mine, other) in [(initiatorKE, responderKE), (responderKE, initiatorKE)] {
                guard let mine, let owner = ring.exponents.owner(of: mine, group: number) else { continue }
                owner.use.fitted = true
                // One exponent suffices; the other side's is only marked as one that belongs here.
                guard found.isEmpty, let other, let secret = try? group.shared(owner.secret, with: other) else {
                    continue
                }
                found.append(IKEv1Opener.DHSecret(name: owner.use.name, secret: secret, use: owner.use))
            }
        }
        let length = groups.first.flatMap { ring.exponents.groups.group($0)?.sharedLength }
        for row in given {
            let secret = length.map { padded(row.secret, to: $0) } ?? row.secret
            if let first = found.first, first.use !== row.use, first.secret.equals(secret) {
                row.use.fitted = true
                continue
            }
            found.append(IKEv1Opener.DHSecret(name: row.use.name, secret: secret, use: row.use))
        }
        return found
    }

    /// Leading zeros that a tool left out, put back.
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
