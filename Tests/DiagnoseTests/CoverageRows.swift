import AnalysisSupport
import IKEScope
import ScopeCrypto
import ScopeModel
import TestSupport
import Testing

@testable import ScopeDiagnose

/// A capture, and the keys that go with it.
enum Shown: Sendable {
    /// Below `captures/`, with its keys and without.
    case shipped(String)
    /// Below `captures/`, with its keys alone, and without keys alone.
    case keyed(String)
    case blind(String)
    /// A scenario of the lab and a file of it, with its keys.
    case lab(String, String = "capture.pcap")
    /// A scenario of IKEv2 and a file of it, with its keys; with the same name, without them.
    case labV2(String, String = "capture.pcap")
    case blindV2(String)
    /// Below the folder of shared captures, with the keys beside it, if there are any.
    case shared(String)
    /// Below the folder of what was observed of daemons.
    case observed(String)
    /// A small change to a capture that ships.
    case made(@Sendable () throws -> Found?)

    /// What is found in it: with keys, and without, where both are asked for; empty where the lab is absent.
    func found() throws -> [Found] {
        switch self {
        case .shipped(let name): return [try ShippedTests.found(name), try Found(ShippedTests.base(name) + ".pcap")]
        case .keyed(let name): return [try ShippedTests.found(name)]
        case .blind(let name): return [try Found(ShippedTests.base(name) + ".pcap")]
        case .lab(let name, let file):
            let lab = LabScenario(name)
            guard let path = lab.path(file) else { return [] }
            return [try Found(path, keys: [lab.keys("all")].compactMap { $0 })]
        case .labV2(let name, let file):
            guard let lab = IKEv2Scenario.named(name), let path = lab.path(file) else { return [] }
            return [try Found(path, keys: [lab.keys("all")].compactMap { $0 })]
        case .blindV2(let name):
            guard let path = IKEv2Scenario.named(name)?.path("capture.pcap") else { return [] }
            return [try Found(path)]
        case .shared(let name):
            guard let path = Shared.path("captures/" + name + ".pcap") else { return [] }
            let keys = Shared.path("captures/" + name + ".keys.json")
            return [try Found(path, keys: keys.map { [try KeyFile.load($0)] } ?? [])]
        case .observed(let name):
            guard let path = Shared.path("reference/observed/" + name) else { return [] }
            return [try Found(path)]
        case .made(let make): return [try make()].compactMap { $0 }
        }
    }

    /// The change that `MadeCases` makes for this finding.
    static func made(_ id: FindingID) -> Shown { .made { try MadeCases.found(id) } }

    /// Two captures, as if of two taps.
    static func taps(_ a: String, _ b: String) -> Shown {
        .made {
            let taps = TwoTaps()
            for event in try Analysis.of(ShippedTests.base(a) + ".pcap").events { taps.take(event, at: .a) }
            for event in try Analysis.of(ShippedTests.base(b) + ".pcap").events { taps.take(event, at: .b) }
            return Found(taps.findings(names: ("a", "b")))
        }
    }
}

/// What shows a finding, and its near miss: a capture like it in kind, without the fault.
///
/// It is one table with a line for each finding, so it is as long as there are findings: it stands in one place so that a
/// new finding has one place to go to. What is made of a capture by a small change has the capture itself as its near miss, or another change to it.
struct CoverageRow: CustomTestStringConvertible, Sendable {
    let shown: Shown
    let nearMiss: Shown
    let id: FindingID
    var testDescription: String { id.text }

    private init(_ id: FindingID, _ shown: Shown, not nearMiss: Shown) {
        (self.id, self.shown, self.nearMiss) = (id, shown, nearMiss)
    }

    static let all: [CoverageRow] = FindingID.allCases.map { row($0) }

    private static let tunnel = Shown.shipped("main-mode/raw-esp")

