/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/keys/to_device.h"

#include <stdlib.h>

#include "base/limits.h"
#include "service/keys/whose.h"
#include "store/device.h"
#include "store/to_device.h"
#include "store/txn.h"
#include "json/write.h"

struct letter {
    int64_t user, device;
    struct str json;
};

struct sending {
    struct use *use;
    const struct to_device_sending *what;
    int64_t sender, sender_device;
    struct str txn_key;
    VEC(struct letter) letters;
};

/* ---- what is sent ---- */

/* The event as its receivers get it. */
static int format(struct sending *sending, const struct json *content, struct str *ret_json)
{
    struct use *use = sending->use;
    struct json_writer out;
    struct buf buf;
    int status = 0;
    if (!json_is(content, JSON_OBJECT))
        return err_client(&use->err, 400, "M_BAD_JSON", "A message must be an object");
    buf_init(&buf, LIMIT_TO_DEVICE_BYTES);
    json_writer_init(&out, &buf);
    json_write_object(&out);
    json_write_member_raw(&out, STR("content"), content->raw);
    json_write_member_str(&out, STR("sender"), use->caller.user_id);
    json_write_member_str(&out, STR("type"), sending->what->type);
    json_write_end(&out);
    if (buf_is_full(&buf))
        status = err_client(&use->err, 413, "M_TOO_LARGE", "A message has at most %zu bytes",
                            LIMIT_TO_DEVICE_BYTES);
    else
        *ret_json = arena_str(use->arena, buf_str(&buf));
    buf_done(&buf);
    return status;
}

static int add_letter(struct sending *sending, int64_t user, int64_t device, struct str json)
{
    struct use *use = sending->use;
    if (sending->letters.n >= LIMIT_TO_DEVICE_TARGETS)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "Too many devices in one request");
    ARENA_VEC_ADD(use->arena, &sending->letters, (struct letter){user, device, json});
    return 0;
}

static int address_all(struct sending *sending, int64_t user, struct str json)
{
    struct use *use = sending->use;
    struct device *devices;
    size_t n;
    if (device_list(&use->read, user, use->arena, &devices, &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (add_letter(sending, user, devices[i].id, json) < 0)
            return -1;
    return 0;
}

/* user 0: nobody here; the message is looked at all the same. */
static int address(struct sending *sending, int64_t user, struct str device_id,
                   const struct json *content)
{
    struct use *use = sending->use;
    struct device device;
    struct str json;
    if (format(sending, content, &json) < 0)
        return -1;
    if (!user)
        return 0;
    if (str_eq(device_id, STR("*")))
        return address_all(sending, user, json);
    int found = device_find(&use->read, user, device_id, use->arena, &device, &use->err);
    if (found <= 0)
        return found;
    return add_letter(sending, user, device.id, json);
}

static int address_users(struct sending *sending)
{
    struct use *use = sending->use;
    const struct json *messages = sending->what->messages;
    for (size_t i = 0; i < messages->object.n; i++) {
        const struct json_member *member = &messages->object.members[i];
        int64_t user = 0;
        if (!json_is(&member->value, JSON_OBJECT))
            return err_client(&use->err, 400, "M_BAD_JSON", "messages: user → device → content");
        if (user_of_keys_find(use, member->key, NULL, &user) < 0)
            return -1;
        for (size_t k = 0; k < member->value.object.n; k++)
            if (address(sending, user, member->value.object.members[k].key,
                        &member->value.object.members[k].value) < 0)
                return -1;
    }
    return 0;
}

/* ---- whose inbox is full ---- */

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static int drop_full(struct sending *sending)
{
    struct use *use = sending->use;
    int64_t *devices = ARENA_NEW_N(use->arena, sending->letters.n, int64_t), *full;
    size_t n_full, kept = 0;
    for (size_t i = 0; i < sending->letters.n; i++)
        devices[i] = sending->letters.p[i].device;
    if (to_device_list_full(&use->read, devices, sending->letters.n, sending->sender, use->arena,
                            &full, &n_full, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < sending->letters.n; i++) {
        int64_t device = sending->letters.p[i].device;
        if (!n_full || !bsearch(&device, full, n_full, sizeof *full, compare))
            sending->letters.p[kept++] = sending->letters.p[i];
    }
    sending->letters.n = kept;
    return 0;
}

/* ---- the job ---- */

static int write_letters(struct write *w, void *arg, struct err *err)
{
    const struct sending *sending = arg;
    if (sending->sender_device &&
        txn_insert(w, sending->sender_device, 0, sending->txn_key, 0, err) < 0)
        return -1;
    for (size_t i = 0; i < sending->letters.n; i++) {
        const struct letter *letter = &sending->letters.p[i];
        if (to_device_put(w, letter->user, letter->device, sending->sender, letter->json, err) < 0)
            return -1;
    }
    return 0;
}

int to_device_send(struct use *use, const struct to_device_sending *what)
{
    struct sending *sending = ARENA_NEW(use->arena, struct sending);
    int64_t none;
    *sending = (struct sending){
        .use = use,
        .what = what,
        .sender = use->caller.user,
        .sender_device = use->caller.device,
        .txn_key = arena_printf(use->arena, "to_device %.*s %.*s", STR_ARG(what->type),
                                STR_ARG(what->txn)),
    };
    int known = sending->sender_device ? txn_find(&use->read, sending->sender_device, 0,
                                                  sending->txn_key, &none, &use->err)
                                       : 0;
    if (known)
        return known < 0 ? -1 : 0;
    if (address_users(sending) < 0 || drop_full(sending) < 0)
        return -1;
    return use_commit(use, write_letters, NULL, sending);
}
