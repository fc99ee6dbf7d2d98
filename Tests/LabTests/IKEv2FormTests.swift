import AnalysisSupport
import Foundation
import ScopeCrypto
import ScopeDissect
import ScopeModel
import TestSupport
import Testing

/// The forms in which somebody may have the keys of a tunnel of IKEv2: one form alone has to open all that it can.
enum IKEv2KeyForm: String, CaseIterable, Sendable {
    case initiatorExponent = "dh-private-initiator"
    case responderExponent = "dh-private-responder"
    case shared = "dh-shared"
    /// SK_* as they were in the end, of each IKE SA.
    case sessionKeys = "skeyid"
    /// SK_* after each key exchange of an IKE SA (RFC 9370).
    case everyStep = "stages"
    /// The log of a side.
    case left = "left.log"
    case right = "right.log"
    case leftPluto = "left.pluto.log"
    case rightPluto = "right.pluto.log"
    /// Wireshark's tables, `ikev2_decryption_table` and `esp_sa`.
    case wireshark

    /// The keys in this form; nil where the lab has none.
    func keys(of scenario: IKEv2Scenario) throws -> KeyFile? {
        let rows = try scenario.ikeSAs().map(\.row).filter { $0["SK_d"] != nil }
        guard !rows.isEmpty else { return nil }
        // A tunnel of IKEv1 beside it needs its PSK.
        let psk = scenario.name.contains("v1-and-v2") ? ",psk" : ""
        switch self {
        case .initiatorExponent, .responderExponent:
            let name = self == .initiatorExponent ? "dh_private_i" : "dh_private_r"
            guard rows.allSatisfy({ $0[name] != nil }) else { return nil }
            return try scenario.keys("ppk,\(rawValue)\(psk)")
        case .shared:
            guard rows.allSatisfy({ $0["dh_shared"] != nil || $0["resumed_from"] != nil }) else { return nil }
            return try scenario.keys("ppk,\(rawValue)\(psk)")
        case .sessionKeys: return try scenario.keys(rawValue + psk)
        case .everyStep: return try steps(of: rows, scenario)
        case .left, .right, .leftPluto, .rightPluto: return try log(of: scenario)
        case .wireshark: return try tables(of: scenario)
        }
    }

    private func steps(of rows: [[String: Any]], _ scenario: IKEv2Scenario) throws -> KeyFile? {
        var ike: [[String: Any]] = []
        for row in rows {
            guard let stages = row["stages"] as? [[String: Any]] else { return nil }
            for stage in stages {
                var member: [String: Any] = ["version": 2]
                member["initiator_spi"] = row["spi_i"]
                member["responder_spi"] = row["spi_r"]
                for name in ["SK_d", "SK_ai", "SK_ar", "SK_ei", "SK_er", "SK_pi", "SK_pr"] {
                    if let key = stage[name] as? String, !key.isEmpty { member[name.lowercased()] = key }
                }
                ike.append(member)
            }
        }
        let json = try JSONSerialization.data(withJSONObject: ["schema": "ikescope.keys/1", "ike": ike])
        return try KeyFile(bytes: Array(json), path: "stages.keys.json")
    }

    private func log(of scenario: IKEv2Scenario) throws -> KeyFile? {
        guard scenario.names.contains(rawValue), let path = scenario.path(rawValue), let bytes = Shared.bytes(path)
        else { return nil }
        // A side that never got as far as keys has none to tell.
        let isPluto = self == .leftPluto || self == .rightPluto
        let children = try scenario.truth()?["sas"] as? [[String: Any]] ?? []
        guard isPluto ? !children.isEmpty : try scenario.ikeSAs().contains(where: { covers($0.row) }) else {
            return nil
        }
        return try KeyFile(bytes: bytes, path: path)
    }

    private func tables(of scenario: IKEv2Scenario) throws -> KeyFile? {
        guard let tables = try scenario.truth()?["wireshark"] as? [String: [String]] else { return nil }
        let rows = ["ikev1_decryption_table", "ikev2_decryption_table", "esp_sa"].flatMap { tables[$0] ?? [] }
        guard !rows.isEmpty else { return nil }
        return try KeyFile(bytes: Array((rows.joined(separator: "\n") + "\n").utf8), path: "tables")
    }

