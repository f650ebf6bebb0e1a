/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"

#define CONNECTIONS_OF_AN_ADDRESS 100
#define FIRST_SOURCE              0x7f010000u /* 127.1.0.0 */

static SSL_CTX *tls_context_new(bool http2)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    CHECK(context);
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    const unsigned char *names = (const unsigned char *)(http2 ? "\x02h2" : "\x08http/1.1");
    CHECK(SSL_CTX_set_alpn_protos(context, names, http2 ? 3 : 9) == 0);
    return context;
}

static int resolve(struct endpoint *endpoint, const char *name, const char *port, struct err *err)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    int status = getaddrinfo(name, port, &hints, &found);
    if (status)
        return err_internal(err, "%s: %s", name, gai_strerror(status));
    memcpy(&endpoint->address, found->ai_addr, found->ai_addrlen);
    endpoint->address_n = found->ai_addrlen;
    freeaddrinfo(found);
    return 0;
}

int endpoint_init(struct endpoint *endpoint, struct str url, bool http2, struct err *err)
{
    *endpoint = (struct endpoint){.http2 = http2, .tls = str_starts(url, STR("https://"))};
    if (!endpoint->tls && !str_starts(url, STR("http://")))
        return err_internal(err, "\"%.*s\" is no http:// or https:// URL", STR_ARG(url));
    struct str rest = str_skip(url, endpoint->tls ? 8 : 7), authority, name, port;
    str_cut(rest, '/', &authority, &rest);
    if (!authority.n || authority.n >= sizeof endpoint->host || rest.n)
        return err_internal(err, "\"%.*s\" is not SCHEME://HOST:PORT", STR_ARG(url));
    snprintf(endpoint->host, sizeof endpoint->host, "%.*s", STR_ARG(authority));
    char name_z[ENDPOINT_HOST_MAX], port_z[8];
    if (!str_cut(authority, ':', &name, &port))
        port = endpoint->tls ? STR("443") : STR("80");
    snprintf(name_z, sizeof name_z, "%.*s", STR_ARG(name));
    snprintf(port_z, sizeof port_z, "%.*s", STR_ARG(port));
    if (resolve(endpoint, name_z, port_z, err) < 0)
        return -1;
    if (endpoint->tls)
        endpoint->tls_context = tls_context_new(http2);
    return 0;
}

void endpoint_done(struct endpoint *endpoint)
{
    SSL_CTX_free(endpoint->tls_context);
}

static void choose_source(struct endpoint *endpoint, int fd)
{
    const struct sockaddr_in *to = (const struct sockaddr_in *)&endpoint->address;
    uint32_t k = endpoint->n_opened++ / CONNECTIONS_OF_AN_ADDRESS;
    if (to->sin_family != AF_INET || ntohl(to->sin_addr.s_addr) >> 24 != 127)
        return;
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(FIRST_SOURCE + k)};
    int on = 1;
    CHECK(setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) == 0);
    CHECK(bind(fd, (struct sockaddr *)&from, sizeof from) == 0);
}

int endpoint_connect(struct endpoint *endpoint)
{
    int fd = socket(endpoint->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    choose_source(endpoint, fd);
    if (connect(fd, (struct sockaddr *)&endpoint->address, endpoint->address_n) < 0 &&
        errno != EINPROGRESS) {
        int kept = errno;
        close(fd);
        errno = kept;
        return -1;
    }
    return fd;
}
