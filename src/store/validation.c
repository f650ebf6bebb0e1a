/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/validation.h"

#include <string.h>

#include "base/limits.h"

#define COLUMNS                                                                                    \
    "SELECT sid, purpose, address, secret, code, link, attempt, sent_ms, expires_ms, tries,"       \
    " validated_ms FROM validation"

static const struct db_stmt PUT = {
    "validation_put",
    "INSERT INTO validation (sid, purpose, address, secret, code, link, attempt, sent_ms,"
    " expires_ms, tries, validated_ms) VALUES (:sid, :purpose, :address, :secret, :code, :link,"
    " :attempt, :sent, :expires, 0, 0) ON CONFLICT (sid) DO UPDATE SET code = excluded.code,"
    " link = excluded.link, attempt = excluded.attempt, sent_ms = excluded.sent_ms,"
    " expires_ms = excluded.expires_ms, tries = 0, validated_ms = 0"};
static const struct db_stmt TRY = {"validation_try",
                                   "UPDATE validation SET tries = tries + 1 WHERE sid = :sid"};
static const struct db_stmt VALIDATED = {
    "validation_validated", "UPDATE validation SET validated_ms = :now WHERE sid = :sid"};
static const struct db_stmt IS_VALIDATED = {
    "validation_is_validated", "SELECT 1 FROM validation WHERE sid = :sid AND validated_ms > :since"
                               " AND validated_ms <= :until"};
static const struct db_stmt DELETE = {"validation_delete",
                                      "DELETE FROM validation WHERE sid = :sid"};
static const struct db_stmt EXPIRE = {"validation_expire",
                                      "DELETE FROM validation WHERE expires_ms < :before"};
static const struct db_stmt LOAD = {"validation_load", COLUMNS " WHERE sid = :sid"};
static const struct db_stmt FIND = {
    "validation_find",
    COLUMNS " WHERE address = :address AND purpose = :purpose AND secret = :secret"};

static struct str digest(const unsigned char bytes[SHA256_BYTES])
{
    return str_make(bytes, SHA256_BYTES);
}

int validation_put(struct write *w, const struct validation *validation, struct err *err)
{
    return db_exec(
        write_conn(w), &PUT,
        DB_PARAMS(DB_BYTES("sid", validation->sid), DB_INT("purpose", validation->purpose),
                  DB_BYTES("address", validation->email.full),
                  DB_BYTES("secret", digest(validation->secret)),
                  DB_BYTES("code", digest(validation->code)),
                  DB_BYTES("link", digest(validation->link)),
                  DB_INT("attempt", validation->attempt), DB_INT("sent", validation->sent_ms),
                  DB_INT("expires", validation->expires_ms)),
        err);
}

int validation_count_try(struct write *w, struct str sid, struct err *err)
{
    return db_exec(write_conn(w), &TRY, DB_PARAMS(DB_BYTES("sid", sid)), err);
}

int validation_set_validated(struct write *w, struct str sid, int64_t now_ms, struct err *err)
{
    return db_exec(write_conn(w), &VALIDATED,
                   DB_PARAMS(DB_BYTES("sid", sid), DB_INT("now", now_ms)), err);
}

int validation_use(struct write *w, struct str sid, struct err *err)
{
    int64_t one, now = write_time_ms(w);
    int found = db_query_int(write_conn(w), &IS_VALIDATED,
                             DB_PARAMS(DB_BYTES("sid", sid), DB_INT("since", now - LIMIT_UIA_MS),
                                       DB_INT("until", now + LIMIT_CLOCK_MS)),
                             &one, err);
    if (found != 1)
        return found;
    return db_exec(write_conn(w), &DELETE, DB_PARAMS(DB_BYTES("sid", sid)), err) < 0 ? -1 : 1;
}

int validation_expire(struct write *w, int64_t before_ms, struct err *err)
{
    return db_exec(write_conn(w), &EXPIRE, DB_PARAMS(DB_INT("before", before_ms)), err);
}

/* ---- reading ---- */

static void copy_digest(struct db_query *query, int column, unsigned char to[SHA256_BYTES])
{
    struct str bytes = db_column_bytes(query, column);
    if (bytes.n == SHA256_BYTES)
        memcpy(to, bytes.p, SHA256_BYTES);
}

static int row_of(struct db_query *query, struct arena *arena, struct validation *ret,
                  struct err *err)
{
    struct err why = ERR_INIT;
    struct validation row = {
        .sid = db_column_copy(query, 0, arena),
        .purpose = (enum validation_purpose)db_column_int(query, 1),
        .attempt = db_column_int(query, 6),
        .sent_ms = db_column_int(query, 7),
        .expires_ms = db_column_int(query, 8),
        .tries = db_column_int(query, 9),
        .validated_ms = db_column_int(query, 10),
    };
    copy_digest(query, 3, row.secret);
    copy_digest(query, 4, row.code);
    copy_digest(query, 5, row.link);
    if (email_parse(arena, db_column_bytes(query, 2), &row.email, &why) < 0)
        return err_internal(err, "a stored address is none");
    *ret = row;
    return 1;
}

static int load(struct db_conn *conn, struct str sid, struct arena *arena, struct validation *ret,
                struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (db_query(conn, &LOAD, DB_PARAMS(DB_BYTES("sid", sid)), &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    return found == 1 ? row_of(query, arena, ret, err) : found;
}

static int find(struct db_conn *conn, enum validation_purpose purpose, const struct email *email,
                const unsigned char secret[SHA256_BYTES], struct arena *arena,
                struct validation *ret, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (db_query(conn, &FIND,
                 DB_PARAMS(DB_BYTES("address", email->full), DB_INT("purpose", purpose),
                           DB_BYTES("secret", digest(secret))),
                 &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    return found == 1 ? row_of(query, arena, ret, err) : found;
}

int validation_load(struct read *r, struct str sid, struct arena *arena,
                    struct validation *ret_validation, struct err *err)
{
    struct db_conn *conn;
    return read_conn(r, &conn, err) < 0 ? -1 : load(conn, sid, arena, ret_validation, err);
}

int validation_find(struct read *r, enum validation_purpose purpose, const struct email *email,
                    const unsigned char secret[SHA256_BYTES], struct arena *arena,
                    struct validation *ret_validation, struct err *err)
{
    struct db_conn *conn;
    return read_conn(r, &conn, err) < 0
               ? -1
               : find(conn, purpose, email, secret, arena, ret_validation, err);
}

int validation_load_again(struct write *w, struct str sid, struct arena *arena,
                          struct validation *ret_validation, struct err *err)
{
    return load(write_conn(w), sid, arena, ret_validation, err);
}

int validation_find_again(struct write *w, enum validation_purpose purpose,
                          const struct email *email, const unsigned char secret[SHA256_BYTES],
                          struct arena *arena, struct validation *ret_validation, struct err *err)
{
    return find(write_conn(w), purpose, email, secret, arena, ret_validation, err);
}
