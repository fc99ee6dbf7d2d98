import ScopeDissect
import ScopeModel
import ScopeWire

/// Derives the keys of the IPsec SAs that a Quick Mode made (RFC 2409 section 5.5).
struct ChildDerivation {
    let search: KeySearch
    /// The keys that opened the Quick Mode.
    let keys: IKEKeys?

    private var ring: KeyRing { search.ring }

    func derive(_ mode: ChildNegotiation) -> ChildKeys {
        guard !ring.isEmpty else { return ChildKeys(status: .none) }
        guard let keys else { return ChildKeys(status: search.status) }
        guard let d = keys.d else {
            return missing("\(keys.name) opens only IKE: ESP keys need SKEYID_d, or SKEYID and g^xy")
        }
        guard let ni = mode.initiatorNonce, let nr = mode.responderNonce else {
            return missing("a nonce of the Quick Mode is not in the capture, and the ESP keys depend on it")
        }
        guard mode.answer != nil else {
            return missing("the answer of the Quick Mode is not in the capture")
        }
        let agreed = agreed(in: mode)
        guard !agreed.isEmpty else { return missing("the Quick Mode's answer names no ESP or AH SPI") }
        for child in agreed { ring.note(childSPI: child.spi) }
        var source = Source(hash: keys.hash, d: d, ni: ni, nr: nr, name: keys.name)
        if mode.initiatorKE != nil || mode.responderKE != nil || mode.group != nil {
            guard let secret = pfsSecret(mode, agreed.map(\.spi)) else { return missing(pfsProblem(mode)) }
            source.shared = secret.secret
            source.name = keys.name.and(secret.name)
            source.use = secret.use
        }
        do throws(UnsupportedSuite) {
            return try make(agreed, of: source)
        } catch { return missing(error.problem) }
    }

    /// One SPI of what was agreed on.
    private struct Agreed {
        var spi: UInt32
        var suite: ChildSuite
        /// Who receives its packets, as a role of the IKE SA.
        var receiver: Role
    }

    /// What the keys of all SPIs of a Quick Mode follow from.
    private struct Source {
        let hash: Digest
        let d: Secret
        let ni: [UInt8]
        let nr: [UInt8]
        /// g^xy of the Quick Mode; nil without PFS.
        var shared: Secret?
        var name: KeyName
        /// The key that gave g^xy: whether it is right shows in the ICVs alone.
        var use: KeyUse?
    }

    /// Both SPIs of each ESP or AH SA: what was agreed on counts for both directions.
    private func agreed(in mode: ChildNegotiation) -> [Agreed] {
        var result: [Agreed] = []
        for made in mode.agreed where made.suite.protocolID == .esp || made.suite.protocolID == .ah {
            if let spi = made.spiToResponder {
                result.append(Agreed(spi: spi, suite: made.suite, receiver: mode.initiatedBy.other))
            }
            if let spi = made.spiToInitiator {
                result.append(Agreed(spi: spi, suite: made.suite, receiver: mode.initiatedBy))
            }
        }
        return result
    }

    private func make(_ agreed: [Agreed], of source: Source) throws(UnsupportedSuite) -> ChildKeys {
        var result = ChildKeys(status: .opened(by: .one(source.name)))
        let maker = ChildKeyMaker(export: ring.export)
        // Without PFS, the use of a derived key is that of the keys of its IKE SA.
        let use = source.use ?? KeyUse(name: source.name)
        var hmac: HMAC?
        for child in agreed {
            let (suite, keyLength) = try ESPSuite.agreed(child.suite)
            do throws(CryptoError) {
                let prf: HMAC
                if let hmac { prf = hmac } else { prf = try HMAC(source.hash, key: source.d) }
                hmac = prf
                let bytes = try Keymat.derive(
                    prf, shared: source.shared, protocolID: child.suite.protocolID.rawValue, spi: bytes(child.spi),
                    ni: source.ni, nr: source.nr, length: keyLength + suite.integrity.keyLength)
                let keys = ChildKeyMaterial(bytes: bytes, encryptionKeyLength: keyLength)
                let direction = direction(of: child, suite)
                let isNew = ring.note(suite: suite)
                if direction.isAH {
                    let verifier = try maker.verifier(of: direction, keys, name: source.name, use: use, isNew: isNew)
                    result.verifiers.append((child.spi, verifier))
                } else {
                    let opener = try maker.opener(of: direction, keys, name: source.name, use: use, isNew: isNew)
                    result.openers.append((child.spi, opener))
                }
            } catch { throw UnsupportedSuite(problem: "\(error)") }
        }
        return result
    }

    private func direction(of child: Agreed, _ suite: ESPSuite) -> ChildKeyMaker.Direction {
        let ends = (search.facts.initiatorAddress, search.facts.responderAddress)
        let (source, destination) = child.receiver == .responder ? ends : (ends.1, ends.0)
        return ChildKeyMaker.Direction(
            isAH: child.suite.protocolID == .ah, spi: child.spi, source: source, destination: destination, suite: suite,
            encapsulation: child.suite.encapsulation)
    }

    /// g^xy of the Quick Mode: from an exponent of either side, or given for one of its SPIs.
    private func pfsSecret(_ mode: ChildNegotiation, _ spis: [UInt32]) -> DHSecret? {
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
        if let group = mode.group { return [group.rawValue] }
        guard let length = (mode.initiatorKE ?? mode.responderKE)?.count else { return [] }
        return ring.exponents.groups.numbers(publicLength: length)
    }

    private func pfsProblem(_ mode: ChildNegotiation) -> String {
        let group = mode.group.map { " (group \($0.rawValue))" } ?? ""
        if let number = mode.group?.rawValue, KeyExchangeGroups.publicLength(number) == nil {
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
