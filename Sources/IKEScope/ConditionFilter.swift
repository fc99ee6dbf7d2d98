import ScopeDissect
import ScopeModel
import ScopeTrack
import ScopeWire

/// Lets through the events that conditions ask for, also by what only later events tell.
///
/// A name, a user or an SPI may be known late, once a message could be decrypted. Until then the events of an IKE SA are
/// held; the first one that matches brings them along, so that its session is shown from the beginning. ESP and AH
/// packets are not held: what an SPI or an IKE SA is, is known before its packets come.
final class ConditionFilter {
    private let conditions: Conditions
    private let receive: Tracker.Receiver
    /// IKE SAs that are shown with all that belongs to them.
    private var sessions: RecentTable<Int, Void>
    /// IKE SAs that speak of an SPI that was asked for: shown without the packets of their other IPsec SAs.
    private var conversations: RecentTable<Int, Void>
    /// SPIs that were asked for, by themselves or by that of the other direction.
    private var spis: RecentTable<UInt32, Void>
    private var held: HeldEvents

    init(_ conditions: Conditions, limits: Limits, receive: @escaping Tracker.Receiver) {
        self.conditions = conditions
        self.receive = receive
        sessions = RecentTable(limit: limits.ikeSAs)
        conversations = RecentTable(limit: limits.ikeSAs)
        spis = RecentTable(limit: limits.ipsecAccounts)
        held = HeldEvents(limits: limits)
    }

    func take(_ event: Event, _ bytes: RawSpan, _ plaintext: RawSpan) {
        guard !event.kind.concernsAll else { return receive(event, bytes, plaintext) }
        let ikeSA = event.scope.ikeSA
        if let ikeSA { learn(event, ikeSA) }
        if isShown(event, ikeSA) {
            if let ikeSA, !held.isEmpty { release(ikeSA, before: event) }
            receive(event, bytes, plaintext)
        } else if let ikeSA, event.packetSPI == nil {
            held.hold(event, of: ikeSA, bytes)
        }
    }

    /// Whether an event that is no part of the run would be let through as the run stands.
    func shows(_ event: Event) -> Bool { event.kind.concernsAll || isShown(event, event.scope.ikeSA) }

    // MARK: Matching

    private func isShown(_ event: Event, _ ikeSA: Int?) -> Bool {
        if conditions.matches(event.scope) { return true }
        let spi = event.packetSPI
        if let spi, conditions.matches(spi: spi) || spis.contains(spi) { return true }
        guard let ikeSA else { return conditions.showsUnmatched(event.kind.subsystem) }
        return sessions.contains(ikeSA) || spi == nil && conversations.contains(ikeSA)
    }

    /// Notes whether what the event tells is what a condition asks for.
    private func learn(_ event: Event, _ ikeSA: Int) {
        switch event.kind {
        case .ikeMessage(let message), .ikeFragment(let message):
            if let sa = message.sa, conditions.matches(sa) { sessions.insert(ikeSA) }
            if let chain = message.readable { learn(chain, ikeSA) }
            if let v2 = message.v2 { learn(v2, message, ikeSA) }
        case .ikeKeys(let sa, _):
            if conditions.matches(sa) { sessions.insert(ikeSA) }
        case .ipsecSAs(let pair):
            if conditions.matches(pair.ikeSA) { sessions.insert(ikeSA) }
            guard conditions.matches(spi: pair.spiToInitiator) || conditions.matches(spi: pair.spiToResponder) else {
                return
            }
            spis.insert(pair.spiToInitiator)
            spis.insert(pair.spiToResponder)
            conversations.insert(ikeSA)
        case .esp, .ah, .natKeepalive, .icmpError, .malformed, .cut, .reassembly, .captureLoss, .comment, .evicted,
            .ipsecAccount, .clearTraffic, .unusedKey:
            break
        }
    }

    private func learn(_ chain: PayloadChain, _ ikeSA: Int) {
        for payload in chain.payloads {
            switch payload.content {
            case .attributes(let content):
                let names = content.attributes.lazy.filter { $0.type == ModeConfigAttribute.xauthUserName.rawValue }
                if names.contains(where: { conditions.matches(userName: $0.value) }) { sessions.insert(ikeSA) }
            case .sa(let content):
                speaks(of: content.proposals.lazy.filter { $0.protocolID != .isakmp }.map(\.spi), ikeSA)
            case .delete(let content) where content.protocolID != .isakmp: speaks(of: content.spis, ikeSA)
            case .notification(let content) where content.protocolID != .isakmp: speaks(of: [content.spi], ikeSA)
            case .ikev2(let content): learn(content, ikeSA)
            default: break
            }
        }
    }

