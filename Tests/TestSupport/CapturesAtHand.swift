/// Every capture that ships, and those of others and broken ones where they lie beside the repository.
public enum CapturesAtHand {
    public static let all: [String] = shipped + wild

    /// By their paths.
    public static let shipped: [String] = Shared.names(inFolder: Shared.root + "/captures").flatMap {
        captures(in: Shared.root + "/captures/" + $0)
    }

    /// Not of this project's making.
    public static let wild: [String] =
        Shared.isThere
        ? ["malformed", "public", "public/psk"].flatMap { captures(in: Shared.root + "/../shared/captures/" + $0) } : []

    private static func captures(in folder: String) -> [String] {
        Shared.names(inFolder: folder).filter { $0.contains(".pcap") }.map { folder + "/" + $0 }
    }
}
