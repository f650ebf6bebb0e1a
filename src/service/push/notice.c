/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/push/notice.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/random.h"
#include "crypto/base64.h"
#include "crypto/hash.h"
#include "crypto/web_push.h"
#include "service/config.h"
#include "service/push/pushers.h"
#include "service/push/pushing.h"
#include "service/push/vapid.h"

/* All our messages to browsers have this length, whatever they say. */
#define WEB_PADDED  512
#define TTL_S       "86400"
#define CALL_TTL_S  "60"
#define TOPIC_BYTES 24 /* 32 characters, as many as a topic may have */

/* ---- what both say ---- */

static bool is_call(const struct notice *notice)
{
    return notice->pdu && str_eq(notice->pdu->type, STR("m.call.invite"));
}

static bool is_urgent(const struct notice *notice)
{
    if (!notice->event)
        return notice->test.p != NULL;
    return notice->verdict->highlight || notice->verdict->sound.p || is_call(notice) ||
           str_eq(notice->pdu->type, STR("m.room.encrypted"));
}

/* A count of 0 is left out, as the specification says, but where it is all there is to say. */
static void write_counts(struct json_writer *out, const struct notice *notice)
{
    json_write_key(out, STR("counts"));
    json_write_object(out);
    if (notice->unread || !notice->event)
        json_write_member_int(out, STR("unread"), notice->unread);
    json_write_end(out);
}

static void write_ids(struct json_writer *out, const struct notice *notice)
{
    if (!notice->event)
        return;
    json_write_member_str(out, STR("event_id"), notice->pdu->event_id);
    json_write_member_str(out, STR("room_id"), notice->view->room_id);
}

static void write_prio(struct json_writer *out, const struct notice *notice)
{
    json_write_member_str(out, STR("prio"), is_urgent(notice) ? STR("high") : STR("low"));
}

/* ---- gateways ---- */

static void write_tweak(struct json_writer *out, const struct json *action)
{
    struct str name = json_find_str(action, STR("set_tweak"));
    const struct json *value = json_find(action, STR("value"));
    if (!name.p)
        return;
    if (value)
        json_write_member_raw(out, name, value->raw);
    else if (str_eq(name, STR("highlight")))
        json_write_member_bool(out, name, true);
}

/* The last of two actions on one tweak wins: an object has each key once. */
static bool is_overridden(const struct json *actions, size_t at)
{
    struct str name = json_find_str(&actions->array.items[at], STR("set_tweak"));
    for (size_t i = at + 1; i < actions->array.n; i++)
        if (name.p && str_eq(name, json_find_str(&actions->array.items[i], STR("set_tweak"))))
            return true;
    return false;
}

static int write_tweaks(struct use *use, const struct notice *notice, struct json_writer *out)
{
    const struct json *actions;
    if (!notice->event)
        return 0;
    if (json_parse(use->arena, notice->verdict->actions, &actions, &use->err) < 0)
        return -1;
    json_write_key(out, STR("tweaks"));
    json_write_object(out);
    for (size_t i = 0; json_is(actions, JSON_ARRAY) && i < actions->array.n; i++)
        if (!is_overridden(actions, i))
            write_tweak(out, &actions->array.items[i]);
    json_write_end(out);
    return 0;
}

static int write_device(struct use *use, const struct pusher *pusher, const struct json *data,
                        const struct notice *notice, struct json_writer *out)
{
    json_write_key(out, STR("devices"));
    json_write_array(out);
    json_write_object(out);
    json_write_member_str(out, STR("app_id"), pusher->app_id);
    json_write_member_str(out, STR("pushkey"), pusher->pushkey);
    json_write_member_int(out, STR("pushkey_ts"), pusher->made_ms / 1000);
    json_write_key(out, STR("data"));
    json_write_object(out);
    for (size_t i = 0; i < data->object.n; i++)
        if (!str_eq(data->object.members[i].key, STR("url")))
            json_write_member_raw(out, data->object.members[i].key,
                                  data->object.members[i].value.raw);
    json_write_end(out);
    if (write_tweaks(use, notice, out) < 0)
        return -1;
    json_write_end(out);
    json_write_end(out);
    return 0;
}

