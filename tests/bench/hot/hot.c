/* SPDX-License-Identifier: EUPL-1.2 */

/* usage: hot DATA OPERATION N
 * DATA was filled by preload; SQLite. It is written to. */

#include "bench/hot/hot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "service/federation/signing_key.h"
#include "store/device.h"
#include "store/membership.h"

#define CONTENT_BYTES 500

void hot_fail(const char *what, const struct err *err)
{
    fprintf(stderr, "hot: %s: %s\n", what, err->detail[0] ? err->detail : err->text);
    exit(1);
}

void hot_use_begin(struct hot *hot, struct use *ret_use)
{
    *ret_use = (struct use){.server = hot->server,
                            .arena = arena_new(LIMIT_REQUEST_ARENA),
                            .caller = hot->caller,
                            .err = ERR_INIT};
    read_begin(hot->server->store, &ret_use->read);
}

void hot_use_end(struct use *use)
{
    read_end(&use->read);
    arena_free(use->arena);
}

/* ---- preparing ---- */

static void configure(struct hot *hot, const char *data)
{
    struct config *config = &hot->config;
    config->server_name = STR("localhost");
    config->data_dir = str_from(data);
    config->database = arena_printf(hot->arena, "sqlite:%s/chappe.db", data);
    config->signing_key = arena_printf(hot->arena, "%s/signing.key", data);
    config->rooms_default_version = STR("12");
    config->listen[0] = (struct config_listen){.address = STR("127.0.0.1")};
    config->n_listen = 1;
    config->http_workers = 1;
    config->http_io_threads = 1;
}

static void open_server(struct hot *hot, const char *data)
{
    struct signing_key key;
    struct err err = ERR_INIT;
    configure(hot, data);
    if (signing_key_load(hot->arena, hot->config.signing_key.p, &key, &err) < 0 ||
        server_open(&hot->config, &key.key, key.id, &hot->server, &err) < 0)
        hot_fail("opening", &err);
    signing_key_done(&key);
}

static void find_caller(struct hot *hot)
{
    struct caller *caller = &hot->caller;
    struct membership_row *rows;
    struct device device;
    struct use use;
    size_t n;
    caller->user_id = STR("@agent1:localhost");
    caller->device_id = STR("BANC1");
    hot->token = STR("bench-token-1");
    hot_use_begin(hot, &use);
    if (store_find_name(hot->server->store, caller->user_id, &caller->user, &use.err) != 1 ||
        device_find(&use.read, caller->user, caller->device_id, hot->arena, &device, &use.err) !=
            1 ||
        membership_list_rooms(&use.read, caller->user, MEMBERSHIP_BIT(MEMBERSHIP_JOIN), hot->arena,
                              &rows, &n, &use.err) < 0 ||
        n == 0 || store_name(hot->server->store, rows[0].room, hot->arena, &hot->room_id, &use.err))
        hot_fail("agent1 is not in the store", &use.err);
    caller->device = device.id;
    hot->room = rows[0].room;
    hot_use_end(&use);
}

static struct str make_content(struct arena *arena)
{
    static const char head[] = "{\"algorithm\":\"m.megolm.v1.aes-sha2\",\"ciphertext\":\"";
    char *text = arena_alloc(arena, CONTENT_BYTES, 1);
    memset(text, 'A', CONTENT_BYTES);
    memcpy(text, head, sizeof head - 1);
    memcpy(text + CONTENT_BYTES - 2, "\"}", 2);
    return str_make(text, CONTENT_BYTES);
}

static const struct {
    const char *name;
    void (*run)(struct hot *hot, size_t n);
} operations[] = {
    {"send", hot_send},
    {"format_event", hot_format_event},
    {"empty_sync", hot_empty_sync},
    {"json_parse", hot_json_parse},
    {"json_canonical", hot_json_canonical},
    {"pdu_build", hot_pdu_build},
    {"pdu_verify", hot_pdu_verify},
    {"auth_check", hot_auth_check},
};

static void run(const char *data, size_t operation, size_t n)
{
    struct hot hot = {.arena = arena_new(MIB(16))};
    open_server(&hot, data);
    find_caller(&hot);
    hot.content = make_content(hot.arena);
    operations[operation].run(&hot, n);
    server_close(hot.server);
    arena_free(hot.arena);
}

int main(int argc, char **argv)
{
    int64_t n = 0;
    size_t i = 0;
    while (argc == 4 && i < ARRAY_LEN(operations) && strcmp(operations[i].name, argv[2]) != 0)
        i++;
    if (argc != 4 || i == ARRAY_LEN(operations) || str_parse_uint(str_from(argv[3]), &n) < 0) {
        fprintf(stderr, "usage: hot DATA OPERATION N\n");
        return 64;
    }
    run(argv[1], i, (size_t)n);
    return 0;
}
