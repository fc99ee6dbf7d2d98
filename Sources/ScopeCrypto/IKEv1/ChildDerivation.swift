import ScopeDissect
import ScopeModel

/// Derives the keys of the IPsec SAs that a Quick Mode made (RFC 2409 section 5.5).
struct ChildDerivation {
    let opener: IKEv1Opener
    /// The keys that opened the Quick Mode.
    let keys: IKEKeys?

    func derive(_ mode: ChildNegotiation) -> ChildKeys {
        let ring = opener.ring
        guard !ring.isEmpty else { return ChildKeys(status: .none) }
        guard let keys else { return ChildKeys(status: opener.status) }
        guard let d = keys.d else {
            return missing("\(keys.name) opens IKE alone: ESP keys need SKEYID_d, or SKEYID and g^xy")
        }
        guard let ni = mode.initiatorNonce, let nr = mode.responderNonce else {
            return missing("a nonce of the Quick Mode is not in the capture, and the ESP keys depend on it")
        }
        guard let answer = mode.answer else {
            return missing("the answer of the Quick Mode is not in the capture")
        }
        let agreed = agreed(mode.offer, answer, initiatedBy: mode.initiatedBy)
        guard !agreed.isEmpty else { return missing("the Quick Mode's answer names no ESP or AH SPI") }
        for child in agreed { ring.note(childSPI: child.spi) }
        do throws(UnsupportedSuite) {
            guard mode.initiatorKE != nil || mode.responderKE != nil || mode.group != nil else {
                return try keyed(agreed, d, nil, ni, nr, name: keys.name, extra: nil)
            }
            guard let secret = pfsSecret(mode, agreed.map(\.spi)) else { return missing(pfsProblem(mode)) }
            let name = "\(keys.name) and \(secret.name)"
            return try keyed(agreed, d, secret.secret, ni, nr, name: name, extra: secret.use)
        } catch { return missing(error.problem) }
    }

    private struct Agreed {
        var spi: UInt32
        var protocolID: SecurityProtocol
        var transform: Transform
        /// Who receives its packets, as a role of the IKE SA.
        var receiver: Role
    }

    /// Both SPIs of each proposal of the answer; the answer's transform counts for both directions.
    private func agreed(_ offer: SAPayload?, _ answer: SAPayload, initiatedBy: Role) -> [Agreed] {
        var result: [Agreed] = []
        for proposal in answer.proposals where proposal.protocolID == .esp || proposal.protocolID == .ah {
            guard let transform = proposal.transforms.first else { continue }
            let offers = (offer?.proposals ?? []).filter { $0.protocolID == proposal.protocolID }
            let mine = offers.first { $0.number == proposal.number } ?? (offers.count == 1 ? offers.first : nil)
            for (spi, receiver) in [(proposal.spiNumber, initiatedBy.other), (mine?.spiNumber, initiatedBy)] {
                guard let spi else { continue }
                result.append(
                    Agreed(spi: spi, protocolID: proposal.protocolID, transform: transform, receiver: receiver))
            }
        }
        return result
    }

    private func keyed(
        _ agreed: [Agreed], _ d: Secret, _ shared: Secret?, _ ni: [UInt8], _ nr: [UInt8], name: String, extra: KeyUse?
    ) throws(UnsupportedSuite) -> ChildKeys {
        var result = ChildKeys(status: .opened(by: name))
        guard let hash = keys?.hash else { return result }
        // The use of a derived key is told by its IKE SA's; a wrong g^xy of PFS shows in the ICVs alone.
        let use = extra ?? KeyUse(name: name)
        var hmac: HMAC?
        for child in agreed {
            let (suite, keyLength) = try ESPSuite.agreed(child.transform, isAH: child.protocolID == .ah)
            do throws(CryptoError) {
                let prf: HMAC
                if let hmac { prf = hmac } else { prf = try HMAC(hash, key: d) }
                hmac = prf
                let material = try Keymat.derive(
                    prf, shared: shared, protocolID: child.protocolID.rawValue, spi: bytes(child.spi), ni: ni, nr: nr,
                    length: keyLength + suite.integrity.keyLength)
                // Whether this OpenSSL has the algorithms is found out once, before anything depends on it.
                let isNew = opener.ring.isNew(suite)
                if child.protocolID == .ah {
                    let verifier = KeyedAHVerifier(suite, key: material, name: name, use: use)
                    if isNew { try verifier.prepare() }
                    let proof = exported(child, suite, material, keyLength)
                    result.verifiers.append((child.spi, proof.map { WatchedAHVerifier(verifier, $0) } ?? verifier))
                } else {
                    let lazy = LazyESPOpener(
                        suite, material: material, encryptionKeyLength: keyLength, name: name, use: use)
                    if isNew { try lazy.prepare() }
                    let proof = exported(child, suite, material, keyLength)
                    result.openers.append((child.spi, proof.map { WatchedESPOpener(lazy, $0) } ?? lazy))
                }
            } catch { throw UnsupportedSuite(problem: "\(error)") }
        }
        return result
    }

    /// Where packets under these keys are to be counted, when keys are exported.
    private func exported(
        _ child: Agreed, _ suite: ESPSuite, _ material: Secret, _ keyLength: Int
    ) -> KeyExport.Proof? {
        guard let export = self.opener.ring.export else { return nil }
        let facts = self.opener.facts
        let ends = (facts.initiatorAddress, facts.responderAddress)
        let (source, destination) = child.receiver == .responder ? ends : (ends.1, ends.0)
        return export.add(
            isAH: child.protocolID == .ah, spi: child.spi, source: source, destination: destination, suite: suite,
            encryptionKey: material.slice(0..<keyLength), integrityKey: material.slice(keyLength..<material.count),
            mode: child.transform.value(4), isDerived: true)
    }

    /// g^xy of the Quick Mode: from an exponent of either side, or given for one of its SPIs.
    private func pfsSecret(_ mode: ChildNegotiation, _ spis: [UInt32]) -> IKEv1Opener.DHSecret? {
        let ring = opener.ring
        let groups = groups(mode)
        if let group = groups.first {
            for value in [mode.initiatorKE, mode.responderKE] where value != nil { ring.exponents.note(group: group) }
        }
        var given: [KeyRing.Shared] = []
        for spi in spis { given += ring.shared(childSPI: spi) }
        return SharedSecrets.find(
            ring, groups: groups, initiatorKE: mode.initiatorKE, responderKE: mode.responderKE, given: given
        ).first
    }

    private func groups(_ mode: ChildNegotiation) -> [UInt16] {
        if let group = mode.group { return [group] }
        guard let length = (mode.initiatorKE ?? mode.responderKE)?.count else { return [] }
        return opener.ring.exponents.groups.numbers(publicLength: length)
    }

    private func pfsProblem(_ mode: ChildNegotiation) -> String {
        let group = mode.group.map { " (group \($0))" } ?? ""
        if let number = mode.group, KeyExchangeGroups.publicLength(number) == nil {
            return "the Quick Mode uses PFS with group \(number), which is not supported; give g^xy for one of its SPIs"
        }
        return "the Quick Mode uses PFS\(group), and its DH secret is missing: "
            + "give a DH private exponent of either side, or g^xy for one of its SPIs"
    }

    private func missing(_ why: String) -> ChildKeys { ChildKeys(status: .missing(why)) }

    private func bytes(_ spi: UInt32) -> [UInt8] {
        [UInt8(spi >> 24), UInt8(spi >> 16 & 255), UInt8(spi >> 8 & 255), UInt8(spi & 255)]
    }
}
