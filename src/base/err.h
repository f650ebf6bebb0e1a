/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BASE_ERR_H
#define CHAPPE_BASE_ERR_H

/* Why a fallible function failed. Two texts: one for the client, safe to show; one for the log,
 * with the detail. A function that returns -1 has filled its err; one that succeeds leaves it
 * alone. The kinds are those of the house's style: the client's fault carries an HTTP status and a
 * Matrix errcode, our own or a peer's fault is answered with a generic text. */

#include <stdbool.h>

#include "base/attr.h"
#include "base/str.h"

enum err_kind {
    ERR_KIND_NONE,
    ERR_KIND_CLIENT,   /* malformed, forbidden, not found: status, errcode and text tell */
    ERR_KIND_INTERNAL, /* disk full, database down, remote time-out: logged once, by the catcher */
    ERR_KIND_MOVED,    /* decided on a state that has moved: decide again */
};

struct err {
    enum err_kind kind;
    int status;             /* HTTP status, for ERR_KIND_CLIENT */
    const char *errcode;    /* "M_FORBIDDEN"…; a string literal */
    char text[192];         /* for the client */
    char detail[320];       /* for the log; "" when the text says it all */
    int64_t retry_after_ms; /* for 429 and 503; 0: none */
    bool soft_logout;       /* for 401: the device is kept, sign in again */
    const char *extra_key;  /* one more member of the answer, a string; NULL: none */
    char extra_text[32];
    const char *number_key; /* the same, an integer; NULL: none */
    int64_t number;
    /* Of a file that is withheld: org.chappe.state, and org.chappe.cause; literals, or NULL. */
    const char *scan_state, *scan_cause;
};

#define ERR_INIT ((struct err){.kind = ERR_KIND_NONE})

/* Both return -1, so that a failing function ends with: return err_client(err, 403, ...); */
int err_client(struct err *err, int status, const char *errcode, const char *format, ...)
    PRINTF(4, 5);
/* Says more of a client's error to its program: "org.chappe.reason" in the answer. */
int err_reason(struct err *err, const char *reason);
/* One more member of the answer: a text of at most 31 bytes, an integer. The key is a literal. */
int err_member(struct err *err, const char *key, const char *text);
int err_number(struct err *err, const char *key, int64_t number);
int err_internal(struct err *err, const char *format, ...) PRINTF(2, 3);
int err_moved(struct err *err, const char *format, ...) PRINTF(2, 3);

/* Puts words in front of the detail: err_prefix(err, "loading room %s") → "loading room x: …". */
void err_prefix(struct err *err, const char *format, ...) PRINTF(2, 3);

#endif
