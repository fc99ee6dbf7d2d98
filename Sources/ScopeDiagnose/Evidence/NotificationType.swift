import ScopeDissect
import ScopeModel
import ScopeWire

/// The type of a notification, by the numbers of its version.
enum NotificationType: Hashable, CustomStringConvertible {
    case v1(NotifyType)
    case v2(IKEv2.NotifyType)

    var isError: Bool {
        switch self {
        case .v1(let type): type.isError
        case .v2(let type): type.isError
        }
    }

    /// Nil for a number that no registry has.
    var name: String? {
        switch self {
        case .v1(let type): type.name
        case .v2(let type): type.name
        }
    }

    /// Nil where it means nothing that rules of both versions ask for.
    var meaning: NotifyMeaning? {
        switch self {
        case .v1(let type): NotifyMeaning(type)
        case .v2(let type): NotifyMeaning(type)
        }
    }

    var description: String {
        switch self {
        case .v1(let type): "\(type)"
        case .v2(let type): "\(type)"
        }
    }
}

extension Attempt {
    /// A notification of either version.
    struct Notification {
        var type: NotificationType
        var protocolID: SecurityProtocol
        var spiLength: Int
        /// Its first bytes.
        var spi: [UInt8]
        var data: [UInt8]
        /// What the data say, of the few types whose data rules read.
        var content = IKEv2.NotifyContent.bytes

        private static let mostSPI = 16
        private static let mostData = 64

        init(_ payload: NotificationPayload, _ chain: PayloadChain) {
            self.init(
                .v1(payload.type), payload.protocolID, payload.spi, chain.slice(payload.data).prefix(Self.mostData))
        }

        init(_ payload: IKEv2.Notify, _ chain: PayloadChain) {
            self.init(
                .v2(payload.type), SecurityProtocol(rawValue: payload.protocolID.rawValue), payload.spi,
                chain.slice(payload.data).prefix(Self.mostData))
            switch payload.content {
            case .payloadType, .messageID, .spi, .group, .windowSize, .address, .seconds: content = payload.content
            case .authenticationMethods(let methods): content = .authenticationMethods(Array(methods.prefix(16)))
            case .gateway(let gateway, _): content = .gateway(gateway, nonce: 0..<0)
            default: break
            }
        }

        private init(
            _ type: NotificationType, _ protocolID: SecurityProtocol, _ spi: [UInt8], _ data: ArraySlice<UInt8>
        ) {
            self.type = type
            self.protocolID = protocolID
            spiLength = spi.count
            self.spi = Array(spi.prefix(Self.mostSPI))
            self.data = Array(data)
        }

        var meaning: NotifyMeaning? { type.meaning }

        /// The SPI that an INVALID-SPI is about: as an SPI, or in its data.
        var unknownSPI: UInt32? {
            let bytes = spi.count == 4 ? spi : Array(data.prefix(4))
            return bytes.count == 4 ? bytes.reduce(0) { $0 << 8 | UInt32($1) } : nil
        }
    }
}
