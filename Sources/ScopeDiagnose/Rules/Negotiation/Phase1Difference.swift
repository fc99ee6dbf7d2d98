import ScopeConfig
import ScopeDissect
import ScopeModel
import ScopeWire

/// The attributes that keep two sides from agreeing on a phase 1 policy: findings of their own, under the refusal.
///
/// That two offers differ is plain from the bytes; that this is why the offer was refused is not, as a device may accept
/// other than it offers: only its configuration decides.
struct Phase1Difference: Rule {
    /// A refusal, and the two sides that did not agree.
    private struct Refusal {
        let finding: Finding
        let table: ProposalTable
        let nearest: (offered: ProposalTable.Row, known: ProposalTable.Row, columns: [Int])
        /// No value of one side is one of the other's; else no two transforms agree in all, and the nearest two differ.
        var isInEach: Bool { !table.differing.isEmpty }
        var isConfigured: Bool { table.known.contains { $0.source == .configuration } }
    }

    private static let ids: [SuiteKind: FindingID] = [
        .cipher: .p1EncrDiffers, .keyLength: .p1KeylenDiffers, .hash: .p1HashDiffers, .integrity: .p1HashDiffers,
        .group: .p1GroupDiffers,
        .authentication: .p1AuthDiffers,
    ]

    func findings(_ finding: Finding) -> [Finding] {
        guard finding.id == .p1ProposalMismatch, let table = finding.proposals, table.isCompared,
            let nearest = table.nearest
        else { return [] }
        let refusal = Refusal(finding: finding, table: table, nearest: nearest)
        let columns = refusal.isInEach ? table.differing : nearest.columns
        return columns.compactMap { index in
            switch table.columns[index].kind {
            case .suite(let kind): Self.ids[kind].flatMap { Self.make($0, index, kind, refusal) }
            case .sizedCipher:
                Self.make(Self.isLengthAlone(index, table) ? .p1KeylenDiffers : .p1EncrDiffers, index, .cipher, refusal)
            case .prf: Self.make(.p1HashDiffers, index, .hash, refusal)
            case .additionalGroup: Self.make(.p1GroupDiffers, index, .group, refusal)
            case .sequenceNumbers, .network, .service: nil
            }
        }
    }

    private static func make(_ id: FindingID, _ index: Int, _ kind: SuiteKind, _ refusal: Refusal) -> Finding {
        let (table, parent) = (refusal.table, refusal.finding)
        let name = table.name(ofColumn: index)
        let mine = values(table.offered, index, table)
        let theirs = values(table.known, index, table)
        var finding = Finding(
            id, certainty(refusal), peers: parent.peers, ikeSA: parent.ikeSA,
            frames: Array(Set((table.offered + table.known).compactMap(\.frame))).sorted(),
            summary: "the \(name) differs: \(table.proposer) offers \(mine), \(table.other) has \(theirs)",
            evidence: evidence(refusal, name), advice: advice(refusal, index, kind), lookAlikes: lookAlikes(refusal))
        finding.explains = parent.id
        return finding
    }

    /// Both sides have the same ciphers, with keys of other lengths.
    private static func isLengthAlone(_ index: Int, _ table: ProposalTable) -> Bool {
        func ciphers(_ rows: [ProposalTable.Row]) -> Set<Cipher> {
            Set(rows.flatMap { $0.cells[index].value?.ciphers ?? [] })
        }
        return !ciphers(table.offered).isDisjoint(with: ciphers(table.known))
    }

    private static func values(_ rows: [ProposalTable.Row], _ index: Int, _ table: ProposalTable) -> String {
        var seen: [String] = []
        for row in rows {
            let value = text(row, index, table)
            if !seen.contains(value) { seen.append(value) }
        }
        return seen.prefix(4).joined(separator: ", ") + (seen.count > 4 ? " …" : "")
    }

