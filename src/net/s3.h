/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_S3_H
#define CHAPPE_NET_S3_H

/* Objects of one bucket of S3-compatible storage, which the operator named: whole ones, put, got,
 * deleted and listed, in path style (https://HOST/BUCKET/PREFIX/NAME), signed (sigv4.h). Requests
 * go out by outbound.h, without redirects.
 *
 * Every function waits: it is for threads that may sleep. Any thread, several at once. A request
 * that fails on the way, or is answered with a 5xx or 429, is made anew up to LIMIT_S3_TRIES times
 * in all, after a pause; all of them may be, since a name has one content for ever. When a request
 * has failed so, the next ones fail at once for a moment: who waits for storage that is down, waits
 * once.
 *
 * Of what the other side sends nothing is trusted: not its length, nor its bytes (whose hash is for
 * the caller to compare), nor its lists.
 *
 * -1 is always err_internal, whose detail is for the log; it holds no secret. */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

/* What an address names: "https://HOST[:PORT]/BUCKET[/PREFIX]", or http://. */
struct s3_place {
    struct str url;    /* "https://HOST[:PORT]" */
    struct str host;   /* "HOST[:PORT]" */
    struct str bucket; /* lower-case letters, digits, - and . */
    struct str prefix; /* without a slash at its end; empty: none */
};
/* 0: the parts lie in the address. -1: it is none. */
int s3_place_parse(struct str address, struct s3_place *ret_place) MUST_USE;

/* All texts outlive what is made of it. */
struct s3_config {
    struct s3_place place;
    struct str region, access_key, secret;
    const char *ca_file; /* PEM; NULL: the system's */
    int64_t stall_ms;    /* nothing comes or goes for so long: it is given up */
};

struct s3;
/* -1: a text is longer than may be. */
int s3_new(const struct s3_config *config, struct s3 **ret_s3, struct err *err) MUST_USE;
void s3_free(struct s3 *s3); /* NULL is allowed */
/* From here on every function fails, also those that wait. Any thread. */
void s3_stop(struct s3 *s3);

/* name: what stands after the prefix, of letters, digits, - . _ ~ and slashes. hash is that of the
 * bytes, in hexadecimal: the storage is to refuse others. */
int s3_put(struct s3 *s3, struct str name, int fd, int64_t size, struct str hash,
           struct err *err) MUST_USE;

/* Where an object goes, piece by piece. again, when not NULL, is called before each try. Both
 * return 0, or -1, which ends it. */
struct s3_sink {
    int (*again)(void *arg, struct err *err);
    int (*piece)(void *arg, struct str bytes, struct err *err);
    void *arg;
};
/* 1 all of it went to the sink; 0 there is no such object; -1. More than max bytes are never taken.
 */
int s3_get(struct s3 *s3, struct str name, int64_t max, const struct s3_sink *sink,
           struct err *err) MUST_USE;

/* 0 also when it was not there. */
int s3_delete(struct s3 *s3, struct str name, struct err *err) MUST_USE;

struct s3_object {
    struct str name; /* after the prefix; it may be anything */
    int64_t size, changed_ms;
};
typedef int (*s3_visit)(void *arg, const struct s3_object *object, struct err *err);
/* The objects after that name (empty: from the first), at most LIMIT_S3_PAGE of them, in the order
 * of their names: 1 there are more, 0, -1 (also when visit returns -1). */
int s3_list(struct s3 *s3, struct str after, s3_visit visit, void *arg, struct err *err) MUST_USE;

#endif
