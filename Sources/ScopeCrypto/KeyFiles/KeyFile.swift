import ScopeWire

/// What one key file holds, by its rows; the secrets in it have no description.
public struct KeyFile {
    /// As the user named it.
    public var path: String
    public internal(set) var format = KeyFileFormat.json
    package var psk: [PSK] = []
    package var dh: [DH] = []
    package var ike: [IKE] = []
    package var sa: [SA] = []
    package var ppk: [PPK] = []
    /// The first rows whose key cannot be used.
    public private(set) var refused: [Refusal] = []
    /// How many rows have a key that cannot be used.
    public private(set) var refusedCount = 0

    package init(path: String) { self.path = path }

    /// The last component of its path, which leads the names of its keys when there are several files.
    public var baseName: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// Keys of all kinds.
    public var count: Int { psk.count + dh.count + ike.count + sa.count + ppk.count }

    /// A row that was left out, and why.
    public struct Refusal: Hashable, Sendable {
        /// From 1.
        public var line: Int
        public var why: String
    }

    private static let mostShown = 32

    mutating func refuse(_ line: Int, _ why: String) {
        refusedCount += 1
        guard refused.count < Self.mostShown else { return }
        // Names out of the file may stand in it.
        refused.append(Refusal(line: line, why: String(plain: why, substitute: "?")))
    }

    package struct PSK {
        package enum Peer: Hashable { case any, prefix(IPPrefix), identity(String) }
        package var peer: Peer
        /// The other peers, where the file names several.
        package var others: [Peer] = []
        /// The end that the device itself has, where the file says it.
        package var local: IPAddress?
        package var key: Secret
        /// Its line in a file of lines; nil in a JSON file.
        package var line: Int?

        package init(peer: Peer, others: [Peer] = [], local: IPAddress? = nil, key: Secret, line: Int? = nil) {
            self.peer = peer
            self.others = others
            self.local = local
            self.key = key
            self.line = line
        }
    }

    package enum DH {
        /// An exponent or scalar; `group` nil: any.
        case exponent(Secret, group: UInt16?)
        /// g^xy of the IKE SA with this initiator SPI; behind step 0 the secret of an additional exchange (RFC 9370).
        case sharedBySA(Secret, initiatorSPI: UInt64, step: Int)
        /// g^xy of the exchange that made this ESP or AH SPI, or the secret of one of its additional exchanges.
        case sharedByChild(Secret, spi: UInt32, step: Int)
    }

    /// A postquantum preshared key (RFC 8784).
    package struct PPK {
        /// Its PPK_ID without the type; nil where the file has none.
        package var id: String?
        package var key: Secret
        package var line: Int?
    }

    package struct IKE {
        package var version = 1
        /// Nil where the file does not tell; trying shows which SA the row opens.
        package var initiatorSPI: UInt64?
        package var responderSPI: UInt64?
        /// The IV of phase 1 as a log gives it: a hash over both KE payloads, by which the SA is found without its SPIs.
        package var initialIV: [UInt8]?
        package var keys: [IKEKeyKind: Secret] = [:]
        /// What an IKEv2 row encrypts and authenticates with, where the file says it.
        package var suite: ESPSuite?
        package var line: Int?
    }

    package struct SA {
        package var isAH = false
        /// Nil: any.
        package var spi: UInt32?
        package var destination: IPAddress?
        package var suite: ESPSuite
        package var encryptionKey: Secret
        package var integrityKey: Secret
        /// The same keys for the other direction, where the file does not tell which is which.
        package var alternative: Keys?
        package var line: Int?

        package struct Keys {
            package var encryption: Secret
            package var integrity: Secret
        }

        package init(
            isAH: Bool = false, spi: UInt32?, destination: IPAddress?, suite: ESPSuite, encryptionKey: Secret,
            integrityKey: Secret, alternative: Keys? = nil, line: Int? = nil
        ) {
            self.isAH = isAH
            self.spi = spi
            self.destination = destination
            self.suite = suite
            self.encryptionKey = encryptionKey
            self.integrityKey = integrityKey
            self.alternative = alternative
            self.line = line
        }

        /// The member that cannot be right, and why; nil where nothing is wrong.
        package var problem: (member: String, why: String)? {
            if isAH, suite.integrity == .none, suite.encryption == .null {
                return ("integrity", "AH authenticates, and no algorithm is named")
            }
            if let why = suite.encryption.problem(keyLength: encryptionKey.count) { return ("encryption_key", why) }
            if let why = suite.integrity.problem(keyLength: integrityKey.count) {
                return ("integrity_key", why)
            }
            if suite.encryption.tagLength != nil, suite.integrity != .none {
                return ("integrity", "\(suite.encryption.name) needs no integrity of its own")
            }
            if !isAH, case .aesGMAC = suite.integrity {
                return ("integrity", "\(suite.integrity.name) is AH's; ESP has null-auth-aes-gmac as its encryption")
            }
            return nil
        }
    }
}

extension KeyFile {
    /// Makes the search for the high halves of extended sequence numbers end near zero, so that a wrong key costs little.
    public mutating func searchNearby() {
        for index in sa.indices { sa[index].suite.searchesFar = false }
    }

    /// Adds a row that was put together from lines, unless its keys do not fit its algorithms.
    mutating func add(_ row: SA) {
        if let problem = row.problem { refuse(row.line ?? 0, problem.why) } else { sa.append(row) }
    }
}
