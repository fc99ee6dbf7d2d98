import ScopeDissect
import ScopeWire

extension ProposalTable {
    /// What a cell holds: two are equal when they are the same choice, or the same traffic.
    public enum Value: Hashable, Sendable {
        /// Of an IKE SA.
        case cipher(Cipher)
        /// Of ESP, AH or IPComp; nil where the suite names none.
        case transform(SecurityProtocol, IOSWords.Algorithm?)
        /// In bits.
        case keyLength(UInt16)
        case hash(Hash)
        case integrity(Integrity)
        case encapsulation(Encapsulation)
        case group(DHGroup)
        case authentication(AuthenticationMethod)
        case lifetime(Lifetime)
        /// Of IKEv2.
        case sizedCipher(AlgorithmSet.SizedCipher)
        case prf(PRF)
        case sequenceNumbers(isExtended: Bool)
        /// It was not to be seen: it may be any.
        case unknown
        /// One of these, as IKEv2 offers them.
        indirect case anyOf([Value])
        case network(Network)
        /// All traffic selectors of one side.
        case selectors([TrafficSelector])
        /// Port 0 is any.
        case service(protocolID: UInt8, port: UInt16)

        /// Nil where there is nothing to choose from.
        public static func any(of values: [Value]) -> Value? {
            values.count > 1 ? .anyOf(values) : values.first
        }

        /// Something can be chosen that is in both.
        func isAlike(_ other: Value) -> Bool {
            switch (self, other) {
            case (.unknown, _), (_, .unknown): true
            case (.anyOf(let mine), _): mine.contains { $0.isAlike(other) }
            case (_, .anyOf(let theirs)): theirs.contains { isAlike($0) }
            default: self == other
            }
        }

        /// The same, or traffic of which the one holds all of the other's: not the same, and yet something like it.
        func isWithin(_ other: Value) -> Bool {
            switch (self, other) {
            case (.network(let mine), .network(let theirs)): mine.contains(theirs) || theirs.contains(mine)
            case (.selectors(let mine), .selectors(let theirs)):
                Self.covers(mine, theirs) || Self.covers(theirs, mine)
            default: isAlike(other)
            }
        }

        private static func covers(_ wide: [TrafficSelector], _ narrow: [TrafficSelector]) -> Bool {
            !narrow.isEmpty && narrow.allSatisfy { one in wide.contains { $0.contains(one) } }
        }

        /// Nil where the suite has nothing of the kind.
        public init?(_ kind: SuiteKind, of suite: IKESuite) {
            let value: Self? =
                switch kind {
                case .cipher: suite.cipher.map { .cipher($0) }
                case .keyLength: suite.keyLength.map { .keyLength($0) }
                case .hash: suite.hash.map { .hash($0) }
                case .group: suite.group.map { .group($0) }
                case .authentication: suite.authentication.map { .authentication($0) }
                case .lifetime: suite.lifetime.isEmpty ? nil : .lifetime(suite.lifetime)
                case .integrity, .encapsulation: nil
                }
            guard let value else { return nil }
            self = value
        }

        /// Nil where the suite has nothing of the kind.
        public init?(_ kind: SuiteKind, of suite: ChildSuite) {
            let value: Self? =
                switch kind {
                case .cipher: .transform(suite.protocolID, suite.transform)
                case .keyLength: suite.keyLength.map { .keyLength($0) }
                case .integrity: suite.integrity.map { .integrity($0) }
                case .encapsulation: suite.encapsulation.map { .encapsulation($0) }
                case .group: suite.group.map { .group($0) }
                case .lifetime: suite.lifetime.isEmpty ? nil : .lifetime(suite.lifetime)
                case .hash, .authentication: nil
                }
            guard let value else { return nil }
            self = value
        }
    }

    /// Addresses that an SA is asked for, as they were written: equal to others that hold the same addresses.
    public struct Network: Hashable, Sendable {
        public enum Form: Hashable, Sendable {
            case identity(Identity)
            /// An identity whose bytes say nothing that is understood.
            case unread(IdentificationType)
            case prefix(IPPrefix)
            /// An object group of a configuration, by its name.
            case group(String)
        }

        public let form: Form
        private let addresses: TrafficSelector.Addresses?

        public init(_ form: Form) {
            self.form = form
            addresses =
                switch form {
                case .identity(let identity): TrafficSelector.Addresses(identity)
                case .prefix(let prefix): TrafficSelector.Addresses(prefix)
                case .unread, .group: nil
                }
        }

        /// A proxy identity; without one it is the peer itself.
        public init(_ proxy: IdentificationPayload?, of peer: IPAddress) {
            guard let proxy else {
                self.init(.identity(.address(peer)))
                return
            }
            if case .other = proxy.identity {
                self.init(.unread(proxy.type))
            } else {
                self.init(.identity(proxy.identity))
            }
        }

        /// Whether all addresses of `other` are its own.
        func contains(_ other: Network) -> Bool {
            guard let mine = addresses, let theirs = other.addresses else { return self == other }
            return TrafficSelector(mine).contains(TrafficSelector(theirs))
        }

        public static func == (a: Network, b: Network) -> Bool {
            if let mine = a.addresses, let theirs = b.addresses { return mine == theirs }
            return a.form == b.form
        }

        public func hash(into hasher: inout Hasher) {
            if let addresses { hasher.combine(addresses) } else { hasher.combine(form) }
        }
    }
}

extension TrafficSelector.Addresses {
    fileprivate init(_ prefix: IPPrefix) {
        let (first, hostBits) = (prefix.address, prefix.address.bitCount - prefix.length)
        guard first.isV6 else {
            let mask = hostBits >= 32 ? UInt32.max : (1 << UInt32(hostBits)) - 1
            self = .range(first, IPAddress(v4: UInt32(truncatingIfNeeded: first.low) | mask))
            return
        }
        let low = hostBits >= 64 ? UInt64.max : (1 << UInt64(hostBits)) - 1
        let high = hostBits >= 128 ? UInt64.max : hostBits > 64 ? (1 << UInt64(hostBits - 64)) - 1 : 0
        self = .range(first, IPAddress(v6high: first.high | high, low: first.low | low))
    }
}
