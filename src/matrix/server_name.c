/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/id.h"

#include <arpa/inet.h>
#include <string.h>

/* Appendices, "Server name". */

#define SERVER_NAME_MAX 255
#define IPV6_MAX        45
#define LABEL_MAX       63

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_ipv6(struct str text)
{
    char z[IPV6_MAX + 1];
    unsigned char address[16];
    if (text.n < 2 || text.n > IPV6_MAX || memchr(text.p, '\0', text.n))
        return false;
    memcpy(z, text.p, text.n);
    z[text.n] = '\0';
    return inet_pton(AF_INET6, z, address) == 1;
}

/* Four groups of one to three digits, whatever their values. */
static bool looks_like_ipv4(struct str text)
{
    int groups = 1;
    size_t digits = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '.') {
            if (digits == 0)
                return false;
            groups++;
            digits = 0;
        } else if (!is_digit(text.p[i]) || ++digits > 3) {
            return false;
        }
    }
    return groups == 4 && digits > 0;
}

/* Without leading zeros, which some read as octal. */
static bool is_ipv4(struct str text)
{
    struct str group, rest = text;
    for (int i = 0; i < 4; i++) {
        int64_t value;
        if (str_cut(rest, '.', &group, &rest) != (i < 3))
            return false;
        if (str_parse_uint(group, &value) || value > 255)
            return false;
    }
    return true;
}

static bool is_label(struct str label)
{
    if (label.n < 1 || label.n > LABEL_MAX || label.p[0] == '-' || label.p[label.n - 1] == '-')
        return false;
    for (size_t i = 0; i < label.n; i++) {
        char c = label.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !is_digit(c) && c != '-')
            return false;
    }
    return true;
}

static bool is_dns_name(struct str text)
{
    struct str label, rest = text;
    bool more;
    do {
        more = str_cut(rest, '.', &label, &rest);
        if (!is_label(label))
            return false;
    } while (more);
    return true;
}

/* The host at the front of text: 0 and what comes after it. */
static int parse_host(struct str text, struct server_name *name, struct str *ret_rest)
{
    if (text.n > 0 && text.p[0] == '[') {
        ptrdiff_t end = str_find(text, ']');
        if (end < 0 || !is_ipv6(str_first(str_skip(text, 1), (size_t)end - 1)))
            return -1;
        name->host = str_first(text, (size_t)end + 1);
        name->is_ip = true;
    } else {
        ptrdiff_t end = str_find(text, ':');
        name->host = end < 0 ? text : str_first(text, (size_t)end);
        name->is_ip = looks_like_ipv4(name->host);
        if (name->is_ip ? !is_ipv4(name->host) : !is_dns_name(name->host))
            return -1;
    }
    *ret_rest = str_skip(text, name->host.n);
    return 0;
}

static int parse(struct str text, struct server_name *ret_name)
{
    struct server_name name = {.full = text};
    struct str rest;
    int64_t port = 0;
    if (text.n > SERVER_NAME_MAX || parse_host(text, &name, &rest))
        return -1;
    if (rest.n > 0) {
        if (rest.p[0] != ':' || str_parse_uint(str_skip(rest, 1), &port) || port < 1 ||
            port > 65535)
            return -1;
        name.port = (int)port;
    }
    *ret_name = name;
    return 0;
}

int server_name_parse(struct str text, struct server_name *ret_name, struct err *err)
{
    if (parse(text, ret_name))
        return err_client(err, 400, "M_INVALID_PARAM", "Not a valid server name");
    return 0;
}

bool server_name_is_valid(struct str text)
{
    struct server_name name;
    return parse(text, &name) == 0;
}
