/* SPDX-License-Identifier: EUPL-1.2 */

/* Who is typing: the part of the notifier that lives in memory only. */

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "service/sync/notifier_state.h"

static void changed(struct notifier *notifier, struct typing *typing)
{
    struct watched *watched = int_map_find(&notifier->watched, typing->room);
    typing->sequence = ++notifier->typing_sequence;
    for (size_t i = 0; watched && i < watched->users.n; i++) {
        watched->users.p[i]->typing = typing->sequence;
        notifier_wake_user(notifier, watched->users.p[i], 0);
    }
}

static struct typing *room_typing(struct notifier *notifier, int64_t room)
{
    struct typing *typing = int_map_find(&notifier->typing, room);
    if (!typing) {
        typing = MEM_NEW(struct typing);
        typing->room = room;
        int_map_put(&notifier->typing, room, typing);
    }
    return typing;
}

/* True when the list is another than before. A longer time for one who types already is none. */
static bool set_typist(struct typing *typing, int64_t user, int64_t until_ms)
{
    for (size_t i = 0; i < typing->typists.n; i++) {
        if (typing->typists.p[i].user != user)
            continue;
        if (until_ms) {
            typing->typists.p[i].until_ms = until_ms;
            return false;
        }
        typing->typists.p[i] = typing->typists.p[--typing->typists.n];
        return true;
    }
    if (!until_ms)
        return false;
    VEC_ADD(&typing->typists, (struct typist){user, until_ms});
    return true;
}

static void set(struct notifier *notifier, int64_t room, int64_t user, int64_t until_ms)
{
    notifier_lock(notifier);
    struct typing *typing = int_map_find(&notifier->typing, room);
    if (!typing && until_ms)
        typing = room_typing(notifier, room);
    if (typing && set_typist(typing, user, until_ms))
        changed(notifier, typing);
    notifier_unlock(notifier);
}

/* ---- other nodes ---- */

/* "typing <room> <user> <ms that are left>": the clocks of nodes need not agree. */
#define SAYS_TYPING "typing "
/* What another node may ask for at most. */
#define TYPING_LEFT_MAX_MS (10 * 60 * 1000)

void notifier_typing_set(struct notifier *notifier, int64_t room, int64_t user, int64_t until_ms)
{
    char text[STORE_SAY_MAX];
    int64_t left_ms = until_ms ? until_ms - clock_monotonic_ms() : 0;
    set(notifier, room, user, until_ms);
    snprintf(text, sizeof text, SAYS_TYPING "%lld %lld %lld", (long long)room, (long long)user,
             (long long)(left_ms > 0 ? left_ms : 0));
    store_say(notifier->store, str_from(text));
}

void notifier_hear(void *arg, struct str text)
{
    struct str room_text, user_text, rest;
    int64_t room, user, left_ms;
    if (!str_starts(text, STR(SAYS_TYPING)) ||
        !str_cut(str_skip(text, strlen(SAYS_TYPING)), ' ', &room_text, &rest) ||
        !str_cut(rest, ' ', &user_text, &rest) || str_parse_int(room_text, &room) < 0 ||
        str_parse_int(user_text, &user) < 0 || str_parse_int(rest, &left_ms) < 0 || room <= 0 ||
        user <= 0 || left_ms < 0 || left_ms > TYPING_LEFT_MAX_MS)
        return;
    set(arg, room, user, left_ms ? clock_monotonic_ms() + left_ms : 0);
}

void notifier_sweep_typing(struct notifier *notifier, int64_t now_ms)
{
    size_t at = 0;
    int64_t room;
    void *value;
    while (int_map_next(&notifier->typing, &at, &room, &value)) {
        struct typing *typing = value;
        size_t kept = 0;
        for (size_t i = 0; i < typing->typists.n; i++)
            if (typing->typists.p[i].until_ms > now_ms)
                typing->typists.p[kept++] = typing->typists.p[i];
        if (kept == typing->typists.n)
            continue;
        typing->typists.n = kept;
        changed(notifier, typing);
    }
}

int64_t notifier_typing_head(struct notifier *notifier)
{
    pthread_mutex_lock(&notifier->lock);
    int64_t head = notifier->typing_sequence;
    pthread_mutex_unlock(&notifier->lock);
    return head;
}

int64_t notifier_typing_next(struct notifier *notifier)
{
    pthread_mutex_lock(&notifier->lock);
    int64_t next = ++notifier->typing_sequence;
    pthread_mutex_unlock(&notifier->lock);
    return next;
}

void notifier_typing_moves(struct notifier *notifier, int64_t user, int64_t from,
                           struct arena *arena, int64_t **ret_rooms, size_t *ret_n)
{
    VEC(int64_t) rooms = {0};
    pthread_mutex_lock(&notifier->lock);
    struct online *online = notifier_find_online(notifier, user);
    bool moved = online && from < online->typing;
    for (size_t i = 0; moved && i < online->rooms.n; i++) {
        const struct typing *typing = int_map_find(&notifier->typing, online->rooms.p[i]);
        if (typing && typing->sequence > from)
            ARENA_VEC_ADD(arena, &rooms, online->rooms.p[i]);
    }
    pthread_mutex_unlock(&notifier->lock);
    *ret_rooms = rooms.p;
    *ret_n = rooms.n;
}

void notifier_typing_changed(struct notifier *notifier, int64_t from, struct arena *arena,
                             int64_t **ret_rooms, size_t *ret_n)
{
    VEC(int64_t) rooms = {0};
    size_t at = 0;
    int64_t room;
    void *value;
    pthread_mutex_lock(&notifier->lock);
    while (int_map_next(&notifier->typing, &at, &room, &value)) {
        const struct typing *typing = value;
        if (typing->sequence > from)
            ARENA_VEC_ADD(arena, &rooms, room);
    }
    pthread_mutex_unlock(&notifier->lock);
    *ret_rooms = rooms.p;
    *ret_n = rooms.n;
}

void notifier_typing_list(struct notifier *notifier, int64_t room, struct arena *arena,
                          int64_t **ret_users, size_t *ret_n)
{
    VEC(int64_t) users = {0};
    int64_t now_ms = clock_monotonic_ms();
    pthread_mutex_lock(&notifier->lock);
    const struct typing *typing = int_map_find(&notifier->typing, room);
    for (size_t i = 0; typing && i < typing->typists.n; i++)
        if (typing->typists.p[i].until_ms > now_ms)
            ARENA_VEC_ADD(arena, &users, typing->typists.p[i].user);
    pthread_mutex_unlock(&notifier->lock);
    *ret_users = users.p;
    *ret_n = users.n;
}
