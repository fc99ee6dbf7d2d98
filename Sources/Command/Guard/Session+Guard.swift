import ScopeCapture
import ScopeCrypto
import ScopeModel
import ScopeWire

extension Session {
    /// Begins the guarded run: all inputs are open, and nothing was read yet.
    func beginGuarded() {
        let hasKeys = configuration.hasKeys || !keys.isEmpty
        if !FaultGuard.hasBegun {
            // libcrypto loads its ciphers while it may still open files.
            if hasKeys { KeyFile.prepareCiphers() }
            Sandbox.enter(isWanted: configuration.isSandboxed, writingInto: configuration.folder)
        }
        let remedy: FaultGuard.Remedy =
            FaultGuard.isRepeatable
            ? .repetition : source.resumptions > 0 ? .continuation(times: source.resumptions) : .none
        FaultGuard.rescue = { [output, sink] in output.rescue(sink) }
        if FaultGuard.begin(remedy, isParallel: jobs > 1), hasKeys { KeyFile.lockSecrets() }
        if FaultGuard.deaths > 0, !FaultGuard.isRepeatable {
            source.resume(time: FaultGuard.deaths, after: Int(clamping: page.place.isEnd ? 0 : page.place.frame))
        }
        page.place = FramePlace(file: firstFile, frame: 0)
    }

    /// Notes that the work on `item` begins; returns false for a frame that is to be left out.
    @inline(__always)
    func isTaken(_ item: CaptureItem, _ source: any CaptureSource, _ firstFile: Int) -> Bool {
        guard case .frame(let frame) = item else { return true }
        let origin = source.origin(of: frame)
        let place = FramePlace(file: firstFile + origin.file, frame: origin.number)
        page.place = place
        if FaultGuard.deaths > 0, !takes(place) { return false }
        TestTraps.trap(place)
        return true
    }

    private func takes(_ place: FramePlace) -> Bool {
        guard FaultGuard.leftOut.contains(place) else { return true }
        // Threads may have written a part of the frame's output before the frame was known to be at fault.
        if place == FaultGuard.leftOut.last { output.leavesOut(pending: sink.count) }
        return false
    }

    /// Whether the frame that was read last is the last one that can be read, or is to be read.
    @inline(__always) var isAtLast: Bool {
        if FaultGuard.deaths > 0, FaultGuard.last == page.place || FaultGuard.trial.map({ frames >= $0 }) ?? false {
            return true
        }
        TestTraps.trap(behind: page.place)
        return false
    }

    /// Notes that all frames were read, so that a later fault belongs to the end.
    func noteEnd() {
        page.lastPlace = page.place
        page.frames = UInt64(clamping: frames)
        page.place = .end(of: firstFile)
        TestTraps.trap(page.place)
    }
}
