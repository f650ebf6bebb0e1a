/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/data_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* Parents are made with the usual mode, the directory itself for nobody else. */
static int make_directories(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        int result = mkdir(path, 0755);
        *slash = '/';
        if (result < 0 && errno != EEXIST)
            return -1;
    }
    return mkdir(path, 0700) < 0 && errno != EEXIST ? -1 : 0;
}

static void read_holder(int fd, char *to, size_t size)
{
    ssize_t n = pread(fd, to, size - 1, 0);
    to[n > 0 ? n : 0] = 0;
    to[strcspn(to, "\n")] = 0;
}

static int write_holder(int fd)
{
    char text[32];
    int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    return ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)n, 0) != n ? -1 : 0;
}

int data_dir_lock(struct str data_dir, int *ret_fd, struct err *err)
{
    char path[PATH_MAX], holder[32];
    int n = snprintf(path, sizeof path, "%.*s", STR_ARG(data_dir));
    if (n < 0 || (size_t)n >= sizeof path - sizeof "/lock")
        return err_internal(err, "the path of the data directory is too long");
    if (make_directories(path) < 0)
        return err_internal(err, "%s: %s", path, strerror(errno));
    memcpy(path + n, "/lock", sizeof "/lock");
    CLEANUP(fd_cleanup) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_internal(err, "%s: %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK)
            return err_internal(err, "%s: %s", path, strerror(errno));
        read_holder(fd, holder, sizeof holder);
        err_internal(err, "%.*s is in use by process %s", STR_ARG(data_dir), holder);
        return 0;
    }
    if (write_holder(fd) < 0)
        return err_internal(err, "%s: %s", path, strerror(errno));
    *ret_fd = fd;
    fd = -1;
    return 1;
}
