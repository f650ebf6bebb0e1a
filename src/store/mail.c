/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/mail.h"

#include "base/limits.h"
#include "base/vec.h"

/* A row: as many as the limit wait, or more. */
static const struct db_stmt WAITING = {
    "mail_waiting", "SELECT 1 FROM mail WHERE state = 0 ORDER BY due_ms LIMIT 1 OFFSET :limit"};
static const struct db_stmt INSERT = {
    "mail_insert", "INSERT INTO mail (id, address, kind, args, created_ms, expires_ms, due_ms,"
                   " tries, begun, state) VALUES (:id, :address, :kind, :args, :created, :expires,"
                   " :due, 0, 0, :state)"};
static const struct db_stmt SAME = {
    "mail_same", "SELECT 1 FROM mail WHERE id = :id AND state = 0 AND due_ms = :due"};
static const struct db_stmt BEGIN = {"mail_begin",
                                     "UPDATE mail SET begun = begun + 1 WHERE id = :id"};
static const struct db_stmt END = {
    "mail_end", "UPDATE mail SET state = :state, begun = 0, args = :args WHERE id = :id"};
static const struct db_stmt ASIDE = {"mail_aside",
                                     "UPDATE mail SET state = 2, args = :args WHERE id = :id"};
static const struct db_stmt POSTPONE = {
    "mail_postpone", "UPDATE mail SET due_ms = :due, tries = tries + 1, begun = 0 WHERE id = :id"};
static const struct db_stmt FORGET = {
    "mail_forget", "DELETE FROM mail WHERE state = :state AND created_ms < :before"};
static const struct db_stmt COUNT_TO = {
    "mail_count_to", "SELECT count(*) FROM mail WHERE address = :address AND created_ms > :since"
                     " AND created_ms <= :until"};
static const struct db_stmt DUE = {
    "mail_due", "SELECT id, address, kind, args, created_ms, expires_ms, due_ms, tries, begun"
                " FROM mail WHERE state = 0 AND due_ms <= :now ORDER BY due_ms, id LIMIT :limit"};
static const struct db_stmt NEXT_DUE = {"mail_next_due",
                                        "SELECT min(due_ms) FROM mail WHERE state = 0"};
static const struct db_stmt COUNT = {"mail_count",
                                     "SELECT count(*) FROM mail WHERE state = :state"};

int mail_insert(struct write *w, const struct mail *mail, struct err *err)
{
    int64_t one;
    int full = db_query_int(write_conn(w), &WAITING,
                            DB_PARAMS(DB_INT("limit", LIMIT_MAIL_WAITING - 1)), &one, err);
    if (full < 0)
        return -1;
    if (full) {
        err_client(err, 503, "M_UNKNOWN", "Too many mails wait to be sent, try again later");
        err->retry_after_ms = 60000;
        return -1;
    }
    return db_exec(write_conn(w), &INSERT,
                   DB_PARAMS(DB_INT("id", mail->id), DB_BYTES("address", mail->to.full),
                             DB_INT("kind", mail->kind), DB_BYTES("args", mail->args),
                             DB_INT("created", mail->created_ms),
                             DB_INT("expires", mail->expires_ms), DB_INT("due", mail->due_ms),
                             DB_INT("state", mail->state)),
                   err);
}

int mail_begin(struct write *w, const struct mail *mail, struct err *err)
{
    int64_t one;
    int same =
        db_query_int(write_conn(w), &SAME,
                     DB_PARAMS(DB_INT("id", mail->id), DB_INT("due", mail->due_ms)), &one, err);
    if (same != 1)
        return same;
    return db_exec(write_conn(w), &BEGIN, DB_PARAMS(DB_INT("id", mail->id)), err) < 0 ? -1 : 1;
}

int mail_end(struct write *w, int64_t id, enum mail_state state, struct err *err)
{
    if (state == MAIL_ASIDE)
        return db_exec(write_conn(w), &ASIDE,
                       DB_PARAMS(DB_INT("id", id), DB_BYTES("args", STR("{}"))), err);
    return db_exec(write_conn(w), &END,
                   DB_PARAMS(DB_INT("id", id), DB_INT("state", state), DB_BYTES("args", STR("{}"))),
                   err);
}

int mail_postpone(struct write *w, int64_t id, int64_t due_ms, struct err *err)
{
    return db_exec(write_conn(w), &POSTPONE, DB_PARAMS(DB_INT("id", id), DB_INT("due", due_ms)),
                   err);
}

int mail_forget(struct write *w, enum mail_state state, int64_t before_ms, struct err *err)
{
    return db_exec(write_conn(w), &FORGET,
                   DB_PARAMS(DB_INT("state", state), DB_INT("before", before_ms)), err);
}

int mail_count_to(struct write *w, const struct email *to, int64_t since_ms, int64_t *ret_n,
                  struct err *err)
{
    *ret_n = 0;
    return db_query_int(write_conn(w), &COUNT_TO,
                        DB_PARAMS(DB_BYTES("address", to->full), DB_INT("since", since_ms),
                                  DB_INT("until", write_time_ms(w) + LIMIT_CLOCK_MS)),
                        ret_n, err) < 0
               ? -1
               : 0;
}

static int row_of(struct db_query *query, struct arena *arena, struct mail *ret_mail,
                  struct err *err)
{
    struct err why = ERR_INIT;
    struct mail mail = {
        .id = db_column_int(query, 0),
        .kind = db_column_int(query, 2),
        .args = db_column_copy(query, 3, arena),
        .created_ms = db_column_int(query, 4),
        .expires_ms = db_column_int(query, 5),
        .due_ms = db_column_int(query, 6),
        .tries = db_column_int(query, 7),
        .begun = db_column_int(query, 8),
    };
    if (email_parse(arena, db_column_bytes(query, 1), &mail.to, &why) < 0)
        return err_internal(err, "mail %lld: the stored address is none", (long long)mail.id);
    *ret_mail = mail;
    return 0;
}

int mail_list_due(struct read *r, int64_t now_ms, size_t limit, struct arena *arena,
                  struct mail **ret_mails, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct mail) mails = {0};
    struct mail mail;
    int more;
    if (read_query(r, &DUE, DB_PARAMS(DB_INT("now", now_ms), DB_INT("limit", (int64_t)limit)),
                   &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1) {
        if (row_of(query, arena, &mail, err) < 0)
            return -1;
        ARENA_VEC_ADD(arena, &mails, mail);
    }
    *ret_mails = mails.p;
    *ret_n = mails.n;
    return more;
}

int mail_next_due(struct read *r, int64_t *ret_due_ms, struct err *err)
{
    return read_next_due(r, &NEXT_DUE, DB_NO_PARAMS, ret_due_ms, err);
}

int mail_count(struct read *r, enum mail_state state, int64_t *ret_n, struct err *err)
{
    *ret_n = 0;
    return read_query_int(r, &COUNT, DB_PARAMS(DB_INT("state", state)), ret_n, err) < 0 ? -1 : 0;
}
