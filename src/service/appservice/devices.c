/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/appservice/devices.h"

#include <stdlib.h>

#include "base/int_set.h"
#include "base/limits.h"
#include "service/appservice/assertion.h"
#include "store/device.h"
#include "store/device_key.h"
#include "store/device_list.h"
#include "store/membership.h"
#include "store/room.h"

/* Members looked at with one question. */
#define PAGE 1000
/* When the last of its users leaves a room, past so many members nobody is said to be gone: who
 * goes on to follow them does no harm. */
#define GONE_MAX 1000

void devices_begin(struct devices *devices, struct use *use, struct interest *interest)
{
    *devices = (struct devices){.use = use, .interest = interest};
    buf_init(&devices->messages, LIMIT_APPSERVICE_BODY + 2 * LIMIT_TO_DEVICE_BYTES);
    json_writer_init(&devices->messages_out, &devices->messages);
    json_write_array(&devices->messages_out);
}

void devices_done(struct devices *devices)
{
    buf_done(&devices->messages);
}

bool devices_is_full(const struct devices *devices)
{
    return devices->messages.n >= LIMIT_APPSERVICE_BODY ||
           devices->taken.n >= LIMIT_TO_DEVICE_PER_SYNC ||
           devices->changed.n >= LIMIT_APPSERVICE_USERS;
}

bool devices_is_empty(const struct devices *devices)
{
    return !devices->taken.n && !devices->changed.n && !devices->gone.n && !devices->counted.n;
}

/* ---- to-device messages ---- */

/* What is stored is an object; whom it is to is added to its members. */
static int write_message(struct devices *devices, const struct log_entry *entry, struct str json)
{
    struct use *use = devices->use;
    struct json_writer *out = &devices->messages_out;
    struct str user_id, device_id;
    const struct json *doc;
    if (json_parse(use->arena, json, &doc, &use->err) < 0 ||
        store_name(use->server->store, entry->user, use->arena, &user_id, &use->err) < 0 ||
        device_id_of(&use->read, entry->ref, use->arena, &device_id, &use->err) < 0)
        return -1;
    json_write_object(out);
    for (size_t i = 0; json_is(doc, JSON_OBJECT) && i < doc->object.n; i++)
        json_write_member_raw(out, doc->object.members[i].key, doc->object.members[i].value.raw);
    json_write_member_str(out, STR("to_device_id"), device_id);
    json_write_member_str(out, STR("to_user_id"), user_id);
    json_write_end(out);
    return 0;
}

/* One that its device has had by /sync is not there any more. */
static int take_message(struct devices *devices, const struct log_entry *entry)
{
    struct use *use = devices->use;
    struct to_device_taken taken = {.device = entry->ref, .pos = entry->pos};
    struct str json;
    bool owned;
    if (appservice_owns_account(use, devices->interest->as, entry->user, &owned) < 0)
        return -1;
    if (!owned)
        return 0;
    int found = to_device_load(&use->read, &taken, use->arena, &json, &use->err);
    if (found != 1)
        return found;
    ARENA_VEC_ADD(use->arena, &devices->taken, taken);
    return write_message(devices, entry, json);
}

/* ---- whose devices changed ---- */

static void add(struct devices *devices, bool gone, int64_t user)
{
    if (gone)
        ARENA_VEC_ADD(devices->use->arena, &devices->gone, user);
    else
        ARENA_VEC_ADD(devices->use->arena, &devices->changed, user);
}

static int add_members(struct devices *devices, int64_t room, bool gone)
{
    struct use *use = devices->use;
    struct membership_row *rows;
    int64_t after = 0;
    for (size_t n = PAGE, all = 0; n == PAGE && !(gone && all >= GONE_MAX); all += n) {
        if (membership_list_users(&use->read, room, MEMBERSHIP_JOIN, after, PAGE, use->arena, &rows,
                                  &n, &use->err) < 0)
            return -1;
        for (size_t i = 0; i < n; i++)
            add(devices, gone, rows[i].user);
        after = n ? rows[n - 1].user : after;
    }
    return 0;
}

