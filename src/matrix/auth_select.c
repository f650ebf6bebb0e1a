/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/check.h"
#include "matrix/auth.h"
#include "matrix/auth_deny.h"
#include "matrix/membership.h"

struct selection {
    struct auth_key *keys;
    size_t n;
};

static void add(struct selection *selection, struct str type, struct str state_key)
{
    for (size_t i = 0; i < selection->n; i++)
        if (str_eq(selection->keys[i].type, type) &&
            str_eq(selection->keys[i].state_key, state_key))
            return;
    CHECK(selection->n < AUTH_SELECT_MAX);
    selection->keys[selection->n++] = (struct auth_key){type, state_key};
}

static void select_for_member(const struct room_version *version,
                              const struct auth_subject *subject, struct selection *selection)
{
    const struct json *content = subject->content;
    enum membership membership = membership_parse(json_find_str(content, STR("membership")));
    if (subject->state_key.p)
        add(selection, STR("m.room.member"), subject->state_key);
    if (membership == MEMBERSHIP_JOIN || membership == MEMBERSHIP_INVITE ||
        membership == MEMBERSHIP_KNOCK)
        add(selection, STR("m.room.join_rules"), STR(""));
    if (membership == MEMBERSHIP_INVITE) {
        const struct json *invite = json_find(content, STR("third_party_invite"));
        struct str token = json_find_str(json_find(invite, STR("signed")), STR("token"));
        if (token.p)
            add(selection, STR("m.room.third_party_invite"), token);
    }
    struct str authoriser = json_find_str(content, STR("join_authorised_via_users_server"));
    if (version->restricted && authoriser.p)
        add(selection, STR("m.room.member"), authoriser);
}

static size_t select_keys(const struct room_version *version, const struct auth_subject *subject,
                          bool with_create, struct auth_key *ret_keys)
{
    struct selection selection = {ret_keys, 0};
    if (str_eq(subject->type, STR("m.room.create")))
        return 0;
    if (with_create)
        add(&selection, STR("m.room.create"), STR(""));
    add(&selection, STR("m.room.power_levels"), STR(""));
    add(&selection, STR("m.room.member"), subject->sender);
    if (str_eq(subject->type, STR("m.room.member")))
        select_for_member(version, subject, &selection);
    return selection.n;
}

/* Server-server API, "Auth events selection". */
size_t auth_select(const struct room_version *version, const struct auth_subject *subject,
                   struct auth_key ret_keys[AUTH_SELECT_MAX])
{
    return select_keys(version, subject, !version->room_id_is_hash, ret_keys);
}

size_t auth_needs(const struct room_version *version, const struct auth_subject *subject,
                  struct auth_key ret_keys[AUTH_SELECT_MAX])
{
    return select_keys(version, subject, true, ret_keys);
}

static bool is_selected(const struct auth_key *keys, size_t n, const struct pdu *event)
{
    for (size_t i = 0; i < n; i++)
        if (pdu_is_state(event, keys[i].type, keys[i].state_key))
            return true;
    return false;
}

static bool is_repeated(const struct auth_cited *cited, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (cited[i].event->state_key.p &&
            pdu_is_state(cited[j].event, cited[i].event->type, cited[i].event->state_key))
            return true;
    return false;
}

int auth_check_cited(const struct pdu *event, const struct auth_cited *cited, struct err *err)
{
    struct auth_key keys[AUTH_SELECT_MAX];
    struct auth_subject subject = {event->type, event->sender, event->state_key, event->content};
    size_t n = auth_select(event->version, &subject, keys);
    bool has_create = false;
    /* v12 auth 1.5 comes before rule 3: nothing is asked of these. */
    if (str_eq(event->type, STR("m.room.create")))
        return 0;
    for (size_t i = 0; i < event->n_auth_events; i++) {
        /* v12 auth 3.1, v3 auth 2.1 */
        if (is_repeated(cited, i))
            return auth_deny(err, "v12 auth 3.1", "auth_events name one piece of state twice");
        /* v12 auth 3.2 (m.room.create is not selected there), v3 auth 2.2 */
        if (!is_selected(keys, n, cited[i].event))
            return auth_deny(err, "v12 auth 3.2", "auth_events hold an event not asked for");
        /* v12 auth 3.3, v3 auth 2.3 */
        if (cited[i].rejected)
            return auth_deny(err, "v12 auth 3.3", "auth_events hold a rejected event");
        /* v12 auth 3.4; asked in all versions, as state of another room proves nothing in any */
        if (!str_eq(cited[i].event->room_id, event->room_id))
            return auth_deny(err, "v12 auth 3.4", "auth_events hold an event of another room");
        if (str_eq(cited[i].event->type, STR("m.room.create")))
            has_create = true;
    }
    /* v3 auth 2.4, gone in version 12 */
    if (!has_create && !event->version->room_id_is_hash)
        return auth_deny(err, "v11 auth 2.4", "auth_events lack m.room.create");
    return 0;
}
