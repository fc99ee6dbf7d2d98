import ScopeConfig
import ScopeDissect
import ScopeModel
import ScopeWire

/// The attributes that keep two sides from agreeing on a phase 1 policy: findings of their own, under the refusal.
///
/// That two offers differ is plain from the bytes; that this is why the offer was refused is not, as a device may accept
/// other than it offers: only its configuration decides.
enum Phase1Difference {
    private static let ids: [String: String] = [
        "encryption": "p1-encr-differs", "key length": "p1-keylen-differs", "hash": "p1-hash-differs",
        "group": "p1-group-differs", "authentication": "p1-auth-differs",
    ]

    static func causes(of finding: Finding) -> [Finding] {
        guard finding.id == "p1-proposal-mismatch", let table = finding.proposals, table.isCompared,
            let nearest = table.nearest
        else { return [] }
        // Where each attribute has a value that both have, but no two transforms agree in all: the nearest two.
        let isInEach = !table.differing.isEmpty
        let columns = isInEach ? table.differing : nearest.columns
        return columns.compactMap { index in
            ids[table.columns[index].name].map { make($0, index, table, nearest, finding, isInEach) }
        }
    }

    private static func make(
        _ id: String, _ index: Int, _ table: ProposalTable,
        _ nearest: (offered: ProposalTable.Row, known: ProposalTable.Row, columns: [Int]), _ parent: Finding,
        _ isInEach: Bool
    ) -> Finding {
        let name = table.columns[index].name
        let mine = values(table.offered, index, table)
        let theirs = values(table.known, index, table)
        var finding = Finding(
            id, .note, certainty(table, parent, isInEach), .phase1, peers: parent.peers,
            frames: Array(Set((table.offered + table.known).compactMap(\.frame))).sorted(),
            summary: "the \(name) differs: \(table.proposer) offers \(mine), \(table.other) has \(theirs)",
            evidence: evidence(table, name, isInEach), advice: advice(table, index, nearest),
            lookAlikes: lookAlikes(table, name))
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

    private static func certainty(_ table: ProposalTable, _ parent: Finding, _ isInEach: Bool) -> Finding.Certainty {
        if table.known.contains(where: { $0.source == .configuration }) {
            return isInEach ? parent.certainty : min(parent.certainty, .likely)
        }
        // What it took from another says less than what it asks for itself.
        return isInEach && table.known.contains { $0.source == .ownOffer } ? .likely : .possible
    }

    private static func evidence(_ table: ProposalTable, _ name: String, _ isInEach: Bool) -> [String] {
        let isConfigured = table.known.contains { $0.source == .configuration }
        return [
            isInEach
                ? "no \(name) of one side is one of the other's"
                : "each side has one that the other has, but never with the rest of it: these two are the nearest",
            isConfigured
                ? "the policies are those of its configuration"
                : "the difference is in the packets; that it is the cause follows if it accepts no more than it offers",
        ]
    }

    private static func lookAlikes(_ table: ProposalTable, _ name: String) -> [String] {
        if table.known.contains(where: { $0.source == .configuration }) { return [] }
        return ["another attribute, or no key for this peer (no-key-for-peer)"]
    }

    // MARK: Advice

    private static func advice(
        _ table: ProposalTable, _ index: Int,
        _ nearest: (offered: ProposalTable.Row, known: ProposalTable.Row, columns: [Int])
    ) -> [Finding.Advice] {
        let name = table.columns[index].name
        let (mine, theirs) = (text(nearest.offered, index, table), text(nearest.known, index, table))
        return [
            Finding.Advice(
                "have the \(name) that the other side has: \(theirs)", on: table.proposer,
                ios: line(name, nearest.known, table)),
            Finding.Advice(
                "or the one that it is offered: \(mine)", on: table.other, ios: line(name, nearest.offered, table)),
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
