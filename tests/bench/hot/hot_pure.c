/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/check.h"
#include "base/limits.h"
#include "bench/hot/hot.h"
#include "matrix/auth.h"
#include "service/federation/signer.h"
#include "service/rooms/change.h"
#include "json/write.h"

/* An event of the room as it would be sent, and the state that it is checked against. */
struct sample {
    const struct pdu *state[4];
    size_t n_state;
    struct str ids[4];
    struct pdu_template fields;
    const struct room_version *version;
    struct pdu pdu;
};

static void build(struct hot *hot, struct arena *arena, struct sample *sample, struct pdu *ret_pdu)
{
    struct err err = ERR_INIT;
    const struct server_key *signing = signer_take(hot->server->signer);
    if (pdu_build(arena, sample->version, &sample->fields, &signing->key, signing->id,
                  hot->server->name, ret_pdu, &err) < 0)
        hot_fail("building", &err);
    signer_give(hot->server->signer, signing);
}

static void load_state(struct hot *hot, struct use *use, struct room *room, struct sample *sample)
{
    const struct room_names *names = rooms_names(hot->server);
    const int64_t keys[][2] = {
        {names->power_levels, names->empty},
        {names->member, hot->caller.user},
        {names->create, names->empty},
    };
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (room_state_pdu(use, room, keys[i][0], keys[i][1], &sample->state[i]) != 1)
            hot_fail("state", &use->err);
        sample->ids[i] = sample->state[i]->event_id;
    }
    sample->n_state = ARRAY_LEN(keys);
}

/* Lives in the use's arena. */
static void prepare(struct hot *hot, struct use *use, struct sample *sample)
{
    CLEANUP(room_cleanup) struct room *room = NULL;
    *sample = (struct sample){0};
    if (room_enter(use, hot->room, &room) < 0)
        hot_fail("entering", &use->err);
    load_state(hot, use, room, sample);
    sample->version = room_version_of(room);
    sample->fields = (struct pdu_template){
        .room_id = hot->room_id,
        .type = STR("m.room.encrypted"),
        .sender = hot->caller.user_id,
        .content = hot->content,
        .auth_events = sample->ids,
        .n_auth_events = 2, /* version 12 does not cite the create event */
        .prev_events = sample->ids,
        .n_prev_events = 1,
        .depth = 1000,
        .origin_server_ts = 1767225600000,
    };
    build(hot, use->arena, sample, &sample->pdu);
}

/* Prepares, and does one operation n times with memory of its own each. */
static void repeat(struct hot *hot, size_t n,
                   void (*one)(struct hot *hot, struct arena *arena, struct sample *sample))
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    struct sample sample;
    struct use use;
    hot_use_begin(hot, &use);
    prepare(hot, &use, &sample);
    for (size_t i = 0; i < n; i++) {
        one(hot, arena, &sample);
        arena_reset(arena);
    }
    hot_use_end(&use);
}

static void parse_one(struct hot *hot, struct arena *arena, struct sample *sample)
{
    const struct json *doc;
    struct err err = ERR_INIT;
    (void)hot;
    if (json_parse(arena, sample->pdu.json, &doc, &err) < 0)
        hot_fail("parsing", &err);
}

void hot_json_parse(struct hot *hot, size_t n)
{
    repeat(hot, n, parse_one);
}

static void canonical_one(struct hot *hot, struct arena *arena, struct sample *sample)
{
    CLEANUP(buf_done) struct buf text;
    struct err err = ERR_INIT;
    (void)hot, (void)arena;
    buf_init(&text, LIMIT_EVENT_BYTES);
    if (json_canonical(sample->pdu.doc, &text, &err) < 0)
        hot_fail("canonical form", &err);
    CHECK(text.n == sample->pdu.json.n);
}

void hot_json_canonical(struct hot *hot, size_t n)
{
    repeat(hot, n, canonical_one);
}

static void build_one(struct hot *hot, struct arena *arena, struct sample *sample)
{
    struct pdu pdu;
    build(hot, arena, sample, &pdu);
}

void hot_pdu_build(struct hot *hot, size_t n)
{
    repeat(hot, n, build_one);
}

static void verify_one(struct hot *hot, struct arena *arena, struct sample *sample)
{
    const struct server *server = hot->server;
    const struct server_key *signing = signer_take(server->signer);
    struct str public_key = str_make(signing->key.public_key, sizeof signing->key.public_key);
    CHECK(pdu_check_hash(sample->pdu.doc));
    CHECK(pdu_verify_signature(arena, sample->version, sample->pdu.doc, server->name, signing->id,
                               public_key));
    signer_give(server->signer, signing);
}

void hot_pdu_verify(struct hot *hot, size_t n)
{
    repeat(hot, n, verify_one);
}

static void auth_one(struct hot *hot, struct arena *arena, struct sample *sample)
{
    struct auth_list list = {sample->state, sample->n_state};
    struct auth_input input = {
        .version = sample->version, .event = &sample->pdu, .state = auth_state_of_list(&list)};
    struct err err = ERR_INIT;
    (void)hot, (void)arena;
    if (auth_check(&input, &err) < 0)
        hot_fail("authorising", &err);
}

void hot_auth_check(struct hot *hot, size_t n)
{
    repeat(hot, n, auth_one);
}
