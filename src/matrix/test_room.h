/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_TEST_ROOM_H
#define CHAPPE_MATRIX_TEST_ROOM_H

/* A room for tests, made of one line a state event:
 *
 *     sender|type|state key, "-" for none|content
 *
 * Single quotes in the content stand for double ones. A content that begins with "~" is that of the
 * room's m.room.power_levels with changes: "~kick=40;users/@a:a=1;-redact;-users/@b:a".
 *
 * A room begins with this state. Power: admin 100, mod and peer 50, others 0; the creator has 100
 * before version 12. Levels: invite 20, kick and ban 50, redact 75, the event types t.fifty 50 and
 * t.hundred 100, notifications of "room" 75, state 50.
 *
 *     joined  @creator:a @admin:a @mod:a @peer:a @user:a @user2:b
 *     others  @invited:a @banned:a @left:a, from version 7 on @knocker:a; @stranger:a, @far:b: none
 *
 * The join rule is public. Failing to build is a failed test. */

#include "matrix/auth.h"

#define TEST_ROOM_STATE_MAX 32

struct test_room {
    struct arena *arena;
    const struct room_version *version;
    struct ed25519_key key; /* every server's, under ed25519:1 */
    const struct pdu *create;
    const struct pdu *state[TEST_ROOM_STATE_MAX];
    size_t n;
    struct str last; /* event id */
    struct err err;
};

/* create_more: members of the create event's content, as "'m.federate':false," or "". */
void test_room_init(struct test_room *room, const char *version, const char *create_more);
void test_room_done(struct test_room *room);

#define TEST_ROOM_FIRST 1u /* the create event is the only one before it */
#define TEST_ROOM_START 2u /* nothing is before it */

/* Builds the event of a line, without asking any rule. */
const struct pdu *test_room_event(struct test_room *room, const char *line, unsigned flags);
/* The same, and makes it part of the state. Several lines are separated by newlines. */
void test_room_add(struct test_room *room, const char *lines);
void test_room_remove(struct test_room *room, const char *type, const char *state_key);
/* With a signature of another server. */
const struct pdu *test_room_countersign(struct test_room *room, const struct pdu *event,
                                        const char *server);

/* With a member of the event replaced, by JSON text; its hashes and signatures stay as they are. */
const struct pdu *test_room_alter(struct test_room *room, const struct pdu *event, const char *key,
                                  const char *json);
/* With the ids of these events as auth_events. */
const struct pdu *test_room_cite(struct test_room *room, const struct pdu *event,
                                 const struct pdu *const *cited, size_t n);
/* A piece of the state; it is there. */
const struct pdu *test_room_state(struct test_room *room, const char *type, const char *state_key);

/* auth_check against the state; err is in the room. */
int test_room_check(struct test_room *room, const struct pdu *event);

/* Text with double quotes for single ones, in the arena. */
struct str test_room_json(struct arena *arena, const char *text);

#endif
