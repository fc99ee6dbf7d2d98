import ScopeDissect
import ScopeModel
import ScopeWire

/// What the keys of an IKE SA rest on, and whether who records it now can open it when there are quantum computers.
extension IKEv2Meaning {
    func strength(_ story: SAStory) {
        addition()
        guard step.isResponse else { return }
        if let made = reading.successor, let groups = made.suite?.groups, groups.contains(where: \.isMLKEM) {
            notes.note { sink in
                sink.literal("the keys of the new IKE SA rest on ")
                Self.write(groups, to: sink)
                sink.literal(": a quantum computer does not open it")
            }
        }
        guard step.exchange == .ikeAuth, let sa = message.sa, sa.isUp, !story.hasToldStrength,
            let groups = sa.suite?.groups, !groups.isEmpty
        else { return }
        story.hasToldStrength = true
        if groups.contains(where: \.isMLKEM) {
            notes.note { sink in
                sink.literal("the keys rest on ")
                Self.write(groups, to: sink)
                sink.literal(": a quantum computer does not open what is recorded now")
            }
        } else if reading.authentication?.ppk != nil {
            notes.note("a PPK is part of the keys: a quantum computer does not open the packets that are recorded now")
        } else {
            notes.note { sink in
                sink.literal("the keys rest on ")
                Self.write(groups, to: sink)
                sink.literal(
                    " alone: whoever records this now may open it once there is a large enough quantum computer")
            }
        }
    }

    /// What one more key exchange brings (RFC 9370).
    private func addition() {
        guard step.isResponse, step.exchange == .ikeIntermediate || step.exchange == .ikeFollowupKE else { return }
        let exchanges = chain.payloads.compactMap { payload -> DHGroup? in
            if case .ikev2(.keyExchange(let exchange)) = payload.content { exchange.group } else { nil }
        }
        guard let group = exchanges.first else { return }
        notes.note(
            "the keys rest on ", .text(Self.name(group)),
            " as well from here on: they stay secret as long as one of the key exchanges does (RFC 9370)")
    }

    private static func write(_ groups: [DHGroup], to sink: ByteSink) {
        for (index, group) in groups.prefix(listed).enumerated() {
            if index > 0 { sink.literal(" and ") }
            sink.text(name(group))
        }
    }
}

extension IKESuite {
    /// The groups of all key exchanges.
    fileprivate var groups: [DHGroup] { (group.map { [$0] } ?? []) + additionalGroups }
}

extension DHGroup {
    /// ML-KEM of any size (FIPS 203).
    fileprivate var isMLKEM: Bool { (35...37).contains(rawValue) }
}
