/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/admin_address.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int admin_address(struct str data_dir, struct sockaddr_un *ret_address, int *ret_directory_fd)
{
    int fd = open(data_dir.p, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(ret_address->sun_path, sizeof ret_address->sun_path, "/proc/self/fd/%d/admin.sock",
             fd);
    *ret_directory_fd = fd;
    return 0;
}

int admin_receive(int fd, struct buf *to)
{
    char piece[4096];
    for (;;) {
        ssize_t n = recv(fd, piece, sizeof piece, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -1 : 0;
        buf_add(to, str_make(piece, (size_t)n));
        if (buf_is_full(to)) {
            errno = EMSGSIZE;
            return -1;
        }
    }
}

int admin_send(int fd, struct str text)
{
    while (text.n > 0) {
        ssize_t n = send(fd, text.p, text.n, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            return -1;
        text = str_skip(text, n < 0 ? 0 : (size_t)n);
    }
    return 0;
}
