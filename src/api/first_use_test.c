/* SPDX-License-Identifier: EUPL-1.2 */

/* The first use of a token that a refresh has made: the tokens it replaces die before the request
 * goes on, so that the request has one job at a time. */

#include "api/front.h"

#include <unistd.h>

#include "net/fixture.h"
#include "service/accounts/accounts.h"
#include "service/service_unit.h"
#include "store/account.h"
#include "store/device.h"

#define OLD "old-token-old-token-old-token"
#define NEW "new-token-new-token-new-token"

struct pair {
    struct device device;
    struct token old, fresh;
};

static int write_pair(struct write *w, void *arg, struct err *err)
{
    const struct pair *pair = arg;
    if (device_insert(w, &pair->device, err) < 0 || token_insert(w, &pair->old, err) < 0)
        return -1;
    return token_insert(w, &pair->fresh, err);
}

static int write_revocation(struct write *w, void *arg, struct err *err)
{
    const struct pair *pair = arg;
    return device_delete(w, pair->device.user, pair->device.id, err);
}

static void no_more(struct job *job, enum job_result result, const struct err *err)
{
    (void)job;
    (void)result;
    (void)err;
}

static struct token new_token(struct store *store, const struct device *device, const char *text)
{
    struct token token = {
        .id = store_new_id(store),
        .user = device->user,
        .device = device->id,
        .kind = TOKEN_KIND_ACCESS,
        .state = TOKEN_STATE_ACTIVE,
        .generation = store_new_id(store),
    };
    token_digest(str_from(text), token.digest);
    return token;
}

/* A user with a device, its token in use and the fresh one that replaces it; the server listens. */
static void begin(struct service_unit *unit, struct pair *pair)
{
    struct caller caller = unit_account(unit, "@a:x");
    struct store *store = unit->server->store;
    struct err err = ERR_INIT;
    pair->device = (struct device){.id = caller.device, .user = caller.user, .device_id = STR("D")};
    pair->old = new_token(store, &pair->device, OLD);
    pair->fresh = new_token(store, &pair->device, NEW);
    pair->fresh.state = TOKEN_STATE_FRESH;
    pair->fresh.parent = pair->old.generation;
    assert_int_equal(store_run(store, write_pair, pair, &err), 0);
    unit->config.listen[0] = (struct config_listen){.address = STR("127.0.0.1")};
    unit->config.n_listen = 1;
    if (api_front_start(unit->server, &err) < 0)
        fail_msg("api_front_start: %s", err.detail);
}

/* Sends a request that writes: the caller is "B" from here on. */
static int ask(struct service_unit *unit, const char *token)
{
    struct buf text;
    int fd = client_connect(http_server_port(unit->server->http, 0));
    buf_init(&text, KIB(4));
    buf_printf(&text,
               "PUT /_matrix/client/v3/profile/%%40a%%3Ax/displayname HTTP/1.1\r\nHost: x\r\n"
               "Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
               "Content-Length: 19\r\n\r\n{\"displayname\":\"B\"}",
               token);
    client_send(fd, buf_str(&text));
    buf_done(&text);
    return fd;
}

static int answer(int fd)
{
    struct buf head, body;
    buf_init(&head, KIB(64));
    buf_init(&body, KIB(64));
    int status = client_read(fd, &head, &body, false);
    buf_done(&head);
    buf_done(&body);
    close(fd);
    return status;
}

static struct str display_name(struct service_unit *unit, const struct pair *pair,
                               struct arena *arena)
{
    struct account account = {0};
    struct read read;
    struct err err = ERR_INIT;
    read_begin(unit->server->store, &read);
    assert_int_equal(account_load(&read, pair->device.user, arena, &account, &err), 1);
    read_end(&read);
    return account.display_name;
}

static void test_first_use(void **state)
{
    struct service_unit *unit = *state;
    struct pair pair;
    begin(unit, &pair);
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    assert_int_equal(answer(ask(unit, OLD)), 200);
    assert_int_equal(answer(ask(unit, NEW)), 200);
    assert_str(display_name(unit, &pair, arena), STR("B"));
    assert_int_equal(answer(ask(unit, OLD)), 401);
    assert_int_equal(answer(ask(unit, NEW)), 200);
    api_front_stop(unit->server, 1000);
}

/* The device is removed while the first use waits for its commit: nothing of the request is done.
 */
static void test_revoked_meanwhile(void **state)
{
    struct service_unit *unit = *state;
    struct store *store = unit->server->store;
    struct unit_gate gate;
    struct pair pair;
    struct err err = ERR_INIT;
    begin(unit, &pair);
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    unit_gate_close(&gate, store);
    int fd = ask(unit, NEW);
    unit_gate_wait(store, 1);
    struct job revocation = {.run = write_revocation, .done = no_more, .arg = &pair};
    assert_int_equal(store_submit(store, &revocation, &err), 0);
    unit_gate_open(&gate);
    assert_int_equal(answer(fd), 401);
    assert_null(display_name(unit, &pair, arena).p);
    api_front_stop(unit->server, 1000);
}

/* Requests that come at once are each the first: the second finds it done. */
static void test_two_at_once(void **state)
{
    struct service_unit *unit = *state;
    struct unit_gate gate;
    struct pair pair;
    begin(unit, &pair);
    unit_gate_close(&gate, unit->server->store);
    int one = ask(unit, NEW), other = ask(unit, NEW);
    unit_gate_wait(unit->server->store, 2);
    unit_gate_open(&gate);
    assert_int_equal(answer(one), 200);
    assert_int_equal(answer(other), 200);
    assert_int_equal(answer(ask(unit, OLD)), 401);
    api_front_stop(unit->server, 1000);
}

static const struct CMUnitTest tests[] = {
    service_unit_test(test_first_use),
    service_unit_test(test_revoked_meanwhile),
    service_unit_test(test_two_at_once),
};

SERVICE_UNIT_MAIN(tests)
