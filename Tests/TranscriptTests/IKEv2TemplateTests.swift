import ScopeFormatters
import TestSupport
import Testing

/// The router's lines of the golden transcripts of IKEv2, held against the templates of the format reference.
///
/// The table is a copy of what was seen of devices and of what their vendor documents; `*` stands for a value.
@Suite("Each router line of an IKEv2 transcript has a template")
struct IKEv2TemplateTests {
    static let goldens = GoldenTests.transcripts.filter { $0.capture.hasPrefix("ikev2/") }

    @Test("of the reference", arguments: goldens)
    func templates(transcript: GoldenTests.Transcript) throws {
        let path = Shared.root + "/Tests/TranscriptTests/Golden/" + transcript.golden
        let text = String(decoding: try #require(Shared.bytes(path)), as: UTF8.self)
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard !line.isEmpty, !line.hasPrefix("!") else { continue }
            var rest = line[...]
            if let stamp = line.prefixMatch(of: #/[A-Z][a-z]{2} [ 0-9]{2} [0-9:.]{12}: /#) {
                rest = line[stamp.range.upperBound...]
                // `debug crypto ipsec` has lines of its own.
                if rest.hasPrefix("IPSEC(") || rest.hasPrefix("Crypto mapdb") { continue }
                rest = try #require(
                    Self.withoutPrefix(rest, transcript.family), "line \(index + 1) of \(transcript.golden): \(line)")
            } else if Self.isOfIPsec(line) {
                continue
            }
            // An empty list is a blank, and an error may be empty.
            if rest.allSatisfy({ $0 == " " }) { continue }
            #expect(
                Self.templates.contains { Self.fits(rest, $0) },
                "line \(index + 1) of \(transcript.golden): \"\(rest)\"")
        }
    }

    /// What stands behind the prefix; nil for a prefix that the family does not have.
    private static func withoutPrefix(_ line: Substring, _ family: LineFamily) -> Substring? {
        let name = line.prefix { $0 != ":" }
        let names = family == .xe ? ["IKEv2", "IKEv2-ERROR", "IKEv2-PAK", "IKEv2-INTERNAL"] : ["IKEv2"]
        guard names.contains(String(name)) else { return nil }
        let rest = line.dropFirst(name.count + 1)
        guard let numbers = rest.prefixMatch(of: #/\((SESSION ID = [0-9]+,)?SA ID = [0-9]+\):/#) else { return rest }
        return rest[numbers.range.upperBound...]
    }

    /// The lines that continue one of `debug crypto ipsec`.
    private static func isOfIPsec(_ line: Substring) -> Bool {
        let words = [
            "  (key eng. msg.)", "  (sa) sa_dest=", "  (identity) local=", "    local_proxy=", "    remote_proxy=",
            "    protocol=", "    lifedur=", "    spi=", "    sa_spi=", "    sa_trans=", "    sa_lifetime",
        ]
        if words.contains(where: { line.hasPrefix($0) }) { return true }
        let fields = ["src addr     :", "dst addr     :", "protocol     :", "src port     :", "dst port     :"]
        let bare = line.drop { $0 == " " || $0 == "\t" }
        return fields.contains { bare.hasPrefix($0) }
    }

    /// Whether a line is made of the pieces of a template with something between them; a blank behind it is that of the
    /// packet that follows.
    private static func fits(_ line: Substring, _ template: [Substring]) -> Bool {
        if let only = template.first, template.count == 1 { return line == only || line == only + " " }
        var rest = line
        for (index, piece) in template.enumerated() {
            if index == 0 {
                guard rest.hasPrefix(piece) else { return false }
                rest = rest.dropFirst(piece.count)
            } else if index == template.count - 1 {
                return rest.count > piece.count && (rest.hasSuffix(piece) || rest.hasSuffix(piece + " "))
            } else {
                guard let place = rest.dropFirst().firstRange(of: piece) else { return false }
                rest = rest[place.upperBound...]
            }
        }
        return false
    }

    private static let templates = table.split(separator: "\n").map {
        $0.split(separator: "*", omittingEmptySubsequences: false)
    }

    private static let table = """
        Sending Packet [To *:*/From *:*/VRF i0:f0]
        Received Packet [From *:*/To *:*/VRF i0:f0]
        Initiator SPI : * - Responder SPI : * Message id: *
        IKEv2 IKE_SA_INIT Exchange REQUEST
        IKEv2 IKE_SA_INIT Exchange RESPONSE
        IKEv2 IKE_AUTH Exchange REQUEST
        IKEv2 IKE_AUTH Exchange RESPONSE
        IKEv2 CREATE_CHILD_SA Exchange REQUEST
        IKEv2 CREATE_CHILD_SA Exchange RESPONSE
        IKEv2 INFORMATIONAL Exchange REQUEST
        IKEv2 INFORMATIONAL Exchange RESPONSE
        IKEv2 IKE_INTERMEDIATE Exchange REQUEST
        IKEv2 IKE_INTERMEDIATE Exchange RESPONSE
        Payload contents:
         SA*
         KE*
         N*
         VID*
         IDi*
         IDr*
         CERT*
         AUTH
         AUTH *
         EAP
         ENCR
         CFG*
         DELETE
         NOTIFY(*)*
         NOTIFY(*)
        IKE Proposal: *, SPI size: 0 (initial negotiation),
        IKE Proposal: *, SPI size: 8 (IKE rekey),
        ESP Proposal: *, SPI size: 4 (IPSec negotiation),
        Num. transforms: *
           AES-CBC   *
           AES-GCM   *
        [IKEv2 -> Crypto Engine] Computing DH public key, DH Group *
        [Crypto Engine -> IKEv2] DH key Computation PASSED
        Request queued for computation of DH key
        IKEv2 initiator - no config data to send in IKE_SA_INIT exch
        IKEv2 responder - no config data to send in IKE_SA_INIT exch
        Generating IKE_SA_INIT message
        Insert SA
        Processing IKE_SA_INIT message
        Verify SA init message
        Checking NAT discovery
        NAT not found
        NAT INSIDE found
        NAT OUTSIDE found
        NAT detected float to init port *, resp port *
        [IKEv2 -> Crypto Engine] Computing DH secret key, DH Group *
        Request queued for computation of DH secret
        [IKEv2 -> Crypto Engine] Calculate SKEYSEED and create rekeyed IKEv2 SA
        [Crypto Engine -> IKEv2] SKEYSEED calculation and creation of rekeyed IKEv2 SA PASSED
        IETF Fragmentation is enabled
        Cisco Fragmentation is enabled
        Completed SA init exchange
        Config data to send:
        Config-type: Config-request
        Config-type: Config-reply
        Attrib type: *, length: *
        Have config mode data to send
        Check for EAP exchange
        Generate my authentication data
        [IKEv2 -> Crypto Engine] Generate IKEv2 authentication data
        [Crypto Engine -> IKEv2] IKEv2 authentication data generation PASSED
        Get my authentication method
        My authentication method is '*'
        Generating IKE_AUTH message
        Constructing IDi payload: '*' of type '*'
        Constructing IDr payload: '*' of type '*'
        Building packet for encryption. 
        Building packet for encryption.
        Process auth response notify
        Searching policy based on peer's identity '*' of type '*'
        Verify peer's policy
        Peer's policy verified
        Get peer's authentication method
        Peer's authentication method is '*'
        Verify peer's authentication data
        Verification of peer's authenctication data PASSED
        Verification of peer's authentication data FAILED
        Processing INITIAL_CONTACT
        Processing IKE_AUTH message
        IKEV2 SA created; inserting SA into database. SA lifetime timer (86400 sec) started
        Session with IKE ID PAIR (*, *) is UP
        Load IPSEC key material
        Checking for duplicate IKEv2 SA
        No duplicate IKEv2 SA found
        Starting timer (30 sec) to wait for auth message
        Stopping timer to wait for auth message
        Starting timer (8 sec) to delete negotiation context
        Received valid config mode data
        Config data recieved:
        Set received config mode data
        Sign authentication data
        [IKEv2 -> PKI] Getting private key
        [PKI -> IKEv2] Getting of private key PASSED
        [IKEv2 -> Crypto Engine] Sign authentication data
        [Crypto Engine -> IKEv2] Signing of authentication data PASSED
        Authentication material has been sucessfully signed
        [IKEv2 -> PKI] Validating certificate chain
        [PKI -> IKEv2] Validation of certificate chain PASSED
        Save pubkey
        [IKEv2 -> Crypto Engine] Verify signed authenticaiton data
        [Crypto Engine -> IKEv2] Verification of signed authentication data PASSED
        Generating EAP request
        Sending EAP request
        Processing EAP response
        Sending EAP status success
        Queuing IKE SA delete request reason: unknown
        Sending DELETE INFO message for IPsec SA [SPI: 0x*]
        Sending DELETE INFO message for IKEv2 SA [ISPI: 0x* RSPI: 0x*]
        Checking if request will fit in peer window
        Check for existing IPSEC SA
        Check for existing active SA
        Delete all IKE SAs
        Processing ACK to informational exchange
        Deleting SA
        Process delete request from peer
        Processing DELETE INFO message for IKEv2 SA [ISPI: 0x* RSPI: 0x*]
        Processing DELETE INFO message for IPsec SA [SPI: 0x*]
        Sending DPD/liveness query
        Received DPD/liveness query
        Sending ACK to informational exchange
        Generating CREATE_CHILD_SA exchange
        Processing any notify-messages in child SA exchange
        Validating create child message
        Set IPSEC DH group
        Checking for PFS configuration
        PFS not configured
        Requesting SPI from IPSec
        Loading IPSEC key material
        Creating child SA
        :
        : Received no proposal chosen notify
        : Failed to find a matching policy
        : Failed to authenticate the IKE SA
        : Auth exchange failed
        : Initial exchange failed
        Received Policies: : Failed to find a matching policyProposal *
        Received Policies: : Failed to find a matching policyESP: Proposal *
        Received Policies: : Failed to find a matching policy
        Proposal *:  *
        ESP: Proposal *:  *
        Sending no proposal chosen notify
        Sending authentication failure notify
        Failed SA init exchange
        Auth exchange failed
        Abort exchange
        SM Trace-> SA: I_SPI=* R_SPI=* (I) MsgID = * CurState: * Event: EV_*
        SM Trace-> SA: I_SPI=* R_SPI=* (R) MsgID = * CurState: * Event: EV_*
        Action: Action_Null
        Setting configured policies
        Redirect check is not needed, skipping it
        Opening a PKI session
        Generate skeyid
        Process NAT discovery notify
        Processing nat detect src notify
        Processing nat detect dst notify
        Remote address matched
        Local address matched
        No NAT found
        Cisco DeleteReason Notify is enabled
        Received valid parameteres in process id
        Deleting negotiation context for my message ID: 0x*
        Sent response with message id *, Requests can be accepted from range * to *
        Construct Vendor Specific Payload: *
        Parse Vendor Specific Payload: *
        Construct Notify Payload: *
        Parse Notify Payload: *
        Next payload: *, version: 2.0 Exchange type: *, flags: INITIATOR Message id: *, length: *
        Next payload: *, version: 2.0 Exchange type: *, flags: INITIATOR MSG-RESPONSE Message id: *, length: *
        Next payload: *, version: 2.0 Exchange type: *, flags: RESPONDER Message id: *, length: *
        Next payload: *, version: 2.0 Exchange type: *, flags: RESPONDER MSG-RESPONSE Message id: *, length: *
         *  Next payload: *, reserved: 0x0, length: *
          last proposal: 0x*, reserved: 0x0, length: *
          Proposal: *, Protocol id: *, SPI size: *, #trans: *    last transform: 0x*, reserved: 0x0: length: *
            type: *, reserved: 0x0, id: *
            last transform: 0x*, reserved: 0x0: length: *
            DH group: *, Reserved: 0x0
            Security protocol id: *, spi size: *, type: *
            Security protocol id: *, spi size: *, num of spi: *
            Id type: *, Reserved: 0x0 0x0
            Auth method *, reserved: 0x0, reserved 0x0
        Auth data: * bytes
        Encrypted data: * bytes
            cfg type: *, reserved: 0x0, reserved: 0x0
           attrib type: *, length: *
            Num of TSs: *, reserved 0x0, reserved 0x0
            TS type: *, proto id: *, length: *
            start port: *, end port: *
            start addr: *, end addr: *
        """
}
