/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_H1_HEAD_H
#define CHAPPE_NET_H1_HEAD_H

/* The head of an HTTP/1.1 request: request line and header fields. Two readers look at it: the scan
 * refuses what http_parser lets through (bare LF, folded fields, too much of anything), then
 * http_parser reads it and what it leaves to its user (Host, the version, what frames the body) is
 * checked. Pure functions of bytes; no socket. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/limits.h"
#include "base/str.h"

/* Offsets into the head. */
struct head_field {
    uint16_t name, n_name, value, n_value;
};
/* Whether anybody looks at a field of that name. Of a request over HTTP/2, of which a hundred
 * thousand may be parked, the others are not kept; http_header asks for no other. */
bool head_is_looked_at(struct str name);

struct h1_head {
    struct str method; /* static text */
    struct str target; /* path and query, in the head */
    struct head_field fields[LIMIT_HTTP_HEADER_COUNT];
    size_t n_fields;
    int64_t content_length; /* -1: not given */
    bool chunked, keep_alive, expect_continue;
    bool is_1_0;
};

/* Where the head ends. 1: *ret_n bytes of head; 0: not all there yet; -1: refused with *ret_status.
 * *seen is how far an earlier call has looked, 0 at first. */
int h1_head_scan(struct str in, size_t *seen, size_t *ret_n, int *ret_status) MUST_USE;

/* Reads a head that was scanned. 0, or -1 with the status of the refusal; the connection is then
 * closed, since what follows cannot be framed. */
int h1_head_parse(struct str head, struct h1_head *ret_head, int *ret_status) MUST_USE;

/* host [":" port], without userinfo. */
bool head_host_is_sound(struct str host);
/* "/path?query" of visible ASCII, or "*" for OPTIONS. */
bool head_target_is_sound(struct str target, struct str method);

struct str head_name(struct str head, const struct head_field *field);
struct str head_value(struct str head, const struct head_field *field);

#endif
