/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/vec.h"
#include "matrix/id.h"
#include "service/keys/backup.h"
#include "service/pieces.h"
#include "json/decode.h"

/* Keys in one step of an answer: two MiB at most. */
#define KEYS_PAGE 32

/* A change of the keys: the job holds when the etag is still the one that was read. */
struct change {
    struct use *use;
    int64_t user;
    struct backup_version version; /* as it was */
    int64_t count;                 /* as it will be */
    VEC(struct backup_key) put;
    struct str room, session; /* deleted */
    bool is_deletion;
};

static int load_version(struct use *use, const struct backup_scope *scope,
                        struct backup_version *ret_version)
{
    if (!scope->version.n)
        return err_client(&use->err, 400, "M_MISSING_PARAM", "version is missing");
    return backup_version_get(use, scope->version, ret_version);
}

static int begin(struct use *use, const struct backup_scope *scope, struct change **ret_change)
{
    struct change *change = ARENA_NEW(use->arena, struct change);
    change->use = use;
    change->user = use->caller.user;
    change->room = scope->room;
    change->session = scope->session;
    if (load_version(use, scope, &change->version) < 0)
        return -1;
    change->count = change->version.count;
    *ret_change = change;
    return 0;
}

/* ---- the job ---- */

static int write_change(struct write *w, void *arg, struct err *err)
{
    const struct change *change = arg;
    int64_t version = change->version.version;
    if (backup_version_advance(w, change->user, version, change->version.etag, change->count, err) <
        0)
        return -1;
    if (change->is_deletion)
        return backup_key_delete(w, change->user, version, change->room, change->session, err);
    for (size_t i = 0; i < change->put.n; i++)
        if (backup_key_put(w, change->user, version, &change->put.p[i], err) < 0)
            return -1;
    return 0;
}

static int commit(struct change *change, bool any, struct backup_version *ret_version)
{
    *ret_version = change->version;
    if (!any)
        return 0;
    ret_version->etag++;
    ret_version->count = change->count;
    return use_commit(change->use, write_change, NULL, change);
}

/* ---- putting ---- */

struct key_body {
    int64_t first_message_index, forwarded_count;
    bool is_verified;
    const struct json *session_data;
};

static const struct json_field key_fields[] = {
    JSON_FIELD(struct key_body, first_message_index, JSON_WANT_INT, JSON_REQUIRED, 0),
    JSON_FIELD(struct key_body, forwarded_count, JSON_WANT_INT, JSON_REQUIRED, 0),
    JSON_FIELD(struct key_body, is_verified, JSON_WANT_BOOL, JSON_REQUIRED, 0),
    JSON_FIELD(struct key_body, session_data, JSON_WANT_OBJECT, JSON_REQUIRED, 100),
};

static int read_key(struct use *use, struct str room, struct str session, const struct json *json,
                    struct backup_key *ret_key)
{
    struct key_body body = {0};
    if (json_decode(json, key_fields, ARRAY_LEN(key_fields), &body, &use->err) < 0)
        return -1;
    if (room.n > ID_MAX || !room.n || session.n > LIMIT_BACKUP_SESSION_ID || !session.n)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "A room or session id is too long");
    if (body.first_message_index < 0 || body.forwarded_count < 0)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "Counts are not negative");
    if (body.session_data->raw.n > LIMIT_BACKUP_SESSION_BYTES)
        return err_client(&use->err, 413, "M_TOO_LARGE", "session_data is too large");
    *ret_key = (struct backup_key){
        .room = room,
        .session = session,
        .first_message_index = body.first_message_index,
        .forwarded_count = body.forwarded_count,
        .is_verified = body.is_verified,
        .data = body.session_data->raw,
    };
    return 0;
}

/* Verified before unverified, then the lower first index, then fewer hands in between. */
static bool is_better(const struct backup_key *a, const struct backup_key *b)
{
    if (a->is_verified != b->is_verified)
        return a->is_verified;
    if (a->first_message_index != b->first_message_index)
        return a->first_message_index < b->first_message_index;
    return a->forwarded_count < b->forwarded_count;
}

static int put_session(struct change *change, struct str room, struct str session,
                       const struct json *json)
{
    struct use *use = change->use;
    struct backup_key key, known;
    if (read_key(use, room, session, json, &key) < 0)
        return -1;
    int found = backup_key_find(&use->read, change->user, change->version.version, room, session,
                                use->arena, &known, &use->err);
    if (found < 0)
        return -1;
    if (found && !is_better(&key, &known))
        return 0;
    change->count += !found;
    if (change->count > LIMIT_BACKUP_KEYS)
        return err_client(&use->err, 413, "M_TOO_LARGE", "The backup holds too many keys");
    ARENA_VEC_ADD(use->arena, &change->put, key);
    return 0;
}

static int put_room(struct change *change, struct str room, const struct json *json)
{
    const struct json *sessions = json_find(json, STR("sessions"));
    if (!json_is(sessions, JSON_OBJECT))
        return err_client(&change->use->err, 400, "M_BAD_JSON", "sessions must be an object");
    for (size_t i = 0; i < sessions->object.n; i++)
        if (put_session(change, room, sessions->object.members[i].key,
                        &sessions->object.members[i].value) < 0)
            return -1;
    return 0;
}

static int put_all(struct change *change, const struct json *json)
{
    const struct json *rooms = json_find(json, STR("rooms"));
    if (!json_is(rooms, JSON_OBJECT))
        return err_client(&change->use->err, 400, "M_BAD_JSON", "rooms must be an object");
    for (size_t i = 0; i < rooms->object.n; i++)
        if (put_room(change, rooms->object.members[i].key, &rooms->object.members[i].value) < 0)
            return -1;
    return 0;
}

