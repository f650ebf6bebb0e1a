/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/summary.h"

#include "service/config.h"

/* ---- loading ---- */

/* The content of a state event with an empty key; NULL when there is none. */
static int content_of(struct view *view, int64_t type, const struct json **ret_content)
{
    const struct pdu *pdu = NULL;
    int found =
        view_state_pdu(view, view->row.state, type, rooms_names(view->use->server)->empty, &pdu);
    *ret_content = found == 1 ? pdu->content : NULL;
    return found < 0 ? -1 : 0;
}

static int load_text(struct view *view, int64_t type, struct str key, struct str *ret_text)
{
    const struct json *content;
    if (content_of(view, type, &content) < 0)
        return -1;
    struct str text = json_find_str(content, key);
    *ret_text = text.n ? text : STR_NONE;
    return 0;
}

/* The plain text of a topic is in m.topic where a client wrote it so, else in topic. */
static struct str topic_of(const struct json *content)
{
    const struct json *texts = json_find(json_find(content, STR("m.topic")), STR("m.text"));
    for (size_t i = 0; json_is(texts, JSON_ARRAY) && i < texts->array.n; i++) {
        struct str type = json_find_str(&texts->array.items[i], STR("mimetype"));
        struct str body = json_find_str(&texts->array.items[i], STR("body"));
        if (body.n && (!type.p || str_eq(type, STR("text/plain"))))
            return body;
    }
    struct str topic = json_find_str(content, STR("topic"));
    return topic.n ? topic : STR_NONE;
}

static int load_rules(struct room_summary *summary)
{
    struct view *view = &summary->view;
    const struct room_names *names = rooms_names(view->use->server);
    const struct json *rules;
    struct str guests;
    if (content_of(view, names->join_rules, &rules) < 0 ||
        load_text(view, names->guest_access, STR("guest_access"), &guests) < 0 ||
        view_is_world_readable(view, &summary->world_readable) < 0)
        return -1;
    struct str rule = json_find_str(rules, STR("join_rule"));
    summary->join_rule = rule.p ? rule : STR("invite");
    if (str_eq(rule, STR("restricted")) || str_eq(rule, STR("knock_restricted")))
        summary->allow = json_find(rules, STR("allow"));
    if (!json_is(summary->allow, JSON_ARRAY))
        summary->allow = NULL;
    summary->guest_can_join = str_eq(guests, STR("can_join"));
    return 0;
}

int room_summary_load(struct use *use, int64_t room, struct room_summary *ret_summary)
{
    struct room_summary summary = {0};
    struct view *view = &summary.view;
    const struct room_names *names = rooms_names(use->server);
    const struct json *topic;
    int found = view_open(use, room, view);
    if (found != 1)
        return found;
    if (load_text(view, names->canonical_alias, STR("alias"), &summary.canonical_alias) < 0 ||
        load_text(view, names->name, STR("name"), &summary.name) < 0 ||
        load_text(view, names->avatar, STR("url"), &summary.avatar_url) < 0 ||
        load_text(view, names->create, STR("type"), &summary.room_type) < 0 ||
        load_text(view, names->encryption, STR("algorithm"), &summary.encryption) < 0 ||
        load_text(view, names->theme, STR("theme"), &summary.theme) < 0 ||
        content_of(view, names->topic, &topic) < 0 || load_rules(&summary) < 0)
        return -1;
    summary.topic = topic_of(topic);
    if (!config_has_theme(use->server->config, summary.theme))
        summary.theme = STR_NONE;
    *ret_summary = summary;
    return 1;
}

/* ---- who may ---- */

static int is_in_allowed(struct room_summary *summary)
{
    struct use *use = summary->view.use;
    const struct json *allow = summary->allow;
    for (size_t i = 0; allow && i < allow->array.n; i++) {
        struct membership_row row;
        int64_t room;
        struct str id = json_find_str(&allow->array.items[i], STR("room_id"));
        int found = id.p ? store_find_name(use->server->store, id, &room, &use->err) : 0;
        if (found == 1)
            found = membership_load(&use->read, use->caller.user, room, &row, &use->err);
        if (found < 0)
            return -1;
        if (found && row.kind == MEMBERSHIP_JOIN)
            return 1;
    }
    return 0;
}

int room_summary_may_see(struct room_summary *summary)
{
    enum membership membership = summary->view.membership;
    struct str rule = summary->join_rule;
    if (membership == MEMBERSHIP_JOIN || membership == MEMBERSHIP_INVITE)
        return 1;
    if (summary->view.use->caller.external)
        return 0; /* whatever the join rule is, they are to be invited */
    if (summary->world_readable || str_eq(rule, STR("public")) || str_eq(rule, STR("knock")) ||
        str_eq(rule, STR("knock_restricted")))
        return 1;
    return is_in_allowed(summary);
}

/* ---- writing ---- */

static void member_if(struct json_writer *out, struct str key, struct str value)
{
    if (value.p)
        json_write_member_str(out, key, value);
}

static void write_allowed(struct json_writer *out, const struct json *allow)
{
    json_write_key(out, STR("allowed_room_ids"));
    json_write_array(out);
    for (size_t i = 0; i < allow->array.n; i++) {
        struct str id = json_find_str(&allow->array.items[i], STR("room_id"));
        if (str_starts(id, STR("!")))
            json_write_str(out, id);
    }
    json_write_end(out);
}

void room_summary_write(struct json_writer *out, const struct room_summary *summary, bool detailed)
{
    if (detailed && summary->allow)
        write_allowed(out, summary->allow);
    if (str_starts(summary->avatar_url, STR("mxc://")))
        json_write_member_str(out, STR("avatar_url"), summary->avatar_url);
    if (str_starts(summary->canonical_alias, STR("#")))
        json_write_member_str(out, STR("canonical_alias"), summary->canonical_alias);
    if (detailed)
        member_if(out, STR("encryption"), summary->encryption);
    json_write_member_bool(out, STR("guest_can_join"), summary->guest_can_join);
    json_write_member_str(out, STR("join_rule"), summary->join_rule);
    member_if(out, STR("name"), summary->name);
    json_write_member_int(out, STR("num_joined_members"), summary->view.row.joined);
    json_write_member_str(out, STR("room_id"), summary->view.room_id);
    member_if(out, STR("room_type"), summary->room_type);
    if (detailed)
        json_write_member_str(out, STR("room_version"), summary->view.version->name);
    member_if(out, STR("org.chappe.room.theme"), summary->theme);
    member_if(out, STR("topic"), summary->topic);
    json_write_member_bool(out, STR("world_readable"), summary->world_readable);
}
