import CSeccomp
import Glibc

/// The system calls that a run needs once everything is open.
///
/// Any other call fails as if the kernel did not have it, so that libraries do without it. A call that could only be an
/// attack ends the process.
struct SystemCallFilter {
    private static let allowed = [
        // Files and pipes that are open; names, for reading (see `allowOpening`).
        "read", "readv", "pread64", "preadv", "write", "writev", "pwrite64", "lseek", "close", "fstat", "newfstatat",
        "stat", "lstat", "statx", "fstatfs", "statfs", "fcntl", "fsync", "fdatasync", "ftruncate", "fchmod", "dup",
        "pipe2", "getdents64", "readlink", "readlinkat", "access", "faccessat", "faccessat2", "getcwd",
        // Waiting.
        "poll", "ppoll", "select", "pselect6", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "eventfd2",
        "timerfd_create", "timerfd_settime", "nanosleep", "clock_nanosleep", "pause", "alarm", "restart_syscall",
        // The packet socket that is open.
        "getsockopt", "setsockopt", "recvfrom", "recvmsg",
        // Memory.
        "munmap", "mremap", "madvise", "brk", "mlock", "mlock2", "munlock", "membarrier",
        // Threads and processes.
        "futex", "set_robust_list", "get_robust_list", "rseq", "set_tid_address", "sched_yield", "sched_getaffinity",
        "sched_getparam", "sched_getscheduler", "sched_setscheduler", "getpriority", "setpriority", "getpid", "getppid",
        "gettid", "getuid", "geteuid", "getgid", "getegid", "wait4", "waitid", "exit", "exit_group", "prctl",
        "arch_prctl", "getrlimit", "prlimit64", "getrusage", "times", "sysinfo", "uname", "getrandom", "getcpu",
        // Signals; Landlock restricts their targets.
        "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigtimedwait", "rt_sigsuspend",
        "rt_sigqueueinfo", "kill", "tgkill", "sigaltstack",
        // Time.
        "clock_gettime", "clock_getres", "gettimeofday", "time",
    ]
    /// The calls that create files, for `keys export`.
    private static let making = [
        "rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "mkdir", "mkdirat",
    ]
    private static let attacks = ["execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev"]

    private static let failing: UInt32 = 0x0005_0000 | UInt32(ENOSYS)
    private static let namespaces: UInt64 = 0x7e02_0080

    private let context: scmp_filter_ctx?

    /// - Parameter makesFiles: whether files may be made.
    init(makesFiles: Bool) {
        context = seccomp_init(Self.failing)
        guard context != nil else { return }
        // A tree is faster than a list, and each call is looked up.
        seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2)
        for name in Self.allowed { add(name, SCMP_ACT_ALLOW) }
        for name in Self.attacks { add(name, SCMP_ACT_KILL_PROCESS) }
        // Threads and workers, but no namespaces.
        add("clone", SCMP_ACT_ALLOW, [zero(of: Self.namespaces, in: 0)])
        // Memory that was written never becomes code.
        for name in ["mmap", "mprotect"] { add(name, SCMP_ACT_ALLOW, [zero(of: UInt64(PROT_EXEC), in: 2)]) }
        allowOpening(makesFiles: makesFiles)
        // Requests to a terminal, a pipe and a packet socket, but none that types into a terminal.
        for request in [0x5401, 0x5413, 0x541b, 0x5421, 0x8906, 0x8907, 0x8910, 0x8913, 0x8933] as [UInt64] {
            add("ioctl", SCMP_ACT_ALLOW, [scmp_arg_cmp(arg: 1, op: SCMP_CMP_EQ, datum_a: request, datum_b: 0)])
        }
    }

    /// Puts the filter in force; a kernel without such filters does without it.
    func load() {
        guard context != nil else { return }
        seccomp_load(context)
        seccomp_release(context)
    }

    private func allowOpening(makesFiles: Bool) {
        let writing = UInt64(O_ACCMODE | O_CREAT | O_TRUNC)
        add("open", SCMP_ACT_ALLOW, [zero(of: writing, in: 1)])
        add("openat", SCMP_ACT_ALLOW, [zero(of: writing, in: 2)])
        guard makesFiles else { return }
        for name in Self.making { add(name, SCMP_ACT_ALLOW) }
        // Only new files may be created.
        let new = UInt64(O_CREAT | O_EXCL)
        add("openat", SCMP_ACT_ALLOW, [scmp_arg_cmp(arg: 2, op: SCMP_CMP_MASKED_EQ, datum_a: new, datum_b: new)])
    }

    /// Requires that none of the bits of `mask` is set in the argument.
    private func zero(of mask: UInt64, in argument: UInt32) -> scmp_arg_cmp {
        scmp_arg_cmp(arg: argument, op: SCMP_CMP_MASKED_EQ, datum_a: mask, datum_b: 0)
    }

    private func add(_ name: String, _ action: UInt32, _ conditions: [scmp_arg_cmp] = []) {
        let number = seccomp_syscall_resolve_name(name)
        // Not all architectures have all of them.
        guard number >= 0 else { return }
        seccomp_rule_add_array(context, action, number, UInt32(conditions.count), conditions)
    }
}