    /// A new finding gets its row here: the compiler asks for it.
    private static func row(_ id: FindingID) -> CoverageRow {
        func row(_ shown: Shown, not nearMiss: Shown) -> CoverageRow { CoverageRow(id, shown, not: nearMiss) }
        switch id {
        // The capture.
        case .capSnaplen: return row(.made(id), not: tunnel)
        // ESP goes one way, and IKE both.
        case .capOneWay: return row(.made(id), not: .shipped("failures/no-return-traffic"))
        case .capLateStart, .espNoIKE: return row(.lab("81-ah-v4"), not: .lab("54a-ah-tunnel"))
        case .capDuplicates: return row(.shipped("nat/both-sides-any"), not: .shipped("nat/outside"))
        case .capDrops: return row(.made(id), not: tunnel)
        case .capTimeStep:
            return row(
                .made { try MadePathTests.clock(seconds: 3600) }, not: .made { try MadePathTests.clock(seconds: 0) })
        case .capOffload:
            return row(
                .made { try MadePathTests.checksum(isOfPseudoHeader: true) },
                not: .made { try MadePathTests.checksum(isOfPseudoHeader: false) })
        case .capTooLarge:
            return row(
                .made {
                    Found(playing: try MemoryTests.flooded(behind: 8), limits: MemoryTests.limits(bytes: 200_000))
                },
                not: .made { Found(playing: try MemoryTests.flooded(behind: 8)) })
        case .capBothSidesOfCrypto:
            return row(
                .made { try MadePathTests.clear(MadePathTests.isInside) },
                not: .made { try MadePathTests.clear(MadePathTests.isOther) })
        case .capNATInside:
            return row(.lab("15d-natt-true", "capture-inside-nat.pcap"), not: .lab("15d-natt-true"))
        case .dhOrKeysWrong:
            return row(.made { try MadeTests().wrongSecret() }, not: .made { try MadeTests().otherExponent() })
        case .tapsClockOffset:
            return row(
                .taps("main-mode/raw-esp", "main-mode/raw-esp"), not: .taps("main-mode/raw-esp", "rekey/raw-esp-rekey"))
        case .tapsUnrelated:
            return row(
                .taps("main-mode/raw-esp", "rekey/raw-esp-rekey"), not: .taps("main-mode/raw-esp", "main-mode/raw-esp"))

        // Reachability and version.
        // A later message is not answered.
        case .noResponse: return row(.lab("13a-peer-silent"), not: .lab("13c-msg3-lost"))
        // Nothing shows that the peer lives.
        case .peerSilentPolicy:
            return row(
                .made { try MadeIKETests().renewal(after: 25_000, hasKeys: true) }, not: .lab("13a-peer-silent"))
        case .icmpUnreachable: return row(.made(id), not: .made(.mtuPTB))
        case .wrongPeerAddress:
            return row(.made { try MadeTests().answered() }, not: .made { try MadeTests().answered(fromOther: false) })
        // A later answer is lost on its way back.
        case .udp500OneWay:
            return row(.made { try MadeTests().firstMessages(times: 3) }, not: .shared("cases/stall-mm4-lost"))
        // At two points of one way.
        case .duplicateLoop:
            return row(.made { try MadePathTests.copies([2, 4, 6, 8]) }, not: .made { try MadePathTests.copies([1]) })
        // Answers of twenty hosts, and of four.
        case .reflectionFlood:
            return row(
                .blind("cases/up-reflected-mm2"), not: .made { try NotificationTests.reflected(by: 4) })
        case .spoofOrScan: return row(.lab("71-ike-scan"), not: .lab("10a-p1-mismatch"))
        // Refused for another reason.
        case .versionMismatch: return row(.made(id), not: .made { try MadeIKETests().refused(type: 14) })
        case .v2Redirect: return row(.labV2("151a-v2-redirect"), not: .shipped("ikev2/psk"))
        case .modeMismatch: return row(.observed("mode.pcap"), not: .shipped("failures/aggressive-psk"))

        // Phase 1.
        case .p1ProposalMismatch: return row(.shipped("failures/phase1-hash"), not: .made { try MadeIKETests().refused(type: 7) })
        case .p1EncrDiffers, .p1KeylenDiffers, .p1GroupDiffers, .p1AuthDiffers:
            return row(.made { try ProposalTests.differing(in: id) }, not: .shipped("failures/phase1-hash"))
        case .p1HashDiffers:
            return row(
                .shipped("failures/phase1-hash"), not: .made { try ProposalTests.differing(in: .p1GroupDiffers) })
        case .noKeyForPeer: return row(.observed("v1-nokey.pcap"), not: .shipped("failures/phase1-proposal"))
        // The same value on both sides.
        case .v1ChosenNotOffered:
            return row(.made(id), not: .made { try MadeIKETests().agreed(.group, 5) })
        case .v1MalformedClear:
            return row(
                .made { try MadeIKETests().refused(type: 16) }, not: .made { try MadeIKETests().refused(type: 14) })
        case .p1LifetimeDiffers:
            return row(
                .made { try MadeIKETests().phase1Lifetime(seconds: 7200) },
                not: .made { try MadeIKETests().phase1Lifetime(seconds: 28_800) })

        // Asked once more, with success or without.
        case .v2InvalidKE: return row(.labV2("212a-v2-invalid-ke-loop"), not: .labV2("150a-v2-cookie"))
        case .v2CookieLoop: return row(.labV2("211a-v2-cookie-loop"), not: .labV2("150a-v2-cookie"))
        case .unsupportedCritical: return row(.labV2("214a-v2-critical"), not: .labV2("213a-v2-major-version"))
        // The exchange type is refused, and the proposal.
        case .errorNotification:
            return row(
                .made { try MadeIKETests().refused(type: 7) }, not: .made { try MadeIKETests().refused(type: 14) })
        // It stops there, and goes on.
        case .stalled:
            return row(
                .made { try MadeIKEv2Tests.stopped(behind: 2, seconds: 60) }, not: .shipped("ikev2/psk"))

        // NAT.
        // Seen on both sides of a NAT, with the hashes of each side.
        case .natDetected: return row(.shipped("certificates/aggressive-ecdsa"), not: .shipped("nat/both-sides-any"))
        case .nattNotOffered:
            return row(
                .made { try MadePathTests.natTraversal(offered: false, port: 273) },
                not: .made { try MadePathTests.natTraversal(offered: true, port: 273) })
        case .noFloat:
            return row(
                .made { try MadePathTests.onPort500(isTranslated: true) },
                not: .made { try MadePathTests.onPort500(isTranslated: false) })
        // Message 5 is repeated on UDP 4500, and answered.
        case .nat4500Blocked:
            return row(.shipped("failures/udp-4500-blocked"), not: .shipped("failures/different-psk"))
        // Another address against another port.
        case .mobikeMove: return row(.labV2("152a-v2-mobike-move"), not: .made { try MadePathTests.otherPort() })
        case .nattKeepaliveMissing:
            return row(
                .made { try MadePathTests.silence(seconds: 300, keepsAlive: false) },
                not: .made { try MadePathTests.silence(seconds: 300, keepsAlive: true) })
        case .tcpEncap: return row(.made { try MadePathTests.inTCP() }, not: tunnel)
        case .portRemap: return row(.made { try MadePathTests.otherPort() }, not: .shipped("nat/outside"))

        // Authentication.
        case .pskMismatchMain: return row(.shipped("failures/different-psk"), not: .shipped("failures/untrusted-ca"))
        case .pskMismatchAggressive:
            return row(.observed("v1-aggr-psk.pcap"), not: .shipped("failures/xauth-refused"))
        case .idMismatch: return row(.blind("certificates/expired"), not: .shipped("failures/different-psk"))
        case .certExpired: return row(.keyed("certificates/expired"), not: .shipped("certificates/ecdsa-chain"))
        case .certMissingReq: return row(.shipped("failures/no-certificate"), not: .shipped("failures/untrusted-ca"))
        case .certNotTrusted: return row(.shipped("failures/untrusted-ca"), not: .shipped("failures/no-certificate"))
        case .certRevocation: return row(.shipped("failures/crl-unreachable"), not: .shipped("failures/untrusted-ca"))
        case .sigInvalid:
            return row(
                .made { try MadeCertificateTests().signature(isWrong: true, hasKeys: true) },
                not: .made { try MadeCertificateTests().signature(isWrong: false, hasKeys: true) })
        case .certWrongIdentity:
            return row(
                .made { try MadeIKEv2Tests.otherIdentity(isNamed: false) },
                not: .made { try MadeIKEv2Tests.otherIdentity(isNamed: true) })
        // With the keys of both sides, and with one that is right on its side.
        case .pskMismatchV2:
            return row(.made { try MadeIKEv2Tests.refused(hasRightKey: false) }, not: .labV2("132a-v2-id-mismatch"))
        case .authMethodMismatch:
            return row(
                .made { try MadeIKEv2Tests.refused(withoutAUTH: true) }, not: .labV2("132a-v2-id-mismatch"))
        case .eapFail: return row(.labV2("121a-v2-eap-mschapv2-fail"), not: .labV2("120a-v2-eap-mschapv2"))
        case .eapNoMSK: return row(.labV2("124a-v2-eap-md5"), not: .labV2("120a-v2-eap-mschapv2"))
        case .ppkMismatch: return row(.labV2("165a-v2-ppk-mismatch"), not: .labV2("164a-v2-ppk"))
        case .ppkMissing: return row(.labV2("224a-v2-no-ppk-auth"), not: .labV2("164a-v2-ppk"))
        case .ppkUsed: return row(.labV2("164a-v2-ppk"), not: .labV2("224a-v2-no-ppk-auth"))
        // Out of its validity, at its other end.
        case .clockSkew:
            return row(
                .made { try MadeCertificateTests().certificates(yearsAgo: 10) }, not: .shipped("certificates/expired"))
        case .natdIDPrivate: return row(.made(id), not: .made { try MadePathTests.onPort500(isTranslated: false) })
        case .xauthFail:
            return row(.shipped("failures/xauth-refused"), not: .shipped("remote-access/xauth-mode-config"))
        case .xauthNotExpected:
            return row(
                .made { try MadeIKETests().question(times: 3) }, not: .made { try MadeIKETests().question(times: 1) })
        case .modecfgRejected:
            return row(.shared("cases/modecfg-short-netmask"), not: .shipped("remote-access/xauth-mode-config"))
        case .modecfgNoAddress:
            return row(.shipped("failures/no-address"), not: .shipped("remote-access/xauth-mode-config"))

        // Fragments: all are there.
        case .ikeFragIncomplete: return row(.made(id), not: .shipped("main-mode/rsa-signatures"))
        case .certFragmentLost: return row(.made(id), not: .lab("18-ike-frag"))

        // IKE fragments take the place of those of IP.
        case .v2UnsupportedFrag:
            return row(.labV2("175a-v2-ip-fragments-lost"), not: .labV2("153a-v2-frag-lost-once"))

        // Phase 2.
        case .p2Failed: return row(.blind("failures/pfs"), not: .blind("failures/xauth-refused"))
        case .p2TransformMismatch: return row(.shipped("failures/pfs"), not: .shipped("failures/proxy-identities"))
        case .idRangeReversed:
            return row(.blind("hostile/selector-range-reversed-v4"), not: .shipped("failures/proxy-identities"))
        case .pfsMismatch: return row(.made(id), not: .made(.encapModeMismatch))
        case .noMapForPeer: return row(.made(id), not: .made(.pfsMismatch))
        case .proxyIDMismatch:
            return row(.shipped("failures/proxy-identities"), not: .shipped("failures/phase2-transform"))
        case .encapModeMismatch: return row(.made(id), not: .shipped("failures/phase2-transform"))
        case .qm3Lost:
            return row(
                .made { try MadeTests().secondMessage(isBehindThird: true) },
                not: .made { try MadeTests().secondMessage(isBehindThird: false) })
        case .hashPhase2Wrong:
            return row(
                .made { try MadeSealedTests().hashed(.wrong) }, not: .made { try MadeSealedTests().hashed(.right) })
        case .p2LifetimeDiffers:
            return row(
                .made { try MadeSealedTests().notified(isLifetime: true) },
                not: .made { try MadeSealedTests().notified(isLifetime: false) })

        case .tsUnacceptable: return row(.labV2("38-v2-ts-unacceptable"), not: .labV2("37c-v2-child-no-proposal"))
        case .v2ChildNoProposal: return row(.labV2("37c-v2-child-no-proposal"), not: .labV2("38-v2-ts-unacceptable"))
        case .proxyIDNarrowed: return row(.labV2("159a-v2-children-narrowing"), not: .labV2("134a-v2-cp-address"))
        case .v2SinglePair:
            return row(
                .made { try MadeIKEv2Tests.refusedChild(type: 34) },
                not: .made { try MadeIKEv2Tests.refusedChild(type: 35) })
        case .v2NoAdditionalSAs:
            return row(.labV2("209a-v2-more-sas"), not: .made { try MadeIKEv2Tests.refusedChild(type: 34) })
        case .childless: return row(.labV2("140a-v2-childless"), not: .labV2("30a-v2-psk"))

        // Traffic.
        case .espBlocked: return row(.lab("69-esp-blocked"), not: .shipped("failures/no-return-traffic"))
        case .natPlainESP:
            return row(
                .made { try MadePathTests.plainESP(isTranslated: true) },
                not: .made { try MadePathTests.plainESP(isTranslated: false) })
        case .natBreaksAH:
            return row(
                .made { try MadePathTests.authenticationHeader(isTranslated: true, hasKeys: true) },
                not: .made { try MadePathTests.authenticationHeader(isTranslated: false, hasKeys: true) })
        case .oneWayInner: return row(.shipped("failures/no-return-traffic"), not: .lab("69-esp-blocked"))
        // Of the initiator and of the responder, several peers, one SA or two.
        case .reflected:
            return row(
                .made { try MadeTrafficTests.back(isReflected: true) },
                not: .made { try MadeTrafficTests.back(isReflected: false) })
        case .natTwoMappings:
            return row(
                .made { try MadeTrafficTests.mappings(isOther: true, hasKeys: true) },
                not: .made { try MadeTrafficTests.mappings(isOther: false, hasKeys: true) })
        case .spiShared: return row(.keyed("cases/same-spi-two-peers"), not: .blind("cases/same-spi-two-receivers"))
        case .peersBehindOneAddress:
            return row(.keyed("cases/two-l2tp-clients-one-nat"), not: .keyed("cases/same-spi-two-peers"))
        // The same segment in another rhythm, the same end at another time.
        case .mtuBlackhole:
            return row(
                .made { try MadeTrafficTests.blackhole(isBackingOff: true) },
                not: .made { try MadeTrafficTests.blackhole(isBackingOff: false) })
        case .lifetimeExpired:
            return row(
                .made { try MadeTrafficTests.lifetime(endsAt: 3600) },
                not: .made { try MadeTrafficTests.lifetime(endsAt: 1000) })
        // ICVs that are wrong for another reason.
        case .icvLengthDiffers: return row(.keyed("cases/l2tp-sha256-96"), not: .keyed("cases/ah-df-not-zeroed"))
        case .espSeqByteOrder:
            return row(
                .made { try MadeTrafficTests.byteOrder(isSwapped: true) },
                not: .made { try MadeTrafficTests.byteOrder(isSwapped: false) })
        case .espSeqJump:
            return row(
                .made { try MadeTrafficTests.sequence(0x4000_0000) },
                not: .made { try MadeTrafficTests.sequence(0x100) })
        case .espMalformed: return row(.blind("cases/esp-of-8-octets"), not: tunnel)
        case .mtuPTB: return row(.made(id), not: .made(.icmpUnreachable))
        // Numbers that begin anew under another SPI are not missing.
        case .espLoss, .espSeqRestart:
            return row(
                .lab(id == .espLoss ? "72-two-taps" : "73-esp-health"), not: .shipped("rekey/raw-esp-rekey"))
        // Loss alone.
        case .espReorder, .espReplayDrop: return row(.lab("73-esp-health"), not: .lab("72-two-taps"))
        case .espSeqWrap:
            return row(
                .made { try MadePathTests.sequence(0xff00_0009) },
                not: .made { try MadePathTests.sequence(0x100) })
        case .hmacError: return row(.lab("84-esp-oddities"), not: .lab("73-esp-health"))
        case .clearLeak:
            return row(
                .made { try MadePathTests.clear(MadePathTests.isOther) },
                not: .made { try MadePathTests.clear(MadePathTests.isInside) })
        case .espSelectorViolation: return row(.made(id), not: tunnel)
        case .espPadBad: return row(.made(id), not: .made(.espSelectorViolation))
        case .esnNotChecked: return row(.made(id), not: .made(.weakNoAuthESP))
        case .nullEncryption: return row(.lab("23-esp-null"), not: .shipped("esp/aes-gcm"))
        case .spiReserved: return row(.made(id), not: tunnel)
        case .espFragmented: return row(.lab("84-esp-oddities"), not: .lab("73-esp-health"))
        case .espIdleAfterUp:
            return row(.made { try MadeTests().idle(seconds: 30) }, not: .made { try MadeTests().idle(seconds: 0) })

        // The life of a tunnel.
        case .deleteBy: return row(.shipped("certificates/aggressive-ecdsa"), not: .shipped("failures/different-psk"))
        case .dpdTimeout: return row(.lab("14-dpd"), not: .shipped("failures/dpd-filtered"))
        case .dpdLossButESP: return row(.shipped("failures/dpd-filtered"), not: .lab("14-dpd"))
        case .dpdPayloadOrder:
            return row(
                .made { try MadeSealedTests().questions(hashIsLast: true) },
                not: .made { try MadeSealedTests().questions(hashIsLast: false) })
        // One that moves.
        case .duplicateIdentity:
            return row(
                .made { try MadeIKETests().identity(in: "certificates/aggressive-ecdsa", from: [31, 32, 31]) },
                not: .made { try MadeIKETests().identity(in: "certificates/aggressive-ecdsa", from: [31, 31, 32]) })
        case .peerReboot: return row(.shipped("failures/peer-restart"), not: .shipped("rekey/raw-esp-rekey"))
        case .rekeyFail: return row(.shipped("failures/rekey-refused"), not: .shipped("rekey/raw-esp-rekey"))
        case .rekeyCollision: return row(.shipped("rekey/rekey-collision"), not: .shipped("rekey/rekey-storm"))
        case .oldSPIUsed:
            return row(
                .made { try MadePathTests.oldSPI(seconds: 120) }, not: .made { try MadePathTests.oldSPI(seconds: 20) })
        case .initialContact:
            return row(.lab("51a-raw-esp-main"), not: .shipped("remote-access/xauth-mode-config"))
        case .simultaneousInit: return row(.shipped("main-mode/both-initiate"), not: .shipped("rekey/rekey-collision"))
        case .rekeyStorm: return row(.shipped("rekey/rekey-storm"), not: .shipped("rekey/raw-esp-rekey"))
        case .halfOpenFlood:
            return row(
                .made { Found(playing: try MemoryTests.flooded(behind: 8, by: 60)) },
                not: .made { Found(playing: try MemoryTests.flooded(behind: 8, by: 40)) })
        case .espUnknownSPI: return row(.made(id), not: .made { try NotificationTests.unknownSPI(behindTraffic: false) })
        case .dpdOneSided: return row(.lab("70-vpnc-xauth"), not: .shipped("remote-access/xauth-mode-config"))
        case .retransmitStorm:
            return row(
                .made { try MadeTests().firstMessage(times: 12) }, not: .made { try MadeTests().firstMessage(times: 5) }
            )

        case .reauth: return row(.labV2("141a-v2-reauth-mbb"), not: .labV2("35a-v2-rekey"))
        case .v2Window:
            return row(
                .made { try MadeIKEv2Tests.informed(type: 9) }, not: .labV2("210a-v2-window"))

        // Hygiene: the next better algorithm, or nothing agreed on.
        case .weakIKEv1:
            return row(.shipped("certificates/aggressive-ecdsa"), not: .shipped("failures/phase1-proposal"))
        case .weakAggressivePSK:
            return row(.shipped("failures/no-address"), not: .shipped("certificates/aggressive-ecdsa"))
        case .weakDES: return row(.made(id), not: .made { try MadeIKETests().agreed(.encryption, 5) })
        case .weak3DES: return row(.lab("01-main-psk-3des"), not: .made(.weakDES))
        case .weakOldCipher: return row(.made(id), not: .made(.weakDES))
        case .weakMD5: return row(.made(id), not: .made { try MadeIKETests().agreed(.hash, 4) })
        case .weakSHA1: return row(.shipped("certificates/ecdsa-chain"), not: .shipped("certificates/aggressive-ecdsa"))
        case .weakIntegObsolete:
            return row(
                .made { try MadeIKETests().agreed(.hash, 3) }, not: .made { try MadeIKETests().agreed(.hash, 1) })
        case .weakDH1: return row(.made(id), not: .made { try MadeIKETests().agreed(.group, 14) })
        case .weakDH2And5: return row(.shipped("failures/different-psk"), not: .shipped("quick-mode/pfs-group14"))
        case .weakDH22To24: return row(.made(id), not: .made { try MadeIKETests().agreed(.group, 14) })
        case .weakLifetime: return row(.lab("70-vpnc-xauth"), not: tunnel)
        // No integrity algorithm, and none needed.
        case .weakNoAuthESP: return row(.made(id), not: .shipped("esp/aes-gcm"))
        case .weakNoPFS: return row(.lab("51a-raw-esp-main"), not: .shipped("quick-mode/pfs-group14"))
        case .ahNoEncryption: return row(.lab("54a-ah-tunnel"), not: .lab("23-esp-null"))
        case .weakPSKFound:
            return row(
                .made { try CatalogueTests.listed(["cisco", "KEY"]).found },
                not: .made { try CatalogueTests.listed(["cisco", "secret"]).found })
        case .weakNonceOrCookieReuse:
            return row(
                .made { try MadeIKETests().again(isOther: true) },
                not: .made { try MadeIKETests().again(isOther: false) })
        }
    }
}
