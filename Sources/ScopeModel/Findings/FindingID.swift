/// The kind of a finding, by a text that stays as it is: scripts test on it.
///
/// Everything that holds for all findings of a kind stands here, once: the order in which findings are printed, what a
/// capture with losses makes less sure, and the tests that ask for a section of the documentation, a capture that shows the
/// finding and one that must not, all follow from it. A new finding is a case and a row below, and the compiler asks for
/// the row.
public enum FindingID: CaseIterable, Hashable, Sendable {
    // What the capture itself lacks or shows.
    case capSnaplen, capOneWay, capLateStart, capDuplicates, capDrops, capTimeStep, capOffload, capTooLarge,
        capBothSidesOfCrypto, espNoIKE, capNATInside, dhOrKeysWrong, tapsClockOffset, tapsUnrelated
    // Reachability and version.
    case noResponse, peerSilentPolicy, icmpUnreachable, wrongPeerAddress, udp500OneWay, duplicateLoop, spoofOrScan,
        reflectionFlood, versionMismatch, modeMismatch, v2Redirect, reflected
    // Phase 1.
    case p1ProposalMismatch, p1EncrDiffers, p1KeylenDiffers, p1HashDiffers, p1GroupDiffers, p1AuthDiffers,
        noKeyForPeer, v1ChosenNotOffered, v1MalformedClear, p1LifetimeDiffers, v2InvalidKE, v2CookieLoop,
        unsupportedCritical, stalled, errorNotification
    // NAT.
    case natDetected, nattNotOffered, noFloat, nat4500Blocked, nattKeepaliveMissing, tcpEncap, portRemap, mobikeMove,
        natTwoMappings
    // Authentication.
    case pskMismatchMain, pskMismatchAggressive, idMismatch, certExpired, certMissingReq, certNotTrusted,
        certRevocation, certWrongIdentity, sigInvalid, clockSkew, natdIDPrivate, xauthFail, xauthNotExpected,
        modecfgNoAddress, modecfgRejected, pskMismatchV2, authMethodMismatch, eapFail, eapNoMSK, ppkMismatch,
        ppkMissing, ppkUsed
    // Fragments.
    case ikeFragIncomplete, certFragmentLost, v2UnsupportedFrag
    // Phase 2.
    case p2Failed, p2TransformMismatch, idRangeReversed, pfsMismatch, noMapForPeer, proxyIDMismatch,
        encapModeMismatch, qm3Lost, hashPhase2Wrong, p2LifetimeDiffers, tsUnacceptable, proxyIDNarrowed,
        v2ChildNoProposal, v2SinglePair, v2NoAdditionalSAs, childless
    // Traffic.
    case espBlocked, natPlainESP, natBreaksAH, oneWayInner, mtuPTB, espLoss, espReorder, espReplayDrop,
        espSeqRestart, espSeqWrap, hmacError, clearLeak, espSelectorViolation, espPadBad, esnNotChecked,
        nullEncryption, spiReserved, espFragmented, espIdleAfterUp, icvLengthDiffers, espSeqByteOrder, espSeqJump,
        mtuBlackhole, spiShared, peersBehindOneAddress, espMalformed
    // The life of a tunnel.
    case deleteBy, dpdTimeout, dpdLossButESP, dpdPayloadOrder, duplicateIdentity, peerReboot, rekeyFail,
        rekeyCollision, oldSPIUsed, initialContact, simultaneousInit, rekeyStorm, halfOpenFlood, espUnknownSPI,
        dpdOneSided, retransmitStorm, reauth, v2Window, lifetimeExpired
    // Hygiene.
    case weakIKEv1, weakAggressivePSK, weakDES, weak3DES, weakOldCipher, weakMD5, weakSHA1, weakIntegObsolete,
        weakDH1, weakDH2And5, weakDH22To24, weakLifetime, weakNoAuthESP, weakNoPFS, ahNoEncryption, weakPSKFound,
        weakNonceOrCookieReuse

    /// What it is printed as, and how its section of the documentation is called.
    public var text: String { facts.text }
    /// The layer of its findings; a rule may say otherwise of one of them.
    public var layer: Finding.Layer { facts.layer }
    /// How bad it is in most cases; the rule that finds it may say otherwise.
    public var usualSeverity: Finding.Severity { facts.severity }
    /// Whether it rests on something that was not seen.
    public var absence: Absence { facts.absence }
    /// Where it is documented.
    public var page: String { "docs/findings.md#\(text)" }

