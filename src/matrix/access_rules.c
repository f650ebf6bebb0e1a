/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/access_rules.h"

#include "matrix/create.h"
#include "matrix/member.h"
#include "matrix/power.h"

/* What the rules know while they look at one event. */
struct access {
    const struct access_input *input;
    const struct pdu *event;
    struct access_kind kind;
    const struct pdu *rules; /* the room's im.vector.room.access_rules; NULL: none */
    bool sender_is_external;
};

static int deny(struct err *err, const char *reason, const char *text)
{
    (void)err_client(err, 403, "M_FORBIDDEN", "%s", text);
    return err_reason(err, reason);
}

/* ---- kinds ---- */

static const struct str rule_words[] = {
    [ACCESS_RESTRICTED] = STR_INIT("restricted"),
    [ACCESS_UNRESTRICTED] = STR_INIT("unrestricted"),
    [ACCESS_DIRECT] = STR_INIT("direct"),
};

enum access_rule access_rule_parse(struct str word)
{
    for (size_t i = 0; i < ARRAY_LEN(rule_words); i++)
        if (str_eq(rule_words[i], word))
            return (enum access_rule)i;
    return ACCESS_UNKNOWN;
}

struct str access_rule_text(enum access_rule rule)
{
    return rule_words[rule == ACCESS_UNKNOWN ? ACCESS_RESTRICTED : rule];
}

struct access_kind access_kind_of(const struct json *content)
{
    struct str rule = json_find_str(content, STR("rule"));
    return (struct access_kind){
        .rule = content ? access_rule_parse(rule) : ACCESS_RESTRICTED,
        .listed = str_eq(json_find_str(content, STR("visibility")), STR("public")),
        .in_space = json_as_bool(json_find(content, STR("org.chappe.space_forum")), false),
        .unencrypted =
            json_as_bool(json_find(content, STR("force_unencrypted_at_creation")), false),
    };
}

bool access_is_forum(const struct access_kind *kind)
{
    return kind->listed || kind->in_space;
}

/* ---- asking ---- */

static int find(const struct access *access, struct str type, struct str state_key,
                const struct pdu **ret_event, struct err *err)
{
    const struct access_lookup *lookup = &access->input->lookup;
    int found = lookup->find(lookup->context, type, state_key, ret_event, err);
    if (found == 0)
        *ret_event = NULL;
    return found < 0 ? -1 : 0;
}

static int is_external(const struct access *access, struct str user_id, struct err *err)
{
    const struct access_lookup *lookup = &access->input->lookup;
    return lookup->is_external(lookup->context, user_id, err);
}

static int find_people(const struct access *access, struct str except,
                       struct access_people *ret_people, struct err *err)
{
    const struct access_lookup *lookup = &access->input->lookup;
    return lookup->people(lookup->context, except, ret_people, err);
}

/* ---- m.room.create ---- */

static int check_create(const struct access *access, struct err *err)
{
    const struct json *more = json_find(access->event->content, STR("additional_creators"));
    if (access->sender_is_external)
        return deny(err, "external_create_room", "An external may not create rooms");
    if (!access->input->version->privileged_creators)
        return 0;
    for (size_t i = 0; json_is(more, JSON_ARRAY) && i < more->array.n; i++) {
        int external = is_external(access, json_as_str(&more->array.items[i]), err);
        if (external < 0)
            return -1;
        if (external)
            return deny(err, "external_power", "An external may not be a creator of a room");
    }
    return 0;
}

/* ---- power ---- */

static int64_t level_of(const struct access *access, const struct json *value)
{
    int64_t level;
    return value && power_level_parse(access->input->version, value, &level) == 0 ? level : 0;
}

/* Nobody from outside holds power, and in a room that takes externals nobody does by default. */
static int check_levels(const struct access *access, const struct json *content, bool takes_all,
                        struct err *err)
{
    const struct json *users = json_find(content, STR("users"));
    if (takes_all && level_of(access, json_find(content, STR("users_default"))) > 0)
        return deny(err, "external_power", "users_default must be 0 in a room open to externals");
    for (size_t i = 0; json_is(users, JSON_OBJECT) && i < users->object.n; i++) {
        const struct json_member *user = &users->object.members[i];
        if (level_of(access, &user->value) <= 0)
            continue;
        int external = is_external(access, user->key, err);
        if (external < 0)
            return -1;
        if (external)
            return deny(err, "external_power", "An external may not hold power in a room");
    }
    return 0;
}

