import ScopeDissect
import ScopeModel
import ScopeWire

/// The notifications and deletes of a message.
enum Notifications {
    static func all(in chain: PayloadChain) -> [NotificationPayload] {
        chain.all(.notification).compactMap {
            if case .notification(let content) = $0.content { content } else { nil }
        }
    }

    static func deletes(in chain: PayloadChain) -> [DeletePayload] {
        chain.all(.delete).compactMap { if case .delete(let content) = $0.content { content } else { nil } }
    }

    /// IOS's own name of a notify type; nil where it is not known.
    static func name(_ type: NotifyType) -> StaticString? {
        switch type {
        case .invalidSPI: "INVALID_SPI"
        case .noProposalChosen: "PROPOSAL_NOT_CHOSEN"
        case .payloadMalformed: "PAYLOAD_MALFORMED"
        case .invalidIDInformation: "INVALID_ID_INFO"
        case .authenticationFailed: "AUTHENTICATION_FAILED"
        case .responderLifetime: "RESPONDER_LIFETIME"
        case .initialContact: "INITIAL_CONTACT"
        case .rUThere: "DPD/R_U_THERE"
        case .rUThereAck: "DPD/R_U_THERE_ACK"
        default: nil
        }
    }

    /// The SPI as IOS prints it: decimal, and 0 where the notification names the IKE SA by its cookies.
    static func spi(_ notification: NotificationPayload) -> UInt32 {
        notification.spiNumber ?? 0
    }
}

extension MessageLines {
    /// Two lines; the pointer at the end of the second one is the device's own.
    func notifyTaken(_ notification: NotificationPayload, messageID: UInt32) {
        out.line(
            .blank, "processing NOTIFY ", .word(Notifications.name(notification.type)), " protocol ",
            .number(notification.protocolID.rawValue))
        out.indented(
            "spi ", .number(Notifications.spi(notification)), ", message ID = ", .messageID(messageID), ", sa = ",
            .unknown)
    }

    func notifySent(_ notification: NotificationPayload) {
        out.line(
            .tight, "Sending NOTIFY ", .word(Notifications.name(notification.type)), " protocol ",
            .number(notification.protocolID.rawValue))
        out.indented(
            "spi ", .number(Notifications.spi(notification)), ", message ID = ", .messageID(messageID))
        guard notification.type == .rUThere || notification.type == .rUThereAck else { return }
        out.line(.blank, "seq. no 0x", sequence(of: notification))
    }

    func sequence(of notification: NotificationPayload) -> Part {
        notification.sequenceNumber.map { .hex(UInt64($0)) } ?? .unknown
    }
}
