/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SCAN_MESSAGE_H
#define CHAPPE_SERVICE_SCAN_MESSAGE_H

/* What the server and its caged scanner say to each other, one message a packet of a socket pair.
 * Both read as if the other end were hostile: the child has opened hostile bytes, and the server
 * passes on what anybody sent. Numbers of two bytes are in network order. */

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"
#include "crypto/hash.h"
#include "store/media_verdict.h"

enum scan_op {
    SCAN_OP_KEY = 1,  /* what is the public key? */
    SCAN_OP_OPEN = 2, /* what is this request about? */
    SCAN_OP_SCAN = 3, /* decrypt, and have it scanned: with it come the stored bytes, as something
                         to read from, and a connection to clamd */
};

struct scan_ask {
    enum scan_op op;
    bool plain_too;                      /* keys that are not sealed are taken */
    unsigned char content[SHA256_BYTES]; /* what is stored; for SCAN */
    struct str body;                     /* of the client's request, as it came */
};

enum scan_said {
    SCAN_SAID_DONE = 0,
    SCAN_SAID_MALFORMED = 1,     /* MCS_MALFORMED_JSON */
    SCAN_SAID_BAD_KEY = 2,       /* MCS_BAD_DECRYPTION */
    SCAN_SAID_OTHER_CONTENT = 3, /* the file is not the one described: does not decrypt */
    SCAN_SAID_NO_VERDICT = 4,    /* the scanner failed */
    SCAN_SAID_NO_CONTENT = 5,    /* the stored bytes could not be read, or are not those */
};

struct scan_reply {
    enum scan_said said;
    unsigned char key[SHA256_BYTES];  /* KEY: the public key; OPEN, SCAN: what verdicts go by */
    unsigned char hash[SHA256_BYTES]; /* OPEN: of the stored bytes, by the client */
    struct str url;                   /* OPEN: as the client wrote it */
    enum scan_state state;            /* SCAN */
    enum scan_cause cause;
    struct str detail; /* for the log: what was found, why it failed; printable ASCII */
};

#define SCAN_ASK_MAX   (2 + SHA256_BYTES + LIMIT_SCAN_BODY)
#define SCAN_REPLY_MAX 2048

void scan_ask_write(struct buf *out, const struct scan_ask *ask);
/* -1: it is none. The body points into the message. */
int scan_ask_read(struct str message, struct scan_ask *ret_ask) MUST_USE;

/* Texts that are too long for a message are cut. */
void scan_reply_write(struct buf *out, const struct scan_reply *reply);
/* -1: it is none. Texts point into the message. */
int scan_reply_read(struct str message, struct scan_reply *ret_reply) MUST_USE;

#endif