/* 1 there, 0, -1. */
static int is_joined(struct devices *devices, int64_t user, int64_t room)
{
    struct use *use = devices->use;
    struct membership_row row;
    int found = membership_load(&use->read, user, room, &row, &use->err);
    return found == 1 ? row.kind == MEMBERSHIP_JOIN : found;
}

/* Of a room that one of its users is in now. */
static int take_room(struct devices *devices, const struct log_entry *entry, bool own)
{
    if (entry->ref == DEVICE_LIST_ENCRYPTED || (own && entry->ref == DEVICE_LIST_JOINED))
        return add_members(devices, entry->room, false);
    int there = is_joined(devices, entry->user, entry->room);
    if (there >= 0)
        add(devices, !there, entry->user);
    return there < 0 ? -1 : 0;
}

static int take_list(struct devices *devices, const struct log_entry *entry)
{
    struct use *use = devices->use;
    int own = entry->user ? interest_has_user(devices->interest, use, entry->user) : 0;
    if (own < 0)
        return -1;
    if (!entry->room) {
        if (own && entry->ref >= 0)
            add(devices, false, entry->user);
        return 0;
    }
    int inside = interest_is_in_room(devices->interest, use, entry->room);
    if (inside != 0)
        return inside < 0 ? -1 : take_room(devices, entry, own);
    return own && entry->ref == DEVICE_LIST_LEFT ? add_members(devices, entry->room, true) : 0;
}

/* ---- keys ---- */

static int take_keys(struct devices *devices, const struct log_entry *entry)
{
    struct use *use = devices->use;
    bool owned;
    if (appservice_owns_account(use, devices->interest->as, entry->user, &owned) < 0)
        return -1;
    if (owned)
        ARENA_VEC_ADD(use->arena, &devices->counted,
                      (struct devices_key_holder){entry->user, entry->ref});
    return 0;
}

int devices_see(struct devices *devices, const struct log_entry *entry)
{
    const struct appservice *as = devices->interest->as;
    if (entry->kind == LOG_KIND_TO_DEVICE && as->receive_ephemeral &&
        take_message(devices, entry) < 0)
        return -1;
    if (!as->follows_devices)
        return 0;
    if (entry->kind == LOG_KIND_DEVICE_LIST)
        return take_list(devices, entry);
    /* A message is often the first of a session: a key was used for it. */
    return entry->kind == LOG_KIND_KEYS || entry->kind == LOG_KIND_TO_DEVICE
               ? take_keys(devices, entry)
               : 0;
}

/* ---- writing ---- */

static int compare_holders(const void *a, const void *b)
{
    const struct devices_key_holder *left = a, *right = b;
    int by_user = (left->user > right->user) - (left->user < right->user);
    return by_user ? by_user : (left->device > right->device) - (left->device < right->device);
}

