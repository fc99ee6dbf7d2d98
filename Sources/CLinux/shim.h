#pragma once
// What Glibc's module leaves out: functions that need _GNU_SOURCE, take a variable number of arguments, or have no
// wrapper in the C library. No header with structures that Glibc's module has as well: their members would be this
// module's in some builds and that one's in others.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// rename(2) that fails with EEXIST where there is something already. Where the file system cannot do that at once, a
// second name is made, which fails in the same way, and the first one goes.
static inline int rename_without_replacing(const char *from, const char *to) {
    if (syscall(SYS_renameat2, -100, from, -100, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    if (link(from, to) != 0)
        return -1;
    unlink(from);
    return 0;
}

// fork(2), which Swift does not offer: for a process without threads.
static inline pid_t fork_process(void) { return fork(); }

// prctl(2) takes a variable number of arguments.
// By signal 9.
static inline int end_with_parent(void) { return prctl(PR_SET_PDEATHSIG, 9, 0, 0, 0); }

static inline int forbid_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

// No core, no /proc/PID/mem for other programs of the same user.
static inline int forbid_dumps(void) {
    uint64_t none[2] = {0, 0};
    syscall(SYS_prlimit64, 0, 4, none, NULL); // RLIMIT_CORE
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

// Root becomes a user, with the groups that `name` is in, or with one group alone.
static inline int become_user(const char *name, uid_t user, gid_t group) {
    if (name != NULL ? initgroups(name, group) != 0 : setgroups(1, &group) != 0)
        return -1;
    if (setgid(group) != 0 || setuid(user) != 0)
        return -1;
    // There must be no way back.
    if (user != 0 && setuid(0) == 0) {
        errno = EPERM;
        return -1;
    }
    return 0;
}

static inline int drop_capabilities(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0, 0, 0}, {0, 0, 0}};
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    for (int capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++) {
    }
    return (int)syscall(SYS_capset, &header, none);
}

// Landlock has no wrappers in the C library. The structure is that of version 6; older kernels take the part of it that
// they know.
struct landlock_rules {
    uint64_t files, ports, scopes;
};

// The kernel's version of Landlock; 0 or less where there is none.
static inline int landlock_version(void) { return (int)syscall(444, NULL, 0, 1); }

static inline int landlock_begin(const struct landlock_rules *rules, int version) {
    return (int)syscall(444, rules, version >= 6 ? 24 : version >= 4 ? 16 : 8, 0);
}

// Allows `access` to what is at `path` and below; nothing where there is no such path.
static inline void landlock_allow(int ruleset, const char *path, uint64_t access) {
    int path_only = 010000000 | O_CLOEXEC; // O_PATH
    int place = open(path, path_only | O_DIRECTORY);
    int is_folder = place >= 0;
    if (!is_folder)
        place = open(path, path_only);
    if (place < 0)
        return;
    struct __attribute__((packed)) {
        uint64_t access;
        int32_t place;
    } rule = {access, place};
    // Of a file: to execute, write, read and truncate it.
    if (!is_folder)
        rule.access &= 0x4007;
    syscall(445, ruleset, 1, &rule, 0);
    close(place);
}

static inline int landlock_enter(int ruleset) { return (int)syscall(446, ruleset, 0); }
