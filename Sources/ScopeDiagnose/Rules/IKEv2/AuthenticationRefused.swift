import ScopeDissect
import ScopeModel
import ScopeWire

/// IKE_AUTH is refused: the key, the identity or the method of a side is not the one that the other side wants.
///
/// By design the refusal says no more (RFC 7296 section 2.21.2). With keys, what AUTH was made with tells more.
struct AuthenticationRefused: IKEv2Rule {
    /// A message of IKE_AUTH, and its refusal.
    private struct Refusal {
        let attempt: Attempt
        let pair: PairCase
        /// What its sender proves itself with.
        let proof: Attempt.Message
        let answer: Attempt.Message

        var refuser: IPAddress { attempt.address(proof.sender.other) }
        var refused: IPAddress { attempt.address(proof.sender) }
        var frames: [Int] { Attempt.frames([proof, answer]) }
        var told: String { answer.refusal.map { " (\($0.type))" } ?? " of \(answer.length) bytes" }
        var reception: String { "\(refuser) answers \(proof.name) with an \(answer.name)\(told)" }
    }

    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard !attempt.isUp, !attempt.usesEAP || attempt.authentications.count <= 2 else {
            return []
        }
        guard let refusal = refusal(attempt, pair) else { return [] }
        return [refusal.proof.isOpened && refusal.answer.isOpened ? read(refusal) : unread(refusal)]
    }

    private func refusal(_ attempt: Attempt, _ pair: PairCase) -> Refusal? {
        guard let request = attempt.authentications.first(where: { !$0.step.isAnswer }),
            let answer = attempt.answer(to: request)
        else { return nil }
        let isRefused =
            answer.isOpened
            ? answer.method == nil && (answer.has(.failedAuthentication) || answer.has(.unreadable))
            : !attempt.isAuthenticated && !attempt.size(answer).mayHold(SealedSize.authentication(attempt.sa.suite))
        if isRefused { return Refusal(attempt: attempt, pair: pair, proof: request, answer: answer) }
        guard let end = attempt.refusal(byInitiator: answer) else { return nil }
        if end.isOpened, !end.has(.failedAuthentication) { return nil }
        return Refusal(attempt: attempt, pair: pair, proof: answer, answer: end)
    }

    // MARK: With keys

    private func read(_ refusal: Refusal) -> Finding {
        let (attempt, proof) = (refusal.attempt, refusal.proof)
        if proof.sender == .initiator, proof.method == nil { return method(refusal, wants: "EAP") }
        if let announced = announced(refusal) { return method(refusal, announced) }
        let outcome = proof.authentication
        if outcome?.ppk != nil || attempt.offersPPK { return ppk(refusal) }
        switch (outcome?.proof, outcome?.means) {
        case (.verified?, .key(let name)?):
            if let other = otherKey(refusal, name) { return keys(refusal, .proved, other) }
            var finding = identity(refusal, .likely, ["AUTH of \(refusal.refused) is right with \(name)"])
            finding.summary += ", or has another key for it"
            return finding
        case (.verified?, _):
            return identity(refusal, .likely, ["AUTH of \(refusal.refused) is right"])
        case (.failed?, _) where proof.method?.usesPSK ?? false:
            return keys(
                refusal, .likely,
                ["AUTH of \(refusal.refused) is made with none of the keys that IKEScope was given"])
        default:
            return proof.method?.usesPSK ?? true
                ? keys(refusal, .possible, outcome?.problem.map { [$0] } ?? [])
                : identity(refusal, .possible, outcome?.problem.map { [$0] } ?? [])
        }
    }

    /// The refuser proved itself with another key to the same peer: in this negotiation or in another one.
    private func otherKey(_ refusal: Refusal, _ name: KeyName) -> [String]? {
        let role = refusal.proof.sender.other
        guard let shown = refusal.attempt.authentications.first(where: { $0.sender == role })?.provedKey, shown != name
        else { return nil }
        return [
            "AUTH of \(refusal.refused) is right with \(name)",
            "AUTH of \(refusal.refuser) is right only with \(shown)",
        ]
    }

    /// What the refuser said that it takes (RFC 9593), where the method of the refused is not among it.
    private func announced(_ refusal: Refusal) -> String? {
        guard let method = refusal.proof.method else { return nil }
        let takes = refusal.attempt.announcedMethods(of: refusal.proof.sender.other)
        guard !takes.isEmpty, !takes.contains(method) else { return nil }
        return takes.map { Words.method($0) }.joined(separator: ", ")
    }

    // MARK: Without keys

    private func unread(_ refusal: Refusal) -> Finding {
        let attempt = refusal.attempt
        // A certificate makes a message large; a key does not.
        let isLarge = refusal.proof.length > 700 || refusal.proof.isFragmented || refusal.proof.pieces != nil
        let sealed = "\(refusal.reception): room for a notification, and for no AUTH"
        let keys = Finding.Advice("give IKEScope the keys: the notification and AUTH are encrypted")
        if isLarge || refusal.proof.sender == .responder {
            var finding = identity(refusal, .possible, [])
            finding.evidence = [
                sealed,
                isLarge
                    ? "\(refusal.proof.name) has \(refusal.proof.length) bytes: it seems to hold a certificate" : "",
            ].filter { !$0.isEmpty }
            finding.summary =
                "\(refusal.refuser) refuses the identity, the certificate or the key of \(refusal.refused)"
            finding.advice.insert(keys, at: 0)
            return finding
        }
        var finding = self.keys(refusal, .possible, [])
        finding.evidence = [sealed]
        finding.summary =
            "\(attempt.responder) refuses IKE_AUTH of \(attempt.initiator): different pre-shared keys, or an identity that it does not expect"
        finding.advice.insert(keys, at: 0)
        if attempt.offersPPK {
            finding.lookAlikes.append("different postquantum preshared keys (\(FindingID.ppkMismatch.text))")
        }
        return finding
    }

    // MARK: Findings

    private func keys(_ refusal: Refusal, _ certainty: Finding.Certainty, _ evidence: [String]) -> Finding {
        let (refuser, refused) = (refusal.refuser, refusal.refused)
        return Finding(
            .pskMismatchV2, certainty, peers: refusal.attempt.peers, frames: refusal.frames,
            summary: certainty == .possible
                ? "\(refuser) refuses \(refused): different pre-shared keys, or an identity that it does not expect"
                : "\(refused) and \(refuser) have different pre-shared keys",
            evidence: evidence + [refusal.reception],
            advice: [
                Finding.Advice(
                    "enter the key again: it has to be the remote key on one side and the local key on the other; upper case and spaces matter",
                    on: refused,
                    ios: [
                        "crypto ikev2 keyring RING", " peer NAME", "  address \(refuser)",
                        "  pre-shared-key local KEY", "  pre-shared-key remote KEY",
                    ]),
                Finding.Advice(
                    "the same (strongSwan: secrets of swanctl.conf, with the identities that are sent)", on: refuser,
                    ios: ["crypto ikev2 keyring RING", " peer NAME", "  address \(refused)", "  pre-shared-key KEY"]),
            ],
            lookAlikes: certainty == .proved
                ? []
                : [
                    "an identity that is refused (\(FindingID.idMismatch.text))",
                    "another way to authenticate (\(FindingID.authMethodMismatch.text))",
                ])
    }

    private func identity(_ refusal: Refusal, _ certainty: Finding.Certainty, _ evidence: [String]) -> Finding {
        let name = refusal.proof.identification.map { Words.identity($0) }
        let wanted =
            refusal.proof.sender == .responder
            ? refusal.attempt.request(of: refusal.proof)?.wanted.map { Words.identity($0) } : nil
        return Finding(
            .idMismatch, certainty, peers: refusal.attempt.peers, frames: refusal.frames,
            summary: "\(refusal.refuser) does not accept the identity of \(refusal.refused)"
                + (name.map { ": \($0)" } ?? ""),
            evidence: evidence + [refusal.reception]
                + (wanted.map { ["\(refusal.refuser) asks for \($0) as the identity of its peer"] } ?? []),
            advice: [
                Finding.Advice(
                    "accept this identity" + (name.map { " (\($0))" } ?? "") + " (strongSwan: remote.id)",
                    on: refusal.refuser, ios: refusal.attempt.ios.match(refusal.refused)),
                Finding.Advice(
                    "or send the identity that is expected", on: refusal.refused,
                    ios: refusal.attempt.ios.identity("address")),
            ],
            lookAlikes: [
                refusal.proof.hasSignature || refusal.proof.method == nil
                    ? "a certificate that is not trusted (\(FindingID.certNotTrusted.text))"
                    : "another key on the refusing side (\(FindingID.pskMismatchV2.text))",
                "another way to authenticate (\(FindingID.authMethodMismatch.text))",
            ])
    }

    private func method(_ refusal: Refusal, _ takes: String? = nil, wants: String? = nil) -> Finding {
        let (refuser, refused) = (refusal.refuser, refusal.refused)
        let own = wants ?? refusal.proof.method.map { Words.method($0) } ?? "another method"
        return Finding(
            .authMethodMismatch, takes == nil ? .likely : .proved, peers: refusal.attempt.peers, frames: refusal.frames,
            summary: takes.map { "\(refuser) takes only \($0), and \(refused) authenticates by \(own)" }
                ?? "\(refused) wants to authenticate by \(own), which \(refuser) refuses",
            evidence: [
                wants == nil
                    ? "AUTH of \(refused) has the method \(own)"
                    : "IKE_AUTH of \(refused) has no AUTH, so it asks for EAP",
                refusal.reception,
            ],
            advice: [
                Finding.Advice(
                    "accept this way to authenticate (strongSwan: remote.auth)", on: refuser,
                    ios: [
                        "crypto ikev2 profile NAME",
                        " authentication remote \(wants == nil ? "pre-share" : "eap query-identity")",
                    ]),
                Finding.Advice(
                    "or use the one that is configured there", on: refused,
                    ios: ["crypto ikev2 profile NAME", " authentication local pre-share"]),
            ],
            lookAlikes: takes == nil ? ["an identity that is refused (\(FindingID.idMismatch.text))"] : [])
    }

    private func ppk(_ refusal: Refusal) -> Finding {
        let (refuser, refused) = (refusal.refuser, refusal.refused)
        let name = refusal.proof.authentication?.ppk
        return Finding(
            .ppkMismatch, .likely, peers: refusal.attempt.peers, frames: refusal.frames,
            summary: "\(refused) and \(refuser) seem to have different postquantum preshared keys (PPK)",
            evidence: [
                name.map { "AUTH of \(refused) is right with \($0) in its keys" } ?? "both sides announce USE_PPK",
                refusal.reception,
            ],
            advice: [
                Finding.Advice(
                    "enter the same PPK under the same identity on both sides", on: refuser,
                    ios: ["crypto ikev2 keyring RING", " peer NAME", "  ppk manual id ID key KEY"])
            ],
            lookAlikes: [
                "different pre-shared keys (\(FindingID.pskMismatchV2.text))",
                "an identity that is refused (\(FindingID.idMismatch.text))",
            ])
    }
}

extension Attempt {
    /// Both sides announce a postquantum preshared key (RFC 8784 section 3).
    var offersPPK: Bool {
        [Role.initiator, .responder].allSatisfy { role in
            messages.contains { message in
                message.isInitial && message.sender == role
                    && message.notifications.contains { $0.type == .v2(.usePPK) }
            }
        }
    }
}
