import ScopeModel
import ScopeWire

/// Errors that a side tells, and that no rule made anything of: none of them is left out.
enum Untold {
    private static let most = 8

    /// - Parameter told: what the rules have found of this attempt.
    static func findings(_ attempt: Attempt, _ pair: PairCase, told: [Finding]) -> [Finding] {
        guard attempt.messages.contains(where: { $0.refusal != nil }) else { return [] }
        let hasCause = told.contains { $0.severity == .error }
        var findings: [Finding] = []
        for notice in ClearNotice.all(attempt)
        where !isTold("\(notice.type)", notice.type.name, notice.messages.map(\.firstFrame), told + findings) {
            guard findings.count < most, var finding = ClearRefusal.finding(notice, attempt, pair) else { continue }
            // A second one of a kind is no second cause.
            if hasCause || !findings.isEmpty { finding.severity = min(finding.severity, .warning) }
            finding.ikeSA = attempt.sa.id
            findings.append(finding)
        }
        var seen: Set<NotificationType> = []
        for message in attempt.messages where message.refusal != nil {
            for notification in message.notifications where notification.type.isError {
                guard findings.count < most, message.isEncrypted || attempt.sa.version == .v2,
                    !isTold("\(notification.type)", notification.type.name, [message.firstFrame], told + findings),
                    seen.insert(notification.type).inserted
                else { continue }
                findings.append(protected(notification, message, attempt))
            }
        }
        return findings
    }

    /// A finding names it, and a frame of it.
    private static func isTold(_ full: String, _ name: String?, _ frames: [Int], _ findings: [Finding]) -> Bool {
        findings.contains { finding in
            guard finding.frames.contains(where: frames.contains) else { return false }
            return ([finding.summary] + finding.evidence).contains {
                $0.contains(full) || name.map($0.contains) ?? false
            }
        }
    }

    private static func protected(
        _ notification: Attempt.Notification, _ message: Attempt.Message, _ attempt: Attempt
    ) -> Finding {
        let (own, other) = (attempt.address(message.sender), attempt.address(message.sender.other))
        let isProtected = message.isEncrypted
        return Finding(
            .errorNotification, isProtected ? .proved : .likely, severity: .warning,
            layer: attempt.isAuthenticated ? .life : nil, peers: attempt.peers, ikeSA: attempt.sa.id,
            frames: message.frames,
            summary: "\(own) tells \(other) \(notification.type)" + (words(notification).map { ": \($0)" } ?? ""),
            evidence: [
                "\(notification.type) in frame \(message.firstFrame), in \(message.step.isAnswer ? "an answer" : "a message") of \(message.length) bytes",
                isProtected
                    ? "the notification is protected" : "the notification is not protected: anybody could have sent it",
                notification.data.isEmpty ? "" : "its data: \(Words.hex(Array(notification.data.prefix(16))))",
            ].filter { !$0.isEmpty },
            advice: [
                Finding.Advice("see what it says of this peer at that time", on: own, ios: [attempt.ios.debug])
            ], lookAlikes: isProtected ? [] : ["a notification that somebody else sent"])
    }

    private static func words(_ notification: Attempt.Notification) -> String? {
        if case .v1(let type) = notification.type { return NotificationWords.meaning(type, at: .none) }
        return notification.type.wordsOfIKEv2
    }
}
