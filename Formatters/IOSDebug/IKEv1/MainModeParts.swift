import ScopeDissect
import ScopeModel
import ScopeWire

/// The parts of Main Mode that both sides print alike.
extension MessageLines {
    /// The policy that a transform is held against is the device's own business; a configuration tells it.
    func check(_ transform: Transform, against priority: Int? = nil) {
        out.line(
            .tight, "Checking ISAKMP transform ", .number(transform.number), " against priority ",
            priority.map { .number($0) } ?? .unknown, " policy")
        AttributeLines.phase1(transform, to: out)
    }

    /// Every policy of the device and every transform, up to the first that agrees; false where no configuration tells.
    func checkConfigured(_ transforms: [Transform], isTaken: Bool) -> Bool {
        let checks =
            knowledge?.policyChecks(of: localEnd.address, offered: transforms.map { Offer(choosing: IKESuite($0)) })
            ?? []
        // The wire decides: a configuration that says otherwise is not the one that the device had.
        guard let last = checks.last, (last.difference == nil) == isTaken else { return false }
        for (index, step) in checks.enumerated() {
            guard transforms.indices.contains(step.choice) else { return false }
            let transform = transforms[step.choice]
            check(transform, against: step.priority)
            guard let difference = step.difference else {
                out.line(.tight, "atts are acceptable. Next payload is 0")
                AttributeLines.lifetime(transform, to: out)
                return true
            }
            if let line = Phase1Choice.line(for: difference) { out.line(.refusal, .literal(line)) }
            let isLast = index == checks.count - 1 || checks[index + 1].priority != step.priority
            notAcceptable(isLast: isLast)
        }
        return true
    }

    /// Where IOS looks for the key, with pre-shared keys; only a configuration tells that it has one.
    func keyFound(isLocalToo: Bool = false) {
        guard let knowledge, knowledge.hasKey(localEnd.address, for: peer) ?? false, usesPreSharedKey else { return }
        out.line(.tight, "found peer pre-shared key matching ", .address(peer))
        if isLocalToo { out.line(.blank, "local preshared key found") }
    }

    private var usesPreSharedKey: Bool {
        if let suite = sa.suite { return suite.authentication?.usesPSK ?? false }
        return (sa.offer?.proposals ?? []).contains { proposal in
            proposal.transforms.contains { IKESuite($0).authentication?.usesPSK ?? false }
        }
    }

    func notAcceptable(isLast: Bool) {
        out.line(.refusal, "atts are not acceptable. Next payload is ", .literal(isLast ? "0" : "3"))
    }

    /// Message 3 or 4 as its receiver prints it, up to the transition.
    ///
    /// Inside it the keys come into being: the lines behind the nonce carry the real conn-id.
    mutating func takeKeyExchange() {
        guard let chain else { return }
        if chain.contains(.keyExchange) { out.processing("KE") }
        if chain.contains(.nonce) {
            out.processing("NONCE")
            keyFound()
        }
        out.connection = ConnectionNumber(sa)
        certificateRequestsTaken(chain)
        for vendor in VendorIDLines.all(in: chain, withSession: true) { vendor.write(to: out) }
        natDiscovery(chain)
    }

    /// One verdict per NAT-D payload, with what is known so far: without any NAT the first one sounds alarming.
    func natDiscovery(_ chain: PayloadChain) {
        let payloads = chain.payloads.filter { if case .natDiscovery = $0.content { true } else { false } }
        var isMine = false
        var isHis = false
        for (payload, match) in zip(payloads, message.natDiscovery) {
            out.line(.plainTight, "received payload type ", .number(payload.type.rawValue))
            switch match {
            case .destination: isMine = true
            case .source: isHis = true
            case .neither: break
            case .unknown: continue
            }
            switch (isMine, isHis) {
            case (true, true): out.line(.spaced, "No NAT Found for self or peer")
            case (true, false): out.line(.spaced, "His hash no match - this node outside NAT")
            case (false, true): out.line(.spaced, "My hash no match -  this node inside NAT")
            case (false, false): out.line(.spaced, "NAT found, both nodes inside NAT")
            }
        }
    }