static int check_power_levels(const struct access *access, struct err *err)
{
    if (access->sender_is_external)
        return deny(err, "external_power", "An external may not change power levels");
    return check_levels(access, access->event->content, access->kind.rule != ACCESS_RESTRICTED,
                        err);
}

/* ---- im.vector.room.access_rules ---- */

static bool has_same(const struct json *before, const struct json *after, struct str key)
{
    const struct json *a = json_find(before, key), *b = json_find(after, key);
    return a && b ? json_eq(a, b) : a == b;
}

/* Opening a room is for ever, and shows newcomers nothing that was said before. */
static int check_opening(const struct access *access, struct err *err)
{
    const struct pdu *history, *levels;
    if (find(access, STR("m.room.history_visibility"), STR(""), &history, err) < 0 ||
        find(access, STR("m.room.power_levels"), STR(""), &levels, err) < 0)
        return -1;
    struct str seen =
        history ? json_find_str(history->content, STR("history_visibility")) : STR("shared");
    bool is_new = !history && !access->rules;
    if (!is_new && !str_eq(seen, STR("invited")) && !str_eq(seen, STR("joined")))
        return deny(err, "access_rule_history",
                    "A room that shows its history to newcomers is not opened to externals");
    return levels ? check_levels(access, levels->content, true, err) : 0;
}

static int check_first_direct(const struct access *access, struct err *err)
{
    struct access_people people;
    if (find_people(access, access->event->sender, &people, err) < 0)
        return -1;
    if (people.others + (people.offer.p != NULL) > 1)
        return deny(err, "direct_full", "A direct room is of two people");
    return 0;
}

static int check_rules(const struct access *access, struct err *err)
{
    static const struct str fixed[] = {STR_INIT("visibility"),
                                       STR_INIT("force_unencrypted_at_creation"),
                                       STR_INIT("org.chappe.space_forum")};
    const struct json *before = access->rules ? access->rules->content : NULL;
    struct access_kind after = access_kind_of(access->event->content);
    if (access->sender_is_external)
        return deny(err, "external_power", "An external may not change a room's rules");
    if (after.rule == ACCESS_UNKNOWN)
        return deny(err, "access_rule_unknown", "The rule is restricted, unrestricted or direct");
    for (size_t i = 0; before && i < ARRAY_LEN(fixed); i++)
        if (!has_same(before, access->event->content, fixed[i]))
            return deny(err, "access_rule_fixed", "What a room was made as does not change");
    if (before && after.rule == access->kind.rule)
        return 0;
    if (before && (access->kind.rule != ACCESS_RESTRICTED || after.rule != ACCESS_UNRESTRICTED))
        return deny(err, "access_rule_fixed",
                    "A room's rule changes from restricted to unrestricted only");
    if (after.rule != ACCESS_RESTRICTED && access_is_forum(&after))
        return deny(err, "access_rule_forum", "A forum is for agents");
    if (after.rule == ACCESS_UNRESTRICTED)
        return check_opening(access, err);
    return after.rule == ACCESS_DIRECT ? check_first_direct(access, err) : 0;
}

/* ---- members ---- */

/* The pending offer that a member event answers. */
static bool answers(const struct pdu *member, struct str offer)
{
    const struct json *invite = json_find(member->content, STR("third_party_invite"));
    return str_eq(json_find_str(json_find(invite, STR("signed")), STR("token")), offer);
}

/* Two people, for ever: who left may come back, nobody takes their place. */
static int check_direct_member(const struct access *access, struct err *err)
{
    const struct pdu *known;
    struct access_people people;
    if (find(access, STR("m.room.member"), access->event->state_key, &known, err) < 0)
        return -1;
    if (known)
        return 0;
    if (find_people(access, access->event->state_key, &people, err) < 0)
        return -1;
    bool waits = people.offer.p && !answers(access->event, people.offer);
    if (people.others > 1 || (people.others == 1 && waits))
        return deny(err, "direct_full", "A direct room is of two people");
    return 0;
}

