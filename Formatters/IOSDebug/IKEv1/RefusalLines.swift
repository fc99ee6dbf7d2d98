import ScopeDissect
import ScopeModel
import ScopeWire

/// What a responder prints of what it refuses.
extension MessageLines {
    /// Phase 1: only the responder knows why it refused a transform, so that line is left out.
    mutating func refuseOffer() {
        if let offer = sa.offer, memory.heldVendorIDs != nil {
            notes.held(memory.heldFrames, by: message.frames)
            let transforms = offer.proposals.flatMap(\.transforms)
            keyFound(isLocalToo: true)
            if !checkConfigured(transforms, isTaken: false) {
                for (index, transform) in transforms.enumerated() {
                    check(transform)
                    notAcceptable(isLast: index == transforms.count - 1)
                }
            }
        }
        memory.heldVendorIDs = nil
        out.line(.refusal, "no offers accepted!")
        out.line(
            .refusalBlank, "phase 1 SA policy not acceptable! (local ", .address(localEnd.address), " remote ",
            .address(peer), ")")
        out.line(.refusalBlank, "Failed to construct AG informational message.")
        packet(state: "MM_NO_STATE")
        out.noParanoidKeepalives()
        deletingSA("Phase1 SA policy proposal not accepted", as: .refusal)
        out.line(.refusalSpaced, "FSM action returned error: 2")
        out.transition("IKE_MESG_INTERNAL, IKE_PROCESS_MAIN_MODE", "IKE_R_MM1", "IKE_R_MM1")
        out.transition("IKE_MESG_INTERNAL, IKE_PHASE1_DEL", "IKE_R_MM1", "IKE_DEST_SA")
        memory.isGone = true
    }

    /// The responder could not read message 5, as its own PAYLOAD-MALFORMED says.
    ///
    /// Different keys look like this; these lines do not prove them.
    mutating func rejectProof() {
        guard local == .responder, sa.phase1.position == 5, !sa.isUp else { return }
        memory.heldProof = nil
        out.line(.refusalPlain, "reserved not zero on ID payload!")
        out.line(
            .system, "%CRYPTO-4-IKMP_BAD_MESSAGE: IKE message from ", .address(peer),
            " failed its sanity check or is malformed")
    }

    /// The peer refused the Quick Mode that the device began last; only IOS XE says so.
    mutating func failQuickMode() {
        guard let failed = memory.begunQuickModes.popLast(), out.family == .xe else { return }
        out.line(
            .tight, "deleting spi ", failed.spi.map { .number($0) } ?? .unknown, " message ID = ", .messageID(failed.id)
        )
        out.line(.refusal, "deleting node ", .messageID(failed.id), " error TRUE reason \"Delete Larval\"")
        memory.purgeNode(failed.id)
    }

    /// The lines before the notification leaves.
    ///
    /// The error number tells why; only INVALID-ID-INFORMATION lets it be guessed.
    func refuseQuickMode(_ held: SAMemory.HeldQuickMode, by notifications: [NotificationPayload]) {
        notes.held(held.frames, by: message.frames)
        let error: UInt8? = notifications.contains { $0.type == .invalidIDInformation } ? 32 : nil
        if let offer = held.exchange.offer {
            for (proposal, part) in QuickModeChoice.parts(offer) {
                check(proposal, part: part, of: held.exchange) { invalidated(error: error, out: $0) }
            }
        }
        out.line(
            .refusalBlank, "phase 2 SA policy not acceptable! (local ", .address(localEnd.address), " remote ",
            .address(peer), ")")
    }

    /// The lines behind it.
    mutating func rejectQuickMode(_ held: SAMemory.HeldQuickMode) {
        let node = held.exchange.messageID
        _ = memory.release(quickMode: node)
        out.line(.refusal, "deleting node ", .messageID(node), " error TRUE reason \"QM rejected\"")
        if out.family == .classic {
            out.line(
                .spaced, "Unknown Input IKE_MESG_FROM_PEER, IKE_QM_EXCH:  for node ", .messageID(node),
                ": state = IKE_QM_READY")
        }
        out.transition(node: node, "IKE_MESG_FROM_PEER, IKE_QM_EXCH", "IKE_QM_READY", "IKE_QM_READY")
    }
}