    /// What IKEv2 tells beside its payloads.
    private func learn(_ reading: IKEv2Reading, _ message: IKEMessage, _ ikeSA: Int) {
        // A client that leaves its proof to EAP says who its user is (RFC 7296 section 2.16).
        if reading.purpose == .authentication, message.sender == .initiator, let chain = message.readable,
            chain.contains(.identificationInitiator), !chain.contains(.authentication),
            let name = message.sa?.initiatorIdentity?.identity.userName, conditions.matches(userName: name)
        {
            sessions.insert(ikeSA)
        }
        // The SA that takes its place is the same session.
        if let successor = reading.successor, sessions.contains(ikeSA) { sessions.insert(successor.id) }
    }

    private func learn(_ content: IKEv2.Content, _ ikeSA: Int) {
        switch content {
        case .eap(let eap):
            if let name = eap.userName, conditions.matches(userName: Array(name.utf8)) { sessions.insert(ikeSA) }
        case .sa(let association):
            speaks(of: association.proposals.lazy.filter { $0.protocolID != .ike }.map(\.spi), ikeSA)
        case .delete(let delete) where delete.protocolID != .ike: speaks(of: delete.spis, ikeSA)
        case .notify(let notify) where notify.protocolID != .ike: speaks(of: [notify.spi], ikeSA)
        default: break
        }
    }

    private func speaks(of list: some Sequence<[UInt8]>, _ ikeSA: Int) {
        for bytes in list where bytes.count == 4 {
            let spi = bytes.reduce(0) { $0 << 8 | UInt32($1) }
            if conditions.matches(spi: spi) || spis.contains(spi) { conversations.insert(ikeSA) }
        }
    }

    // MARK: Held events

    private func release(_ ikeSA: Int, before event: Event) {
        let (events, lost) = held.release(ikeSA)
        if lost > 0 {
            let first = events.first?.event ?? event
            let notice = Event(
                ordinal: first.ordinal, time: first.time, origin: nil, scope: first.scope,
                kind: .evicted(table: "held events", count: lost))
            receive(notice, RawSpan(), RawSpan())
        }
        for held in events { receive(held.event, held.bytes.span.bytes, RawSpan()) }
    }
}

extension Identity {
    /// As a client of EAP gives the name of its user.
    fileprivate var userName: [UInt8]? {
        switch self {
        case .fqdn(let text), .userFQDN(let text): Array(text.utf8)
        case .keyID(let bytes): bytes
        case .address, .subnet, .range, .distinguishedName, .other: nil
        }
    }
}

extension IKEv2.EAP {
    /// The user that an answer names; nil of anything else.
    fileprivate var userName: String? {
        guard code == .response else { return nil }
        switch content {
        case .identity(let name), .md5(let name): return name
        case .mschapv2(let content) where content.operation == .response: return content.text
        case .aka(let content): return content.identity
        default: return nil
        }
    }
}

extension Event {
    /// The SPI of what is about one IPsec SA alone.
    fileprivate var packetSPI: UInt32? {
        switch kind {
        case .esp(let packet): packet.spi
        case .ah(let packet): packet.spi
        case .ipsecAccount(let account): account.spi
        default: nil
        }
    }
}

extension Event.Kind {
    /// True for what is said of the capture as a whole.
    var concernsAll: Bool {
        switch self {
        case .captureLoss, .evicted: true
        default: false
        }
    }

    /// Whose line it would be on a router; nil for what a router does not say.
    fileprivate var subsystem: Condition.Subsystem? {
        switch self {
        case .ikeMessage(let message), .ikeFragment(let message): message.step.version == .v2 ? .ikev2 : .isakmp
        case .ikeKeys(let sa, _): sa.version == .v2 ? .ikev2 : .isakmp
        case .natKeepalive: .isakmp
        case .esp, .ah, .ipsecAccount, .ipsecSAs, .clearTraffic: .ipsec
        case .icmpError(let notice): notice.quotedProtocol == .ike ? .isakmp : .ipsec
        case .malformed(let packet): Self.subsystem(packet.layer)
        case .cut(let packet): Self.subsystem(packet.layer)
        case .reassembly, .captureLoss, .comment, .evicted, .unusedKey: nil
        }
    }

    private static func subsystem(_ layer: PacketLayer) -> Condition.Subsystem? {
        switch layer {
        case .isakmp: .isakmp
        case .esp, .ah: .ipsec
        case .link, .ip, .udp: nil
        }
    }
}
