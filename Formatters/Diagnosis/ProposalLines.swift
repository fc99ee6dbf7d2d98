import ScopeModel
import ScopeWire

/// Proposals side by side, as text: a line for each transform, and what has no match on the other side marked.
struct ProposalLines {
    private let table: ProposalTable

    init(_ table: ProposalTable) { self.table = table }

    /// Without indentation; as hostile as the labels of the table.
    var lines: [String] {
        guard !table.offered.isEmpty else { return [] }
        let cells = (table.offered + table.known).map { row in ["  " + row.label] + row.cells.map(Self.text) }
        let heads = ["phase \(table.phase)"] + table.columns.indices.map(heading)
        let sides = ["\(table.proposer) offers", "\(table.other) has"]
        var widths = heads.indices.map { column in
            (cells.map { $0[column].unicodeScalars.count } + [heads[column].count]).max() ?? 0
        }
        widths[0] = max(widths[0], sides.map(\.count).max() ?? 0)
        func line(_ cells: [String]) -> String {
            var text = ""
            for (cell, width) in zip(cells.dropLast(), widths) {
                text += cell + String(repeating: " ", count: max(width - cell.unicodeScalars.count, 0) + 2)
            }
            return text + (cells.last ?? "")
        }
        var lines = [line(heads), sides[0]]
        let mine = cells.prefix(table.offered.count)
        let theirs = cells.dropFirst(table.offered.count)
        lines += mine.map(line)
        if table.leftOut.offered > 0 { lines.append("  and \(table.leftOut.offered) more") }
        guard !theirs.isEmpty else {
            return lines + ["\(table.other): it is not known what it would accept (give --config)"]
        }
        lines.append(sides[1])
        lines += theirs.map(line)
        if table.leftOut.known > 0 { lines.append("  and \(table.leftOut.known) more") }
        return lines + [legend]
    }

    /// The name of the column, in fewer letters where there are fewer.
    private func heading(_ index: Int) -> String {
        switch table.columns[index].kind {
        case .suite(.keyLength): "BITS"
        case .suite(.group) where table.phase == 2: "PFS"
        case .additionalGroup(let number): "ADDKE\(number)"
        case .sequenceNumbers: "ESN"
        case .suite, .sizedCipher, .prf, .network, .service: table.name(ofColumn: index).uppercased()
        }
    }

    private static func text(_ cell: ProposalTable.Cell) -> String {
        (cell.value?.text ?? "-") + (cell.isUnmatched ? "*" : "")
    }

    private var legend: String {
        let names = table.differing.map { table.name(ofColumn: $0) }
        let rows = table.offered + table.known
        if let nearest = table.nearest, nearest.columns.isEmpty {
            return "the other side had exactly the same before: its configuration has changed"
        }
        guard rows.contains(where: { $0.cells.contains(where: \.isUnmatched) }) else {
            guard names.isEmpty else {
                return "what one side has lies within what the other has (differs: \(names.joined(separator: ", ")))"
            }
            return "each value is on both sides, but never all of them together"
        }
        let all = names.isEmpty ? "" : " (differs: \(names.joined(separator: ", ")))"
        return "* the other side has nothing like it\(all)"
    }
}
