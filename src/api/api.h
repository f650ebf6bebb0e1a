/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_API_API_H
#define CHAPPE_API_API_H

/* What a handler is. A route is one row: method, path, who may call, rate class, body table,
 * handler. The dispatcher authenticates, limits, decodes the body and calls the handler; the
 * handler takes the typed input, calls one use case and fills the answer:
 *
 *     static int put_typing(struct request *rq)
 *     {
 *         const struct typing_body *body = rq->body;
 *         ...
 *         return API_DONE;
 *     }
 *
 * A handler that returns API_FAILED has filled rq->use.err. One that wrote nothing answers {}. It
 * may be run again from the top (net/http.h): it does nothing that cannot be done twice before its
 * commit. */

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "net/http.h"
#include "service/use.h"
#include "json/decode.h"
#include "json/write.h"

enum {
    API_FAILED = -1, /* rq->use.err tells why */
    API_DONE = 0,
    API_WAIT = 1, /* HTTP_WAIT; same numbers as USE_FAILED, USE_DONE, USE_WAIT */
    API_PARK = 2, /* HTTP_PARK */
};

/* Who may call. Tokens of locked accounts answer 401 M_USER_LOCKED everywhere but at logout. */
enum api_access {
    API_ACCESS_NOBODY,   /* no token is looked at */
    API_ACCESS_OPTIONAL, /* with or without */
    API_ACCESS_USER,
    API_ACCESS_USER_SUSPENDED, /* also while suspended: reading, leaving, redacting one's own,
                                  logging out */
    API_ACCESS_USER_EXPIRED,   /* also past the account's end: asking for the mail that renews */
    API_ACCESS_USER_LOCKED,    /* also while locked or past the end: logout */
    API_ACCESS_ADMIN,
    API_ACCESS_IDENTITY, /* a token of the identity service: 401 M_UNAUTHORIZED */
};

/* Rate classes; their figures are in the configuration (rate_limits.*). */
enum api_rate {
    API_RATE_NONE,
    API_RATE_READ, /* a user reads */
    API_RATE_SYNC,
    API_RATE_WRITE, /* messages, receipts, account data, to-device */
    API_RATE_ROOM,  /* creating, joining, inviting */
    API_RATE_KEYS,
    API_RATE_LOGIN,    /* by address; the account's own limit is in service/accounts */
    API_RATE_REGISTER, /* by address */
    API_RATE_COUNT,
};

struct request;

struct api_route {
    enum http_method method;
    const char *path; /* parameters as in the specification: "{roomId}" */
    enum api_access access;
    enum api_rate rate;
    int (*handler)(struct request *rq);
    const struct json_field *fields; /* of the body; NULL: the body is not decoded */
    size_t n_fields;
    size_t body_size; /* sizeof the struct the fields fill */
    size_t body_max;  /* bytes on the wire; 0: LIMIT_HTTP_BODY_JSON */
    unsigned flags;   /* HTTP_ROUTE_*, API_* below */
    size_t arena_max; /* bytes of memory for one run; 0: API_ARENA_MAX */
};

#define API_ARENA_MAX     MIB(16)
#define API_HTTP_FLAGS    0x0ffu /* what goes to net/ */
#define API_BODY_OPTIONAL 0x100u /* an empty body counts as {} */
#define API_BODY_RAW      0x200u /* the body is parsed into rq->json but may be any JSON value */

#define API_UNLESS_WEB 0x800u  /* not there where the web client is served */
#define API_PAGE       0x400u  /* the handler sets Content-Type itself */
#define API_FILE_BODY  0x1000u /* body_max is that of the configuration for files */
#define API_SCANNER    0x2000u /* errors also have "reason" and "info" */

#define API_BODY(type, table)                                                                      \
    .fields = (table), .n_fields = ARRAY_LEN(table), .body_size = sizeof(type)

struct request {
    struct use use; /* what the use case is given */
    const struct api_route *route;
    const struct json *json; /* the body; NULL when there is none */
    void *body;              /* the struct the table filled, zeroed before */
    struct json_writer out;  /* into the answer */
};

/* Kept over reruns of a handler, in the exchange's arena. Use cases that wait for something (a
 * password hash) leave its result in wait. */
struct request_state {
    struct commit_state commit; /* first: see service/commit.h */
    struct caller caller;
    bool authenticated, limited;
};

struct request_state *api_state(struct request *rq);

/* The route tables, one a file of api/client/. */
struct api_table {
    const struct api_route *routes;
    size_t n;
};

enum http_outcome api_dispatch(struct http_exchange *x);
void api_error_body(struct http_exchange *x, int status, const char *reason);
void api_common_headers(struct http_exchange *x);

/* ---- for handlers ---- */

/* The i-th path parameter. */
struct str api_param(struct request *rq, size_t i);
/* A query parameter; STR_NONE when absent. */
struct str api_query(struct request *rq, struct str name);
/* An integer between 0 and max (what is more becomes max); absent: otherwise. -1: 400. */
int api_query_int(struct request *rq, struct str name, int64_t otherwise, int64_t max,
                  int64_t *ret_value) MUST_USE;
/* "true" or "false"; absent: otherwise. -1: 400. */
int api_query_bool(struct request *rq, struct str name, bool otherwise, bool *ret_value) MUST_USE;
/* What clients reach this server by: public_url, or the way this request came. */
struct str api_public_url(struct request *rq);
/* The same where an outsider must not choose it, in mails: public_url, or the first listener's. */
struct str api_own_url(struct request *rq);

#endif
