import Glibc

/// The user who started the program through sudo.
enum Invoker {
    struct User: Equatable {
        var id: uid_t
        var group: gid_t
    }

    /// The user whom sudo names; nil when the program does not run as root, or sudo did not start it.
    static let user: User? = {
        guard getuid() == 0, let id = number("SUDO_UID"), let group = number("SUDO_GID") else { return nil }
        return User(id: id, group: group)
    }()

    private static func number(_ name: String) -> UInt32? { getenv(name).flatMap { UInt32(String(cString: $0)) } }
}
