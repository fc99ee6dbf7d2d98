import ScopeDissect
import ScopeModel
import ScopeWire

/// IKE fragments, or IP fragments, that never became whole.
struct FragmentsMissing: Rule {
    func findings(_ pair: PairCase) -> [Finding] {
        var list: [Finding] = []
        let isUp = pair.attempts.contains { $0.isUp }
        // A piece that the capture cut is missing here, and came.
        if pair.cutFrames.isEmpty, let first = pair.incompleteIKE.first {
            list.append(
                Finding(
                    .ikeFragIncomplete, .proved, severity: isUp ? .warning : .error, peers: pair.peers,
                    ikeSA: first.ikeSA, frames: first.frames,
                    summary:
                        "an IKE message in fragments is not complete between \(pair.initiator) and \(pair.responder)",
                    evidence: [first.missing],
                    advice: [
                        Finding.Advice(
                            "make the fragments smaller, and look for what drops them",
                            ios: [pair.ios.fragmentation])
                    ]))
        }
        if let first = pair.incompleteIP.first {
            let awaiting = pair.attempts.first { !$0.isUp && $0.awaitsProof }
            let isAwaited = awaiting != nil
            list.append(
                Finding(
                    isAwaited ? .certFragmentLost : .espFragmented, isAwaited ? .likely : .proved,
                    severity: isAwaited ? .error : .warning, peers: pair.peers, ikeSA: awaiting?.sa.id,
                    frames: first.frames,
                    summary: isAwaited
                        ? "a large IKE message is not complete: IP fragments are missing"
                        : "IP fragments are missing between \(pair.initiator) and \(pair.responder)",
                    evidence: [first.missing, "\(Words.count(pair.incompleteIP.count, "packet")) in all"],
                    advice: [
                        Finding.Advice(
                            "let fragments pass, or avoid them",
                            ios: [pair.ios.fragmentation, "crypto ipsec fragmentation before-encryption"])
                    ]))
        } else if pair.fragmented > 0 {
            list.append(
                Finding(
                    .espFragmented, .proved, peers: pair.peers, frames: pair.fragmentedFrames,
                    summary: "\(Words.count(pair.fragmented, "ESP packet")) came in IP fragments",
                    evidence: ["fragmented after encryption: the receiver puts them together before it decrypts"],
                    advice: [
                        Finding.Advice(
                            "fragment before encryption", ios: ["crypto ipsec fragmentation before-encryption"])
                    ] + PathMTU.advice(1500, pair.accounts.max { $0.longest < $1.longest }, pair)))
        }
        return list
    }
}
