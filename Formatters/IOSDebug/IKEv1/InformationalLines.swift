import ScopeDissect
import ScopeModel
import ScopeWire

/// Informational exchanges: deletes, notifies and dead peer detection.
extension MessageLines {
    mutating func writeInformational() {
        if !hasKeys { out.connection = .none }
        let isProtected = message.message.header.flags.contains(.encryption)
        switch (isOutgoing, isProtected) {
        case (false, true): takeInformational()
        case (true, true): sendInformational()
        case (false, false): takeUnprotected()
        case (true, false): sendUnprotected()
        }
    }

    // MARK: Received

    private mutating func takeInformational() {
        let overtakes = overtakesPhase1
        packet(state: overtakes ? "MM_KEY_EXCH" : currentState)
        out.newNode(messageID)
        memory.addNode(messageID, at: time)
        guard let chain else {
            out.deleteNode(messageID, reason: "Informational (in) state 1")
            return
        }
        let notifications = Notifications.all(in: chain)
        let deletes = Notifications.deletes(in: chain)
        let isLifetime = notifications.contains { $0.type == .responderLifetime }
        if chain.contains(.hash), !(overtakes && isLifetime) { out.processing("HASH", messageID: messageID) }
        for notification in notifications {
            notifyTaken(notification, messageID: messageID)
            if notification.type == .responderLifetime { responderLifetime(notification) }
            if notification.type == .rUThereAck {
                out.line(
                    .tight, "DPD/R_U_THERE_ACK received from peer ", .address(peer), ", sequence 0x",
                    sequence(of: notification))
            }
        }
        if notifications.contains(where: { $0.type.isError && $0.protocolID != .isakmp }) {
            failQuickMode()
        }
        for _ in deletes { out.processing("DELETE", messageID: messageID) }
        let endsSA = deletes.contains(where: isOwnIKESA) && !memory.isGone
        if !deletes.isEmpty {
            out.noParanoidKeepalives()
        }
        if out.family == .xe { for delete in deletes { enqueued(delete) } }
        if endsSA { deletingSA("No reason") }
        out.deleteNode(messageID, reason: "Informational (in) state 1")
        takeDeletes(deletes.compactMap { DeletedSPIs($0) })
        if endsSA { scheduleRemoval("No reason") }
        guard !notifications.isEmpty else { return }
        notified()
        for notification in notifications where notification.type == .rUThere {
            out.line(
                .tight, "DPD/R_U_THERE received from peer ", .address(peer), ", sequence 0x",
                sequence(of: notification))
        }
    }

    /// IOS XE says so of each IPsec SA that the peer deletes.
    private func enqueued(_ delete: DeletePayload) {
        guard delete.protocolID != .isakmp else { return }
        for spi in delete.spiNumbers {
            out.line(.tight, "Enqueued KEY_MGR_DELETE_SAS for IPSEC SA (SPI:0x", .hex(UInt64(spi)), ")")
        }
    }

    /// Whether the message follows message 6 so closely that the initiator has not finished phase 1 yet.
    private var overtakesPhase1: Bool {
        guard local == .initiator, let end = memory.phase1End else { return false }
        return time.since(end) < 50_000_000
    }

    /// The responder wants a shorter lifetime (RFC 2407 section 4.6.3.1); its notification holds the seconds.
    private func responderLifetime(_ notification: NotificationPayload) {
        guard notification.protocolID == .isakmp else { return }
        authenticated()
        out.line(.tight, "processing responder lifetime")
        out.line(.tight, "start processing isakmp responder lifetime")
        if let seconds = notification.lifetimeSeconds {
            out.line(.tight, "restart ike sa timer to ", .number(seconds), " secs")
        }
    }

    private func notified() {
        let state = phase1State ?? "?"
        out.transition("IKE_MESG_FROM_PEER, IKE_INFO_NOTIFY", state, state)
    }

    /// Whether a delete is about the IKE SA that carries it, and not about an older one.
    func isOwnIKESA(_ delete: DeletePayload) -> Bool {
        guard delete.protocolID == .isakmp else { return false }
        let cookies = delete.cookies
        return cookies.isEmpty || cookies.contains { $0 == (sa.initiatorSPI, sa.responderSPI) }
    }

    // MARK: Sent

    private mutating func sendInformational() {
        guard let chain else {
            sendNode {}
            return
        }
        let notifications = Notifications.all(in: chain)
        let endsSA = Notifications.deletes(in: chain).contains(where: isOwnIKESA) && !memory.isGone
        let refused = notifications.contains { $0.type.isError } ? memory.heldQuickModes.last : nil
        if let refused { refuseQuickMode(refused, by: notifications) }
        if notifications.contains(where: { $0.type == .payloadMalformed }) { rejectProof() }
        sendDeletes(Notifications.deletes(in: chain).compactMap { DeletedSPIs($0) })
        if endsSA {
            out.noParanoidKeepalives()
            deletingSA(nil)
        }
        let current = self
        sendNode { for notification in notifications { current.notifySent(notification) } }
        if let refused { rejectQuickMode(refused) }
        if notifications.contains(where: { $0.type == .rUThereAck }) {
            out.transition("IKE_MESG_FROM_PEER, IKE_MESG_KEEP_ALIVE", phase1State ?? "?", phase1State ?? "?")
        }
        if endsSA { scheduleRemoval(nil) }
        if Notifications.deletes(in: chain).contains(where: isOwnIKESA) { releaseRemoval() }
    }

    /// A message that the device sends of its own accord: its node lives only until it is sent.
    private mutating func sendNode(_ content: () -> Void) {
        out.newNode(messageID)
        content()
        packet(state: currentState)
        out.line(.tight, "purging node ", .messageID(messageID))
    }

    // MARK: In the clear, before there are keys

    private func takeUnprotected() {
        packet(state: currentState)
        guard let chain, !Notifications.all(in: chain).isEmpty else { return }
        out.line(.refusal, "Notify has no hash. Rejected.")
        out.line(
            .refusalSpaced, "Unknown Input IKE_MESG_FROM_PEER, IKE_INFO_NOTIFY:  state = ", .word(phase1State))
        out.line(
            .system, "%CRYPTO-6-IKMP_MODE_FAILURE: Processing of Informational mode failed with peer at ",
            .address(peer))
    }

    private mutating func sendUnprotected() {
        let notifications = chain.map(Notifications.all) ?? []
        if local == .responder, sa.phase1.position <= 1, notifications.contains(where: { $0.type == .noProposalChosen })
        {
            refuseOffer()
        } else {
            packet(state: currentState)
        }
    }

    /// Nil: a reason that only the device knows.
    func deletingSA(_ reason: StaticString?, as prefix: LinePrefix = .tight) {
        out.line(
            prefix, "deleting SA reason \"", .word(reason), "\" state ",
            .literal(local == .initiator ? "(I) " : "(R) "), .literal(currentState), " (peer ", .address(peer), ")")
    }
}
