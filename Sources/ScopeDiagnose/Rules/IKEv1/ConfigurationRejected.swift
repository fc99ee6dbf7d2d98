import ScopeDissect
import ScopeModel
import ScopeWire

/// The client ends the IKE SA right behind what Mode Config gives it: it does not take it.
struct ConfigurationRejected: IKEv1Rule {
    private static let promptly: Int64 = 5_000_000_000

    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard !attempt.isUp, attempt.quickModes.isEmpty,
            let reply = attempt.messages.last(where: { $0.step.isConfiguration }), reply.sender == .responder,
            let end = attempt.messages.first(where: { isEnd($0, behind: reply, attempt) })
        else { return [] }
        let (client, server) = (attempt.initiator, attempt.responder)
        // What XAUTH refuses is told by its verdict.
        if let configuration = reply.configuration, configuration.type != 2 { return [] }
        let faults = reply.configuration.map(Self.faults) ?? []
        let isRead = reply.isOpened && end.isOpened
        return [
            Finding(
                .modecfgRejected, faults.isEmpty || !isRead ? isRead ? .likely : .possible : .likely,
                peers: attempt.peers, frames: Attempt.frames([reply, end]),
                summary: "\(client) ends the IKE SA right behind the Mode Config reply of \(server)"
                    + (faults.first.map { ": \($0)" } ?? ": it does not take what it is given"),
                evidence: [
                    "\(attempt.fullName(reply)) in frame \(reply.firstFrame), and \(Words.seconds(from: reply.time, to: end.time)) later \(isRead ? "a Delete of the IKE SA" : "an Informational of \(end.length) bytes, as long as a Delete of the IKE SA") from \(client)",
                    "no Quick Mode: phase 2 is not reached",
                ] + faults.dropFirst(),
                advice: [
                    Finding.Advice(
                        faults.isEmpty
                            ? "see what it says of its configuration"
                            : "see that it takes such an attribute, or update it",
                        on: client),
                    Finding.Advice(
                        "send attributes of the right lengths, and an address and a netmask that the client takes",
                        on: server, ios: ["crypto isakmp client configuration group NAME", " netmask 255.255.255.0"]),
                ],
                lookAlikes: ["a user who cancels", "an address that the client has already"])
        ]
    }

    private func isEnd(_ message: Attempt.Message, behind reply: Attempt.Message, _ attempt: Attempt) -> Bool {
        guard message.sender == .initiator, message.step.isInformational, message.isEncrypted,
            message.firstFrame > reply.firstFrame, message.time.since(reply.time) < Self.promptly
        else { return false }
        if message.isOpened { return message.deletes.contains { $0.protocolID == .isakmp } }
        return attempt.hasSizeOfDelete(message) && message.firstFrame == attempt.messages.last?.firstFrame
    }

    /// Attributes whose lengths are none that they can have (draft-dukes-ike-mode-cfg section 3.4).
    private static func faults(_ configuration: AttributesPayload) -> [String] {
        configuration.attributes.compactMap { attribute in
            let wanted: (name: String, count: Int)? =
                switch ModeConfigAttribute(rawValue: attribute.type) {
                case .ip4Address: ("INTERNAL_IP4_ADDRESS", 4)
                case .ip4Netmask: ("INTERNAL_IP4_NETMASK", 4)
                default: nil
                }
            guard let wanted, !attribute.value.isEmpty, attribute.value.count != wanted.count else { return nil }
            return "\(wanted.name) has \(attribute.value.count) bytes, where \(wanted.count) are wanted"
        }
    }
}

extension Attempt {
    /// As long as an Informational with the Delete of the ISAKMP SA: a HASH, and a payload with both cookies.
    fileprivate func hasSizeOfDelete(_ message: Message) -> Bool {
        guard let digest = sa.suite?.hash?.digestLength, let block = sa.suite?.cipher?.blockLength else { return true }
        let length = 28 + (digest + 32 + block - 1) / block * block
        return message.length == length || message.length == length + block
    }
}
