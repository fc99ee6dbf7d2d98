import ScopeDissect
import ScopeModel
import ScopeWire

/// Both sides replace the same SA at once: both exchanges go through, and the nonces say which of the new SAs stays.
extension IKEv2Meaning {
    /// More exchanges than this that replace something are not under way at once.
    private static let mostRekeyings = 8

    func crossedRekeying(_ story: SAStory) {
        guard step.exchange == .createChildSA else { return }
        switch reading.purpose {
        case .rekeyedChild, .rekeyedIKE: break
        default: return
        }
        if step.isResponse { answered(in: story) } else { begun(in: story) }
    }

    private func begun(in story: SAStory) {
        var rekeying = SAStory.Rekeying(
            begunBy: message.sender, messageID: step.messageID, frame: message.frames.first ?? 0,
            traffic: message.quickMode?.v2?.asked)
        let rival = story.rekeyings.firstIndex {
            !$0.isAnswered && $0.crosses == nil && $0.begunBy != message.sender
                && $0.traffic == rekeying.traffic?.mirrored
        }
        if let rival {
            rekeying.crosses = story.rekeyings[rival].messageID
            story.rekeyings[rival].crosses = step.messageID
            notes.note(
                "it crosses ", .frame(story.rekeyings[rival].frame), ": both sides replace the same SA at once")
        }
        if story.rekeyings.count >= Self.mostRekeyings { story.rekeyings.removeFirst() }
        story.rekeyings.append(rekeying)
    }

    private func answered(in story: SAStory) {
        let begunBy = message.sender.other
        guard
            let own = story.rekeyings.firstIndex(where: { $0.begunBy == begunBy && $0.messageID == step.messageID })
        else { return }
        story.rekeyings[own].isAnswered = true
        let child = message.quickMode
        story.rekeyings[own].nonce =
            reading.purpose == .rekeyedIKE
            ? reading.rekeyNonce : child.flatMap { RekeyNonce($0.initiatorNonce, $0.responderNonce) }
        let rival = story.rekeyings.firstIndex {
            $0.begunBy != begunBy && $0.messageID == story.rekeyings[own].crosses && $0.crosses == step.messageID
        }
        guard let rival else {
            story.rekeyings.remove(at: own)
            return
        }
        guard story.rekeyings[rival].isAnswered else { return }
        tell(story.rekeyings[own], story.rekeyings[rival])
        for place in [own, rival].sorted(by: >) { story.rekeyings.remove(at: place) }
    }

    /// What was made with the lowest of the four nonces goes again (RFC 7296 section 2.8.1).
    private func tell(_ one: SAStory.Rekeying, _ other: SAStory.Rekeying) {
        guard let own = one.nonce, let theirs = other.nonce, own != theirs else { return }
        let (loser, winner) = own < theirs ? (one, other) : (other, one)
        notes.note(
            "of the two exchanges that cross, the one of ", .frame(loser.frame),
            " has the lowest nonce: what it made goes again, and ", Wording.side(loser.begunBy),
            " is to delete it. What ", .frame(winner.frame), " of ", Wording.side(winner.begunBy), " made stays")
    }
}
