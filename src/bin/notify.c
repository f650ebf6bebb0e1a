/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

void notify_manager(const char *state)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    struct str path = str_from(getenv("NOTIFY_SOCKET"));
    if (path.n < 2 || path.n >= sizeof to.sun_path || (path.p[0] != '/' && path.p[0] != '@'))
        return;
    memcpy(to.sun_path, path.p, path.n);
    if (path.p[0] == '@')
        to.sun_path[0] = 0; /* an abstract name */
    CLEANUP(fd_cleanup) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to,
               (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.n)) < 0) {
        /* The manager notices by itself. */
    }
}

int64_t notify_watchdog_ms(void)
{
    int64_t microseconds, pid;
    struct str for_pid = str_from(getenv("WATCHDOG_PID"));
    if (str_parse_uint(str_from(getenv("WATCHDOG_USEC")), &microseconds) < 0)
        return 0;
    if (for_pid.p && (str_parse_uint(for_pid, &pid) < 0 || pid != getpid()))
        return 0;
    return microseconds / 2000;
}
