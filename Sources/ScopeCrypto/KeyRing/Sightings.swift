import ScopeWire

/// What the capture showed of the SAs that the keys may be for: the facts behind the report of unused keys.
///
/// Only SPIs and peers that a row of the files names are kept, so that this does not grow with the capture.
struct Sightings {
    /// An IKE SA as far as it matters here.
    struct IKESA {
        let initiatorSPI: UInt64
        let ends: [IPAddress]
        /// A row of the files names its initiator SPI.
        let isNamed: Bool
    }

    /// The pre-shared keys one of whose peers was seen.
    struct PresentPSKs {
        private(set) var seen: Set<Int> = []
        /// Keys for networks of which no peer was seen yet.
        private var absent: [Int]

        init(_ table: PSKTable) { absent = table.others }

        mutating func note(_ ends: [IPAddress], _ table: PSKTable) {
            for address in ends { seen.formUnion(table.indices(for: address)) }
            guard !absent.isEmpty else { return }
            absent.removeAll { index in
                let isThere = table[index].peers.contains { peer in
                    if case .prefix(let prefix) = peer { ends.contains(where: prefix.contains) } else { false }
                }
                if isThere { seen.insert(index) }
                return isThere
            }
        }
    }

    /// Initiator SPIs of IKE SAs that a row names.
    private(set) var initiatorSPIs: Set<UInt64> = []
    private(set) var presentPSKs: PresentPSKs
    /// SPIs of child SAs that a row names and a negotiation made.
    private(set) var childSPIs: Set<UInt32> = []
    /// Initiator SPIs of the IKE SAs that some key opened.
    private(set) var openedSAs: Set<UInt64> = []
    private(set) var hasOpened = false

    init(_ table: PSKTable) {
        presentPSKs = PresentPSKs(table)
    }

    mutating func note(_ sa: IKESA, _ table: PSKTable) {
        if sa.isNamed { initiatorSPIs.insert(sa.initiatorSPI) }
        presentPSKs.note(sa.ends, table)
    }

    mutating func note(openedSA initiatorSPI: UInt64, isNamed: Bool) {
        hasOpened = true
        if isNamed { openedSAs.insert(initiatorSPI) }
    }

    mutating func note(childSPI spi: UInt32) { childSPIs.insert(spi) }
}
