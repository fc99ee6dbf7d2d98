import ScopeDissect
import ScopeModel
import ScopeWire

/// The words that `debug crypto ikev2` has for payloads, notifications and exchanges: not always those of the RFCs.
enum PayloadWords {
    static func exchange(_ type: ExchangeType) -> Part {
        switch type {
        case .ikeSAInit: "IKE_SA_INIT"
        case .ikeAuth: "IKE_AUTH"
        case .createChildSA: "CREATE_CHILD_SA"
        case .informationalV2: "INFORMATIONAL"
        default: UnconfirmedLines.exchange(type).map { .literal($0) } ?? .text("Unknown - \(type.rawValue)")
        }
    }

    static func write(_ payload: Payload, to sink: ByteSink) {
        if case .ikev2(.notify(let notify)) = payload.content {
            sink.literal("NOTIFY(")
            write(notify.type, to: sink)
            return sink.byte(UInt8(ascii: ")"))
        }
        write(payload.type, to: sink)
    }

    static func write(_ type: PayloadType, to sink: ByteSink) {
        if let word = word(type) { sink.literal(word) } else { sink.write("Unknown - ", .number(type.rawValue)) }
    }

    static func write(_ type: IKEv2.NotifyType, to sink: ByteSink) {
        if let name = name(type) { sink.literal(name) } else { sink.write("Unknown - ", .number(type.rawValue)) }
    }

    private static func word(_ type: PayloadType) -> StaticString? {
        switch type {
        case .securityAssociationV2: "SA"
        case .keyExchangeV2: "KE"
        case .nonceV2: "N"
        case .vendorIDV2: "VID"
        case .identificationInitiator: "IDi"
        case .identificationResponder: "IDr"
        case .certificateRequestV2: "CERTREQ"
        case .authentication: "AUTH"
        case .notify: "NOTIFY"
        case .deleteV2: "DELETE"
        case .trafficSelectorInitiator: "TSi"
        case .trafficSelectorResponder: "TSr"
        case .encrypted: "ENCR"
        case .configuration: "CFG"
        case .none: "NONE"
        default: UnconfirmedLines.payload(type)
        }
    }

    private static func name(_ type: IKEv2.NotifyType) -> StaticString? {
        switch type {
        case .invalidSPI: "INVALID_SPI"
        case .noProposalChosen: "NO_PROPOSAL_CHOSEN"
        case .authenticationFailed: "AUTHENTICATION_FAILED"
        case .tsUnacceptable: "TS_UNACCEPTABLE"
        case .initialContact: "INITIAL_CONTACT"
        case .setWindowSize: "SET_WINDOW_SIZE"
        case .natDetectionSourceIP: "NAT_DETECTION_SOURCE_IP"
        case .natDetectionDestinationIP: "NAT_DETECTION_DESTINATION_IP"
        case .useTransportMode: "USE_TRANSPORT_MODE"
        case .httpCertLookupSupported: "HTTP_CERT_LOOKUP_SUPPORTED"
        case .rekeySA: "REKEY_SA"
        case .espTFCPaddingNotSupported: "ESP_TFC_NO_SUPPORT"
        case .nonFirstFragmentsAlso: "NON_FIRST_FRAGS"
        case .fragmentationSupported: "IKEV2_FRAGMENTATION_SUPPORTED"
        default: UnconfirmedLines.notify(type)
        }
    }
}
