/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_SIGV4_H
#define CHAPPE_NET_SIGV4_H

/* AWS Signature Version 4 of a request, in its Authorization field, as S3-compatible storage asks
 * for it. Pure; the HMAC and the hash are those of crypto/. */

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct sigv4_key {
    struct str access_key, secret, region, service;
};

struct sigv4_field {
    struct str name, value; /* name in lower case; value without blanks around it */
};

struct sigv4_request {
    struct str method;
    struct str path;                  /* as it is sent: encoded, begins with a slash */
    struct str query;                 /* as it is sent: encoded, sorted by name; empty: none */
    struct str payload;               /* hash of the body, in hexadecimal */
    const struct sigv4_field *fields; /* those that are signed, sorted by name: host, x-amz-date… */
    size_t n_fields;
};

/* "20130524T000000Z" and its end. */
#define SIGV4_TIME_BYTES 17
void sigv4_time(int64_t wall_ms, char ret_time[SIGV4_TIME_BYTES]);

/* What stands in "Authorization:". time is that of x-amz-date. In the arena. */
struct str sigv4_authorization(struct arena *arena, const struct sigv4_key *key,
                               const struct sigv4_request *request, const char *time);

/* Every byte but letters, digits, - . _ and ~ as %XX: for what stands in a query. In the arena. */
struct str sigv4_encode(struct arena *arena, struct str text);

#endif
