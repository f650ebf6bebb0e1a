/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "store/event_row.h"
#include "store/varint.h"

/* The slices of a PDU: found once, stored as offsets, made again from these. */

static const struct {
    struct str name;
    size_t offset;
} MEMBERS[] = {
    {STR_INIT("content"), offsetof(struct event_members, content)},
    {STR_INIT("type"), offsetof(struct event_members, type)},
    {STR_INIT("state_key"), offsetof(struct event_members, state_key)},
    {STR_INIT("sender"), offsetof(struct event_members, sender)},
    {STR_INIT("room_id"), offsetof(struct event_members, room_id)},
    {STR_INIT("origin_server_ts"), offsetof(struct event_members, origin_server_ts)},
    {STR_INIT("redacts"), offsetof(struct event_members, redacts)},
    {STR_INIT("auth_events"), offsetof(struct event_members, auth_events)},
    {STR_INIT("prev_events"), offsetof(struct event_members, prev_events)},
    {STR_INIT("depth"), offsetof(struct event_members, depth)},
    {STR_INIT("hashes"), offsetof(struct event_members, hashes)},
    {STR_INIT("signatures"), offsetof(struct event_members, signatures)},
    {STR_INIT("unsigned"), offsetof(struct event_members, unsigned_)},
};
#define N_MEMBERS ARRAY_LEN(MEMBERS)

static struct str *member_at(struct event_members *members, size_t i)
{
    return (struct str *)(void *)((char *)members + MEMBERS[i].offset);
}

/* ---- finding them ---- */

/* Steps over a string that starts at `at`; the index after it, or 0 when it has no end. */
static size_t skip_string(struct str s, size_t at)
{
    for (at++; at < s.n; at++) {
        if (s.p[at] == '\\')
            at++;
        else if (s.p[at] == '"')
            return at + 1;
    }
    return 0;
}

/* Steps over one value: up to the comma or the bracket that ends its place. */
static size_t skip_value(struct str s, size_t at)
{
    size_t from = at, depth = 0;
    while (at < s.n) {
        char c = s.p[at];
        if (c == '"') {
            at = skip_string(s, at);
            if (!at)
                return 0;
            continue;
        }
        if (depth == 0 && (c == ',' || c == '}' || c == ']'))
            return at > from ? at : 0;
        if (c == '{' || c == '[')
            depth++;
        if (c == '}' || c == ']')
            depth--;
        at++;
    }
    return 0;
}

static void note(struct event_members *members, struct str key, struct str value)
{
    for (size_t i = 0; i < N_MEMBERS; i++)
        if (str_eq(MEMBERS[i].name, key))
            *member_at(members, i) = value;
}

int event_find_members(struct str json, struct event_members *ret_members)
{
    struct event_members members = {0};
    size_t at = 1;
    if (json.n < 2 || json.p[0] != '{')
        return -1;
    for (; at < json.n && json.p[at] == '"'; at++) {
        size_t key_end = skip_string(json, at);
        if (!key_end || key_end >= json.n || json.p[key_end] != ':')
            return -1;
        size_t end = skip_value(json, key_end + 1);
        if (!end)
            return -1;
        note(&members, str_make(json.p + at + 1, key_end - at - 2),
             str_make(json.p + key_end + 1, end - key_end - 1));
        at = end;
        if (json.p[at] != ',')
            break;
        if (at + 1 == json.n || json.p[at + 1] != '"')
            return -1;
    }
    if (at != json.n - 1 || json.p[at] != '}' || !members.content.p || !members.type.p ||
        !members.sender.p)
        return -1;
    *ret_members = members;
    return 0;
}

/* ---- storing where they are ---- */

struct str event_members_encode(const struct event *event, struct arena *arena)
{
    unsigned char *out = arena_alloc(arena, N_MEMBERS * 2 * VARINT_MAX, 1);
    struct event_members members = event->members;
    size_t n = 0;
    for (size_t i = 0; i < N_MEMBERS; i++) {
        struct str member = *member_at(&members, i);
        n += varint_put(out + n, member.n);
        if (member.n)
            n += varint_put(out + n, (uint64_t)(member.p - event->json.p));
    }
    return str_make(out, n);
}

int event_members_decode(struct str encoded, struct str json, struct event_members *ret_members)
{
    struct event_members members = {0};
    size_t at = 0;
    for (size_t i = 0; i < N_MEMBERS; i++) {
        uint64_t n, from = 0;
        if (varint_get(encoded, &at, &n) < 0 || (n && varint_get(encoded, &at, &from) < 0) ||
            n > json.n || from > json.n - n)
            return -1;
        if (n)
            *member_at(&members, i) = str_make(json.p + from, n);
    }
    if (at != encoded.n)
        return -1;
    *ret_members = members;
    return 0;
}