    /// The lines before message 5 or 6 leaves.
    func proofSent() {
        let notifications = chain.map(Notifications.all) ?? []
        if notifications.contains(where: { $0.type == .initialContact }) { out.line(.tight, "Send initial contact") }
        IdentityLines.own(chain, method: sa.suite?.authentication, to: out)
        for payload in chain?.all(.certificate) ?? [] {
            guard case .certificate(let content) = payload.content else { continue }
            out.line(.spaced, "constructing CERT payload for ", content.name.map { .foreign($0) } ?? .unknown)
        }
        certificateRequestsSent()
    }

    /// Identity and proof of message 5 or 6, as its receiver prints them; the verdict is the caller's.
    func proofTaken(_ chain: PayloadChain) {
        if let payload = chain.first(.identification) {
            out.processing("ID")
            if case .identification(let content) = payload.content { IdentityLines.write(payload, content, to: out) }
        }
        certificatesTaken(chain)
        certificateRequestsTaken(chain)
    }

    /// Certificates and the proof itself.
    func certificatesTaken(_ chain: PayloadChain) {
        for payload in chain.all(.certificate) {
            out.processing("CERT")
            if case .certificate(let content) = payload.content {
                out.line(.blank, "processing a ", .word(Self.certificateType(content.encoding)), " cert")
            }
        }
        if chain.contains(.hash) { out.processing("HASH") }
        if chain.contains(.signature) { out.processing("SIG") }
    }

    func authenticated() {
        out.line(.tight, "SA authentication status:")
        out.indented("authenticated")
    }

    func certificateRequestsSent() {
        for request in requests(chain) {
            out.line(.spaced, "constructing CERT_REQ for issuer ", request.name.map { .foreign($0) } ?? .unknown)
        }
    }

    private func certificateRequestsTaken(_ chain: PayloadChain) {
        for request in requests(chain) {
            out.processing("CERT_REQ")
            out.line(.blank, "peer wants a ", .word(Self.certificateType(request.encoding)), " cert")
            if let name = request.name, !name.isEmpty {
                out.line(.blank, "peer wants cert issued by ", .foreign(name))
            }
        }
    }

    private func requests(_ chain: PayloadChain?) -> [CertificatePayload] {
        chain?.all(.certificateRequest).compactMap {
            if case .certificateRequest(let content) = $0.content { content } else { nil }
        } ?? []
    }

    private static func certificateType(_ encoding: UInt8) -> StaticString? {
        encoding == 4 ? "CT_X509_SIGNATURE" : nil
    }
}

/// How a responder's choice compares with an offer.
enum Phase1Choice {
    /// Whether anything like `chosen` was offered.
    static func isOffered(_ chosen: IKESuite, in offer: SAPayload) -> Bool {
        offer.proposals.contains { proposal in
            proposal.transforms.contains { IKESuite($0).differences(from: chosen).isEmpty }
        }
    }

    /// The line for the first point in which `offered` differs from what a policy wants, in the order in which IOS
    /// checks them; nil when they agree.
    ///
    /// A lifetime never leads to a refusal.
    static func difference(_ offered: IKESuite, _ wanted: IKESuite) -> StaticString? {
        offered.differences(from: wanted).first.flatMap(line)
    }

    /// The line for what differs.
    static func line(for kind: SuiteKind) -> StaticString? {
        switch kind {
        case .cipher: "Encryption algorithm offered does not match policy!"
        case .keyLength: "Proposed key length does not match policy"
        case .hash: "Hash algorithm offered does not match policy!"
        case .group: "Diffie-Hellman group offered does not match policy!"
        case .authentication: "Authentication method offered does not match policy!"
        case .integrity, .encapsulation, .lifetime: nil
        }
    }
}
