/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/keys/dehydrated.h"

#include "base/clock.h"
#include "base/limits.h"
#include "matrix/id.h"
#include "service/keys/keys_draft.h"
#include "store/device.h"

struct exchange_of_devices {
    int64_t user;
    int64_t old; /* device to delete; 0: none */
    struct device device;
    struct str data;
    struct keys_draft keys;
};

static int none(struct use *use)
{
    return err_client(&use->err, 404, "M_NOT_FOUND", "There is no dehydrated device");
}

int dehydrated_get(struct use *use, struct dehydrated_device *ret_device)
{
    int found =
        dehydrated_device_load(&use->read, use->caller.user, use->arena, ret_device, &use->err);
    if (found == 0)
        return none(use);
    return found < 0 ? -1 : 0;
}

/* ---- putting ---- */

static int write_exchange(struct write *w, void *arg, struct err *err)
{
    const struct exchange_of_devices *exchange = arg;
    if (exchange->old && device_delete(w, exchange->user, exchange->old, err) < 0)
        return -1;
    if (device_insert(w, &exchange->device, err) < 0 ||
        keys_draft_write(w, &exchange->keys, err) < 0)
        return -1;
    return dehydrated_device_insert(w, exchange->user, exchange->device.id, exchange->data, err);
}

/* The id must be free, or be that of the device that it replaces. */
static int check_id(struct use *use, const struct exchange_of_devices *exchange)
{
    struct device_id id;
    struct device known;
    if (device_id_parse(exchange->device.device_id, &id, &use->err) < 0)
        return -1;
    int found = device_find(&use->read, exchange->user, exchange->device.device_id, use->arena,
                            &known, &use->err);
    if (found == 1 && known.id != exchange->old)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "This device id is in use");
    return found < 0 ? -1 : 0;
}

static int find_old(struct use *use, int64_t *ret_old)
{
    struct dehydrated_device old;
    int found = dehydrated_device_load(&use->read, use->caller.user, use->arena, &old, &use->err);
    *ret_old = found == 1 ? old.device : 0;
    return found < 0 ? -1 : 0;
}

int dehydrated_put(struct use *use, const struct dehydrated_upload *upload)
{
    struct exchange_of_devices *exchange = ARENA_NEW(use->arena, struct exchange_of_devices);
    if (upload->device_data->raw.n > LIMIT_DEHYDRATED_BYTES)
        return err_client(&use->err, 413, "M_TOO_LARGE", "device_data is too large");
    exchange->user = use->caller.user;
    exchange->data = upload->device_data->raw;
    exchange->device = (struct device){
        .id = store_new_id(use->server->store),
        .user = use->caller.user,
        .device_id = upload->device_id,
        .display_name = upload->display_name,
        .created_ms = clock_wall_ms(),
    };
    struct key_owner owner = {
        .user = use->caller.user,
        .user_id = use->caller.user_id,
        .device = exchange->device.id,
        .device_id = upload->device_id,
        .is_new = true,
    };
    if (find_old(use, &exchange->old) < 0 || check_id(use, exchange) < 0 ||
        keys_draft_make(use, &owner, &upload->keys, &exchange->keys) < 0)
        return -1;
    return use_commit(use, write_exchange, NULL, exchange);
}

/* ---- deleting ---- */

static int write_deletion(struct write *w, void *arg, struct err *err)
{
    const struct exchange_of_devices *exchange = arg;
    return device_delete(w, exchange->user, exchange->old, err);
}

int dehydrated_delete(struct use *use, struct str *ret_device_id)
{
    struct exchange_of_devices *exchange = ARENA_NEW(use->arena, struct exchange_of_devices);
    struct dehydrated_device device;
    if (dehydrated_get(use, &device) < 0)
        return -1;
    exchange->user = use->caller.user;
    exchange->old = device.device;
    *ret_device_id = device.device_id;
    return use_commit(use, write_deletion, NULL, exchange);
}

/* ---- what waits for it ---- */

int dehydrated_events(struct use *use, struct str device_id, struct str from,
                      struct dehydrated_page *ret_page)
{
    struct dehydrated_device device;
    struct dehydrated_page page;
    int64_t after = 0, upto;
    if (dehydrated_get(use, &device) < 0)
        return -1;
    if (!str_eq(device.device_id, device_id))
        return none(use);
    if (from.n && str_parse_uint(from, &after) < 0)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "Unknown token");
    if (to_device_list(&use->read, device.device, after, LIMIT_TO_DEVICE_PER_SYNC, use->arena,
                       &page.messages, &page.n, &upto, &use->err) < 0)
        return -1;
    /* A message under way in a lower position cannot be: the head is past all that is committed. */
    page.next_batch = arena_printf(use->arena, "%lld", (long long)upto);
    page.more = upto < use->read.head.pos;
    *ret_page = page;
    return 0;
}
