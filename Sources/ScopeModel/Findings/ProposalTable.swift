import ScopeWire

/// What one peer offered and what is known of the other one, side by side: a row for each transform, a column for each
/// attribute, and what has no match on the other side.
public struct ProposalTable: Sendable {
    /// 1 or 2.
    public var phase: Int
    /// Whose offer was refused, and who refused it.
    public var proposer: IPAddress
    public var other: IPAddress
    public private(set) var columns: [Column]
    /// The first ones of each side.
    public private(set) var offered: [Row]
    public private(set) var known: [Row]
    /// More rows on either side than are kept.
    public private(set) var leftOut: (offered: Int, known: Int)
    /// The columns that keep the two rows apart which miss each other by the least: indices into `columns`.
    public private(set) var nearest: (offered: Row, known: Row, columns: [Int])?

    /// Rows of either side that are kept.
    public static let mostRows = 8

    public struct Column: Sendable {
        /// What its cells are.
        public enum Kind: Hashable, Sendable {
            /// What a suite chooses.
            case suite(SuiteKind)
            /// The cipher with the length of its key, and the PRF, in IKEv2.
            case sizedCipher, prf
            /// An additional key exchange, from 1 (RFC 9370).
            case additionalGroup(Int)
            /// Whether sequence numbers have 64 bits.
            case sequenceNumbers
            /// The network behind this peer.
            case network(IPAddress)
            /// Protocol and port of the traffic.
            case service
        }

        public let kind: Kind
        /// Values of both sides are known, and no two of them are the same.
        public fileprivate(set) var differs = false

        public init(_ kind: Kind) { self.kind = kind }

        /// It decides; a lifetime does not.
        public var isCompared: Bool { if case .suite(let kind) = kind { kind.decides } else { true } }
        /// It means something only together with the column before it: the key length of a cipher.
        public var isPartOfPrevious: Bool { kind == .suite(.keyLength) }
    }

    public struct Row: Sendable {
        /// `transform 1`, `policy 10`: as hostile as whatever it was read from.
        public var label: String
        public var source: Source
        /// Where it was sent; nil for what a configuration says.
        public var frame: Int?
        /// One for each column.
        public fileprivate(set) var cells: [Cell]

        public init(_ label: String, _ source: Source, frame: Int?, _ values: [Value?]) {
            self.label = label
            self.source = source
            self.frame = frame
            cells = values.map { Cell(value: $0) }
        }
    }

    public struct Cell: Hashable, Sendable {
        /// Nil where a transform has no such attribute.
        public var value: Value?
        /// The other side has nothing like it, as far as it is known.
        ///
        /// Traffic that lies within the other side's, or around it, has something like it.
        public fileprivate(set) var isUnmatched = false
    }

    /// Where a row is from.
    public enum Source: UInt8, Sendable {
        /// The offer that was refused.
        case offer
        /// What the other side offers itself.
        case ownOffer
        /// What it took elsewhere.
        case choice
        /// What its configuration says.
        case configuration
    }

    public init(
        phase: Int, by proposer: IPAddress, to other: IPAddress, columns: [Column], offered: [Row], known: [Row]
    ) {
        self.phase = phase
        self.proposer = proposer
        self.other = other
        self.columns = columns
        // What a peer offers is bounded by its message, and this by both.
        let (mine, theirs) = (offered.prefix(256), known.prefix(256))
        leftOut = (max(offered.count - Self.mostRows, 0), max(known.count - Self.mostRows, 0))
        self.offered = Array(mine)
        self.known = Array(theirs)
        if !mine.isEmpty, !theirs.isEmpty { compare() }
        self.offered.removeLast(max(self.offered.count - Self.mostRows, 0))
        self.known.removeLast(max(self.known.count - Self.mostRows, 0))
    }

    /// Something is known of the other side.
    public var isCompared: Bool { !offered.isEmpty && !known.isEmpty }

    /// What a row has in the column of this kind.
    public func value(_ kind: Column.Kind, of row: Row) -> Value? {
        columns.firstIndex { $0.kind == kind }.flatMap { row.cells[$0].value }
    }

    /// The columns in which no value of one side is one of the other's.
    public var differing: [Int] { columns.indices.filter { columns[$0].differs } }

    // MARK: Comparing

    private mutating func compare() {
        for index in columns.indices where columns[index].isCompared {
            let isPart = columns[index].isPartOfPrevious && index > 0
            func keys(_ rows: [Row]) -> Set<[Value?]> { Set(rows.map { Self.key($0, index, isPart) }) }
            let (mine, theirs) = (keys(offered), keys(known))
            // Of another cipher the length says nothing.
            let (wholeMine, wholeTheirs) = isPart ? (values(offered, index - 1), values(known, index - 1)) : ([], [])
            columns[index].differs =
                Self.isDisjoint(mine, theirs) && !(isPart && wholeMine.isDisjoint(with: wholeTheirs))
            mark(&offered, index, isPart: isPart, theirs, wholeTheirs)
            mark(&known, index, isPart: isPart, mine, wholeMine)
        }
        findNearest()
    }

    private static func isDisjoint(_ mine: Set<[Value?]>, _ theirs: Set<[Value?]>) -> Bool {
        mine.isDisjoint(with: theirs) && !mine.contains { own in theirs.contains { isAlike(own, $0) } }
    }

    /// Something can be chosen that is in both; `orWithin`: or the one lies within the other.
    private static func isAlike(_ mine: [Value?], _ theirs: [Value?], orWithin: Bool = false) -> Bool {
        zip(mine, theirs).allSatisfy { one, other in
            switch (one, other) {
            case (let one?, let other?): orWithin ? one.isWithin(other) : one.isAlike(other)
            case (nil, nil): true
            default: false
            }
        }
    }

    private func values(_ rows: [Row], _ index: Int) -> Set<Value?> { Set(rows.map { $0.cells[index].value }) }

    private static func key(_ row: Row, _ index: Int, _ isPart: Bool) -> [Value?] {
        isPart ? [row.cells[index - 1].value, row.cells[index].value] : [row.cells[index].value]
    }

    private func mark(
        _ rows: inout [Row], _ index: Int, isPart: Bool, _ others: Set<[Value?]>, _ wholes: Set<Value?>
    ) {
        for row in rows.indices {
            if isPart, !wholes.contains(rows[row].cells[index - 1].value) { continue }
            let key = Self.key(rows[row], index, isPart)
            rows[row].cells[index].isUnmatched =
                !others.contains(key) && !others.contains { Self.isAlike($0, key, orWithin: true) }
        }
    }

    private mutating func findNearest() {
        for mine in offered {
            for theirs in known {
                let apart = columns.indices.filter { index in
                    guard columns[index].isCompared,
                        !Self.isAlike([mine.cells[index].value], [theirs.cells[index].value])
                    else {
                        return false
                    }
                    return
                        !(columns[index].isPartOfPrevious && index > 0
                        && mine.cells[index - 1].value != theirs.cells[index - 1].value)
                }
                if apart.count < nearest?.columns.count ?? .max { nearest = (mine, theirs, apart) }
            }
        }
    }
}
