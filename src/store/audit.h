/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_AUDIT_H
#define CHAPPE_STORE_AUDIT_H

/* What administrators and operators did: a table to which rows are only appended. Each row carries
 * the SHA-256 of the row before and of itself, so that a row that is changed, put in or taken out
 * breaks the chain from there on. Rows cut off at the end leave a sound chain: whoever must see
 * that notes the last row's number and hash elsewhere (`chappe audit verify` prints them). */

#include "crypto/hash.h"
#include "store/store.h"

struct audit_entry {
    struct str actor;  /* a user id; "operator": the command line */
    struct str action; /* "user.lock" */
    struct str target; /* a user id, a token's beginning, a file…; "": none */
    struct str detail; /* a JSON object; "": {} */
};

struct audit_row {
    int64_t seq; /* from 1, without gaps */
    int64_t ts;
    struct audit_entry entry;
    unsigned char hash[SHA256_BYTES];
};

/* In the job of the act itself, after its own writes. */
int audit_append(struct write *w, const struct audit_entry *entry, struct err *err) MUST_USE;

/* Rows after `after`, oldest first, at most limit; texts are copied into the arena. */
int audit_list(struct read *r, int64_t after, size_t limit, struct arena *arena,
               struct audit_row **ret_rows, size_t *ret_n, struct err *err) MUST_USE;
/* 1: the newest row; 0: there is none; -1. */
int audit_last(struct read *r, struct arena *arena, struct audit_row *ret_row,
               struct err *err) MUST_USE;

/* 1: there is a row of that action on that target; 0; -1. Reads the whole table. */
int audit_has(struct read *r, struct str action, struct str target, struct err *err) MUST_USE;

/* The number of the first row that breaks the chain; 0: it is sound. */
int audit_verify(struct read *r, int64_t *ret_broken, struct err *err) MUST_USE;

#endif
