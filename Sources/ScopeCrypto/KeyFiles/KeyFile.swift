import ScopeWire

/// What one key file holds, by its rows; the secrets in it have no description.
public struct KeyFile {
    /// As the user named it.
    public var path: String
    package var psk: [PSK] = []
    package var dh: [DH] = []
    package var ike: [IKE] = []
    package var sa: [SA] = []

    package init(path: String) { self.path = path }

    /// The last component of its path, which leads the names of its keys when there are several files.
    public var baseName: String { path.split(separator: "/").last.map(String.init) ?? path }

    package struct PSK {
        package enum Peer: Hashable { case any, prefix(IPPrefix), identity(String) }
        package var peer: Peer
        package var key: Secret
    }

    package enum DH {
        /// An exponent or scalar; `group` nil: any.
        case exponent(Secret, group: UInt16?)
        /// g^xy of the IKE SA with this initiator SPI.
        case sharedBySA(Secret, initiatorSPI: UInt64)
        /// g^xy of the exchange that made this ESP or AH SPI.
        case sharedByChild(Secret, spi: UInt32)
    }

    package struct IKE {
        package var version = 1
        package var initiatorSPI: UInt64 = 0
        package var responderSPI: UInt64?
        /// By the member's name: `skeyid`, `skeyid_d` …, `encryption_key`, `sk_d` ….
        package var keys: [String: Secret] = [:]
    }

    package struct SA {
        package var isAH = false
        package var spi: UInt32 = 0
        package var destination: IPAddress?
        package var suite: ESPSuite
        package var encryptionKey: Secret
        package var integrityKey: Secret
    }
}
