/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/dial.h"

#include <errno.h>
#include <fcntl.h>

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "net/outbound.h"

static bool is_host_and_port(struct str s)
{
    int64_t port;
    size_t colon = s.n;
    while (colon > 0 && s.p[colon - 1] != ':')
        colon--;
    if (colon < 2 || str_parse_uint(str_skip(s, colon), &port) < 0 || port < 1 || port > 65535)
        return false;
    struct str host = str_first(s, colon - 1);
    bool bracketed = host.p[0] == '[' && host.p[host.n - 1] == ']' && host.n > 2;
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '.' || c == '-';
        bool of_brackets = bracketed && (c == ':' || i == 0 || i == host.n - 1);
        if (!plain && !of_brackets)
            return false;
    }
    return host.n <= 253;
}

static bool is_socket_name(struct str path)
{
    return path.n > 1 && path.p[0] == '/' && path.n < sizeof((struct sockaddr_un *)0)->sun_path &&
           str_find(path, 0) < 0;
}

int dial_check(struct str address)
{
    if (str_starts(address, STR("unix:")))
        return is_socket_name(str_skip(address, 5)) ? 0 : -1;
    if (str_starts(address, STR("tcp:")))
        return is_host_and_port(str_skip(address, 4)) ? 0 : -1;
    return -1;
}

/* A unix socket connects at once, or says that its queue is full. */
static int open_unix(struct str path, int *ret_fd, struct err *err)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    memcpy(to.sun_path, path.p, path.n);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof to) < 0) {
        (void)err_internal(err, "%.*s: %s", STR_ARG(path), strerror(errno));
        fd_cleanup(&fd);
        return -1;
    }
    *ret_fd = fd;
    return 0;
}

/* libcurl resolves, connects and stops there; its socket outlives its handle as a copy. */
static int copy_socket(CURL *curl, int *ret_fd, struct err *err)
{
    curl_socket_t socket_of_curl = CURL_SOCKET_BAD;
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK ||
        curl_easy_getinfo(curl, CURLINFO_ACTIVESOCKET, &socket_of_curl) != CURLE_OK ||
        socket_of_curl == CURL_SOCKET_BAD)
        return err_internal(err, "%s", curl_easy_strerror(code));
    int fd = fcntl(socket_of_curl, F_DUPFD_CLOEXEC, 0);
    if (fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
        fd_cleanup(&fd);
        return err_internal(err, "%s", strerror(errno));
    }
    *ret_fd = fd;
    return 0;
}

static int open_tcp(struct str host_and_port, int64_t timeout_ms, int *ret_fd, struct err *err)
{
    struct outbound outbound = {
        .operators = true, .connect_ms = timeout_ms, .total_ms = timeout_ms, .schemes = "http"};
    CLEANUP(buf_done) struct buf url;
    buf_init(&url, KIB(1));
    buf_printf(&url, "http://%.*s/", STR_ARG(host_and_port));
    buf_add_byte(&url, 0);
    CURL *curl = outbound_new(&outbound);
    if (!curl || buf_is_full(&url) || curl_easy_setopt(curl, CURLOPT_URL, url.p) != CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L) != CURLE_OK) {
        curl_easy_cleanup(curl);
        return err_internal(err, "libcurl does not start");
    }
    int result = copy_socket(curl, ret_fd, err);
    curl_easy_cleanup(curl);
    if (result < 0)
        err_prefix(err, "%.*s", STR_ARG(host_and_port));
    return result;
}

int dial_open(struct str address, int64_t timeout_ms, int *ret_fd, struct err *err)
{
    if (str_starts(address, STR("unix:")))
        return open_unix(str_skip(address, 5), ret_fd, err);
    return open_tcp(str_skip(address, 4), timeout_ms, ret_fd, err);
}
