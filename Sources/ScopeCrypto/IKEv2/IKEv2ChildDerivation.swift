import ScopeDissect
import ScopeModel
import ScopeWire

/// Derives the keys of the child SAs that IKE_AUTH or CREATE_CHILD_SA made (RFC 7296 section 2.17).
struct IKEv2ChildDerivation {
    let search: IKEv2Search

    private var ring: KeyRing { search.ring }

    func derive(_ negotiation: ChildNegotiation) -> ChildKeys {
        guard !ring.isEmpty else { return ChildKeys(status: .none) }
        guard !(negotiation.v2?.mixesPPK ?? false) else {
            return missing(
                "CREATE_CHILD_SA put a PPK into its keys (RFC 9867 section 3.2), which is not supported: "
                    + "give the keys of its SAs")
        }
        guard let newest = search.confirmed.last else { return ChildKeys(status: search.status) }
        guard newest.keys.d != nil else {
            return missing("\(newest.name) opens only IKE: the keys of its children need SK_d")
        }
        guard newest.prf != nil else {
            return missing("the PRF of the IKE SA is not in the capture, and the keys of its children depend on it")
        }
        guard let base = base(newest) else {
            return missing("a PPK is part of the keys of its children, and it is missing: give it, or SK_*")
        }
        guard let ni = negotiation.initiatorNonce ?? first(.initiator),
            let nr = negotiation.responderNonce ?? first(.responder)
        else { return missing("a nonce of the negotiation is not in the capture, and the keys depend on it") }
        let agreed = negotiation.agreed.filter { $0.suite.protocolID == .esp || $0.suite.protocolID == .ah }
        guard !agreed.isEmpty else { return missing("what the peers agreed on for the child is not in the capture") }
        for child in agreed {
            for spi in [child.spiToInitiator, child.spiToResponder] { spi.map { ring.note(childSPI: $0) } }
        }
        var source = Source(base: base, ni: ni, nr: nr, shared: [], name: base.name, use: nil)
        for (step, exchange) in exchanges(negotiation, agreed).enumerated() {
            guard let secret = secret(step, exchange, agreed) else {
                return missing(problem(step, exchange, of: negotiation, agreed))
            }
            source.shared.append(secret.secret)
            source.name = source.name.and(secret.name)
            source.use = secret.use
        }
        do throws(UnsupportedSuite) {
            return try make(agreed, of: source, initiatedBy: negotiation.initiatedBy)
        } catch { return missing(error.problem) }
    }

    /// What the keys of a child follow from.
    private struct Source {
        let base: KeyBase
        let ni: [UInt8]
        let nr: [UInt8]
        /// One secret for each key exchange; none without PFS.
        var shared: [Secret]
        var name: KeyName
        /// The key that gave the last of them: whether it is right shows in the ICVs alone.
        var use: KeyUse?
    }

    /// SK_d as the children have it; nil where a PPK is part of it that is not at hand.
    private func base(_ newest: IKEv2Keys) -> KeyBase? {
        if case .undecided = search.ppk, search.facts.usesPPK, !newest.isGiven, search.ring.ppk.entries.isEmpty {
            return nil
        }
        return search.bases.first
    }

    private func first(_ role: Role) -> [UInt8]? {
        role == .initiator ? search.facts.initiatorNonce : search.facts.responderNonce
    }

    private func exchanges(
        _ negotiation: ChildNegotiation, _ agreed: [ChildNegotiation.Agreement]
    ) -> [KeyExchangeStep] {
        guard negotiation.initiatorKE != nil || negotiation.responderKE != nil else { return [] }
        let group = agreed.lazy.compactMap(\.suite.group).first ?? DHGroup(rawValue: 0)
        let first = KeyExchangeStep(
            group: group, initiatorValue: negotiation.initiatorKE, responderValue: negotiation.responderKE)
        return [first] + negotiation.additionalExchanges
    }

