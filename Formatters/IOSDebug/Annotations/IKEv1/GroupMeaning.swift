import ScopeDissect
import ScopeModel
import ScopeWire

/// New Group Mode (RFC 2409 section 5.6), and the exchanges of GDOI (RFC 6407 sections 3 and 4).
extension MessageMeaning {
    func newGroup(_ number: Int) {
        guard case .sa(let payload) = chain?.first(.sa)?.content else { return }
        for transform in payload.proposals.prefix(4).flatMap(\.transforms).prefix(4) {
            notes.note(
                sender,
                .text(number == 1 ? " proposes a DH group that it defines itself: " : " accepts the new DH group: "),
                .text(Self.group(transform)))
        }
    }

    /// `group 32768, type MODP, prime of 1024 bits, generator 0x02`.
    private static func group(_ transform: Transform) -> String {
        var words: [String] = []
        for attribute in transform.attributes {
            let kind = Phase1Attribute(rawValue: attribute.type)
            switch kind {
            case .groupDescription: words.append("number \(attribute.number ?? 0)")
            case .groupType:
                let type = attribute.number ?? 0
                words.append("type \(GroupType(rawValue: UInt16(truncatingIfNeeded: type)).description)")
            case .groupPrime: words.append("prime of \(attribute.value.count * 8) bits")
            default:
                let shown = String(hex: attribute.value.prefix(16))
                words.append("\(kind.name ?? "attribute \(attribute.type)") 0x\(shown)")
            }
        }
        return words.prefix(8).joined(separator: ", ")
    }

    func groupKeyPull(_ number: Int) {
        guard let chain else { return }
        switch number {
        case 1:
            guard case .identification(let group) = chain.first(.identification)?.content else { return }
            notes.note { sink in
                sink.write(sender, " asks to join the group ")
                Wording.identity(group, to: sink)
            }
        case 2: policy(chain, verb: " sends the policy of the group: ")
        case 3: notes.note(sender, " accepts the policy of the group and asks for its keys")
        case 4: keys(chain)
        default: break
        }
    }

    /// What a push says.
    ///
    /// As a rule it stays closed, because its key is the key of the group.
    func groupKeyPush() {
        guard let chain, !chain.payloads.isEmpty else {
            notes.note("the key server renews keys of the group: the message is under the group's own key (KEK)")
            return
        }
        policy(chain, verb: " renews the policy of the group: ")
        keys(chain)
    }

    private func policy(_ chain: PayloadChain, verb: StaticString) {
        guard case .sa(let payload) = chain.first(.sa)?.content else { return }
        let inside = payload.groupPolicy + chain.payloads.filter { [.saKEK, .saTEK].contains($0.type) }
        let keks = inside.filter { $0.type == .saKEK }.count
        let teks = inside.filter { $0.type == .saTEK }.count
        notes.note(
            sender, .literal(verb),
            .text("\(Wording.count(keks, "key encryption key (KEK)")), \(Wording.count(teks, "traffic key (TEK)"))"))
    }

    private func keys(_ chain: PayloadChain) {
        if case .keyDownload(let packets) = chain.first(.keyDownload)?.content {
            notes.note(sender, .text(" sends \(Wording.count(Int(packets), "packet")) of keys"))
        }
        if case .sequenceNumber(let number) = chain.first(.sequenceNumber)?.content {
            notes.note("the sequence number of the group's rekeying is ", .number(number))
        }
    }
}
