/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/preload/people.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "bench/human.h"
#include "crypto/password.h"
#include "crypto/token.h"
#include "store/account.h"
#include "store/device.h"

/* Accounts a job: large, and yet no transaction of minutes. */
#define ACCOUNTS_A_JOB 1000
#define PEOPLE_ARENA   MIB(1024)

struct making {
    struct server *server;
    struct people *people;
    struct str password_hash;
    size_t from, end;
};

static int write_account(struct write *w, const struct making *making, size_t i, struct err *err)
{
    struct arena *arena = making->people->arena;
    const struct caller *caller = &making->people->callers[i];
    int64_t now_ms = write_time_ms(w);
    struct human human = human_nth(arena, i);
    struct account account = {
        .user = caller->user,
        .password_hash = making->password_hash,
        .created_ms = now_ms,
        .display_name = arena_printf(arena, "%.*s %.*s [%.*s]", STR_ARG(human.first),
                                     STR_ARG(human.last), STR_ARG(human.ministry)),
        .organisation = human.ministry,
    };
    struct device device = {
        .id = caller->device,
        .user = caller->user,
        .device_id = caller->device_id,
        .display_name = STR("banc"),
        .created_ms = now_ms,
        .last_seen_ms = now_ms,
        .last_seen_ip = STR("127.0.0.1"),
    };
    struct token token = {
        .id = caller->token,
        .user = caller->user,
        .device = caller->device,
        .kind = TOKEN_KIND_ACCESS,
        .state = TOKEN_STATE_ACTIVE,
        .generation = caller->token,
    };
    token_digest(making->people->tokens[i], token.digest);
    if (account_insert(w, &account, err) < 0 || device_insert(w, &device, err) < 0)
        return -1;
    return token_insert(w, &token, err);
}

static int write_accounts(struct write *w, void *arg, struct err *err)
{
    const struct making *making = arg;
    for (size_t i = making->from; i < making->end; i++)
        if (write_account(w, making, i, err) < 0)
            return -1;
    return 0;
}

static int name_one(struct server *server, struct people *people, size_t i, struct err *err)
{
    struct caller *caller = &people->callers[i];
    caller->user_id = arena_printf(people->arena, "@agent%zu:%.*s", i, STR_ARG(server->name));
    caller->device_id = arena_printf(people->arena, "BANC%zu", i);
    caller->device = store_new_id(server->store);
    caller->token = store_new_id(server->store);
    people->tokens[i] = arena_printf(people->arena, "bench-token-%zu", i);
    return store_intern(server->store, caller->user_id, &caller->user, err);
}

int people_make(struct server *server, size_t n, struct people *ret_people, struct err *err)
{
    struct making making = {.server = server, .people = ret_people};
    struct arena *arena = arena_new(PEOPLE_ARENA);
    *ret_people = (struct people){.arena = arena, .n = n};
    ret_people->callers = ARENA_NEW_N(arena, n, struct caller);
    ret_people->tokens = ARENA_NEW_N(arena, n, struct str);
    if (password_hash(arena, STR(PEOPLE_PASSWORD), &making.password_hash, err) < 0)
        return -1;
    while (making.end < n) {
        making.from = making.end;
        making.end = n - making.from < ACCOUNTS_A_JOB ? n : making.from + ACCOUNTS_A_JOB;
        for (size_t i = making.from; i < making.end; i++)
            if (name_one(server, ret_people, i, err) < 0)
                return -1;
        if (store_run(server->store, write_accounts, &making, err) < 0)
            return -1;
    }
    return 0;
}

void people_free(struct people *people)
{
    arena_free(people->arena);
    people->arena = NULL;
}
