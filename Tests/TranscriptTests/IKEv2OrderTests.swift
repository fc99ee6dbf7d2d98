import ScopeFormatters
import TestSupport
import Testing

/// A tunnel with a pre-shared key, from IKE_SA_INIT to its deletion: every fixed line that transcripts of real devices have
/// for it, in their order, up to where a value follows.
///
/// The lists are copies of the format reference: sections 3 and 4 for the initiator, 5 for the responder, 8.3 for the end.
/// What hangs on a message that this tunnel does not have is left out.
@Suite("An IKEv2 transcript has every line that devices were seen to print")
struct IKEv2OrderTests {
    @Test("of the initiator, in either family", arguments: ["ikev2-psk.initiator.txt", "ikev2-psk.initiator.xe.txt"])
    func initiator(golden: String) throws { try check(golden, Self.initiator) }

    @Test("of the responder, in either family", arguments: ["ikev2-psk.responder.txt", "ikev2-psk.responder.xe.txt"])
    func responder(golden: String) throws { try check(golden, Self.responder) }

    private func check(_ golden: String, _ wanted: [String]) throws {
        let path = Shared.root + "/Tests/TranscriptTests/Golden/" + golden
        let text = String(decoding: try #require(Shared.bytes(path)), as: UTF8.self)
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("!") }
        var place = lines.startIndex
        for line in wanted {
            let found = try #require(
                lines[place...].firstIndex { $0.contains(line) }, "\"\(line)\" is missing, or out of order")
            place = found + 1
        }
    }

    private static let keys = [
        "[IKEv2 -> Crypto Engine] Computing DH secret key, DH Group ",
        "[Crypto Engine -> IKEv2] DH key Computation PASSED",
        "Request queued for computation of DH secret",
        "[IKEv2 -> Crypto Engine] Calculate SKEYSEED and create rekeyed IKEv2 SA",
        "[Crypto Engine -> IKEv2] SKEYSEED calculation and creation of rekeyed IKEv2 SA PASSED",
    ]

    private static let ownProof = [
        "[IKEv2 -> Crypto Engine] Generate IKEv2 authentication data",
        "[Crypto Engine -> IKEv2] IKEv2 authentication data generation PASSED", "Get my authentication method",
        "My authentication method is 'PSK'",
    ]

    private static let peersProof = [
        "Searching policy based on peer's identity '", "Verify peer's policy", "Peer's policy verified",
        "Get peer's authentication method", "Peer's authentication method is 'PSK'",
        "Verify peer's authentication data",
        "[IKEv2 -> Crypto Engine] Generate IKEv2 authentication data",
        "[Crypto Engine -> IKEv2] IKEv2 authentication data generation PASSED",
        "Verification of peer's authenctication data PASSED",
    ]

    private static let up = [
        "IKEV2 SA created; inserting SA into database. SA lifetime timer (86400 sec) started",
        "Session with IKE ID PAIR (", "Load IPSEC key material", "Checking for duplicate IKEv2 SA",
        "No duplicate IKEv2 SA found",
    ]

    private static let initiator =
        [
            "[IKEv2 -> Crypto Engine] Computing DH public key, DH Group ",
            "[Crypto Engine -> IKEv2] DH key Computation PASSED", "Request queued for computation of DH key",
            "IKEv2 initiator - no config data to send in IKE_SA_INIT exch", "Generating IKE_SA_INIT message",
            "IKE Proposal: 1, SPI size: 0 (initial negotiation), ", "Num. transforms: 4", "Sending Packet [To ",
            "Initiator SPI : ", "IKEv2 IKE_SA_INIT Exchange REQUEST ", "Payload contents: ", "Insert SA ",
            "Received Packet [From ", "IKEv2 IKE_SA_INIT Exchange RESPONSE ", "Processing IKE_SA_INIT message",
            "Verify SA init message", "Processing IKE_SA_INIT message", "Checking NAT discovery", "NAT INSIDE found",
            "NAT OUTSIDE found", "NAT detected float to init port 4500, resp port 4500",
        ] + keys + [
            "IETF Fragmentation is enabled", "Completed SA init exchange", "Check for EAP exchange",
            "Generate my authentication data",
        ] + ownProof + [
            "Check for EAP exchange", "Generating IKE_AUTH message", "Constructing IDi payload: '",
            "ESP Proposal: 1, SPI size: 4 (IPSec negotiation), ", "Num. transforms: 3",
            "Building packet for encryption.  ", "Payload contents: ", "Sending Packet [To ",
            "IKEv2 IKE_AUTH Exchange REQUEST ", " ENCR ", "Received Packet [From ", "IKEv2 IKE_AUTH Exchange RESPONSE ",
            "Process auth response notify",
        ] + peersProof + ["Check for EAP exchange", "Processing IKE_AUTH message"] + up + [
            "Sending DELETE INFO message for IKEv2 SA [ISPI: 0x", "Building packet for encryption.  ", " DELETE",
            "Checking if request will fit in peer window", "IKEv2 INFORMATIONAL Exchange REQUEST ", " ENCR ",
            "Check for existing active SA", "Delete all IKE SAs", "IKEv2 INFORMATIONAL Exchange RESPONSE ",
            "Processing ACK to informational exchange", "Deleting SA",
        ]

    private static let responder =
        [
            "Received Packet [From ", "Initiator SPI : ", "IKEv2 IKE_SA_INIT Exchange REQUEST ", "Payload contents: ",
            "Verify SA init message", "Insert SA", "Processing IKE_SA_INIT message",
            "[IKEv2 -> Crypto Engine] Computing DH public key, DH Group ", "Request queued for computation of DH key",
        ] + keys + [
            "Generating IKE_SA_INIT message", "IKE Proposal: 1, SPI size: 0 (initial negotiation), ",
            "Num. transforms: 4", "Sending Packet [To ", "IKEv2 IKE_SA_INIT Exchange RESPONSE ",
            "IETF Fragmentation is enabled", "Completed SA init exchange",
            "Starting timer (30 sec) to wait for auth message", "Received Packet [From ",
            "IKEv2 IKE_AUTH Exchange REQUEST ", "Stopping timer to wait for auth message", "Checking NAT discovery",
            "NAT INSIDE found", "NAT OUTSIDE found", "NAT detected float to init port 4500, resp port 4500",
        ] + peersProof + [
            "Processing INITIAL_CONTACT", "Processing IKE_AUTH message", "Get my authentication method",
            "My authentication method is 'PSK'", "Generate my authentication data",
        ] + ownProof + [
            "Generating IKE_AUTH message", "Constructing IDr payload: '",
            "ESP Proposal: 1, SPI size: 4 (IPSec negotiation), ", "Building packet for encryption. ",
            "Payload contents: ", "Sending Packet [To ", "IKEv2 IKE_AUTH Exchange RESPONSE ", " ENCR ",
        ] + up + [
            "Starting timer (8 sec) to delete negotiation context", "Received Packet [From ",
            "IKEv2 INFORMATIONAL Exchange REQUEST ", " DELETE", "Building packet for encryption. ",
            "IKEv2 INFORMATIONAL Exchange RESPONSE ", "Process delete request from peer",
            "Check for existing active SA", "Delete all IKE SAs", "Deleting SA",
        ]
}
