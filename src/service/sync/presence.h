/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SYNC_PRESENCE_H
#define CHAPPE_SERVICE_SYNC_PRESENCE_H

/* Who is there (client-server API, "Presence"; docs/design/presence.md), where the operator wants
 * it (presence: on). It lives in memory, one entry a user, and takes no position of the log: a
 * change takes the next number of the sequence that typing has (notifier.h), so that a sync's token
 * says what its client has been told. Changes merge, and wake nobody: they are told with the next
 * answer there is. Other nodes hear of changes by hints, and forget whom they hear no more of.
 * Threads: any. */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "json/write.h"

struct notifier;
struct presence;
struct store;

enum presence_state { PRESENCE_OFFLINE, PRESENCE_UNAVAILABLE, PRESENCE_ONLINE };
/* One of the three words: 0; -1. */
int presence_parse(struct str word, enum presence_state *ret_state);
struct str presence_format(enum presence_state state);

struct presence *presence_new(struct notifier *notifier, struct store *store);
void presence_free(struct presence *presence); /* NULL is allowed */

/* A sync of the user's: is there, in that way; PRESENCE_OFFLINE: says nothing of it. */
void presence_poll(struct presence *presence, int64_t user, enum presence_state state);
/* What the user says of himself; STR_NONE takes the message away. */
void presence_set(struct presence *presence, int64_t user, enum presence_state state,
                  struct str status_msg);
/* The user has done something. */
void presence_act(struct presence *presence, int64_t user);
/* What another node said, if it is of presence. */
void presence_hear(struct presence *presence, struct str text);
/* Those without a poll for PRESENCE_GONE_MS as of then are gone: by itself at each question. */
void presence_sweep(struct presence *presence, int64_t monotonic_ms);
#define PRESENCE_GONE_MS   150000 /* longer than any poll */
#define PRESENCE_ACTIVE_MS (5 * 60 * 1000)

struct presence_shown {
    int64_t user;
    enum presence_state state;
    int64_t active_ago_ms; /* -1: not known */
    bool active;           /* currently_active */
    struct str status_msg; /* STR_NONE: none */
};
/* Whose presence changed after `from` (0: all but who is offline) and before *before (INT64_MAX:
 * up to now), newest first, at most `limit`; texts are copied into the arena. True when there may
 * be more: those before what *before becomes. One call looks at a bounded number of changes, under
 * the lock that all have in common. */
bool presence_moves(struct presence *presence, int64_t from, int64_t *before, size_t limit,
                    struct arena *arena, struct presence_shown **ret_shown, size_t *ret_n);
/* Of one; who is not known is offline. */
void presence_find(struct presence *presence, int64_t user, struct arena *arena,
                   struct presence_shown *ret_shown);

/* The content of an m.presence event. */
void presence_write(const struct presence_shown *shown, struct json_writer *out);

#endif