    private func secret(
        _ step: Int, _ exchange: KeyExchangeStep, _ agreed: [ChildNegotiation.Agreement]
    ) -> DHSecret? {
        for value in [exchange.initiatorValue, exchange.responderValue] where value != nil {
            ring.exponents.note(group: exchange.group.rawValue)
        }
        var given: [KeyRing.Shared] = []
        for child in agreed {
            for spi in [child.spiToResponder, child.spiToInitiator] {
                given += spi.map { ring.shared(childSPI: $0, step: step) } ?? []
            }
        }
        return SharedSecrets.find(
            ring, groups: [exchange.group.rawValue], initiatorKE: exchange.initiatorValue,
            responderKE: exchange.responderValue, given: given
        ).first
    }

    /// Which secret of which exchange is missing, and the SPIs that stay closed for want of it.
    private func problem(
        _ step: Int, _ exchange: KeyExchangeStep, of negotiation: ChildNegotiation,
        _ agreed: [ChildNegotiation.Agreement]
    ) -> String {
        let spis = agreed.flatMap { [$0.spiToResponder, $0.spiToInitiator].compactMap { $0 } }
        let names = spis.prefix(4).map { "0x" + Hex.spell(UInt64($0), digits: 8) }.joined(separator: " and ")
        let begun = negotiation.initiatedBy == .initiator ? "initiator" : "responder"
        let made = "CREATE_CHILD_SA \(negotiation.messageID) of the IKE SA's \(begun), which made \(names)"
        if step > 0 {
            let name = exchange.group.name ?? "\(exchange.group)"
            return
                "the secret of additional key exchange \(step) (\(name)) of \(made), is missing: "
                + "give it for one of these SPIs"
        }
        guard KeyExchangeGroups.publicLength(exchange.group.rawValue) != nil else {
            return "\(made), uses PFS with \(exchange.group), which is not supported: give g^xy for one of these SPIs"
        }
        return "the DH secret of \(made), is missing (PFS, group \(exchange.group.rawValue)): "
            + "give a DH private exponent of either side, or g^xy for one of these SPIs"
    }

    /// The keys of what the negotiation's initiator sends come first, then those of the other direction.
    private func make(
        _ agreed: [ChildNegotiation.Agreement], of source: Source, initiatedBy: Role
    ) throws(UnsupportedSuite) -> ChildKeys {
        var result = ChildKeys(status: .opened(by: .one(source.name)))
        let maker = ChildKeyMaker(export: ring.export)
        let use = source.use ?? KeyUse(name: source.name)
        for child in agreed {
            let (suite, keyLength) = try ESPSuite.agreed(child.suite)
            let length = keyLength + suite.integrity.keyLength
            do throws(CryptoError) {
                let all = try Keymat.ikev2(
                    source.base.prf, d: source.base.d, shared: source.shared, ni: source.ni, nr: source.nr,
                    length: 2 * length)
                for (spi, receiver, range) in [
                    (child.spiToResponder, initiatedBy.other, 0..<length),
                    (child.spiToInitiator, initiatedBy, length..<(2 * length)),
                ] {
                    guard let spi else { continue }
                    let keys = ChildKeyMaterial(bytes: all.slice(range), encryptionKeyLength: keyLength)
                    let direction = direction(to: receiver, spi, suite, child.suite)
                    let isNew = ring.note(suite: suite)
                    if direction.isAH {
                        let verifier = try maker.verifier(
                            of: direction, keys, name: source.name, use: use, isNew: isNew)
                        result.verifiers.append((spi, verifier))
                    } else {
                        let opener = try maker.opener(of: direction, keys, name: source.name, use: use, isNew: isNew)
                        result.openers.append((spi, opener))
                    }
                }
            } catch { throw UnsupportedSuite(problem: "\(error)") }
        }
        return result
    }

    private func direction(
        to receiver: Role, _ spi: UInt32, _ suite: ESPSuite, _ child: ChildSuite
    ) -> ChildKeyMaker.Direction {
        let ends = (search.facts.initiatorAddress, search.facts.responderAddress)
        let (source, destination) = receiver == .responder ? ends : (ends.1, ends.0)
        return ChildKeyMaker.Direction(
            isAH: child.protocolID == .ah, spi: spi, source: source, destination: destination, suite: suite,
            encapsulation: child.encapsulation)
    }

    private func missing(_ why: String) -> ChildKeys { ChildKeys(status: .missing(why)) }
}