    /// A key length goes with its cipher.
    private static func text(_ row: ProposalTable.Row, _ index: Int, _ table: ProposalTable) -> String {
        let value = row.cells[index].value?.text
        guard table.columns[index].isPartOfPrevious else { return value ?? "none" }
        return (row.cells[index - 1].value?.text ?? "none") + (value.map { "-\($0)" } ?? " without a key length")
    }

    private static func certainty(_ refusal: Refusal) -> Finding.Certainty {
        if refusal.isConfigured {
            return refusal.isInEach ? refusal.finding.certainty : min(refusal.finding.certainty, .likely)
        }
        // What it took from another says less than what it asks for itself.
        return refusal.isInEach && refusal.table.known.contains { $0.source == .ownOffer } ? .likely : .possible
    }

    private static func evidence(_ refusal: Refusal, _ name: String) -> [String] {
        [
            refusal.isInEach
                ? "no \(name) is on both sides"
                : "both sides share one, but never together with the other attributes: these two are the nearest",
            refusal.isConfigured
                ? "the policies are the ones of its configuration"
                : "the packets show the difference; it is the cause if this side accepts no more than it offers",
        ]
    }

    private static func lookAlikes(_ refusal: Refusal) -> [String] {
        refusal.isConfigured ? [] : ["another attribute, or no key for this peer (\(FindingID.noKeyForPeer.text))"]
    }

    // MARK: Advice

    private static func advice(_ refusal: Refusal, _ index: Int, _ kind: SuiteKind) -> [Finding.Advice] {
        let (table, nearest) = (refusal.table, refusal.nearest)
        let name = table.name(ofColumn: index)
        let (mine, theirs) = (text(nearest.offered, index, table), text(nearest.known, index, table))
        return [
            Finding.Advice(
                "configure the \(name) that the other side has: \(theirs)", on: table.proposer,
                ios: line(kind, nearest.known, table)),
            Finding.Advice(
                "or the one that is offered to it: \(mine)", on: table.other, ios: line(kind, nearest.offered, table)),
        ]
    }

    /// The line of a policy that sets it as `row` has it; nothing where IOS has no word for that.
    private static func line(_ kind: SuiteKind, _ row: ProposalTable.Row, _ table: ProposalTable) -> [String] {
        if table.columns.contains(where: { $0.kind == .sizedCipher }) { return IKEv2Lines.proposal(row, table) }
        // A key length stands in the line of its cipher.
        let kind = kind == .keyLength ? .cipher : kind
        let word: String?
        switch table.value(.suite(kind), of: row) {
        case .cipher(let cipher):
            var bits: UInt16?
            if case .keyLength(let length) = table.value(.suite(.keyLength), of: row) { bits = length }
            word = encryption(cipher, bits)
        case .hash(let hash): word = Self.hash(hash)
        case .group(let group): word = "group \(group.rawValue)"
        case .authentication(let method) where method.user != nil:
            return ["crypto map MAP client authentication list LIST"]
        case .authentication(let method): word = authentication(method)
        default: word = nil
        }
        return word.map { ["crypto isakmp policy 10", " \($0)"] } ?? []
    }

    private static func encryption(_ cipher: Cipher, _ bits: UInt16?) -> String? {
        switch cipher {
        case .aesCBC: "encryption aes" + (IOSWords.writtenLength(bits).map { " \($0)" } ?? "")
        case .tripleDES: "encryption 3des"
        case .des: "encryption des"
        default: nil
        }
    }

    private static func hash(_ hash: Hash) -> String? {
        switch hash {
        case .md5: "hash md5"
        case .sha1: "hash sha"
        case .sha256: "hash sha256"
        case .sha384: "hash sha384"
        case .sha512: "hash sha512"
        default: nil
        }
    }

    private static func authentication(_ method: AuthenticationMethod) -> String? {
        switch method.credential {
        case .preSharedKey: "authentication pre-share"
        case .rsaSignature: "authentication rsa-sig"
        case .rsaEncryption: "authentication rsa-encr"
        case .ecdsa256, .ecdsa384, .ecdsa521: "authentication ecdsa-sig"
        default: nil
        }
    }
}
