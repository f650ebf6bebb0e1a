/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_SMTP_H
#define CHAPPE_NET_SMTP_H

/* Hands one mail at a time to the operator's mail server (RFC 5321), always over verified TLS: at
 * once for smtps://, by STARTTLS for smtp://. A server that does not offer it, or whose certificate
 * does not hold, is given nothing. The connection is kept for the next mail.
 *
 * One thread at a time uses a struct smtp. */

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

struct smtp_config {
    const char *url;     /* "smtp://[user[:password]@]host[:port]", "smtps://…" */
    const char *ca_file; /* PEM; NULL: the system's authorities */
    const char *hello;   /* what this host calls itself */
};

struct smtp;

int smtp_new(const struct smtp_config *config, struct smtp **ret_smtp, struct err *err) MUST_USE;
void smtp_free(struct smtp *smtp); /* NULL is allowed */

enum smtp_outcome {
    SMTP_SENT,
    SMTP_LATER,   /* the server cannot be reached, or not now */
    SMTP_REFUSED, /* the server will never take this mail for this recipient */
};

/* Exactly one recipient. message is whole, with CRLF line ends; lines that begin with a dot are
 * taken care of. Waits up to LIMIT_SMTP_MS, less when *stop turns true (atomic). For SMTP_LATER and
 * SMTP_REFUSED err's detail says why; it holds no address. */
enum smtp_outcome smtp_send(struct smtp *smtp, struct str from, struct str to, struct str message,
                            const bool *stop, struct err *err) MUST_USE;

#endif
