#pragma once
// What Glibc's module leaves out: functions that need _GNU_SOURCE, take a variable number of arguments, or have no
// wrapper in the C library.
#include <errno.h>
#include <linux/fs.h>
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
