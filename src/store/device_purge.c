/* SPDX-License-Identifier: EUPL-1.2 */

/* What goes with a device. */

#include "store/delayed.h"
#include "store/device_key.h"
#include "store/device_list.h"
#include "store/pusher.h"
#include "store/to_device.h"
#include "store/txn.h"

static const struct db_stmt HAS_KEYS = {
    "device_purge_has_keys",
    "SELECT 1 FROM device_key WHERE device = :device",
};
static const struct db_stmt KEY_DELETE = {
    "device_purge_key",
    "DELETE FROM device_key WHERE device = :device",
};
static const struct db_stmt OTK_DELETE = {
    "device_purge_one_time",
    "DELETE FROM one_time_key WHERE device = :device",
};
static const struct db_stmt FALLBACK_DELETE = {
    "device_purge_fallback",
    "DELETE FROM fallback_key WHERE device = :device",
};
static const struct db_stmt SIGNATURE_DELETE = {
    "device_purge_signature",
    "DELETE FROM key_signature WHERE target = :user"
    " AND target_key = (SELECT device_id FROM device WHERE id = :device)",
};
static const struct db_stmt DEHYDRATED_DELETE = {
    "device_purge_dehydrated",
    "DELETE FROM dehydrated_device WHERE user_name = :user AND device = :device",
};

int one_time_key_delete_all(struct write *w, int64_t device, struct err *err)
{
    if (db_exec(write_conn(w), &OTK_DELETE, DB_PARAMS(DB_INT("device", device)), err) < 0)
        return -1;
    return db_exec(write_conn(w), &FALLBACK_DELETE, DB_PARAMS(DB_INT("device", device)), err);
}

static int purge_keys(struct write *w, int64_t user, int64_t device, struct err *err)
{
    struct db_param device_param = DB_INT("device", device), user_param = DB_INT("user", user);
    if (one_time_key_delete_all(w, device, err) < 0 ||
        db_exec(write_conn(w), &KEY_DELETE, DB_PARAMS(device_param), err) < 0)
        return -1;
    if (db_exec(write_conn(w), &SIGNATURE_DELETE, DB_PARAMS(user_param, device_param), err) < 0)
        return -1;
    return db_exec(write_conn(w), &DEHYDRATED_DELETE, DB_PARAMS(user_param, device_param), err);
}

int device_purge(struct write *w, int64_t user, int64_t device, struct err *err)
{
    int64_t one;
    int has_keys =
        db_query_int(write_conn(w), &HAS_KEYS, DB_PARAMS(DB_INT("device", device)), &one, err);
    if (has_keys < 0 || (has_keys && device_list_changed(w, user, device, err) < 0))
        return -1;
    if (purge_keys(w, user, device, err) < 0 || to_device_delete(w, device, err) < 0 ||
        pusher_delete_device(w, device, err) < 0 || delayed_cancel_device(w, user, device, err) < 0)
        return -1;
    return txn_delete_device(w, device, err);
}