/* An external comes into a room that is open to them, and only when invited. */
static int check_external_member(const struct access *access, enum membership wanted,
                                 struct err *err)
{
    const struct pdu *now;
    if (access_is_forum(&access->kind))
        return deny(err, "external_forum", "An external may not enter a forum");
    if (access->kind.rule == ACCESS_RESTRICTED || access->kind.rule == ACCESS_UNKNOWN)
        return deny(err, "external_restricted_room", "This room is not open to externals");
    if (wanted == MEMBERSHIP_INVITE)
        return 0;
    if (find(access, STR("m.room.member"), access->event->state_key, &now, err) < 0)
        return -1;
    enum membership membership = membership_of(now);
    if (membership == MEMBERSHIP_INVITE ||
        (membership == MEMBERSHIP_JOIN && wanted == MEMBERSHIP_JOIN))
        return 0;
    return deny(err, "external_uninvited", "An external enters a room when invited only");
}

static int check_member(const struct access *access, struct err *err)
{
    const struct pdu *event = access->event;
    enum membership wanted = membership_of(event);
    bool own = str_eq(event->sender, event->state_key);
    if (access->sender_is_external && wanted == MEMBERSHIP_INVITE)
        return deny(err, "external_invite", "An external may not invite");
    if (access->sender_is_external && !own)
        return deny(err, "external_power", "An external may not remove others");
    if (wanted == MEMBERSHIP_LEAVE || wanted == MEMBERSHIP_BAN)
        return 0;
    int external = is_external(access, event->state_key, err);
    if (external < 0 || (external && check_external_member(access, wanted, err) < 0))
        return -1;
    return access->kind.rule == ACCESS_DIRECT ? check_direct_member(access, err) : 0;
}

static int check_offer(const struct access *access, struct err *err)
{
    struct access_people people;
    bool revoked = access->event->content->object.n == 0;
    if (access->sender_is_external)
        return deny(err, "external_invite", "An external may not invite");
    if (revoked)
        return 0;
    if (access_is_forum(&access->kind) && access->input->address == ACCESS_ADDRESS_EXTERNAL)
        return deny(err, "external_forum", "An external may not enter a forum");
    if (access->kind.rule != ACCESS_UNRESTRICTED && access->kind.rule != ACCESS_DIRECT &&
        access->input->address == ACCESS_ADDRESS_EXTERNAL)
        return deny(err, "external_restricted_room", "This room is not open to externals");
    if (access->kind.rule != ACCESS_DIRECT)
        return 0;
    if (find_people(access, access->event->sender, &people, err) < 0)
        return -1;
    if (people.others > 0 || (people.offer.p && !str_eq(people.offer, access->event->state_key)))
        return deny(err, "direct_full", "A direct room is of two people");
    return 0;
}

/* ---- what a kind of room is like ---- */

static int check_join_rules(const struct access *access, struct err *err)
{
    enum join_rule rule = join_rule_of(access->input->version, access->event);
    bool by_space = rule == JOIN_RULE_RESTRICTED || rule == JOIN_RULE_KNOCK_RESTRICTED;
    if (access->kind.rule == ACCESS_DIRECT && rule != JOIN_RULE_INVITE)
        return deny(err, "direct_private", "A direct room is entered by invitation");
    if (access->kind.listed && rule != JOIN_RULE_PUBLIC)
        return deny(err, "forum_public", "A forum is open to all agents");
    if (access->kind.in_space && !by_space)
        return deny(err, "forum_public", "A forum of a space is open to the space's members");
    return 0;
}

static int check_name(const struct access *access, struct err *err)
{
    if (access->kind.rule == ACCESS_DIRECT)
        return deny(err, "direct_unnamed", "A direct room has no name, avatar or topic");
    return 0;
}

