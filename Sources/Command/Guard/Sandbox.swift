import CLinux
import CSeccomp
import Glibc

/// Restricts the run once everything is open: it may read and write what is open, and work in threads.
///
/// Privileges go for good. Landlock, where the kernel has it, allows only files of the system to be read, of which the
/// C library, the threads and libcrypto open some late. A filter allows the system calls that the run needs.
enum Sandbox {
    /// - Parameters:
    ///   - isWanted: where it is false, only privileges go.
    ///   - folder: the folder in which files are made at the end; nil for none.
    static func enter(isWanted: Bool, writingInto folder: String?) {
        forbid_new_privileges()
        drop_capabilities()
        guard isWanted else {
            if geteuid() == 0 {
                Complaint.say("warning: --no-sandbox: packets are read as root, and without a sandbox")
            }
            return
        }
        // Files that libraries open at their first use are opened now.
        tzset()
        restrictFiles(writingInto: folder)
        SystemCallFilter(makesFiles: folder != nil).load()
    }

    // MARK: Files

    private enum Access {
        static let readFile: UInt64 = 1 << 2
        static let readFolder: UInt64 = 1 << 3
        /// Write to files, remove them, make folders and files.
        static let make: UInt64 = 1 << 1 | 1 << 5 | 1 << 7 | 1 << 8

        /// All that a version of Landlock can forbid, except operations on devices that are open.
        static func all(_ version: Int32) -> UInt64 {
            var access: UInt64 = (1 << 13) - 1
            if version >= 2 { access |= 1 << 13 }
            if version >= 3 { access |= 1 << 14 }
            return access
        }
    }

    /// Folders of the system, which hold nobody's secrets.
    private static let readable = [
        "/usr", "/lib", "/lib64", "/proc", "/sys", "/etc/ssl/openssl.cnf", "/etc/localtime", "/etc/ld.so.cache",
        "/etc/protocols", "/etc/services", "/dev/null", "/dev/urandom",
    ]

    private static func restrictFiles(writingInto folder: String?) {
        let version = landlock_version()
        guard version > 0 else { return }
        // No port may be bound or connected to; signals may go only to processes inside the sandbox.
        var rules = landlock_rules(files: Access.all(version), ports: 3, scopes: 3)
        let ruleset = landlock_begin(&rules, version)
        guard ruleset >= 0 else { return }
        defer { close(ruleset) }
        for path in readable { landlock_allow(ruleset, path, Access.readFile | Access.readFolder) }
        if let folder { landlock_allow(ruleset, folder, Access.make) }
        _ = landlock_enter(ruleset)
    }
}