    /// IKE SAs whose SK_* this form holds, or what they follow from.
    func covers(_ row: [String: Any]) -> Bool {
        switch self {
        case .initiatorExponent, .responderExponent, .shared, .sessionKeys, .everyStep, .wireshark: true
        // NSS keeps the keys of IKE to itself.
        case .leftPluto, .rightPluto: false
        case .left, .right:
            (row["seen_by"] as? [String] ?? []).contains(rawValue.hasPrefix("left") ? "left" : "right")
        }
    }
}

@Suite("From each form of key alone, every message of IKEv2 and every packet of its children opens")
struct IKEv2FormTests {
    /// What stays closed of a capture: encrypted IKE messages and pieces, ESP packets, AH packets without a right ICV.
    struct Closed: Equatable, CustomStringConvertible {
        var ike = 0
        var esp = 0

        var description: String { "ike \(ike), esp \(esp)" }
    }

    /// What stays closed, and why: by scenario, for all forms or for some.
    private static let expected: [(scenario: String, forms: [IKEv2KeyForm], closed: Closed)] = [
        // One IKE_AUTH request arrives with a bad ICV (RFC 7296 section 3.14).
        ("216a-v2-bad-icv", IKEv2KeyForm.allCases, Closed(ike: 1)),
        // Children with a key exchange of their own: SK_d alone does not give their keys (RFC 7296 section 2.17, RFC 9370
        // section 2.2.4). The secret of the last one of 35a is in nothing that the lab has but the logs' keys of ESP.
        ("35a-v2-rekey", [.shared], Closed(esp: 4)),
        ("35a-v2-rekey", [.sessionKeys], Closed(esp: 24)),
        ("148a-v2-child-invalid-ke", [.sessionKeys], Closed(esp: 4)),
        ("158a-v2-skd-chain", [.sessionKeys], Closed(esp: 10)),
        ("202a-v2-followup-ke", [.everyStep], Closed(esp: 8)),
        ("223a-v2-ipv6-all", [.sessionKeys, .everyStep], Closed(esp: 4)),
        // IKE_INTERMEDIATE has the keys of the step before (RFC 9242 section 3.3.1, RFC 9370 section 2.2.2, RFC 9867 section
        // 3.1); one row for an SA holds those of the last one.
        ("201a-v2-multi-ke", [.sessionKeys, .wireshark], Closed(ike: 2)),
        ("202a-v2-followup-ke", [.sessionKeys], Closed(ike: 2, esp: 8)),
        ("202a-v2-followup-ke", [.wireshark], Closed(ike: 2)),
        ("204a-v2-ppk-intermediate", [.sessionKeys, .wireshark], Closed(ike: 2)),
        // Wireshark 4.0 has no words for CCM, for GCM with a short tag, for AES-XCBC (RFC 3566), for GMAC (RFC 4543), for
        // implicit IVs (RFC 8750), and its rows do not say that numbers have 64 bits (RFC 4303 section 2.2.1).
        ("101a-v2-ccm", [.wireshark], Closed(esp: 19)),
        ("105a-v2-gcm-short-tag", [.wireshark], Closed(esp: 19)),
        ("112a-v2-prf-aes", [.wireshark], Closed(ike: 4, esp: 19)),
        ("114a-v2-gmac", [.wireshark], Closed(esp: 19)),
        ("176a-v2-esn", [.wireshark], Closed(esp: 19)),
        ("205a-v2-esn", [.wireshark], Closed(esp: 25)),
        ("218a-v2-implicit-iv", [.wireshark], Closed(esp: 8)),
    ]

    static let scenarios = IKEv2Scenario.all.filter { !["207a-v2-gikev2", "208a-v2-authip"].contains($0.name) }

    @Test("alone", arguments: scenarios)
    func alone(scenario: IKEv2Scenario) throws {
        guard let path = scenario.path("capture.pcap") else { return }
        let rows = try scenario.ikeSAs()
        for form in IKEv2KeyForm.allCases {
            guard let keys = try form.keys(of: scenario) else { continue }
            let run = try Analysis.of(path, keys: [keys])
            let known = Set(rows.filter { form.covers($0.row) }.map { [$0.initiatorSPI, $0.responderSPI] })
            var closed = Closed()
            for message in run.allMessages where message.message.header.majorVersion == 2 {
                let header = message.message.header
                guard message.message.isEncrypted, known.contains([header.initiatorSPI, header.responderSPI]),
                    !message.isOpened
                else { continue }
                closed.ike += 1
            }
            closed.esp = run.espPackets.count { !$0.isVerified }
            let expected = Self.expected.first { $0.scenario == scenario.name && $0.forms.contains(form) }?.closed
            #expect(closed == expected ?? Closed(), "\(form.rawValue)")
        }
    }
}

