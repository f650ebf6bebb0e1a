/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/device.h"

#include <string.h>

#include "base/check.h"
#include "base/vec.h"
#include "store/delayed.h"
#include "store/device_key.h"

static const struct db_stmt INSERT = {
    "device_insert",
    "INSERT INTO device (id, user_name, device_id, display_name, created_ms, last_seen_ms,"
    " last_seen_ip) VALUES (:id, :user, :device_id, :display_name, :created, :seen, :ip)"};
static const struct db_stmt FIND = {
    "device_find", "SELECT id, user_name, device_id, display_name, created_ms, last_seen_ms,"
                   " last_seen_ip FROM device WHERE user_name = :user AND device_id = :device_id"};
static const struct db_stmt ID_OF = {"device_id_of", "SELECT device_id FROM device WHERE id = :id"};
static const struct db_stmt LIST = {
    "device_list", "SELECT id, user_name, device_id, display_name, created_ms, last_seen_ms,"
                   " last_seen_ip FROM device WHERE user_name = :user ORDER BY id"};
static const struct db_stmt SET_NAME = {"device_set_display_name",
                                        "UPDATE device SET display_name = :name WHERE id = :id"};
static const struct db_stmt SET_SEEN = {
    "device_set_last_seen",
    "UPDATE device SET last_seen_ms = :ms, last_seen_ip = :ip WHERE id = :id"};
static const struct db_stmt NEXT = {"device_next",
                                    "SELECT id FROM device WHERE user_name = :user AND id > :after"
                                    " AND id <> :except ORDER BY id LIMIT 1"};
static const struct db_stmt DELETE = {"device_delete", "DELETE FROM device WHERE id = :id"};

static const struct db_stmt TOKEN_INSERT = {
    "token_insert",
    "INSERT INTO token (id, user_name, device, kind, state, generation, parent, expires_ms, digest)"
    " VALUES (:id, :user, :device, :kind, :state, :generation, :parent, :expires, :digest)"};
static const struct db_stmt TOKEN_FIND = {
    "token_find",
    "SELECT id, user_name, device, kind, state, generation, parent, expires_ms, digest"
    " FROM token WHERE digest = :digest"};
static const struct db_stmt TOKEN_STATE = {"token_state", "SELECT state FROM token WHERE id = :id"};
static const struct db_stmt TOKEN_ACTIVATE = {
    "token_activate", "UPDATE token SET state = 1 WHERE generation = :generation AND state = 0"};
static const struct db_stmt TOKEN_SPEND = {"token_spend",
                                           "UPDATE token SET state = 2 WHERE generation = :parent"};
static const struct db_stmt TOKEN_DROP_OLD = {
    "token_drop_old", "DELETE FROM token WHERE user_name = :user AND device = :device AND kind = 1"
                      " AND state = 2 AND generation <> :parent"};
static const struct db_stmt TOKEN_DROP_SIBLINGS = {
    "token_drop_siblings",
    "DELETE FROM token WHERE parent = :parent AND parent <> 0 AND generation <> :generation"
    " AND state = 0"};
static const struct db_stmt TOKEN_DELETE_DEVICE = {
    "token_delete_device", "DELETE FROM token WHERE user_name = :user AND device = :device"};
static const struct db_stmt TOKEN_DELETE_USER = {
    "token_delete_user", "DELETE FROM token WHERE user_name = :user AND device <> :except"};

/* 1, 0, -1. */
static int exists(struct write *w, const struct db_stmt *stmt, const struct db_param *params,
                  size_t n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    return db_query(write_conn(w), stmt, params, n, &query, err) < 0 ? -1 : db_step(query, err);
}

int device_expect(struct write *w, int64_t id, struct err *err)
{
    int found = exists(w, &ID_OF, DB_PARAMS(DB_INT("id", id)), err);
    return found ? (found < 0 ? -1 : 0) : err_moved(err, "device %lld is gone", (long long)id);
}

int device_insert(struct write *w, const struct device *device, struct err *err)
{
    int found = exists(
        w, &FIND, DB_PARAMS(DB_INT("user", device->user), DB_BYTES("device_id", device->device_id)),
        err);
    if (found < 0)
        return -1;
    if (found)
        return err_moved(err, "user %lld has this device by now", (long long)device->user);
    return db_exec(write_conn(w), &INSERT,
                   DB_PARAMS(DB_INT("id", device->id), DB_INT("user", device->user),
                             DB_BYTES("device_id", device->device_id),
                             DB_BYTES_OR_NULL("display_name", device->display_name),
                             DB_INT("created", device->created_ms),
                             DB_INT("seen", device->last_seen_ms),
                             DB_BYTES_OR_NULL("ip", device->last_seen_ip)),
                   err);
}

static struct device device_row(struct db_query *query, struct arena *arena)
{
    return (struct device){
        .id = db_column_int(query, 0),
        .user = db_column_int(query, 1),
        .device_id = db_column_copy(query, 2, arena),
        .display_name = db_column_copy(query, 3, arena),
        .created_ms = db_column_int(query, 4),
        .last_seen_ms = db_column_int(query, 5),
        .last_seen_ip = db_column_copy(query, 6, arena),
    };
}

int device_find(struct read *r, int64_t user, struct str device_id, struct arena *arena,
                struct device *ret_device, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &FIND, DB_PARAMS(DB_INT("user", user), DB_BYTES("device_id", device_id)),
                 &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1)
        *ret_device = device_row(query, arena);
    return found;
}

