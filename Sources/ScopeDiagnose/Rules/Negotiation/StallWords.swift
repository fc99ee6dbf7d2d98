import ScopeDissect
import ScopeModel
import ScopeWire

/// What is said of a message that nobody answers, by its place: the candidates in the order of their likelihood, and the
/// test that tells them apart.
struct StallWords {
    let summary: String
    let name: String
    var evidence: [String] = []
    var advice: [Finding.Advice]
    var lookAlikes: [String]
    var layer: Finding.Layer?

    /// - Parameter mover: who was to answer, or to go on.
    init(_ attempt: Attempt, _ last: Attempt.Message, mover: Role) {
        let (own, other) = (attempt.address(mover), attempt.address(mover.other))
        name = attempt.fullName(last)
        let arrived = attempt.messages.filter { $0.sender == last.sender && $0.firstFrame < last.firstFrame }
            .map(\.length).max()
        let isLarger = arrived.map { $0 < last.length } ?? false
        let size = isLarger ? "\(last.length) bytes against \(arrived ?? 0)" : ""
        let see = Finding.Advice(
            "see whether \(name) arrives there (a capture, or \(attempt.ios.debug)): if it does, its log says why it keeps silent; if not, the path drops it",
            on: own, ios: [attempt.ios.debug, attempt.ios.showSA])
        advice = [see]
        lookAlikes = ["packets lost on the way, or behind this tap"]
        if isLarger, !last.step.isAnswer {
            evidence.append(
                "it is larger than what arrived before (\(size)): a filter or a path may drop it for its size")
            advice.append(Self.ping(last.length, from: other, to: own))
        }
        switch (last.step.isConfiguration, last.step.isOfChild, last.step.number ?? 0) {
        case (true, _, 2) where mover == last.sender:
            layer = .userAuthentication
            summary =
                "\(own) does not go on after \(name): user and configuration are through, and no Quick Mode follows"
            lookAlikes = [
                "a user that is refused (\(FindingID.xauthFail.text))", "a client that does not like its address",
            ]
        case (true, _, 2) where last.sender == .responder:
            layer = .userAuthentication
            summary = "\(own) does not go on after \(name) of \(other): no Quick Mode follows the configuration"
            lookAlikes = ["a client that does not accept what it is given", "a message lost behind this tap"]
        case (true, _, 2):
            layer = .userAuthentication
            summary =
                "\(own) says nothing more to the answer of \(other) about its user or its address: it, or its AAA server, keeps silent"
            advice.append(
                Finding.Advice(
                    "see whether its AAA server answers", on: own,
                    ios: ["debug aaa authentication", "test aaa group radius USER PASSWORD legacy"]))
            lookAlikes = ["an answer that is lost on the way (XAUTH, CONF_XAUTH)", "Mode Config that ends here"]
        case (true, _, _):
            layer = .userAuthentication
            summary =
                "\(own) does not answer the question of \(other) for a user or an address (Transaction, CONF_XAUTH)"
            lookAlikes = [
                "a peer that knows no XAUTH (\(FindingID.xauthNotExpected.text))", "a message lost on the way",
            ]
        case (_, true, 1):
            layer = .phase2
            summary = "\(own) does not answer \(name) of \(other): phase 2 is not reached"
            lookAlikes += ["a peer that has lost the IKE SA"]
        case (_, true, 2):
            layer = .phase2
            summary = "\(own) does not go on after \(name) of \(other): message 3 never comes"
            lookAlikes = [
                "message 2 lost behind this tap", "a side that refuses the answer", "message 3 lost before this tap",
            ]
        case (_, _, 3) where last.sender == .initiator:
            summary =
                "\(own) answered message 1 of \(other) and not \(name): "
                + (isLarger
                    ? "dropped on the way for its size (\(size)), lost, or no key for this peer there"
                    : "lost on the way, or no key for this peer there")
            advice.append(
                Finding.Advice(
                    "see that there is a key, or a tunnel group, for this peer", on: own,
                    ios: attempt.ios.key(for: other) + ["! ASA: tunnel-group \(other) type ipsec-l2l"]))
            lookAlikes = [
                "no key or tunnel group for this peer (\(FindingID.noKeyForPeer.text))",
                "a message lost behind this tap",
                "answers that do not pass this tap",
            ]
        case (_, _, let number) where number >= 2 && last.sender == .responder && !last.step.isAnswer:
            summary = "\(own) does not go on after \(name) of \(other): lost behind this tap, or refused there"
            lookAlikes =
                attempt.sa.mode == .aggressive
                ? [
                    "different pre-shared keys (\(FindingID.pskMismatchAggressive.text))",
                    "message 2 lost behind this tap",
                ]
                : ["the message lost behind this tap", "an initiator that refuses it and keeps silent"]
        case (_, _, let number) where number >= 4:
            summary = "\(own) does not answer \(name) of \(other)"
            lookAlikes = [
                "different pre-shared keys (\(FindingID.pskMismatchMain.text))", "an identity that is refused",
                "a message lost behind this tap",
            ]
        default:
            summary =
                last.step.isAnswer
                ? "the negotiation stops after \(name) of \(other): \(own) does not go on"
                : "the negotiation stops: \(own) does not answer \(name) of \(other)"
            lookAlikes =
                last.step.isAnswer
                ? ["an answer that is lost behind this tap", "an initiator that refuses the answer and keeps silent"]
                : [
                    "a request or an answer that is lost behind this tap",
                    "a responder that keeps silent on purpose",
                ]
        }
    }

    /// A test with packets of this size.
    static func ping(_ length: Int, from source: IPAddress, to target: IPAddress) -> Finding.Advice {
        Finding.Advice(
            "try packets of that size: where small ones pass and these do not, the path drops them for it", on: source,
            ios: ["ping \(target) size \(max(length, 0) + 28) df-bit"])
    }
}