@Suite("Rows of SAs whose IV is implicit (RFC 8750)")
struct ImplicitIVRowTests {
    @Test("open every packet by themselves")
    func rows() throws {
        guard let scenario = IKEv2Scenario.named("218a-v2-implicit-iv"), let path = scenario.path("capture.pcap"),
            let keys = try scenario.keys("sa")
        else { return }
        let run = try Analysis.of(path, keys: [keys])
        #expect(run.espPackets.count == 8 && run.espPackets.allSatisfy(\.isVerified))
        #expect(run.allMessages.allSatisfy { !$0.isOpened })
    }
}

@Suite("What a tunnel of IKEv2 lacks is named")
struct IKEv2MissingTests {
    private static let scenario = "35a-v2-rekey"

    /// The lab has no secret of the last child's key exchange: frames 51 and 52, the first exchange of the second IKE SA.
    @Test("the exchange whose secret a child lacks, with the SPIs that stay closed")
    func child() throws {
        guard let scenario = IKEv2Scenario.named(Self.scenario), let path = scenario.path("capture.pcap"),
            let keys = try scenario.keys("dh-shared")
        else { return }
        let run = try Analysis.of(path, keys: [keys])
        let why =
            "the DH secret of CREATE_CHILD_SA 0 of the IKE SA's initiator, which made 0x25f3809d and 0x752d07e7, is missing "
            + "(PFS, group 14): give a DH private exponent of either side, or g^xy for one of these SPIs"
        let closed = run.accounts.filter { $0.verified == 0 }
        #expect(Set(closed.map(\.spi)) == [0x25f3_809d, 0x752d_07e7])
        #expect(closed.allSatisfy { $0.keys == .missing(why) }, "\(closed.map(\.keys))")
        let pairs = run.events.compactMap { if case .ipsecSAs(let pair) = $0.kind { pair.keys } else { nil } }
        #expect(pairs.last == .missing(why) && pairs.count == 4)
    }

    /// Of two IKE SAs, the second made by the first with a key exchange (frames 39 and 40), SK_* of the first alone.
    @Test("the exchange that made an IKE SA, where SK_* are given of the one before it alone")
    func successor() throws {
        guard let scenario = IKEv2Scenario.named(Self.scenario), let path = scenario.path("capture.pcap"),
            let first = try scenario.ikeSAs().first(where: { $0.row["rekeyed_from"] == nil })
        else { return }
        var row: [String: Any] = ["version": 2]
        row["initiator_spi"] = first.row["spi_i"]
        for name in ["SK_d", "SK_ai", "SK_ar", "SK_ei", "SK_er"] { row[name.lowercased()] = first.row[name] }
        let json = try JSONSerialization.data(withJSONObject: ["schema": "ikescope.keys/1", "ike": [row]])
        let run = try Analysis.of(path, keys: [try KeyFile(bytes: Array(json), path: "first.json")])
        let statuses = run.events.compactMap { event -> (spi: UInt64, status: KeyStatus)? in
            if case .ikeKeys(let sa, let status) = event.kind { (sa.initiatorSPI, status) } else { nil }
        }
        let later = statuses.filter { $0.spi == 0xd010_7d85_af77_97c6 }.map(\.status)
        #expect(
            later == [
                .missing(
                    "the DH secret of the CREATE_CHILD_SA exchange that made it is missing: "
                        + "give a DH private exponent of either side, g^xy or SK_*")
            ], "\(statuses)")
        // Frames 7, 8, 11 … 40: the messages of the first one open, and so do the packets of its first child.
        #expect(run.messages.count { $0.isOpened } > 8)
        #expect(run.accounts.filter { [0xaee6_350e, 0xc88b_9397].contains($0.spi) }.allSatisfy { $0.verified == 5 })
        #expect(run.accounts.count { $0.verified == 5 } == 2)
    }
}

extension Analysis {
    /// Messages and the pieces of messages.
    var allMessages: [IKEMessage] {
        events.compactMap {
            switch $0.kind {
            case .ikeMessage(let message), .ikeFragment(let message): message
            default: nil
            }
        }
    }
}
