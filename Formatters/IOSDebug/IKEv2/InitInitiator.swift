import ScopeDissect
import ScopeModel
import ScopeWire

/// IKE_SA_INIT as the device that begins it prints it.
extension IKEv2Lines {
    private var attempt: Int {
        if case .initial(let attempt)? = message.v2?.purpose { attempt } else { 1 }
    }

    // MARK: The request

    mutating func sendInit() {
        note(announced: message.message.chain)
        let group = message.message.chain.publicValue?.group
        // What a cookie asks for again has the same public value.
        let isSame = attempt > 1 && group == memory.group
        if attempt == 1 {
            ipsec { $0.saRequestConfigured() }
            trace("IDLE", "EV_INIT_SA")
        }
        if !isSame {
            trace("I_BLD_INIT", "EV_GET_IKE_POLICY EV_SET_POLICY")
            say("Setting configured policies", detail: .internal)
            trace("I_BLD_INIT", "EV_CHK_AUTH4PKI EV_GEN_DH_KEY")
            publicValue(of: group)
            trace("I_BLD_INIT", "EV_NO_EVENT EV_OK_RECD_DH_PUBKEY_RESP* EV_GET_CONFIG_MODE")
            say("IKEv2 initiator - no config data to send in IKE_SA_INIT exch", as: .bare)
        }
        memory.group = group
        trace("I_BLD_INIT", "EV_BLD_MSG")
        say("Generating IKE_SA_INIT message")
        proposals()
        packet()
        if attempt == 1 {
            trace("I_BLD_INIT", "EV_INSERT_SA")
            say("Insert SA")
        }
        trace("I_WAIT_INIT", "EV_NO_EVENT")
        awaitsPacket = true
    }

    // MARK: The answer

    mutating func takeInitAnswer() {
        packet()
        let chain = message.message.chain
        note(announced: chain)
        trace("I_WAIT_INIT", "EV_RECV_INIT")
        say("Processing IKE_SA_INIT message", detail: .internal)
        trace("I_PROC_INIT", "EV_CHK4_NOTIFY")
        say("Processing IKE_SA_INIT message")
        guard chain.securityAssociation != nil else {
            if let error = chain.errorNotify, error != .invalidKEPayload { failInit(error) }
            return
        }
        trace("I_PROC_INIT", "EV_VERIFY_MSG")
        say("Verify SA init message")
        trace("I_PROC_INIT", "EV_PROC_MSG")
        say("Processing IKE_SA_INIT message")
        trace("I_PROC_INIT", "EV_DETECT_NAT")
        natNotifications()
        trace("I_PROC_INIT", "EV_CHK_NAT_T")
        natDiscovery()
        if memory.nat.isFound {
            trace("I_PROC_INIT", "EV_CHG_NAT_T_PORT")
            float(to: 4500, 4500)
        }
        trace("I_PROC_INIT", "EV_CHK_CONFIG_MODE")
        trace("INIT_DONE", "EV_GEN_DH_SECRET")
        secret(of: chain.publicValue?.group ?? memory.group)
        trace("INIT_DONE", "EV_NO_EVENT EV_OK_RECD_DH_SECRET_RESP* EV_GEN_SKEYID")
        seed()
        trace("INIT_DONE", "EV_DONE")
        initDone()
        trace("INIT_DONE", "EV_CHK4_ROLE")
    }

    private mutating func failInit(_ error: IKEv2.NotifyType) {
        if error == .noProposalChosen { self.error("Received no proposal chosen notify") }
        trace("INIT_DONE", "EV_FAIL")
        say("Failed SA init exchange")
        self.error("Initial exchange failed")
        abort()
    }

    // MARK: What both sides say

    mutating func publicValue(of group: DHGroup?) {
        line(
            "[IKEv2 -> Crypto Engine] Computing DH public key, DH Group ",
            group.map { .number($0.rawValue) } ?? .unknown)
        say("[Crypto Engine -> IKEv2] DH key Computation PASSED", as: .engine)
        say("Request queued for computation of DH key")
    }

    mutating func secret(of group: DHGroup?) {
        line(
            "[IKEv2 -> Crypto Engine] Computing DH secret key, DH Group ",
            group.map { .number($0.rawValue) } ?? .unknown)
        say("[Crypto Engine -> IKEv2] DH key Computation PASSED", as: .engine)
        say("Request queued for computation of DH secret")
    }

    /// It says "rekeyed" of the first SA, too.
    mutating func seed() {
        say("Generate skeyid", detail: .internal)
        say("[IKEv2 -> Crypto Engine] Calculate SKEYSEED and create rekeyed IKEv2 SA", as: .engine)
        say(
            "[Crypto Engine -> IKEv2] SKEYSEED calculation and creation of rekeyed IKEv2 SA PASSED", as: .engine)
    }

    mutating func initDone() {
        let announced = memory.announced
        if announced.ietfFragmentation.count == 2 { say("IETF Fragmentation is enabled") }
        if announced.ciscoFragmentation.count == 2 { say("Cisco Fragmentation is enabled") }
        if announced.deleteReason.count == 2 { say("Cisco DeleteReason Notify is enabled", detail: .internal) }
        say("Completed SA init exchange")
    }

    /// The end of an exchange that failed, and of its SA.
    mutating func abort() {
        trace("EXIT", "EV_ABORT EV_CHK_PENDING_ABORT EV_UPDATE_CAC_STATS")
        say("Abort exchange")
        say("Deleting SA")
        memory.end()
    }

    /// Takes in what a message of IKE_SA_INIT tells of its sender.
    func note(announced chain: PayloadChain) {
        memory.nat.take(message.natDiscovery, from: message.sender)
        for payload in chain.payloads {
            switch payload.content {
            case .ikev2(.notify(let notify)) where notify.type == .fragmentationSupported:
                memory.announced.ietfFragmentation.insert(message.sender)
            case .vendorID:
                switch VendorWords.kind(chain.slice(payload.body)) {
                case .fragmentation: memory.announced.ciscoFragmentation.insert(message.sender)
                case .deleteReason: memory.announced.deleteReason.insert(message.sender)
                case .other: break
                }
            default: break
            }
        }
    }
}

/// The vendor IDs that Cisco's IKEv2 knows by name.
enum VendorWords {
    enum Kind { case fragmentation, deleteReason, other }

    static func kind(_ bytes: ArraySlice<UInt8>) -> Kind {
        if bytes.elementsEqual(fragmentation) { return .fragmentation }
        return bytes.elementsEqual(deleteReason) ? .deleteReason : .other
    }

    private static let fragmentation: [UInt8] = [
        0x40, 0x48, 0xb7, 0xd5, 0x6e, 0xbc, 0xe8, 0x85, 0x25, 0xe7, 0xde, 0x7f, 0x00, 0xd6, 0xc2, 0xd3,
    ]
    private static let deleteReason = Array("CISCO-DELETE-REASON".utf8)
}