    /// Whether a finding rests on something that was not seen, and that the capture may have lost.
    public enum Absence: Sendable {
        case none
        /// What is proved follows from what was seen on both sides, or from what a peer says: it stays as it is.
        case unlessProved
        /// A proved one rests on it as well.
        case always
    }

    private struct Facts {
        let text: String
        let layer: Finding.Layer
        let severity: Finding.Severity
        let absence: Absence

        init(_ text: String, _ layer: Finding.Layer, _ severity: Finding.Severity, absence: Absence = .none) {
            (self.text, self.layer, self.severity, self.absence) = (text, layer, severity, absence)
        }
    }

    private var facts: Facts {
        switch self {
        case .capSnaplen: Facts("cap-snaplen", .capture, .note)
        case .capOneWay: Facts("cap-one-way", .capture, .note)
        case .capLateStart: Facts("cap-late-start", .capture, .note)
        case .capDuplicates: Facts("cap-duplicates", .capture, .note)
        case .capDrops: Facts("cap-drops", .capture, .note)
        case .capTimeStep: Facts("cap-time-step", .capture, .note)
        case .capOffload: Facts("cap-offload", .capture, .note)
        case .capTooLarge: Facts("cap-too-large", .capture, .note)
        case .capBothSidesOfCrypto: Facts("cap-both-sides-of-crypto", .capture, .note)
        case .espNoIKE: Facts("esp-no-ike", .capture, .note)
        case .capNATInside: Facts("cap-nat-inside", .capture, .note)
        case .dhOrKeysWrong: Facts("dh-or-keys-wrong", .capture, .note)
        case .tapsClockOffset: Facts("taps-clock-offset", .capture, .note)
        case .tapsUnrelated: Facts("taps-unrelated", .capture, .warning)
        case .noResponse: Facts("no-response", .reachability, .error, absence: .unlessProved)
        case .peerSilentPolicy: Facts("peer-silent-policy", .reachability, .error, absence: .unlessProved)
        case .icmpUnreachable: Facts("icmp-unreachable", .reachability, .error)
        case .wrongPeerAddress: Facts("wrong-peer-address", .reachability, .error)
        case .udp500OneWay: Facts("udp500-one-way", .reachability, .error, absence: .unlessProved)
        case .duplicateLoop: Facts("duplicate-loop", .reachability, .warning)
        case .spoofOrScan: Facts("spoof-or-scan", .reachability, .warning)
        case .reflectionFlood: Facts("reflection-flood", .reachability, .warning)
        case .versionMismatch: Facts("version-mismatch", .version, .error)
        case .modeMismatch: Facts("mode-mismatch", .version, .error)
        case .v2Redirect: Facts("v2-redirect", .reachability, .note)
        case .reflected: Facts("reflected", .reachability, .error)
        case .p1ProposalMismatch: Facts("p1-proposal-mismatch", .phase1, .error)
        case .p1EncrDiffers: Facts("p1-encr-differs", .phase1, .note)
        case .p1KeylenDiffers: Facts("p1-keylen-differs", .phase1, .note)
        case .p1HashDiffers: Facts("p1-hash-differs", .phase1, .note)
        case .p1GroupDiffers: Facts("p1-group-differs", .phase1, .note)
        case .p1AuthDiffers: Facts("p1-auth-differs", .phase1, .note)
        case .noKeyForPeer: Facts("no-key-for-peer", .phase1, .error)
        case .v1ChosenNotOffered: Facts("v1-chosen-not-offered", .phase1, .error)
        case .v1MalformedClear: Facts("v1-malformed-clear", .phase1, .error)
        case .p1LifetimeDiffers: Facts("p1-lifetime-differs", .phase1, .note)
        case .v2InvalidKE: Facts("v2-invalid-ke", .phase1, .note)
        case .v2CookieLoop: Facts("v2-cookie-loop", .phase1, .error)
        case .unsupportedCritical: Facts("unsupported-critical", .phase1, .error)
        case .stalled: Facts("stalled", .phase1, .error, absence: .unlessProved)
        case .errorNotification: Facts("error-notification", .phase1, .error)
        case .natDetected: Facts("nat-detected", .nat, .note)
        case .nattNotOffered: Facts("natt-not-offered", .nat, .warning)
        case .noFloat: Facts("no-float", .nat, .error)
        case .nat4500Blocked: Facts("nat4500-blocked", .nat, .error, absence: .unlessProved)
        case .nattKeepaliveMissing: Facts("natt-keepalive-missing", .nat, .warning)
        case .tcpEncap: Facts("tcp-encap", .nat, .note)
        case .portRemap: Facts("port-remap", .nat, .note)
        case .natTwoMappings: Facts("nat-two-mappings", .nat, .warning)
        case .mobikeMove: Facts("mobike-move", .nat, .note)
        case .pskMismatchMain: Facts("psk-mismatch-main", .authentication, .error, absence: .unlessProved)
        case .pskMismatchAggressive: Facts("psk-mismatch-aggressive", .authentication, .error)
        case .idMismatch: Facts("id-mismatch", .authentication, .error)
        case .certExpired: Facts("cert-expired", .authentication, .error)
        case .certMissingReq: Facts("cert-missing-req", .authentication, .error)
        case .certNotTrusted: Facts("cert-not-trusted", .authentication, .error)
        case .certRevocation: Facts("cert-revocation", .authentication, .error)
        case .certWrongIdentity: Facts("cert-wrong-identity", .authentication, .error)
        case .sigInvalid: Facts("sig-invalid", .authentication, .error)
        case .clockSkew: Facts("clock-skew", .authentication, .note)
        case .natdIDPrivate: Facts("natd-id-private", .authentication, .note)
        case .xauthFail: Facts("xauth-fail", .userAuthentication, .error)
        case .xauthNotExpected: Facts("xauth-not-expected", .userAuthentication, .error, absence: .unlessProved)
        case .modecfgNoAddress: Facts("modecfg-no-address", .userAuthentication, .error)
        case .modecfgRejected: Facts("modecfg-rejected", .userAuthentication, .error)
        case .pskMismatchV2: Facts("psk-mismatch-v2", .authentication, .error)
        case .authMethodMismatch: Facts("auth-method-mismatch", .authentication, .error)
        case .eapFail: Facts("eap-fail", .userAuthentication, .error)
        case .eapNoMSK: Facts("eap-no-msk", .userAuthentication, .note)
        case .ppkMismatch: Facts("ppk-mismatch", .authentication, .error)
        case .ppkMissing: Facts("ppk-missing", .authentication, .note)
        case .ppkUsed: Facts("ppk-used", .authentication, .note)
        case .ikeFragIncomplete: Facts("ike-frag-incomplete", .fragments, .error)
        case .certFragmentLost: Facts("cert-fragment-lost", .fragments, .error)
        case .v2UnsupportedFrag: Facts("v2-unsupported-frag", .fragments, .note)
        case .p2Failed: Facts("p2-failed", .phase2, .error, absence: .unlessProved)
        case .p2TransformMismatch: Facts("p2-transform-mismatch", .phase2, .error)
        case .idRangeReversed: Facts("id-range-reversed", .phase2, .warning)
        case .pfsMismatch: Facts("pfs-mismatch", .phase2, .error)
        case .noMapForPeer: Facts("no-map-for-peer", .phase2, .error)
        case .proxyIDMismatch: Facts("proxy-id-mismatch", .phase2, .error)
        case .encapModeMismatch: Facts("encap-mode-mismatch", .phase2, .note)
        case .qm3Lost: Facts("qm3-lost", .phase2, .error, absence: .unlessProved)
        case .hashPhase2Wrong: Facts("hash-phase2-wrong", .phase2, .error)
        case .p2LifetimeDiffers: Facts("p2-lifetime-differs", .phase2, .note)
        case .tsUnacceptable: Facts("ts-unacceptable", .phase2, .error)
        case .proxyIDNarrowed: Facts("proxy-id-narrowed", .phase2, .warning)
        case .v2ChildNoProposal: Facts("v2-child-no-proposal", .phase2, .error)
        case .v2SinglePair: Facts("v2-single-pair", .phase2, .warning)
        case .v2NoAdditionalSAs: Facts("v2-no-additional-sas", .phase2, .warning)
        case .childless: Facts("childless", .phase2, .note)
        case .espBlocked: Facts("esp-blocked", .traffic, .error, absence: .unlessProved)
        case .natPlainESP: Facts("nat-plain-esp", .traffic, .error)
        case .natBreaksAH: Facts("nat-breaks-ah", .traffic, .error)
        case .oneWayInner: Facts("one-way-inner", .traffic, .error, absence: .unlessProved)
        case .mtuPTB: Facts("mtu-ptb", .traffic, .warning)
        case .espLoss: Facts("esp-loss", .traffic, .warning)
        case .espReorder: Facts("esp-reorder", .traffic, .warning)
        case .espReplayDrop: Facts("esp-replay-drop", .traffic, .warning)
        case .espSeqRestart: Facts("esp-seq-restart", .traffic, .warning)
        case .espSeqWrap: Facts("esp-seq-wrap", .traffic, .warning)
        case .hmacError: Facts("hmac-error", .traffic, .warning)
        case .clearLeak: Facts("clear-leak", .traffic, .warning)
        case .espSelectorViolation: Facts("esp-selector-violation", .traffic, .warning)
        case .espPadBad: Facts("esp-pad-bad", .traffic, .warning)
        case .esnNotChecked: Facts("esn-not-checked", .traffic, .note)
        case .nullEncryption: Facts("null-encryption", .traffic, .warning)
        case .spiReserved: Facts("spi-reserved", .traffic, .warning)
        case .espFragmented: Facts("esp-fragmented", .traffic, .note)
        case .espIdleAfterUp: Facts("esp-idle-after-up", .traffic, .note)
        case .icvLengthDiffers: Facts("icv-length-differs", .traffic, .error)
        case .espSeqByteOrder: Facts("esp-seq-byte-order", .traffic, .warning)
        case .espSeqJump: Facts("esp-seq-jump", .traffic, .warning)
        case .mtuBlackhole: Facts("mtu-blackhole", .traffic, .warning, absence: .unlessProved)
        case .spiShared: Facts("spi-shared", .traffic, .warning)
        case .peersBehindOneAddress: Facts("peers-behind-one-address", .traffic, .warning)
        case .espMalformed: Facts("esp-malformed", .traffic, .warning)
        case .lifetimeExpired: Facts("lifetime-expired", .life, .error, absence: .unlessProved)
        case .deleteBy: Facts("delete-by", .life, .note)
        case .dpdTimeout: Facts("dpd-timeout", .life, .error, absence: .unlessProved)
        case .dpdLossButESP: Facts("dpd-loss-but-esp", .life, .warning, absence: .unlessProved)
        case .dpdPayloadOrder: Facts("dpd-payload-order", .life, .error)
        case .duplicateIdentity: Facts("duplicate-identity", .life, .warning)
        case .peerReboot: Facts("peer-reboot", .life, .error, absence: .always)
        case .rekeyFail: Facts("rekey-fail", .life, .warning)
        case .rekeyCollision: Facts("rekey-collision", .life, .warning)
        case .oldSPIUsed: Facts("old-spi-used", .life, .warning)
        case .initialContact: Facts("initial-contact", .life, .note)
        case .simultaneousInit: Facts("simultaneous-init", .life, .note)
        case .rekeyStorm: Facts("rekey-storm", .life, .warning)
        case .halfOpenFlood: Facts("half-open-flood", .life, .warning)
        case .espUnknownSPI: Facts("esp-unknown-spi", .life, .error)
        case .dpdOneSided: Facts("dpd-one-sided", .life, .note)
        case .retransmitStorm: Facts("retransmit-storm", .life, .warning)
        case .reauth: Facts("reauth", .life, .note)
        case .v2Window: Facts("v2-window", .life, .warning)
        case .weakIKEv1: Facts("weak-ikev1", .hygiene, .note)
        case .weakAggressivePSK: Facts("weak-aggressive-psk", .hygiene, .warning)
        case .weakDES: Facts("weak-des", .hygiene, .warning)
        case .weak3DES: Facts("weak-3des", .hygiene, .warning)
        case .weakOldCipher: Facts("weak-old-cipher", .hygiene, .warning)
        case .weakMD5: Facts("weak-md5", .hygiene, .warning)
        case .weakSHA1: Facts("weak-sha1", .hygiene, .warning)
        case .weakIntegObsolete: Facts("weak-integ-obsolete", .hygiene, .warning)
        case .weakDH1: Facts("weak-dh-1", .hygiene, .warning)
        case .weakDH2And5: Facts("weak-dh-2-5", .hygiene, .warning)
        case .weakDH22To24: Facts("weak-dh-22-24", .hygiene, .warning)
        case .weakLifetime: Facts("weak-lifetime", .hygiene, .warning)
        case .weakNoAuthESP: Facts("weak-no-auth-esp", .hygiene, .warning)
        case .weakNoPFS: Facts("weak-no-pfs", .hygiene, .note)
        case .ahNoEncryption: Facts("ah-no-encryption", .hygiene, .warning)
        case .weakPSKFound: Facts("weak-psk-found", .hygiene, .warning)
        case .weakNonceOrCookieReuse: Facts("weak-nonce-or-cookie-reuse", .hygiene, .warning)
        }
    }
}

extension FindingID: CustomStringConvertible {
    public var description: String { text }
}
