/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SYNC_READER_H
#define CHAPPE_SERVICE_SYNC_READER_H

/* What an account's data make of its user as a reader: whom they ignore, whether they take
 * invitations, by which push rules their messages count. Immutable after reader_load but for the
 * program, which is compiled when it is first asked for; shared by references, any thread. */

#include "service/push/rules.h"
#include "service/rooms/ignored.h"

struct reader {
    int refs; /* atomic; reader_ref, reader_unref */
    struct ignored ignored;
    bool blocks_invites;
    bool own_rules;               /* others than the server's */
    bool may_change;              /* by what is no change of the account's data: not to be kept */
    struct push_program *program; /* atomic; NULL: not asked for yet */
};

/* From the snapshot of the use. The caller unrefs. */
int reader_load(struct use *use, struct reader **ret_reader) MUST_USE;
struct reader *reader_ref(struct reader *reader) MUST_USE;
void reader_unref(struct reader *reader); /* NULL is allowed */

/* The rules of the use's caller, whose reader it is; lives as long as the reader. */
int reader_program(struct use *use, struct reader *reader,
                   const struct push_program **ret_program) MUST_USE;

#endif
