/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/dehydrated_device.h"

static const struct db_stmt LOAD = {
    "dehydrated_device_load",
    "SELECT h.device, d.device_id, h.json FROM dehydrated_device h, device d"
    " WHERE h.user_name = :user AND d.id = h.device",
};
static const struct db_stmt INSERT = {
    "dehydrated_device_insert",
    "INSERT INTO dehydrated_device (user_name, device, json) VALUES (:user, :device, :json)"
    " ON CONFLICT (user_name) DO NOTHING",
};

int dehydrated_device_load(struct read *r, int64_t user, struct arena *arena,
                           struct dehydrated_device *ret_device, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LOAD, DB_PARAMS(DB_INT("user", user)), &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1)
        *ret_device = (struct dehydrated_device){
            .device = db_column_int(query, 0),
            .device_id = db_column_copy(query, 1, arena),
            .data = db_column_copy(query, 2, arena),
        };
    return found;
}

int dehydrated_device_insert(struct write *w, int64_t user, int64_t device, struct str data,
                             struct err *err)
{
    return db_exec_expect(
        write_conn(w), &INSERT,
        DB_PARAMS(DB_INT("user", user), DB_INT("device", device), DB_BYTES("json", data)), 1, err);
}
