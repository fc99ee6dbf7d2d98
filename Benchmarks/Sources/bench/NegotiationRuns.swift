import Foundation

/// The capture of negotiations: the whole transcript, opened by SKEYIDs and by Diffie-Hellman exponents.
struct NegotiationRuns {
    let track: Track

    /// The generator's group and the bits of its exponents.
    private static let group = 2
    private static let exponentBits = 256

    func run(_ capture: MadeCapture, fewer: MadeCapture, _ bounds: inout Bounds) throws {
        let count = capture.truth.negotiations
        say("\n\(capture.megabytes.figure(0)) MB: \(count) negotiations, \(capture.truth.ike) messages of IKE")
        let empty = try emptyCapture(like: capture)
        let closed = track.ikescope(["debug", "--quiet", "--jobs", "1", capture.path])
        let debug = track.ikescope(["debug", "--quiet", "--jobs", "1", "--keys", capture.skeyids, capture.path])
        let twice = track.ikescope(["debug", "--quiet", "--jobs", "2", "--keys", capture.skeyids, capture.path])
        let exponents = track.ikescope(["debug", "--quiet", "--keys", capture.keys, capture.path])
        let few = track.ikescope(["debug", "--quiet", "--jobs", "1", "--keys", fewer.skeyids, fewer.path])
        let keysAlone = track.ikescope(["debug", "--quiet", "--jobs", "1", "--keys", capture.skeyids, empty])
        let nothing = track.ikescope(["debug", "--quiet", "--jobs", "1", empty])
        let tree = track.program("tshark -V", ["tshark", "-n", "-r", capture.path, "-V"])
        // One for each negotiation, and one for the public value of each exponent of the pool.
        let floor = track.program(
            "modular exponentiations alone",
            Floor.own("modexp", "\(Self.group)", "\(Self.exponentBits)", "\(count + 1000)"))
        try track.run([closed, debug, twice, exponents, few, keysAlone, nothing, tree, floor], on: capture)

        track.table.add(closed, capture, beside: nil)
        track.table.add(debug, capture, beside: nil)
        track.table.add(twice, capture, beside: nil)
        track.table.add(tree, capture, beside: debug)
        track.table.add(exponents, capture, beside: nil)
        track.table.add(floor, capture, beside: exponents)
        track.table.add(few, fewer, beside: nil)

        let held = max(0, keysAlone.memory - nothing.memory)
        bounds.memory(closed)
        for runner in [debug, twice, exponents] { bounds.memory(runner, keys: held) }
        bounds.least("debug with SKEYIDs: times as fast as tshark -V without keys", tree.seconds / debug.seconds, 5)
        bounds.least("debug with SKEYIDs, --jobs 2: times as fast", tree.seconds / twice.seconds, 8)
        bounds.most("debug with exponents: times the exponentiations alone", exponents.seconds / floor.seconds, 1.3)
        let each = (debug.seconds / Double(count)) / (few.seconds / Double(fewer.truth.negotiations))
        bounds.most("time of one of \(count) beside one of \(fewer.truth.negotiations)", each, 1.2)
        bounds.equal(
            "messages of negotiations",
            [
                "made": capture.truth.ike, "ikescope": Findings.messages(debug.output),
                "tshark": Lines.count(tree.output, start: "Frame "),
            ])
        bounds.equal(
            "Quick Modes read",
            [
                "made": count,
                "SKEYIDs": Lines.count(debug.output, start: "! frame ", "Quick Mode 1", " · decrypted: "),
                "exponents": Lines.count(exponents.output, start: "! frame ", "Quick Mode 1", " · decrypted: "),
            ])
        let same = (try? Run.of(["cmp", "-s", debug.output, twice.output])) != nil
        bounds.hold("--jobs 2 prints the transcript of --jobs 1", same, same ? "equal" : "they differ")
    }

    /// The header alone: what is left is what the keys take.
    private func emptyCapture(like capture: MadeCapture) throws -> String {
        let path = track.folder.appending(path: "empty.pcap").path
        guard let file = FileHandle(forReadingAtPath: capture.path), let head = try file.read(upToCount: 24) else {
            throw RunFailure(description: "\(capture.path) cannot be read")
        }
        try head.write(to: URL(filePath: path))
        return path
    }
}
