/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/check.h"
#include "base/limits.h"
#include "matrix/id.h"

/* The parts are views of the text, in this order, with the given bytes around them. */
static void check_parts(struct str text, struct str full, size_t before, struct str first,
                        size_t between, struct str second)
{
    CHECK(full.p == text.p && full.n == text.n);
    CHECK(first.p == text.p + before);
    CHECK(second.p == first.p + first.n + between);
    CHECK(second.p + second.n == text.p + text.n);
}

static void check_server(struct str server)
{
    struct server_name name;
    struct err err = ERR_INIT;
    CHECK(server_name_is_valid(server));
    CHECK(server_name_parse(server, &name, &err) == 0);
    CHECK(name.host.n > 0 && name.host.n <= server.n && name.port >= 0 && name.port <= 65535);
    CHECK((name.port == 0) == (name.host.n == server.n));
    CHECK(server_name_is_valid(name.host));
}

static void check_names(struct str text)
{
    struct err err = ERR_INIT;
    struct user_id user, strict;
    struct room_id room;
    struct room_alias alias;
    if (user_id_parse(text, &user, &err) == 0) {
        CHECK(text.n <= ID_MAX && str_is_utf8(text) && user_id_is_valid(text));
        check_parts(text, user.full, 1, user.localpart, 1, user.server);
        check_server(user.server);
    }
    if (user_id_parse_strict(text, &strict, &err) == 0) {
        CHECK(str_eq(strict.localpart, user.localpart) && str_eq(strict.server, user.server));
        CHECK(user_localpart_check(strict.localpart, strict.server, &err) == 0);
    }
    if (room_id_parse(text, &room, &err) == 0) {
        CHECK(text.n <= ID_MAX && room.localpart.n > 0);
        CHECK((room.server.p == NULL) == room_id_is_hash(text));
        if (room.server.p)
            check_parts(text, room.full, 1, room.localpart, 1, room.server);
    }
    if (room_alias_parse(text, &alias, &err) == 0)
        check_parts(text, alias.full, 1, alias.localpart, 1, alias.server);
}

static void check_others(struct str text)
{
    struct err err = ERR_INIT;
    struct event_id event;
    struct mxc_uri uri;
    struct key_id key, signing;
    struct device_id device;
    if (event_id_parse(text, &event, &err) == 0)
        CHECK(text.n == 44 && text.p[0] == '$');
    if (mxc_uri_parse(text, &uri, &err) == 0) {
        check_parts(text, uri.full, 6, uri.server, 1, uri.media_id);
        check_server(uri.server);
        CHECK(media_id_is_valid(uri.media_id) && !str_contains(uri.media_id, STR("/")));
    }
    int any = key_id_parse(text, &key, &err);
    if (any == 0)
        check_parts(text, key.full, 0, key.algorithm, 1, key.name);
    CHECK(key_id_parse_signing(text, &signing, &err) != 0 || any == 0);
    if (device_id_parse(text, &device, &err) == 0)
        CHECK(text.n >= 1 && text.n <= LIMIT_DEVICE_ID_BYTES && str_is_utf8(text));
    CHECK(!opaque_id_is_valid(text) || (text.n >= 1 && text.n <= 255));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_make(data, size);
    if (server_name_is_valid(text))
        check_server(text);
    check_names(text);
    check_others(text);
    return 0;
}
