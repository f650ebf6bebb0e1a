/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_ROOM_H
#define CHAPPE_BENCH_ROOM_H

/* Rooms and messages, as clients make them. */

#include "base/buf.h"
#include "bench/batch.h"
#include "bench/bench.h"

/* n encrypted rooms that anybody may join, the i-th made by account makers(owner, i). Their ids go
 * to ret_rooms, in bench->memory. */
struct room_plan {
    size_t n;
    void *owner;
    size_t (*maker)(void *owner, size_t i);
    struct str *ret_rooms;
};
int rooms_make(struct bench *bench, const struct room_plan *plan, struct err *err) MUST_USE;

/* n joins: the i-th is of the account to the room that `who` names. */
struct join_plan {
    size_t n;
    void *owner;
    void (*who)(void *owner, size_t i, size_t *ret_account, struct str *ret_room);
};
int rooms_join(struct bench *bench, const struct join_plan *plan, struct err *err) MUST_USE;

/* One message of 1 kB, as the server stores it, into each room by its account: n of them, the i-th
 * to the room that `who` names. */
int rooms_fill(struct bench *bench, const struct join_plan *plan, struct err *err) MUST_USE;

/* PUT …/send/m.room.encrypted/TXN of a message that carries `number`, and that nobody can compress.
 */
void message_write(struct bench *bench, struct str room, int64_t number, struct draft *draft);

/* Numbers of the messages in an answer, one after the other: false when there is no more. *at is 0
 * at the beginning. */
bool message_next(struct str answer, size_t *at, int64_t *ret_number);

/* The text of the first "KEY":"…" in an answer, without a look at where it stands: for answers that
 * the generator asked for. STR_NONE when there is none. */
struct str answer_find_str(struct str answer, struct str key);

#endif
