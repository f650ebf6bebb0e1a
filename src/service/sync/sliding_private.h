/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SYNC_SLIDING_PRIVATE_H
#define CHAPPE_SERVICE_SYNC_SLIDING_PRIVATE_H

/* What the files of one sliding sync share. */

#include "service/sync/connections.h"
#include "service/sync/required_state.h"
#include "service/sync/sliding.h"
#include "service/sync/sync_private.h"

/* Why a room is looked at. */
#define LOOK_NEW    1u  /* it was never told */
#define LOOK_MOVED  2u  /* something happened in it, or may have */
#define LOOK_MORE   4u  /* more events are asked for than before */
#define LOOK_STATE  8u  /* other state is asked for than before */
#define LOOK_DIRECT 16u /* is_dm is another */

/* How one room stands in this request; beside rooms of the content. */
struct sliding_place {
    bool told_whole;   /* with an initial or an expanded timeline */
    uint64_t lists[2]; /* bits of the lists whose window holds it */
    int subscription;  /* index + 1; 0: none */
    int config;        /* of what is asked of it; when it is inside */
    int64_t limit;
    bool inside;
    bool entered; /* it was not inside before */
    unsigned look;
};

/* The merged config of a set of lists and a subscription: most rooms share one. */
struct sliding_merge {
    uint64_t lists[2];
    int subscription, config;
    int64_t limit;
};

struct sliding {
    struct sync sync;
    struct sync_request plain; /* what the files of sync are told was asked: nothing special */
    struct sliding_request asked;
    const struct sliding_request *request; /* that one */
    struct arena *arena;                   /* of the whole answer */
    struct connection_hold hold;
    struct sliding_content *work; /* owned */
    int64_t seq;
    bool asks_other; /* other lists, rooms or extensions than the last time */
    int64_t *wanted; /* rooms of the subscriptions, by index; 0: no such room */
    struct sliding_place *places;
    VEC(struct sliding_merge) merges;
    struct str *direct; /* room ids of m.direct, sorted; when has_direct */
    size_t n_direct;
    bool has_direct;

    struct required_state *required[LIMIT_SLIDING_CONFIGS]; /* NULL: not loaded yet */

    /* writing */
    int phase;
    size_t next;             /* the room to look at next */
    struct sync_pages pages; /* the room that is being written */
    enum { PAGE_NONE, PAGE_STATE, PAGE_TIMELINE } page;
    int extension;       /* which part of them */
    int64_t inbox_since; /* to-device messages up to here have arrived */
    bool kept;           /* the answer stands for a generation that was published */
    bool finished;
    char after[LIMIT_EVENT_FIELD_BYTES]; /* account data: the last type that was written */
    size_t n_after;
    bool opened, saw_push_rules;
};

/* Up to where a client knows something of which `told` says how far. */
int64_t sliding_known(const struct sliding *sliding, int64_t told);

/* sliding_list.c: the rooms of the user in the order of the list, and which are inside. */
int sliding_list_rooms(struct sliding *sliding) MUST_USE;
/* Whether the list or the subscription has the room inside that an extension is asked for. */
bool sliding_scope_holds(const struct sliding *sliding, const struct sliding_scope *scope,
                         size_t i);
/* Of the order of a list. */
void sliding_sort(struct sliding_room *rooms, size_t n);

/* sliding_filter.c */
struct sliding_facts; /* what the filters of the lists need beside the rooms */
int sliding_facts_load(struct sliding *sliding, struct sliding_facts **ret_facts) MUST_USE;
/* 1, 0, -1 */
int sliding_filter_passes(struct sliding *sliding, const struct sliding_facts *facts, size_t list,
                          struct sliding_room *room) MUST_USE;
/* Whether m.direct names the room: 1, 0, -1. */
int sliding_is_direct(struct sliding *sliding, int64_t room) MUST_USE;

/* sliding_room.c: what is found out of one room, and whether there is something to tell. */
struct sliding_news {
    struct sliding_room *told; /* of the content */
    struct sliding_place *place;
    bool initial, expanded, left;
    struct state_entry *changes; /* of the state, since it was told */
    size_t n_changes;
    bool members_changed, name_changed, avatar_changed;
    int64_t state; /* what the reader may see of it; 0: none */
    bool counted;
    int64_t notify, highlight; /* when counted */
    int64_t bump;              /* 0: as before */
};
/* Prepares sliding->pages.room. 1 there is something to tell, 0, -1. */
int sliding_room_prepare(struct sliding *sliding, size_t i, struct sliding_news *ret_news) MUST_USE;
/* What the client knows once it was told, or there was nothing to tell. */
void sliding_room_told(struct sliding *sliding, const struct sliding_news *news);

/* sliding_state.c: which state of a room is told. */
int sliding_state_choose(struct sliding *sliding, struct sliding_news *news) MUST_USE;

/* sliding_write.c: a room, a step each. */
/* Begins a room, if there is something to tell of it: 0, -1. */
int sliding_write_begin(struct sliding *sliding, size_t i) MUST_USE;
/* Goes on with the room that is open: 0, -1. */
int sliding_write_go_on(struct sliding *sliding) MUST_USE;

/* sliding_extensions.c: a step: 1 there is more, 0 that was all, -1. */
int sliding_extensions_step(struct sliding *sliding) MUST_USE;
/* to_device.since: -1: 400 M_INVALID_PARAM. */
int sliding_inbox_parse(struct sliding *sliding) MUST_USE;
/* Messages may wait for who comes with that since. */
bool sliding_inbox_waits(const struct sliding *sliding);

#endif
