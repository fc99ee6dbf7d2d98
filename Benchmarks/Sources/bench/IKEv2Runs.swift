import Foundation

/// The capture of negotiations of IKEv2: the whole transcript, with a row of SK_* for each and the PSK that AUTH is made of.
struct IKEv2Runs {
    let track: Track

    func run(_ capture: MadeCapture, fewer: MadeCapture, _ bounds: inout Bounds) throws {
        let count = capture.truth.negotiations
        say("\n\(capture.megabytes.figure(0)) MB: \(count) negotiations of IKEv2, \(capture.truth.ike) messages")
        let keys = capture.rows
        let closed = track.ikescope(["debug", "--quiet", "--jobs", "1", capture.path])
        let debug = track.ikescope(["debug", "--quiet", "--jobs", "1", "--keys", keys, capture.path])
        let few = track.ikescope(["debug", "--quiet", "--jobs", "1", "--keys", fewer.rows, fewer.path])
        let packets = track.ikescope(["packets", "-v", "--quiet", "--jobs", "1", "--keys", keys, capture.path])
        let tree = track.program("tshark -V", ["tshark", "-n", "-r", capture.path, "-V"])
        let profile = try track.exportTables(of: capture, keys)
        let opened = track.program(
            "tshark -V, with keys",
            ["env", "WIRESHARK_CONFIG_DIR=\(profile)", "tshark", "-n", "-r", capture.path, "-V"])
        try track.run([closed, debug, packets, few, tree, opened], on: capture)

        track.table.add(closed, capture, beside: nil)
        track.table.add(debug, capture, beside: nil)
        track.table.add(packets, capture, beside: nil)
        track.table.add(tree, capture, beside: closed)
        track.table.add(opened, capture, beside: debug)
        track.table.add(few, fewer, beside: nil)

        bounds.memory(closed)
        bounds.least("debug of IKEv2 without keys: times as fast as tshark -V", tree.seconds / closed.seconds, 5)
        bounds.least(
            "debug of IKEv2 with keys: times as fast as tshark -V with keys", opened.seconds / debug.seconds, 1.2)
        let each = (debug.seconds / Double(count)) / (few.seconds / Double(fewer.truth.negotiations))
        bounds.most("time of one IKEv2 of \(count) beside one of \(fewer.truth.negotiations)", each, 1.2)
        bounds.equal(
            "messages of IKEv2",
            [
                "made": capture.truth.ike, "ikescope": Findings.messages(debug.output),
                "tshark": Lines.count(tree.output, start: "Frame "),
            ])
        bounds.equal(
            "IKE_AUTH read, and both sides proved",
            [
                "made": 2 * count,
                "opened": Lines.count(debug.output, start: "! frame ", "IKE_AUTH", " · decrypted: "),
                "tshark": Lines.count(opened.output, start: "", "Payload: Authentication (39)"),
                "proved": Lines.count(debug.output, start: "! AUTH of ", " is verified with psk[0]"),
            ])
        bounds.equal(
            "pairs of ESP SAs with keys",
            ["made": count, "ikescope": Lines.count(debug.output, start: "!   their keys follow from ike[")])
    }
}