int device_id_of(struct read *r, int64_t id, struct arena *arena, struct str *ret_device_id,
                 struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &ID_OF, DB_PARAMS(DB_INT("id", id)), &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found < 0)
        return -1;
    *ret_device_id = found ? db_column_copy(query, 0, arena) : STR("");
    return 0;
}

int device_list(struct read *r, int64_t user, struct arena *arena, struct device **ret_devices,
                size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct device) devices = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST, DB_PARAMS(DB_INT("user", user)), &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &devices, device_row(query, arena));
    *ret_devices = devices.p;
    *ret_n = devices.n;
    return more;
}

int device_set_display_name(struct write *w, int64_t id, struct str name, struct err *err)
{
    return db_exec(write_conn(w), &SET_NAME,
                   DB_PARAMS(DB_INT("id", id), DB_BYTES_OR_NULL("name", name)), err);
}

int device_set_last_seen(struct write *w, int64_t id, int64_t ms, struct str ip, struct err *err)
{
    return db_exec(write_conn(w), &SET_SEEN,
                   DB_PARAMS(DB_INT("id", id), DB_INT("ms", ms), DB_BYTES("ip", ip)), err);
}

static int log_device(struct write *w, int64_t user, int64_t device, struct err *err)
{
    int64_t pos;
    return write_position(w, LOG_KIND_DEVICE, 0, user, device, &pos, err);
}

int device_delete(struct write *w, int64_t user, int64_t id, struct err *err)
{
    if (device_purge(w, user, id, err) < 0 ||
        db_exec(write_conn(w), &TOKEN_DELETE_DEVICE,
                DB_PARAMS(DB_INT("user", user), DB_INT("device", id)), err) < 0 ||
        db_exec(write_conn(w), &DELETE, DB_PARAMS(DB_INT("id", id)), err) < 0)
        return -1;
    return log_device(w, user, id, err);
}

int device_delete_all(struct write *w, int64_t user, int64_t except, struct err *err)
{
    int64_t id = 0, kept = except ? except : -1;
    int found;
    while ((found = db_query_int(
                write_conn(w), &NEXT,
                DB_PARAMS(DB_INT("user", user), DB_INT("after", id), DB_INT("except", except)), &id,
                err)) == 1)
        if (device_delete(w, user, id, err) < 0)
            return -1;
    /* A device's row is never 0: with except 0, what is without a device goes too. */
    if (found < 0 ||
        db_exec(write_conn(w), &TOKEN_DELETE_USER,
                DB_PARAMS(DB_INT("user", user), DB_INT("except", kept)), err) < 0 ||
        delayed_cancel_user(w, user, kept, err) < 0)
        return -1;
    return log_device(w, user, 0, err);
}

/* ---- tokens ---- */

int token_insert(struct write *w, const struct token *token, struct err *err)
{
    return db_exec(write_conn(w), &TOKEN_INSERT,
                   DB_PARAMS(DB_INT("id", token->id), DB_INT("user", token->user),
                             DB_INT("device", token->device), DB_INT("kind", token->kind),
                             DB_INT("state", token->state), DB_INT("generation", token->generation),
                             DB_INT("parent", token->parent), DB_INT("expires", token->expires_ms),
                             DB_BYTES("digest", str_make(token->digest, SHA256_BYTES))),
                   err);
}

int token_find(struct read *r, const unsigned char digest[SHA256_BYTES], struct token *ret_token,
               struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &TOKEN_FIND, DB_PARAMS(DB_BYTES("digest", str_make(digest, SHA256_BYTES))),
                 &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found != 1)
        return found;
    *ret_token = (struct token){
        .id = db_column_int(query, 0),
        .user = db_column_int(query, 1),
        .device = db_column_int(query, 2),
        .kind = (enum token_kind)db_column_int(query, 3),
        .state = (enum token_state)db_column_int(query, 4),
        .generation = db_column_int(query, 5),
        .parent = db_column_int(query, 6),
        .expires_ms = db_column_int(query, 7),
    };
    memcpy(ret_token->digest, digest, SHA256_BYTES);
    return 1;
}

int token_expect(struct write *w, const struct token *token, struct err *err)
{
    int64_t state;
    int found =
        db_query_int(write_conn(w), &TOKEN_STATE, DB_PARAMS(DB_INT("id", token->id)), &state, err);
    if (found < 0)
        return -1;
    if (found && state == (int64_t)token->state)
        return 0;
    return err_moved(err, "token %lld has been used or revoked", (long long)token->id);
}

int token_activate(struct write *w, const struct token *token, struct err *err)
{
    struct db_conn *conn = write_conn(w);
    struct db_param generation = DB_INT("generation", token->generation);
    struct db_param parent = DB_INT("parent", token->parent);
    if (db_exec(conn, &TOKEN_ACTIVATE, &generation, 1, err) < 0)
        return -1;
    if (!token->parent)
        return 0;
    if (db_exec(conn, &TOKEN_SPEND, &parent, 1, err) < 0 ||
        db_exec(conn, &TOKEN_DROP_OLD,
                DB_PARAMS(DB_INT("user", token->user), DB_INT("device", token->device), parent),
                err) < 0 ||
        db_exec(conn, &TOKEN_DROP_SIBLINGS, DB_PARAMS(parent, generation), err) < 0)
        return -1;
    return log_device(w, token->user, token->device, err);
}

int token_delete_device(struct write *w, int64_t user, int64_t device, struct err *err)
{
    if (db_exec(write_conn(w), &TOKEN_DELETE_DEVICE,
                DB_PARAMS(DB_INT("user", user), DB_INT("device", device)), err) < 0)
        return -1;
    return log_device(w, user, device, err);
}
