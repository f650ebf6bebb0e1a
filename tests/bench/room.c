/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/room.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "crypto/base64.h"

/* Makes the stored event about 1 kB, the server's own members included. */
#define CIPHERTEXT_CHARS 264
#define NOISE_CHARS      65536

struct str answer_find_str(struct str answer, struct str key)
{
    char wanted[64];
    int n = snprintf(wanted, sizeof wanted, "\"%.*s\":\"", STR_ARG(key));
    const char *found = memmem(answer.p, answer.n, wanted, (size_t)n);
    if (!found)
        return STR_NONE;
    struct str value, rest = str_skip(answer, (size_t)(found - answer.p) + (size_t)n);
    return str_cut(rest, '"', &value, &rest) ? value : STR_NONE;
}

/* ---- rooms ---- */

struct make {
    struct bench *bench;
    const struct room_plan *plan;
};

static void make_write(void *owner, size_t i, struct draft *draft)
{
    const struct make *make = owner;
    size_t maker = make->plan->maker(make->plan->owner, i);
    draft->token = make->bench->accounts.p[maker].token;
    buf_add(&draft->path, STR("/_matrix/client/v3/createRoom"));
    buf_printf(&draft->body,
               "{\"preset\":\"public_chat\",\"name\":\"Bench %zu\",\"initial_state\":[{\"type\":"
               "\"m.room.encryption\",\"content\":{\"algorithm\":\"m.megolm.v1.aes-sha2\"}}]}",
               i);
}

static bool make_read(void *owner, size_t i, const struct answer *answer)
{
    const struct make *make = owner;
    struct str room = answer_find_str(answer->body, STR("room_id"));
    make->plan->ret_rooms[i] = arena_str(make->bench->memory, room);
    return room.n > 0;
}

int rooms_make(struct bench *bench, const struct room_plan *plan, struct err *err)
{
    struct make make = {bench, plan};
    struct batch batch = {.n = plan->n, .owner = &make, .write = make_write, .read = make_read};
    return batch_run(bench, &batch, err);
}

struct join {
    struct bench *bench;
    const struct join_plan *plan;
};

static void join_write(void *owner, size_t i, struct draft *draft)
{
    const struct join *join = owner;
    size_t account;
    struct str room;
    join->plan->who(join->plan->owner, i, &account, &room);
    draft->token = join->bench->accounts.p[account].token;
    buf_printf(&draft->path, "/_matrix/client/v3/rooms/%.*s/join", STR_ARG(room));
    buf_add(&draft->body, STR("{}"));
}

int rooms_join(struct bench *bench, const struct join_plan *plan, struct err *err)
{
    struct join join = {bench, plan};
    struct batch batch = {.n = plan->n, .owner = &join, .write = join_write};
    return batch_run(bench, &batch, err);
}

/* ---- messages ---- */

/* Random base64, made once; each ciphertext is a part of it from another place. */
static struct str noise(struct bench *bench)
{
    if (!bench->noise.n) {
        uint64_t *words = ARENA_NEW_N(bench->memory, NOISE_CHARS / 8, uint64_t);
        for (size_t i = 0; i < NOISE_CHARS / 8; i++)
            words[i] = bench_random(bench);
        bench->noise =
            base64_encode_arena(bench->memory, str_make(words, NOISE_CHARS), BASE64_STANDARD);
    }
    return bench->noise;
}

void message_write(struct bench *bench, struct str room, int64_t number, struct draft *draft)
{
    struct str all = noise(bench);
    size_t from = bench_random_below(bench, all.n - CIPHERTEXT_CHARS);
    struct str key = str_first(all, 43), session = str_first(str_skip(all, 43), 43);
    draft->method = "PUT";
    buf_printf(&draft->path, "/_matrix/client/v3/rooms/%.*s/send/m.room.encrypted/b%" PRId64,
               STR_ARG(room), bench->n_transactions++);
    buf_printf(&draft->body,
               "{\"algorithm\":\"m.megolm.v1.aes-sha2\",\"bench\":%" PRId64
               ",\"ciphertext\":\"%.*s\",\"device_id\":\"ABCDEFGHIJ\",\"sender_key\":\"%.*s\","
               "\"session_id\":\"%.*s\"}",
               number, STR_ARG(str_first(str_skip(all, from), CIPHERTEXT_CHARS)), STR_ARG(key),
               STR_ARG(session));
}

bool message_next(struct str answer, size_t *at, int64_t *ret_number)
{
    static const struct str key = STR_INIT("\"bench\":");
    struct str rest = str_skip(answer, *at);
    const char *found = rest.n ? memmem(rest.p, rest.n, key.p, key.n) : NULL;
    if (!found)
        return false;
    *at = (size_t)(found - answer.p) + key.n;
    int64_t number = 0;
    for (; *at < answer.n && answer.p[*at] >= '0' && answer.p[*at] <= '9'; ++*at)
        number = number * 10 + (answer.p[*at] - '0');
    *ret_number = number;
    return true;
}

static void fill_write(void *owner, size_t i, struct draft *draft)
{
    const struct join *join = owner;
    size_t account;
    struct str room;
    join->plan->who(join->plan->owner, i, &account, &room);
    message_write(join->bench, room, 0, draft);
    draft->token = join->bench->accounts.p[account].token;
}

int rooms_fill(struct bench *bench, const struct join_plan *plan, struct err *err)
{
    struct join join = {bench, plan};
    struct batch batch = {.n = plan->n, .owner = &join, .write = fill_write};
    return batch_run(bench, &batch, err);
}