static int write_text_of(struct view *view, int64_t type, int64_t state_key, struct str key,
                         struct str name, struct json_writer *out)
{
    const struct pdu *pdu = NULL;
    int found = view_state_pdu(view, view->row.state, type, state_key, &pdu);
    if (found != 1)
        return found;
    struct str text = json_find_str(pdu->content, key);
    if (text.n)
        json_write_member_str(out, name, text);
    return 0;
}

/* What a gateway is told that is no id. */
static int write_whole(const struct notice *notice, struct json_writer *out)
{
    struct view *view = notice->view;
    const struct room_names *names = rooms_names(view->use->server);
    const struct pdu *pdu = notice->pdu;
    json_write_member_str(out, STR("type"), pdu->type);
    json_write_member_str(out, STR("sender"), pdu->sender);
    if (write_text_of(view, names->member, notice->event->sender, STR("displayname"),
                      STR("sender_display_name"), out) < 0 ||
        write_text_of(view, names->name, names->empty, STR("name"), STR("room_name"), out) < 0 ||
        write_text_of(view, names->canonical_alias, names->empty, STR("alias"), STR("room_alias"),
                      out) < 0)
        return -1;
    if (notice->event->type == names->member)
        json_write_member_bool(out, STR("user_is_target"),
                               str_eq(pdu->state_key, view->use->caller.user_id));
    json_write_member_raw(out, STR("content"), notice->event->members.content);
    return 0;
}

static bool says_ids_alone(const struct use *use, const struct json *data,
                           const struct notice *notice)
{
    return use->server->config->push_event_id_only || !notice->event ||
           (notice->view->row.flags & ROOM_ENCRYPTED) ||
           str_eq(json_find_str(data, STR("format")), STR("event_id_only"));
}

static int write_gateway(struct use *use, const struct pusher *pusher, const struct json *data,
                         const struct notice *notice, struct buf *body)
{
    struct json_writer out;
    json_writer_init(&out, body);
    json_write_object(&out);
    json_write_key(&out, STR("notification"));
    json_write_object(&out);
    write_ids(&out, notice);
    if (!says_ids_alone(use, data, notice) && write_whole(notice, &out) < 0)
        return -1;
    if (notice->event)
        write_prio(&out, notice);
    write_counts(&out, notice);
    if (write_device(use, pusher, data, notice, &out) < 0)
        return -1;
    json_write_end(&out);
    json_write_end(&out);
    return 0;
}

/* ---- browsers ---- */

static void write_message(const struct notice *notice, struct buf *text)
{
    struct json_writer out;
    json_writer_init(&out, text);
    json_write_object(&out);
    if (notice->test.p) {
        json_write_member_str(&out, STR("test"), notice->test);
    } else {
        write_ids(&out, notice);
        write_counts(&out, notice);
        write_prio(&out, notice);
    }
    json_write_end(&out);
}

static int seal(struct use *use, const struct pusher *pusher, struct str auth,
                const struct notice *notice, struct buf *body)
{
    CLEANUP(buf_done) struct buf text;
    unsigned char salt[WEB_PUSH_SALT_BYTES];
    struct web_push_receiver to;
    if (base64_decode_exactly(pusher->pushkey, BASE64_URL, to.point, sizeof to.point) < 0 ||
        base64_decode_exactly(auth, BASE64_URL, to.auth, sizeof to.auth) < 0)
        return err_internal(&use->err, "pusher %lld is damaged", (long long)pusher->id);
    buf_init(&text, WEB_PUSH_TEXT_BYTES);
    write_message(notice, &text);
    random_bytes(salt, sizeof salt);
    struct p256_key *own = p256_new();
    int sealed =
        buf_is_full(&text) ? -1 : web_push_seal(&to, own, salt, buf_str(&text), WEB_PADDED, body);
    p256_free(own);
    return sealed < 0 ? err_internal(&use->err, "pusher %lld is damaged", (long long)pusher->id)
                      : 0;
}

/* What waits at the push service for one room is one message. The name of the room is drawn with
 * the subscription's secret, so that two subscriptions have nothing in common. */
