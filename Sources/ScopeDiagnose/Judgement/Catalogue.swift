/// Every finding that may be printed, by its stable id.
///
/// Each has a section in docs/findings.md, a capture that shows it and one that must not: a test holds the list to that.
public enum Catalogue {
    public static let ids: [String] = [
        "cap-snaplen", "cap-one-way", "cap-late-start", "cap-duplicates", "cap-drops", "cap-time-step", "cap-offload",
        "cap-too-large",
        "cap-both-sides-of-crypto", "esp-no-ike", "ikev2-not-judged", "cap-nat-inside", "dh-or-keys-wrong",
        "taps-clock-offset",
        "taps-unrelated", "no-response", "peer-silent-policy", "icmp-unreachable", "version-mismatch",
        "mode-mismatch", "wrong-peer-address", "udp500-one-way", "duplicate-loop", "spoof-or-scan",
        "p1-proposal-mismatch", "p1-encr-differs", "p1-keylen-differs", "p1-hash-differs", "p1-group-differs",
        "p1-auth-differs", "no-key-for-peer", "v1-chosen-not-offered", "v1-malformed-clear", "p1-lifetime-differs",
        "nat-detected", "natt-not-offered", "no-float", "nat4500-blocked", "natt-keepalive-missing", "tcp-encap",
        "port-remap", "psk-mismatch-main", "psk-mismatch-aggressive", "id-mismatch", "cert-expired",
        "cert-missing-req", "cert-not-trusted", "cert-revocation", "sig-invalid", "clock-skew", "xauth-fail",
        "xauth-not-expected", "modecfg-no-address", "natd-id-private", "ike-frag-incomplete", "cert-fragment-lost",
        "p2-failed", "p2-transform-mismatch", "id-range-reversed", "pfs-mismatch", "no-map-for-peer",
        "proxy-id-mismatch",
        "encap-mode-mismatch", "qm3-lost", "hash-phase2-wrong", "p2-lifetime-differs", "esp-blocked", "nat-plain-esp",
        "nat-breaks-ah", "one-way-inner", "mtu-ptb", "esp-loss", "esp-reorder", "esp-replay-drop", "esp-seq-restart",
        "esp-seq-wrap", "hmac-error", "clear-leak", "esp-selector-violation", "esp-pad-bad", "esn-not-checked",
        "null-encryption", "spi-reserved", "esp-fragmented", "esp-idle-after-up", "delete-by", "dpd-timeout",
        "dpd-loss-but-esp", "dpd-payload-order", "duplicate-identity", "peer-reboot", "rekey-fail", "rekey-collision",
        "old-spi-used", "initial-contact", "simultaneous-init", "rekey-storm", "half-open-flood", "esp-unknown-spi",
        "dpd-one-sided", "retransmit-storm", "weak-ikev1", "weak-aggressive-psk", "weak-des", "weak-3des",
        "weak-old-cipher", "weak-md5", "weak-sha1", "weak-integ-obsolete", "weak-dh-1", "weak-dh-2-5",
        "weak-dh-22-24", "weak-lifetime", "weak-no-auth-esp", "weak-no-pfs", "ah-no-encryption", "weak-psk-found",
        "weak-nonce-or-cookie-reuse",
    ]
}
