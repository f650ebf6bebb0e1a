/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_MAIL_MESSAGE_H
#define CHAPPE_SERVICE_MAIL_MESSAGE_H

/* A letter as a message (RFC 5322, MIME): headers in ASCII, text and HTML as alternatives in
 * base64, lines of at most 78 bytes. */

#include "base/buf.h"
#include "service/mail/letter.h"

struct message {
    int64_t id, date_ms;    /* the same when it is sent again */
    struct str host;        /* after the @ of the Message-ID */
    struct str from;        /* an address */
    const struct email *to; /* the one recipient */
    const struct letter *letter;
};

void message_write(const struct message *message, struct buf *out);

#endif
