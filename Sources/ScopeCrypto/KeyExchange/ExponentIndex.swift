/// Finds the DH private exponent behind a KE payload.
///
/// It computes public values in the order of the key file until one fits, and keeps them: each exponent costs one
/// exponentiation for each group.
final class ExponentIndex {
    struct Exponent {
        let secret: Secret
        let group: UInt16?
        let use: KeyUse
    }

    let groups = KeyExchangeGroups()
    private let exponents: [Exponent]
    private var tables: [UInt16: Table] = [:]
    /// How many KE payloads of each group were looked for: the report of unused exponents names them.
    private var seen: [UInt16: Int] = [:]

    private struct Table {
        var next = 0
        /// Places in `exponents`, by the SHA-256 of the public value: nobody can send another value that gives the same.
        var found: [[UInt8]: Int] = [:]
    }

    private static func digest(_ value: [UInt8]) -> [UInt8] {
        (try? Digest.sha256.hash([.bytes(value)])) ?? value
    }

    init(_ exponents: [Exponent]) { self.exponents = exponents }

    var isEmpty: Bool { exponents.isEmpty }
    var count: Int { exponents.count }

    /// Counts one KE payload of the capture.
    func note(group: UInt16) { seen[group, default: 0] += 1 }

    /// `the 4 KE payloads of groups 2, 14 in this capture`.
    var searched: String {
        let total = seen.values.reduce(0, +)
        guard total > 0 else { return "this capture, which has no KE payload" }
        let numbers = seen.keys.sorted().map(String.init).joined(separator: ", ")
        return
            "the \(total) KE payload\(total == 1 ? "" : "s") of group\(seen.count == 1 ? "" : "s") \(numbers) in this capture"
    }

    /// Whether the public value of an exponent was computed; it is not where another key opened the SA first.
    func isTried(_ use: KeyUse) -> Bool {
        guard let index = exponents.firstIndex(where: { $0.use === use }) else { return false }
        return tables.contains { group, table in
            index < table.next && (exponents[index].group == nil || exponents[index].group == group)
        }
    }

    /// The exponent that yields `publicValue` in group `number`.
    func findOwner(of publicValue: [UInt8], group number: UInt16) -> Exponent? {
        guard !exponents.isEmpty, let group = groups.group(number), publicValue.count == group.publicLength else {
            return nil
        }
        if let index = tables[number]?.found[Self.digest(publicValue)] { return exponents[index] }
        while let (index, value) = computeNext(number, group) {
            if value == publicValue { return exponents[index] }
        }
        return nil
    }

    /// The same without computing anything: nil where that would take an exponentiation.
    func knownOwner(of publicValue: [UInt8], group number: UInt16) -> Exponent? {
        guard let table = tables[number], let index = table.found[Self.digest(publicValue)] else { return nil }
        return exponents[index]
    }

    private func computeNext(_ number: UInt16, _ group: any KeyExchangeGroup) -> (Int, [UInt8])? {
        while true {
            let index = tables[number, default: Table()].next
            guard index < exponents.count else { return nil }
            tables[number, default: Table()].next += 1
            let exponent = exponents[index]
            guard exponent.group == nil || exponent.group == number,
                let value = try? group.publicValue(of: exponent.secret)
            else { continue }
            tables[number, default: Table()].found[Self.digest(value)] = index
            return (index, value)
        }
    }
}
