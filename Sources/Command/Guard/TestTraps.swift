import Glibc

/// Causes faults for the tests of the guard, in debug builds alone, at frames that the environment names.
///
/// `IKESCOPE_TRAP=12,end` traps at frame 12 of each file, and at its end; `behind:12` where the frame after it is read;
/// `after:12` at the end, if frame 12 was not left out.
enum TestTraps {
    #if DEBUG
        nonisolated(unsafe) private static var places: [Substring] = []

        nonisolated(unsafe) private static var isDue = false

        static func read() {
            guard let value = getenv("IKESCOPE_TRAP") else { return }
            places = String(cString: value).split(separator: ",")
        }

        static func trap(_ place: FramePlace) {
            guard !places.isEmpty else { return }
            if places.contains("after:\(place.frame)") { isDue = true }
            if place.isEnd, isDue { fault() }
            if places.contains(place.isEnd ? "end" : "\(place.frame)") { fault() }
        }

        static func trap(behind place: FramePlace) {
            if !places.isEmpty, places.contains("behind:\(place.frame)") { fault() }
        }

        /// An overflow, as the sum of two numbers from the wire might cause.
        private static func fault() { _ = UInt8(places.count) + UInt8(clamping: Int.max) }
    #else
        @inline(__always) static func read() {}
        @inline(__always) static func trap(_ place: FramePlace) {}
        @inline(__always) static func trap(behind place: FramePlace) {}
    #endif
}