/* An encrypted room that one of its users is in, too: 1, 0, -1. */
static int shares_room(struct devices *devices, int64_t user)
{
    struct use *use = devices->use;
    struct membership_room *rooms;
    size_t n;
    int inside = interest_has_user(devices->interest, use, user);
    if (inside != 0)
        return inside;
    if (membership_list_with_rooms(&use->read, user, use->arena, &rooms, &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n && inside == 0; i++)
        if (rooms[i].member.kind == MEMBERSHIP_JOIN && rooms[i].flags & ROOM_ENCRYPTED)
            inside = interest_is_in_room(devices->interest, use, rooms[i].member.room);
    return inside;
}

static int write_user(struct devices *devices, struct json_writer *out, int64_t user)
{
    struct use *use = devices->use;
    struct str user_id;
    if (store_name(use->server->store, user, use->arena, &user_id, &use->err) < 0)
        return -1;
    json_write_str(out, user_id);
    return 0;
}

static int write_lists(struct devices *devices, struct json_writer *out)
{
    size_t n_changed = int_set_make(devices->changed.p, devices->changed.n);
    size_t n_gone = int_set_make(devices->gone.p, devices->gone.n);
    json_write_object(out);
    json_write_key(out, STR("changed"));
    json_write_array(out);
    for (size_t i = 0; i < n_changed; i++)
        if (write_user(devices, out, devices->changed.p[i]) < 0)
            return -1;
    json_write_end(out);
    json_write_key(out, STR("left"));
    json_write_array(out);
    for (size_t i = 0; i < n_gone; i++) {
        int shares = shares_room(devices, devices->gone.p[i]);
        if (shares < 0 || (!shares && write_user(devices, out, devices->gone.p[i]) < 0))
            return -1;
    }
    json_write_end(out);
    json_write_end(out);
    return 0;
}

static int write_counts(struct devices *devices, int64_t device, struct json_writer *out)
{
    struct use *use = devices->use;
    struct one_time_key_count *counts;
    size_t n;
    bool listed = false;
    if (one_time_key_counts(&use->read, device, use->arena, &counts, &n, &use->err) < 0)
        return -1;
    json_write_object(out);
    for (size_t i = 0; i < n; i++) {
        listed |= str_eq(counts[i].algorithm, STR("signed_curve25519"));
        json_write_member_int(out, counts[i].algorithm, counts[i].n);
    }
    if (!listed) /* that there is none is what matters */
        json_write_member_int(out, STR("signed_curve25519"), 0);
    json_write_end(out);
    return 0;
}

static int write_fallback(struct devices *devices, int64_t device, struct json_writer *out)
{
    struct use *use = devices->use;
    struct str *types;
    size_t n;
    if (unused_fallback_types(&use->read, device, use->arena, &types, &n, &use->err) < 0)
        return -1;
    json_write_array(out);
    for (size_t i = 0; i < n; i++)
        json_write_str(out, types[i]);
    json_write_end(out);
    return 0;
}

/* {"@user": {"DEVICE": …}}: the holders are sorted. */
static int write_holders(struct devices *devices, struct json_writer *out,
                         int (*write)(struct devices *devices, int64_t device,
                                      struct json_writer *out))
{
    struct use *use = devices->use;
    const struct devices_key_holder *before = NULL;
    struct str user_id, device_id;
    json_write_object(out);
    for (size_t i = 0; i < devices->counted.n; i++) {
        const struct devices_key_holder *holder = &devices->counted.p[i];
        if (before && compare_holders(before, holder) == 0)
            continue;
        if (store_name(use->server->store, holder->user, use->arena, &user_id, &use->err) < 0 ||
            device_id_of(&use->read, holder->device, use->arena, &device_id, &use->err) < 0)
            return -1;
        if (!device_id.n)
            continue; /* it is gone */
        if (!before || before->user != holder->user) {
            if (before)
                json_write_end(out);
            json_write_key(out, user_id);
            json_write_object(out);
        }
        json_write_key(out, device_id);
        if (write(devices, holder->device, out) < 0)
            return -1;
        before = holder;
    }
    if (before)
        json_write_end(out);
    json_write_end(out);
    return 0;
}

#define MSC3202 ",\"org.matrix.msc3202."

static int write_all(struct devices *devices, struct buf *to)
{
    struct json_writer out;
    json_writer_init(&out, to);
    buf_add(to, STR(MSC3202 "device_lists\":"));
    if (write_lists(devices, &out) < 0)
        return -1;
    if (!devices->counted.n)
        return 0;
    qsort(devices->counted.p, devices->counted.n, sizeof *devices->counted.p, compare_holders);
    buf_add(to, STR(MSC3202 "device_one_time_keys_count\":"));
    json_writer_init(&out, to);
    if (write_holders(devices, &out, write_counts) < 0)
        return -1;
    buf_add(to, STR(MSC3202 "device_unused_fallback_key_types\":"));
    json_writer_init(&out, to);
    return write_holders(devices, &out, write_fallback);
}

int devices_write(struct devices *devices, struct buf *to)
{
    const struct appservice *as = devices->interest->as;
    json_write_end(&devices->messages_out);
    if (as->receive_ephemeral) {
        buf_add(to, STR(",\"de.sorunome.msc2409.to_device\":"));
        buf_add(to, buf_str(&devices->messages));
    }
    if (as->follows_devices && write_all(devices, to) < 0)
        return -1;
    return buf_is_full(to) || buf_is_full(&devices->messages)
               ? err_internal(&devices->use->err, "what is told of devices is too long")
               : 0;
}