static int check_encryption(const struct access *access, struct err *err)
{
    const struct pdu *now;
    struct str algorithm = json_find_str(access->event->content, STR("algorithm"));
    if (access_is_forum(&access->kind))
        return deny(err, "forum_unencrypted", "A forum is not encrypted");
    if (access->kind.unencrypted)
        return deny(err, "room_unencrypted", "This room was made not to be encrypted");
    if (find(access, STR("m.room.encryption"), STR(""), &now, err) < 0)
        return -1;
    if (!str_eq(algorithm, STR("m.megolm.v1.aes-sha2")))
        return deny(err, now ? "encryption_fixed" : "encryption_unknown",
                    now ? "Encryption stays as it is" : "The algorithm is m.megolm.v1.aes-sha2");
    return 0;
}

/* The history of a room is shown as was chosen when it was made: what was said to those who were
 * there is not shown to others later, and what was said for all is not hidden. */
static int check_history(const struct access *access, struct err *err)
{
    const struct pdu *now;
    struct str wanted = json_find_str(access->event->content, STR("history_visibility"));
    bool shared = str_eq(wanted, STR("shared"));
    bool forum = access_is_forum(&access->kind);
    if (!shared && !str_eq(wanted, STR("invited")) && !str_eq(wanted, STR("joined")))
        return deny(err, "history_unknown", "history_visibility is shared, invited or joined");
    if (forum && !shared)
        return deny(err, "history_fixed", "A forum shows its history to its members");
    if (!forum && shared && access->kind.rule != ACCESS_RESTRICTED)
        return deny(err, "history_external", "This room shows no history to newcomers");
    if (find(access, STR("m.room.history_visibility"), STR(""), &now, err) < 0)
        return -1;
    if (now &&
        str_eq(json_find_str(now->content, STR("history_visibility")), STR("shared")) != shared)
        return deny(err, "history_fixed", "Whether newcomers see a room's history is not changed");
    return 0;
}

/* ---- all of them ---- */

static const struct {
    struct str type;
    bool any_key;
    int (*check)(const struct access *access, struct err *err);
} checks[] = {
    {STR_INIT("m.room.create"), false, check_create},
    {STR_INIT("m.room.member"), true, check_member},
    {STR_INIT("m.room.third_party_invite"), true, check_offer},
    {STR_INIT("m.room.power_levels"), false, check_power_levels},
    {STR_INIT(ACCESS_TYPE), false, check_rules},
    {STR_INIT("m.room.join_rules"), false, check_join_rules},
    {STR_INIT("m.room.name"), false, check_name},
    {STR_INIT("m.room.avatar"), false, check_name},
    {STR_INIT("m.room.topic"), false, check_name},
    {STR_INIT("m.room.encryption"), false, check_encryption},
    {STR_INIT("m.room.history_visibility"), false, check_history},
};

static int load(struct access *access, struct err *err)
{
    int external = is_external(access, access->event->sender, err);
    if (external < 0 || find(access, STR(ACCESS_TYPE), STR(""), &access->rules, err) < 0)
        return -1;
    access->sender_is_external = external == 1;
    access->kind = access_kind_of(access->rules ? access->rules->content : NULL);
    return 0;
}

int access_check(const struct access_input *input, struct err *err)
{
    struct access access = {.input = input, .event = input->event};
    if (!input->event->state_key.p)
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
        if (!str_eq(checks[i].type, input->event->type) ||
            (!checks[i].any_key && input->event->state_key.n > 0))
            continue;
        return load(&access, err) < 0 ? -1 : checks[i].check(&access, err);
    }
    return 0;
}

bool access_may_redact(struct str type)
{
    return !str_eq(type, STR(ACCESS_TYPE)) && !str_eq(type, STR("m.room.encryption"));
}

/* ---- in clear ---- */

bool access_is_clear_content(struct str type, const struct json *content)
{
    static const struct str types[] = {
        STR_INIT("m.reaction"),         STR_INIT("m.room.encrypted"),
        STR_INIT("m.call.notify"),      STR_INIT("org.matrix.msc4075.call.notify"),
        STR_INIT("m.rtc.notification"), STR_INIT("org.matrix.msc4075.rtc.notification"),
    };
    if (str_eq(type, STR("m.room.message")))
        return !str_eq(json_find_str(content, STR("msgtype")), STR("m.key.verification.request"));
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_eq(types[i], type))
            return false;
    return !str_starts(type, STR("m.call.")) && !str_starts(type, STR("org.matrix.call.")) &&
           !str_starts(type, STR("m.key.verification."));
}