static int check_newest(struct change *change)
{
    struct use *use = change->use;
    struct backup_version newest;
    if (backup_version_get(use, STR_NONE, &newest) < 0)
        return -1;
    if (newest.version == change->version.version)
        return 0;
    err_client(&use->err, 403, "M_WRONG_ROOM_KEYS_VERSION", "This is not the newest backup");
    use->err.extra_key = "current_version";
    snprintf(use->err.extra_text, sizeof use->err.extra_text, "%lld", (long long)newest.version);
    return -1;
}

int backup_keys_put(struct use *use, const struct backup_scope *scope, const struct json *body,
                    struct backup_version *ret_version)
{
    struct change *change;
    if (begin(use, scope, &change) < 0 || check_newest(change) < 0)
        return -1;
    int status = !scope->room.p      ? put_all(change, body)
                 : !scope->session.p ? put_room(change, scope->room, body)
                                     : put_session(change, scope->room, scope->session, body);
    return status < 0 ? -1 : commit(change, change->put.n > 0, ret_version);
}

/* ---- getting ---- */

static void write_key(struct json_writer *out, const struct backup_key *key)
{
    json_write_object(out);
    json_write_member_int(out, STR("first_message_index"), key->first_message_index);
    json_write_member_int(out, STR("forwarded_count"), key->forwarded_count);
    json_write_member_bool(out, STR("is_verified"), key->is_verified);
    json_write_member_raw(out, STR("session_data"), key->data);
    json_write_end(out);
}

static int get_session(struct use *use, const struct backup_scope *scope, int64_t version,
                       struct json_writer *out)
{
    struct backup_key key;
    int found = backup_key_find(&use->read, use->caller.user, version, scope->room, scope->session,
                                use->arena, &key, &use->err);
    if (found == 0)
        return err_client(&use->err, 404, "M_NOT_FOUND", "The backup has no such key");
    if (found < 0)
        return -1;
    write_key(out, &key);
    return 0;
}

/* Keys of many, a page at a time (service/pieces.h). */
struct fetch {
    int64_t version;
    struct str scope_room; /* STR_NONE: of all rooms */
    char room[ID_MAX];     /* of the last key that was written */
    char session[LIMIT_BACKUP_SESSION_ID];
    size_t n_room, n_session;
};

static void open_room(struct json_writer *out)
{
    json_write_object(out);
    json_write_key(out, STR("sessions"));
    json_write_object(out);
}

/* Rows come by room: another one begins an object of its own. */
static void change_room(struct fetch *fetch, struct json_writer *out, struct str room)
{
    if (str_eq(str_make(fetch->room, fetch->n_room), room))
        return;
    if (fetch->n_room) {
        json_write_end(out);
        json_write_end(out);
    }
    json_write_key(out, room);
    open_room(out);
}

static void write_row(struct fetch *fetch, struct json_writer *out, const struct backup_key *key)
{
    if (!fetch->scope_room.p)
        change_room(fetch, out, key->room);
    json_write_key(out, key->session);
    write_key(out, key);
    fetch->n_room = str_first(key->room, sizeof fetch->room).n;
    memcpy(fetch->room, key->room.p, fetch->n_room);
    fetch->n_session = str_first(key->session, sizeof fetch->session).n;
    memcpy(fetch->session, key->session.p, fetch->n_session);
}

/* A part of a backup is not to be taken for the whole: when it goes, the answer is cut. */
static int expect_version(struct use *use, int64_t version)
{
    struct backup_version row;
    int found =
        backup_version_load(&use->read, use->caller.user, version, use->arena, &row, &use->err);
    return found == 0 ? err_internal(&use->err, "a backup was deleted while it was read")
                      : (found < 0 ? -1 : 0);
}

static int write_page(struct use *use, struct json_writer *out, void *arg)
{
    struct fetch *fetch = arg;
    struct backup_key *keys, after = {.room = str_make(fetch->room, fetch->n_room),
                                      .session = str_make(fetch->session, fetch->n_session)};
    size_t n;
    if (expect_version(use, fetch->version) < 0 ||
        backup_key_list(&use->read, use->caller.user, fetch->version, fetch->scope_room, &after,
                        KEYS_PAGE, use->arena, &keys, &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        write_row(fetch, out, &keys[i]);
    if (n == KEYS_PAGE)
        return 1;
    while (out->depth)
        json_write_end(out);
    return 0;
}

static int get_many(struct use *use, struct str room, int64_t version, struct json_writer *out)
{
    struct fetch *fetch = ARENA_NEW(use->arena, struct fetch);
    fetch->version = version;
    fetch->scope_room = room;
    if (room.p) {
        open_room(out);
    } else {
        json_write_object(out);
        json_write_key(out, STR("rooms"));
        json_write_object(out);
    }
    return pieces_run(use, out, write_page, NULL, fetch);
}

int backup_keys_get(struct use *use, const struct backup_scope *scope, struct json_writer *out)
{
    struct backup_version version;
    if (load_version(use, scope, &version) < 0)
        return -1;
    if (scope->session.p)
        return get_session(use, scope, version.version, out);
    return get_many(use, scope->room, version.version, out);
}

/* ---- deleting ---- */

int backup_keys_delete(struct use *use, const struct backup_scope *scope,
                       struct backup_version *ret_version)
{
    struct change *change;
    int64_t n;
    if (begin(use, scope, &change) < 0 ||
        backup_key_count(&use->read, change->user, change->version.version, scope->room,
                         scope->session, &n, &use->err) < 0)
        return -1;
    change->is_deletion = true;
    change->count -= n;
    return commit(change, n > 0, ret_version);
}
