import ScopeDissect
import ScopeModel
import ScopeSAD
import ScopeWire

/// What became of SAs, as `ScopeSAD` tells it: no rule works that out for itself.
extension Attempt {
    /// An SA that a message of the attempt deleted: its own, or another one between the same peers.
    struct Deleted {
        let sa: SAIdentity
        /// Its sender, as a role of this IKE SA.
        let role: Role
        let frame: Int
        let time: Instant
    }

    /// A negotiation that a message of the attempt refused: its own, or that of a child.
    struct Refused {
        let sa: SAIdentity
        let refusal: Refusal
        let frame: Int
        let time: Instant
    }

    private static let mostChanges = 64

    /// Notes what one of its own messages did to an SA.
    ///
    /// - Parameter isSwapped: the IKE SA that carries it was begun by the other side than the attempt was.
    func note(_ change: SAChange, isSwapped: Bool) {
        switch change.what {
        case .deleted(let deletion), .nothingToDelete(let deletion):
            guard deletions.count < Self.mostChanges else { return }
            deletions.append(
                Deleted(
                    sa: change.sa, role: isSwapped ? deletion.role.other : deletion.role, frame: deletion.frame,
                    time: deletion.time))
            heldBytes += MemoryLayout<Deleted>.stride
        case .refused(let refusal):
            guard refusals.count < Self.mostChanges, let frame = change.frames.first else { return }
            refusals.append(Refused(sa: change.sa, refusal: refusal, frame: frame, time: change.time))
            heldBytes += MemoryLayout<Refused>.stride
        case .established, .replaced, .moved, .deletionRefused: break
        }
    }

    /// When `message`, which begins a negotiation of a child, was refused; nil when it was not.
    func refusal(of message: Message) -> Refused? {
        refusals.first { refused in
            if case .child(let child) = refused.sa { message.isIn(child.firstFrame) } else { false }
        }
    }

    /// Deletes that end something: in IKEv2, which says what it replaces, not those of SAs that others took the place of.
    var endings: [Deleted] {
        guard sa.version == .v2 else { return deletions }
        return deletions.filter { deleted in
            switch deleted.sa {
            case .ike(let sa): !parts.contains { $0.identity == sa && $0.isReplaced }
            case .child(let child): !pairs.contains { $0.identity == child && $0.replacedBy != nil }
            }
        }
    }

    /// A notification refused its own phase 1.
    var isRefused: Bool { refusals.contains { $0.sa == .ike(sa.identity) } }
}

extension PairCase {
    /// Takes in what became of an SA of the two; `carrier` is the IKE SA whose message shows it.
    func take(_ change: SAChange, carrier: IKESAIdentity) {
        var before = 0
        if let index = index(of: carrier) {
            before = attempts[index].heldBytes
            attempts[index].note(change, isSwapped: attempts[index].part(carrier).isSwapped)
            attemptBytes += attempts[index].heldBytes - before
        }
        switch (change.what, change.sa) {
        case (.deleted, .ike(let sa)): update(sa) { $0.isDeleted = true }
        case (.replaced, .ike(let sa)): update(sa) { $0.isReplaced = true }
        case (.nothingToDelete, .ike(let sa)):
            // The ledger may have let go of it.
            for index in attempts.indices {
                for place in attempts[index].parts.indices
                where attempts[index].parts[place].identity.initiatorSPI == sa.initiatorSPI {
                    attempts[index].parts[place].isDeleted = true
                }
            }
        case (.deleted, .child(let child)): update(child, isExact: true) { $0.delete() }
        case (.nothingToDelete, .child(let child)): update(child, isExact: false) { $0.delete() }
        case (.replaced(by: .child(let newer)), .child(let child)):
            update(child, isExact: true) { $0.replace(by: newer) }
        default: break
        }
    }

    /// The attempt that an IKE SA belongs to.
    func index(of sa: IKESAIdentity) -> Int? {
        attempts.lastIndex { attempt in attempt.parts.contains { $0.identity == sa } }
    }

    private func update(_ sa: IKESAIdentity, _ change: (inout Attempt.Part) -> Void) {
        guard let index = index(of: sa), let place = attempts[index].parts.lastIndex(where: { $0.identity == sa })
        else { return }
        change(&attempts[index].parts[place])
    }

    private func update(_ child: ChildSAIdentity, isExact: Bool, _ change: (inout Attempt.MadeSAs) -> Void) {
        for index in attempts.indices {
            for place in attempts[index].pairs.indices {
                let made = attempts[index].pairs[place]
                guard isExact ? made.identity == child : made.isNamed(by: child) else { continue }
                change(&attempts[index].pairs[place])
            }
        }
    }
}

extension SADatabase.Bounds {
    /// Of an SA that the ledgers have let go of, a Delete still tells.
    static var ofDiagnosis: Self {
        var bounds = Self()
        (bounds.children, bounds.childBytes) = (4096, 8 << 20)
        return bounds
    }
}
