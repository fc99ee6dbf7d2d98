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

    private static let ids: [String: FindingID] = [
        "encryption": .p1EncrDiffers, "key length": .p1KeylenDiffers, "hash": .p1HashDiffers,
        "group": .p1GroupDiffers, "authentication": .p1AuthDiffers,
    ]

    func findings(_ finding: Finding) -> [Finding] {
        guard finding.id == .p1ProposalMismatch, let table = finding.proposals, table.isCompared,
            let nearest = table.nearest
        else { return [] }
        let refusal = Refusal(finding: finding, table: table, nearest: nearest)
        let columns = refusal.isInEach ? table.differing : nearest.columns
        return columns.compactMap { index in
            Self.ids[table.columns[index].name].map { Self.make($0, index, refusal) }
        }
    }

    private static func make(_ id: FindingID, _ index: Int, _ refusal: Refusal) -> Finding {
        let (table, parent) = (refusal.table, refusal.finding)
        let name = table.columns[index].name
        let mine = values(table.offered, index, table)
        let theirs = values(table.known, index, table)
        var finding = Finding(
            id, certainty(refusal), peers: parent.peers, ikeSA: parent.ikeSA,
            frames: Array(Set((table.offered + table.known).compactMap(\.frame))).sorted(),
            summary: "the \(name) differs: \(table.proposer) offers \(mine), \(table.other) has \(theirs)",
            evidence: evidence(refusal, name), advice: advice(refusal, index), lookAlikes: lookAlikes(refusal))
        finding.explains = parent.id
        return finding
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
        let value = row.cells[index].value
        guard table.columns[index].isPartOfPrevious else { return value ?? "none" }
        return (row.cells[index - 1].value ?? "none") + (value.map { "-\($0)" } ?? " without a key length")
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

    private static func advice(_ refusal: Refusal, _ index: Int) -> [Finding.Advice] {
        let (table, nearest) = (refusal.table, refusal.nearest)
        let name = table.columns[index].name
        let (mine, theirs) = (text(nearest.offered, index, table), text(nearest.known, index, table))
        return [
            Finding.Advice(
                "configure the \(name) that the other side has: \(theirs)", on: table.proposer,
                ios: line(name, nearest.known, table)),
            Finding.Advice(
                "or the one that is offered to it: \(mine)", on: table.other, ios: line(name, nearest.offered, table)),
        ]
    }

    private static func line(_ name: String, _ row: ProposalTable.Row, _ table: ProposalTable) -> [String] {
        let cells = row.cells.map(\.value)
        let word: String?
        switch name {
        case "encryption", "key length":
            switch cells[0] {
            case "AES-CBC": word = "encryption aes" + (cells[1].map { $0 == "128" ? "" : " \($0)" } ?? "")
            case "3DES-CBC": word = "encryption 3des"
            case "DES-CBC": word = "encryption des"
            default: word = nil
            }
        case "hash":
            let words = ["MD5": "md5", "SHA": "sha", "SHA2-256": "sha256", "SHA2-384": "sha384", "SHA2-512": "sha512"]
            word = cells[2].flatMap { words[$0] }.map { "hash \($0)" }
        case "group": word = cells[3].map { "group \($0)" }
        case "authentication":
            let words = [
                "pre-share": "authentication pre-share", "RSA signatures": "authentication rsa-sig",
                "RSA encryption": "authentication rsa-encr", "ECDSA P-256": "authentication ecdsa-sig",
                "ECDSA P-384": "authentication ecdsa-sig", "ECDSA P-521": "authentication ecdsa-sig",
            ]
            guard let method = cells[4], method.hasPrefix("XAUTH") || method.hasPrefix("hybrid") else {
                word = cells[4].flatMap { words[$0] }
                break
            }
            return ["crypto map MAP client authentication list LIST"]
        default: word = nil
        }
        return word.map { ["crypto isakmp policy 10", " \($0)"] } ?? []
    }
}
