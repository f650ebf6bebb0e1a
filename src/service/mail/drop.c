/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/mail/drop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int drop_open(struct str directory, struct err *err)
{
    if (mkdir(directory.p, 0700) == 0 || errno == EEXIST)
        return 0;
    return err_internal(err, "%s: %s", directory.p, strerror(errno));
}

static int fail(const char *path, struct err *err)
{
    return err_internal(err, "%s: %s", path, strerror(errno));
}

static int write_all(int fd, struct str text)
{
    while (text.n) {
        ssize_t n = write(fd, text.p, text.n);
        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0)
            text = str_skip(text, (size_t)n);
    }
    return 0;
}

int drop_write(struct str directory, int64_t id, struct str message, struct err *err)
{
    char path[PATH_MAX], part[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/%lld.eml", directory.p, (long long)id);
    int m = snprintf(part, sizeof part, "%s/%lld.part", directory.p, (long long)id);
    if (n < 0 || m < 0 || (size_t)n >= sizeof path || (size_t)m >= sizeof part)
        return err_internal(err, "the mail directory's path is too long");
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(part, err);
    int result = write_all(fd, message);
    if (close(fd) < 0 || result < 0 || rename(part, path) < 0)
        return fail(part, err);
    return 0;
}