static struct str topic_of(struct use *use, struct str auth, struct str room_id)
{
    unsigned char mac[SHA256_BYTES];
    hmac_sha256(auth, room_id, mac);
    struct str name = base64_encode_arena(use->arena, str_make(mac, TOPIC_BYTES), BASE64_URL);
    return arena_printf(use->arena, "Topic: %.*s", STR_ARG(name));
}

/* Whom a push service may write to about us. */
static struct str subject_of(struct use *use)
{
    struct str from = use->server->config->mail_from;
    if (from.p)
        return arena_printf(use->arena, "mailto:%.*s", STR_ARG(from));
    return server_own_url(use->server, use->arena);
}

static void add_header(struct courier_post *post, struct str header)
{
    post->headers[post->n_headers++] = header;
}

static void add_headers(struct use *use, struct str auth, const struct notice *notice,
                        struct courier_post *post)
{
    const struct vapid *vapid = pushing_vapid(use->server->pushing);
    add_header(post,
               vapid_authorize(vapid, use->arena, post->url, subject_of(use), clock_wall_ms()));
    add_header(post, STR("Content-Encoding: aes128gcm"));
    add_header(post, STR("Content-Type: application/octet-stream"));
    add_header(post, is_call(notice) ? STR("TTL: " CALL_TTL_S) : STR("TTL: " TTL_S));
    add_header(post, is_urgent(notice) ? STR("Urgency: high") : STR("Urgency: normal"));
    if (notice->event && !notice->verdict->highlight && !is_call(notice))
        add_header(post, topic_of(use, auth, notice->view->room_id));
}

/* ---- the request ---- */

int notice_write(struct use *use, const struct pusher *pusher, const struct notice *notice,
                 struct courier_post *ret_post)
{
    CLEANUP(buf_done) struct buf body;
    struct courier_post post = {0};
    const struct json *data;
    int status;
    if (pusher_url(use->arena, pusher, &post.url, &data) < 0)
        return err_internal(&use->err, "pusher %lld is damaged", (long long)pusher->id);
    buf_init(&body, KIB(256));
    if (pusher->kind == PUSHER_WEB) {
        struct str auth = json_find_str(data, STR("auth"));
        add_headers(use, auth, notice, &post);
        status = seal(use, pusher, auth, notice, &body);
    } else {
        add_header(&post, STR("Content-Type: application/json"));
        status = write_gateway(use, pusher, data, notice, &body);
    }
    if (status == 0 && buf_is_full(&body))
        status = err_internal(&use->err, "a push is too long");
    post.body = arena_str(use->arena, buf_str(&body));
    if (status == 0)
        *ret_post = post;
    return status;
}

/* ---- the answer ---- */

static bool is_rejected(struct arena *arena, const struct pusher *pusher, struct str body)
{
    struct err ignored = ERR_INIT;
    const struct json *doc;
    if (json_parse(arena, body, &doc, &ignored) < 0)
        return false;
    const struct json *rejected = json_find(doc, STR("rejected"));
    for (size_t i = 0; json_is(rejected, JSON_ARRAY) && i < rejected->array.n; i++)
        if (str_eq(json_as_str(&rejected->array.items[i]), pusher->pushkey))
            return true;
    return false;
}

/* Some tell of the receiver, of us or of now; the others of what was sent. */
static bool is_refused(const struct courier_answer *answer)
{
    static const int others[] = {401, 403, 404, 407, 408, 410, 425, 429};
    if (answer->outcome != COURIER_ANSWERED || answer->status / 100 != 4)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (answer->status == others[i])
            return false;
    return true;
}

enum notice_result notice_judge(struct arena *arena, const struct pusher *pusher,
                                const struct courier_answer *answer)
{
    bool good = answer->outcome == COURIER_ANSWERED && answer->status / 100 == 2;
    if (pusher->kind == PUSHER_WEB && answer->outcome == COURIER_ANSWERED &&
        (answer->status == 404 || answer->status == 410))
        return NOTICE_GONE;
    if (good && pusher->kind == PUSHER_HTTP && is_rejected(arena, pusher, answer->body))
        return NOTICE_GONE;
    if (good)
        return NOTICE_TAKEN;
    return is_refused(answer) ? NOTICE_REFUSED : NOTICE_FAILED;
}
