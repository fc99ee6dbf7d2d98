import ScopeDissect
import ScopeModel
import ScopeWire

/// The user behind EAP is refused (RFC 7296 section 2.16), or a side gives up in the middle of the method.
struct EAPRefused: IKEv2Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard attempt.usesEAP, !attempt.isUp else { return [] }
        if attempt.authentications.contains(where: { $0.eap != nil }) {
            return read(attempt).map { [$0] } ?? []
        }
        return unread(attempt).map { [$0] } ?? []
    }

    /// What the EAP messages say.
    private func read(_ attempt: Attempt) -> Finding? {
        let messages = attempt.authentications
        let failed = messages.last { $0.eap?.code == .failure }
        let told = messages.last { $0.eap?.failure != nil }
        let alert = messages.last { ($0.eap?.alert ?? 0) != 0 }
        let refused = messages.last { $0.refusal != nil }
        guard let shown = told ?? alert ?? failed ?? refused else { return nil }
        let method = messages.lazy.compactMap(\.eap).last { $0.isOfMethod }?.methodName ?? "EAP"
        let user = messages.lazy.compactMap { $0.eap?.user }.last.map { " \"\($0)\"" } ?? ""
        let refuser = attempt.address(shown.sender)
        var evidence: [String] = []
        if let told, let eap = told.eap, let text = eap.failure {
            evidence.append(
                "frame \(told.firstFrame): failure of \(method), error \(eap.errorNumber.map { "\($0)" } ?? "\"\(text)\"")"
                    + (eap.errorWords.map { " (\($0))" } ?? ""))
        }
        if let alert, let name = alert.eap?.alertName {
            evidence.append("frame \(alert.firstFrame): \(attempt.address(alert.sender)) sends the TLS alert \(name)")
        }
        if let failed { evidence.append("frame \(failed.firstFrame): EAP Failure") }
        if let refused, let error = refused.refusal { evidence.append("frame \(refused.firstFrame): \(error.type)") }
        let isProved = told != nil || failed != nil
        let frames = [told, alert, failed, refused].compactMap { $0?.firstFrame }
        return Finding(
            .eapFail, isProved ? .proved : .likely, peers: attempt.peers, frames: Array(Set(frames)).sorted(),
            summary: "\(refuser) refuses the user\(user) (\(method)"
                + (told?.eap?.errorWords.map { ": \($0)" } ?? alert?.eap?.alertName.map { ": \($0)" } ?? "") + ")",
            evidence: evidence, advice: advice(attempt, isTLS: alert != nil),
            lookAlikes: isProved ? [] : ["an identity or a certificate that is refused (\(FindingID.idMismatch.text))"])
    }

    /// Several rounds of IKE_AUTH, and the last answer has no room for AUTH and a child.
    private func unread(_ attempt: Attempt) -> Finding? {
        // A round under way, which the capture leaves, looks the same.
        guard let answer = attempt.lastAuthentication, !answer.isOpened, attempt.childFrame == nil,
            !attempt.isCut || !(attempt.messages.last?.isAuthentication ?? false)
        else { return nil }
        let rounds = attempt.authentications.filter { !$0.step.isAnswer }.count
        let end = attempt.messages.last {
            $0.step.isInformational && !$0.step.isAnswer && $0.time >= answer.time && attempt.size($0).isShort
        }
        return Finding(
            .eapFail, .possible, peers: attempt.peers, frames: Attempt.frames([answer] + [end].compactMap { $0 }),
            summary: "the authentication of a user of \(attempt.initiator) at \(attempt.responder) seems to fail",
            evidence: [
                "\(rounds) rounds of IKE_AUTH, so EAP asks for a user; the last answer has \(answer.length) bytes, too few for AUTH and a child SA",
                end.map { "\(attempt.address($0.sender)) then sends one short INFORMATIONAL" } ?? "",
            ].filter { !$0.isEmpty },
            advice: [Finding.Advice("give IKEScope the keys: the method and its error are encrypted")]
                + advice(attempt, isTLS: false),
            lookAlikes: [
                "an identity that is refused (\(FindingID.idMismatch.text))",
                "a certificate of the server that the client does not trust (\(FindingID.certNotTrusted.text))",
            ])
    }

    private func advice(_ attempt: Attempt, isTLS: Bool) -> [Finding.Advice] {
        [
            Finding.Advice(
                isTLS
                    ? "check the certificates of user and server, and which CAs each of them trusts"
                    : "check user name, password and method there, and what the RADIUS server says",
                on: attempt.responder,
                ios: [
                    "debug aaa authentication", "debug radius", "crypto ikev2 profile NAME",
                    " authentication remote eap query-identity",
                ])
        ]
    }
}

/// EAP with a method that makes no key, so that AUTH proves less (RFC 7296 section 2.16): a fact.
struct EAPWithoutKey: IKEv2Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard attempt.usesEAP,
            let proof = attempt.authentications.last(where: { message in
                if case .session? = message.authentication?.means { message.method?.usesPSK ?? false } else { false }
            })
        else { return [] }
        let method = attempt.authentications.lazy.compactMap(\.eap).last { $0.isOfMethod }?.methodName ?? "the method"
        return [
            Finding(
                .eapNoMSK, .proved, peers: attempt.peers, frames: [proof.firstFrame],
                summary: "\(method) makes no key for AUTH between \(attempt.initiator) and \(attempt.responder)",
                evidence: ["AUTH is made with SK_pi or SK_pr alone: whoever sits in between could be the client"],
                advice: [
                    Finding.Advice(
                        "use a method that makes keys, such as EAP-TLS or EAP-MSCHAPv2", on: attempt.responder,
                        ios: ["crypto ikev2 profile NAME", " authentication remote eap query-identity"])
                ])
        ]
    }
}
