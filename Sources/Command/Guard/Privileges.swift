import CLinux
import Glibc

/// The user that the program becomes when everything is open that only root may open.
enum Privileges {
    struct User {
        /// Nil where the system knows no name for it.
        var name: String?
        var id: uid_t
        var group: gid_t
    }

    /// The user that root becomes: the one asked for, else the one who called sudo; nil where the user does not change.
    static func successor(_ asked: String?) throws(Failure) -> User? {
        if let asked {
            guard geteuid() == 0 else {
                throw Failure("-Z \(asked): only root can become another user", status: .usage)
            }
            guard let entry = getpwnam(asked)?.pointee else {
                throw Failure("-Z \(asked): there is no such user", status: .usage)
            }
            return User(name: asked, id: entry.pw_uid, group: entry.pw_gid)
        }
        guard geteuid() == 0, let invoker = Invoker.user else { return nil }
        let name = getpwuid(invoker.id).map { String(cString: $0.pointee.pw_name) }
        return User(name: name, id: invoker.id, group: invoker.group)
    }

    /// Becomes that user for good; files that are opened from now on are opened, and created, as that user.
    static func become(_ user: User?) throws(Failure) {
        guard let user, geteuid() == 0 else { return }
        let code = user.name.map { become_user($0, user.id, user.group) } ?? become_user(nil, user.id, user.group)
        guard code == 0 else {
            let name = user.name ?? "user \(user.id)"
            throw Failure("cannot become \(name): \(String(cString: strerror(errno)))", status: .notPermitted)
        }
    }
}
