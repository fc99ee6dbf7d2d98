import ScopeModel
import ScopeWire

extension ConfigReader {
    /// `ip access-list {extended|standard} NAME`; other commands about lists are ignored.
    mutating func namedAccessList(_ line: ConfigLine, isNo: Bool) -> Outcome {
        let isExtended = line[2].abbreviates("extended", least: 3)
        guard isExtended || line[2].abbreviates("standard", least: 3) else { return .taken }
        guard line.count > 3 else { return .refused("has no name") }
        if isNo { return dropAccessList(line[3]) }
        guard let place = list(line[3].text, isExtended: isExtended, line.number) else {
            return .refused("is one access list too many")
        }
        block = .accessList(place)
        return .taken
    }

    /// `access-list NUMBER …` on one line.
    mutating func numberedAccessList(_ line: ConfigLine) -> Outcome {
        guard line.count > 2 else { return .refused("has no entry") }
        let number = line[1].count ?? 0
        let isExtended = (100...199).contains(number) || (2000...2699).contains(number)
        guard isExtended || (1...99).contains(number) || (1300...1999).contains(number) else {
            // Other numbers are of bridges, IPX and AppleTalk; a name is the form of ASA.
            guard line[1].number == nil || line.has(2, "extended") || line.has(2, "standard") else { return .taken }
            return wholeListLine(line)
        }
        if line.has(2, "extended") || line.has(2, "standard") { return wholeListLine(line) }
        guard let place = list(line[1].text, isExtended: isExtended, line.number) else {
            return .refused("is one access list too many")
        }
        return add(line.dropFirst(2), to: place, sequence: nil)
    }

    /// `access-list NAME [line N] {extended|standard} …` of ASA, whose masks are those of subnets.
    private mutating func wholeListLine(_ line: ConfigLine) -> Outcome {
        var words = line.dropFirst(2)
        if words.has(0, "line") { words = words.dropFirst(2) }
        // The other kinds filter web pages and routes.
        if words.has(0, "ethertype") || words.has(0, "webtype") || words.has(0, "rename") { return .taken }
        let isStandard = words.has(0, "standard")
        if words.has(0, "extended") || isStandard { words = words.dropFirst(1) }
        guard words[0].abbreviates("permit", least: 1) || words.has(0, "deny") || words.has(0, "remark") else {
            return .taken
        }
        guard let place = list(line[1].text, isExtended: !isStandard, line.number) else {
            return .refused("is one access list too many")
        }
        config.isASA = true
        return add(words, to: place, sequence: nil, .subnet)
    }

    /// `ipv6 access-list NAME`.
    mutating func newerAccessList(_ line: ConfigLine) -> Outcome {
        guard line.count > 2, let place = list(line[2].text, isExtended: true, line.number) else {
            block = .other
            return .taken
        }
        v6Lists.insert(place)
        block = .accessList(place)
        return .taken
    }

    mutating func accessListLine(_ line: ConfigLine, _ index: Int) -> Outcome {
        if v6Lists.contains(index) {
            let isNumbered = line.has(0, "sequence")
            let sequence = isNumbered ? line[1].count : nil
            guard !line.has(0, "no") else {
                refuse(line, "removes something that cannot be determined", inList: index)
                return .taken
            }
            return add(line.dropFirst(isNumbered ? 2 : 0), to: index, sequence: sequence, .v6)
        }
        if let sequence = line[0].count { return add(line.dropFirst(1), to: index, sequence: sequence) }
        if line.has(0, "no") {
            guard let sequence = line[1].count else {
                refuse(line, "removes something that cannot be determined", inList: index)
                return .taken
            }
            if let place = sequences[index]?.places.removeValue(forKey: sequence) {
                config.accessLists[index].entries[place].sequence = Self.removed
            }
            return .taken
        }
        return add(line, to: index, sequence: nil)
    }

    /// Empties a list; it keeps its place, because the places of the others must not move.
    mutating func dropAccessList(_ name: ConfigWord) -> Outcome {
        if let place = listPlaces[name.text] {
            config.accessLists[place].entries = []
            sequences[place] = nil
        }
        return .taken
    }

    /// Adds an entry, in place of one with the same number.
    private mutating func put(_ entry: AccessEntry, in place: Int) {
        if let known = sequences[place]?.places[entry.sequence] {
            config.accessLists[place].entries[known] = entry
            return
        }
        config.accessLists[place].entries.append(entry)
        let index = config.accessLists[place].entries.count - 1
        sequences[place, default: Sequences()].places[entry.sequence] = index
        let highest = max(sequences[place]?.highest ?? 0, entry.sequence)
        sequences[place]?.highest = highest
    }

    private mutating func list(_ name: String, isExtended: Bool, _ line: Int) -> Int? {
        if let place = listPlaces[name] { return place }
        guard config.accessLists.count < Self.most else { return nil }
        config.accessLists.append(AccessList(name: name, isExtended: isExtended, line: line))
        listPlaces[name] = config.accessLists.count - 1
        return config.accessLists.count - 1
    }

    /// `{permit|deny} PROTOCOL SOURCE [PORTS] DESTINATION [PORTS] …`; of a standard list the source alone.
    private mutating func add(
        _ line: ConfigLine, to place: Int, sequence: Int?, _ dialect: EntryWords.Dialect = .wildcard
    ) -> Outcome {
        if line[0].abbreviates("remark", least: 3) || line.has(0, "evaluate") { return .taken }
        let permits = line[0].abbreviates("permit", least: 1)
        guard permits || line[0].abbreviates("deny", least: 1) else { return .unknown }
        guard config.accessLists[place].entries.count < Self.most else { return .refused("is one entry too many") }
        // IOS gives an entry without a number ten more than the last.
        let number = sequence ?? (sequences[place]?.highest ?? 0) + 10
        var entry = AccessEntry(sequence: number, permits: permits, line: line.number)
        var words = EntryWords(line.dropFirst(1), dialect)
        let why: String? = config.accessLists[place].isExtended ? words.extended(&entry) : words.standard(&entry)
        if let why {
            refuse(line, why, inList: place)
            return .taken
        }
        entry.options = words.rest.prefix(16).map(\.text)
        // ASA ignores an inactive entry.
        if dialect == .subnet, entry.options.contains("inactive") { return .taken }
        put(entry, in: place)
        return .taken
    }
}
