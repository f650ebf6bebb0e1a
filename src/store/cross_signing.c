/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/cross_signing.h"

#include "base/vec.h"

static const struct db_stmt LOAD = {
    "cross_signing_load",
    "SELECT usage_kind, public_key, json FROM cross_signing WHERE user_name = :user",
};
static const struct db_stmt PUT = {
    "cross_signing_put",
    "INSERT INTO cross_signing (user_name, usage_kind, public_key, json)"
    " VALUES (:user, :usage, :public_key, :json) ON CONFLICT (user_name, usage_kind)"
    " DO UPDATE SET public_key = excluded.public_key, json = excluded.json",
};
static const struct db_stmt DROP_SIGNATURES = {
    "cross_signing_drop_signatures",
    "DELETE FROM key_signature WHERE target = :user AND target_key = (SELECT public_key"
    " FROM cross_signing WHERE user_name = :user AND usage_kind = :usage"
    " AND public_key <> :public_key)",
};
static const struct db_stmt MASTER = {
    "cross_signing_master",
    "SELECT public_key FROM cross_signing WHERE user_name = :user AND usage_kind = 1",
};
static const struct db_stmt SIGNATURE_PUT = {
    "key_signature_put",
    "INSERT INTO key_signature (target, target_key, signer, signer_key_id, signature)"
    " VALUES (:target, :target_key, :signer, :signer_key_id, :signature)"
    " ON CONFLICT (target, target_key, signer, signer_key_id)"
    " DO UPDATE SET signature = excluded.signature",
};
static const struct db_stmt SIGNATURE_LIST = {
    "key_signature_list",
    "SELECT target_key, signer, signer_key_id, signature FROM key_signature"
    " WHERE target = :target AND (signer = :target OR signer = :reader)"
    " ORDER BY target_key, signer, signer_key_id",
};

int cross_signing_load(struct read *r, int64_t user, struct arena *arena,
                       struct cross_signing_key ret_keys[CROSS_SIGNING_N], struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    int more;
    for (size_t i = 0; i < CROSS_SIGNING_N; i++)
        ret_keys[i] = (struct cross_signing_key){0};
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LOAD, DB_PARAMS(DB_INT("user", user)), &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1) {
        int64_t usage = db_column_int(query, 0);
        if (usage > 0 && usage < CROSS_SIGNING_N)
            ret_keys[usage] = (struct cross_signing_key){db_column_copy(query, 1, arena),
                                                         db_column_copy(query, 2, arena)};
    }
    return more;
}

int cross_signing_put(struct write *w, int64_t user, enum cross_signing_usage usage,
                      const struct cross_signing_key *key, struct err *err)
{
    struct db_param user_param = DB_INT("user", user), usage_param = DB_INT("usage", usage);
    struct db_param public_key = DB_BYTES("public_key", key->public_key);
    if (db_exec(write_conn(w), &DROP_SIGNATURES, DB_PARAMS(user_param, usage_param, public_key),
                err) < 0)
        return -1;
    return db_exec(write_conn(w), &PUT,
                   DB_PARAMS(user_param, usage_param, public_key, DB_BYTES("json", key->json)),
                   err);
}

int cross_signing_expect_master(struct write *w, int64_t user, struct str public_key,
                                struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (db_query(write_conn(w), &MASTER, DB_PARAMS(DB_INT("user", user)), &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found < 0)
        return -1;
    bool same = found ? public_key.p && str_eq(db_column_bytes(query, 0), public_key)
                      : public_key.p == NULL;
    return same ? 0 : err_moved(err, "the master key has changed");
}

int key_signature_put(struct write *w, const struct key_signature *signature, struct err *err)
{
    return db_exec(write_conn(w), &SIGNATURE_PUT,
                   DB_PARAMS(DB_INT("target", signature->target),
                             DB_BYTES("target_key", signature->target_key),
                             DB_INT("signer", signature->signer),
                             DB_BYTES("signer_key_id", signature->signer_key_id),
                             DB_BYTES("signature", signature->signature)),
                   err);
}

int key_signature_list(struct read *r, int64_t target, int64_t reader, struct arena *arena,
                       struct key_signature **ret_signatures, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct key_signature) signatures = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &SIGNATURE_LIST,
                 DB_PARAMS(DB_INT("target", target), DB_INT("reader", reader)), &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1) {
        struct key_signature signature = {
            .target = target,
            .target_key = db_column_copy(query, 0, arena),
            .signer = db_column_int(query, 1),
            .signer_key_id = db_column_copy(query, 2, arena),
            .signature = db_column_copy(query, 3, arena),
        };
        ARENA_VEC_ADD(arena, &signatures, signature);
    }
    *ret_signatures = signatures.p;
    *ret_n = signatures.n;
    return more;
}
