/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/id.h"

#include "base/limits.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_alnum(char c)
{
    return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z');
}

/* Every byte is a letter, a digit or one of `others`. */
static bool is_made_of(struct str text, struct str others)
{
    for (size_t i = 0; i < text.n; i++)
        if (!is_alnum(text.p[i]) && str_find(others, text.p[i]) < 0)
            return false;
    return true;
}

static int refuse(struct err *err, const char *what)
{
    return err_client(err, 400, "M_INVALID_PARAM", "Not a valid %s", what);
}

/* The shape sigil, localpart, ':' and server; the localpart is text without NUL. */
static int split(struct str text, char sigil, struct str *ret_localpart, struct str *ret_server)
{
    struct str localpart, server;
    if (text.n < 2 || text.n > ID_MAX || text.p[0] != sigil)
        return -1;
    if (!str_cut(str_skip(text, 1), ':', &localpart, &server))
        return -1;
    if (!str_is_utf8(localpart) || str_find(localpart, '\0') >= 0 || !server_name_is_valid(server))
        return -1;
    *ret_localpart = localpart;
    *ret_server = server;
    return 0;
}

static bool is_user_localpart(struct str localpart)
{
    if (localpart.n == 0)
        return false;
    for (size_t i = 0; i < localpart.n; i++) {
        char c = localpart.p[i];
        if (!is_lower(c) && !is_digit(c) && str_find(STR("._=-/+"), c) < 0)
            return false;
    }
    return true;
}

/* Appendices, "User identifiers" and "Historical user IDs". */
int user_id_parse(struct str text, struct user_id *ret_id, struct err *err)
{
    struct user_id id = {.full = text};
    if (split(text, '@', &id.localpart, &id.server))
        return refuse(err, "user id");
    *ret_id = id;
    return 0;
}

int user_id_parse_strict(struct str text, struct user_id *ret_id, struct err *err)
{
    struct user_id id = {.full = text};
    if (split(text, '@', &id.localpart, &id.server) || !is_user_localpart(id.localpart))
        return refuse(err, "user id");
    *ret_id = id;
    return 0;
}

bool user_id_is_valid(struct str text)
{
    struct str localpart, server;
    return split(text, '@', &localpart, &server) == 0;
}

int user_localpart_check(struct str localpart, struct str server, struct err *err)
{
    if (!is_user_localpart(localpart))
        return err_client(err, 400, "M_INVALID_USERNAME",
                          "A user name is made of a-z, 0-9 and . _ = - / +");
    if (localpart.n + server.n + 2 > ID_MAX)
        return err_client(err, 400, "M_INVALID_USERNAME", "The user name is too long");
    return 0;
}

int user_id_make(struct arena *arena, struct str localpart, struct str server,
                 struct user_id *ret_id, struct err *err)
{
    if (user_localpart_check(localpart, server, err))
        return -1;
    struct str full = arena_printf(arena, "@%.*s:%.*s", STR_ARG(localpart), STR_ARG(server));
    return user_id_parse_strict(full, ret_id, err);
}

/* 32 bytes in unpadded base64 are 43 characters. */
#define HASH_CHARACTERS 43

bool room_id_is_hash(struct str text)
{
    return text.n == 1 + HASH_CHARACTERS && text.p[0] == '!' &&
           is_made_of(str_skip(text, 1), STR("-_"));
}

/* Appendices, "Room IDs". */
int room_id_parse(struct str text, struct room_id *ret_id, struct err *err)
{
    struct room_id id = {.full = text};
    if (room_id_is_hash(text)) {
        id.localpart = str_skip(text, 1);
        id.server = STR_NONE;
    } else if (split(text, '!', &id.localpart, &id.server) || id.localpart.n == 0) {
        return refuse(err, "room id");
    }
    *ret_id = id;
    return 0;
}

/* Rooms v3 and v4, "Event IDs". */
int event_id_parse(struct str text, struct event_id *ret_id, struct err *err)
{
    if (text.n != 1 + HASH_CHARACTERS || text.p[0] != '$' ||
        !is_made_of(str_skip(text, 1), STR("-_+/")))
        return refuse(err, "event id");
    ret_id->full = text;
    return 0;
}

/* Appendices, "Room aliases". */
int room_alias_parse(struct str text, struct room_alias *ret_alias, struct err *err)
{
    struct room_alias alias = {.full = text};
    if (split(text, '#', &alias.localpart, &alias.server) || alias.localpart.n == 0)
        return refuse(err, "room alias");
    *ret_alias = alias;
    return 0;
}

bool media_id_is_valid(struct str text)
{
    return text.n >= 1 && text.n <= ID_MAX && is_made_of(text, STR("-_"));
}

/* Client-server API, "Matrix content (mxc://) URIs" and its security considerations. */
int mxc_uri_parse(struct str text, struct mxc_uri *ret_uri, struct err *err)
{
    struct mxc_uri uri = {.full = text};
    struct str scheme = STR("mxc://");
    if (!str_starts(text, scheme) ||
        !str_cut(str_skip(text, scheme.n), '/', &uri.server, &uri.media_id) ||
        !server_name_is_valid(uri.server) || !media_id_is_valid(uri.media_id))
        return refuse(err, "mxc URI");
    *ret_uri = uri;
    return 0;
}

static bool is_algorithm(struct str text)
{
    if (text.n < 1 || text.n > 64)
        return false;
    for (size_t i = 0; i < text.n; i++)
        if (!is_lower(text.p[i]) && !is_digit(text.p[i]) && text.p[i] != '_')
            return false;
    return true;
}

/* ASCII without blanks and control characters. */
static bool is_graphic(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < 0x21 || text.p[i] > 0x7e)
            return false;
    return true;
}

int key_id_parse(struct str text, struct key_id *ret_id, struct err *err)
{
    struct key_id id = {.full = text};
    if (text.n > ID_MAX + LIMIT_DEVICE_ID_BYTES || !str_cut(text, ':', &id.algorithm, &id.name) ||
        !is_algorithm(id.algorithm) || id.name.n == 0 || !is_graphic(id.name))
        return refuse(err, "key id");
    *ret_id = id;
    return 0;
}

/* Appendices, "Cryptographic key representation". */
int key_id_parse_signing(struct str text, struct key_id *ret_id, struct err *err)
{
    struct key_id id;
    if (key_id_parse(text, &id, err))
        return -1;
    if (text.n > ID_MAX || !is_made_of(id.name, STR("_")))
        return refuse(err, "key id");
    *ret_id = id;
    return 0;
}

int device_id_parse(struct str text, struct device_id *ret_id, struct err *err)
{
    if (text.n < 1 || text.n > LIMIT_DEVICE_ID_BYTES || !is_graphic(text))
        return refuse(err, "device id");
    ret_id->full = text;
    return 0;
}

bool opaque_id_is_valid(struct str text)
{
    return text.n >= 1 && text.n <= 255 && is_made_of(text, STR("-._~"));
}
