/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_MEDIA_VERDICT_H
#define CHAPPE_STORE_MEDIA_VERDICT_H

/* What the antivirus said of a content, as it is or decrypted with a key. A verdict is of bytes and
 * key, never of a file's name or id: whoever sends the same bytes again finds it there. Rows stay
 * when a file goes, except that one whose bytes are gone is forgotten when its turn to be scanned
 * again comes. */

#include "crypto/hash.h"
#include "store/store.h"

/* The numbers are stored; SCAN_PENDING is the absence of a row. */
enum scan_state {
    SCAN_PENDING = 0,
    SCAN_CLEAN = 1,
    SCAN_INFECTED = 2,
    SCAN_NOT_SCANNABLE = 3, /* the antivirus could not look into all of it */
    SCAN_FAILED = 4,        /* it ends each scan of these bytes in the middle */
    SCAN_NOT_VERIFIED = 5,  /* nothing found, with signatures that are for tests only */
};

enum scan_cause {
    SCAN_CAUSE_NONE = 0,
    SCAN_CAUSE_PASSWORD = 1,   /* an archive or document that wants one */
    SCAN_CAUSE_SIZE = 2,       /* of the file or of what it unpacks to */
    SCAN_CAUSE_DEPTH = 3,      /* archives in archives, or too many files */
    SCAN_CAUSE_TIME = 4,       /* it took too long */
    SCAN_CAUSE_CIPHERTEXT = 5, /* encrypted, and the key is not here; never stored */
    SCAN_CAUSE_SCANNER = 6,    /* the antivirus does not answer, or not as it should */
    SCAN_CAUSE_SIGNATURES = 7, /* its signatures are too old; never stored */
};

/* The key of content as it is. Of decrypted content: the hash of the key and its first block. */
#define MEDIA_NO_KEY STR("")

struct media_verdict {
    struct str content; /* SHA-256, 32 bytes */
    struct str key;     /* MEDIA_NO_KEY or 32 bytes */
    enum scan_state state;
    enum scan_cause cause;
    int64_t signature_ms; /* when the official signatures were made; 0: for tests only */
    int64_t scanned_ms;
};

/* Takes the place of an older one. */
int media_verdict_save(struct write *w, const struct media_verdict *verdict,
                       struct err *err) MUST_USE;
/* 1; 0: none; -1. */
int media_verdict_find(struct read *r, struct str content, struct str key,
                       struct media_verdict *ret_verdict, struct err *err) MUST_USE;
/* Whether there is one for a content as it is, in a job: 1, 0, -1. */
int media_verdict_exists(struct write *w, struct str content, struct err *err) MUST_USE;
/* Of contents as they are, by signatures made before: the oldest first, without the first so many
 * of them, at most limit; the hashes are copied into the arena. */
int media_verdict_list_older(struct read *r, int64_t signature_ms, size_t skipped, size_t limit,
                             struct arena *arena, struct str **ret_contents, size_t *ret_n,
                             struct err *err) MUST_USE;
int media_verdict_forget(struct write *w, struct str content, struct str key,
                         struct err *err) MUST_USE;

#endif
