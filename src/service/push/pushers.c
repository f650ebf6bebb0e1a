/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/push/pushers.h"

#include "base/limits.h"
#include "crypto/base64.h"
#include "crypto/web_push.h"
#include "service/config.h"
#include "service/push/pushing.h"

#define NOTIFY_PATH STR("/_matrix/push/v1/notify")

/* ---- where pushes may go ---- */

int push_rules_of_way_out(const struct config *config, struct courier_rules *ret_rules,
                          struct err *err)
{
    struct courier_rules rules = {
        .ca_file = config->push_ca,
        .connect_ms = LIMIT_PUSH_CONNECT_MS,
        .total_ms = LIMIT_PUSH_MS,
        .answer_bytes = LIMIT_PUSH_ANSWER,
    };
    if (networks_parse(config->push_allow, &rules.also) < 0)
        return err_internal(err, "push.allow is no list of networks");
    *ret_rules = rules;
    return 0;
}

/* push.hosts: "gateway.example, *.push.example". */
static bool is_listed(struct str hosts, struct str host)
{
    struct str rest = hosts, one;
    while (rest.n) {
        str_cut(rest, ',', &one, &rest);
        one = str_trim(one);
        bool below = str_starts(one, STR("*."));
        struct str end = str_skip(one, below ? 1 : 0);
        if (below ? host.n > end.n && str_eq_nocase(str_skip(host, host.n - end.n), end)
                  : str_eq_nocase(host, one))
            return true;
    }
    return !hosts.p;
}

static int check_url(struct use *use, enum pusher_kind kind, struct str url)
{
    struct courier_rules rules;
    struct str host, path;
    if (!url.p)
        return err_client(&use->err, 400, "M_MISSING_PARAM", "data.url is missing");
    if (push_rules_of_way_out(use->server->config, &rules, &use->err) < 0)
        return -1;
    if (courier_check_url(&rules, url, &host, &path) < 0 ||
        !is_listed(use->server->config->push_hosts, host))
        return err_client(&use->err, 400, "M_INVALID_PARAM",
                          "data.url is no https address that pushes may go to");
    if (kind == PUSHER_HTTP && !str_eq(path, NOTIFY_PATH))
        return err_client(&use->err, 400, "M_INVALID_PARAM", "The path of data.url is to be %.*s",
                          STR_ARG(NOTIFY_PATH));
    return 0;
}

/* ---- setting ---- */

static int check_text(struct use *use, const char *name, struct str text, size_t max)
{
    if (!text.p)
        return err_client(&use->err, 400, "M_MISSING_PARAM", "%s is missing", name);
    if (text.n > max)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "%s has at most %zu bytes", name, max);
    return 0;
}

static int parse_kind(struct use *use, struct str word, enum pusher_kind *ret_kind)
{
    if (str_eq(word, STR(PUSHER_KIND_HTTP))) {
        *ret_kind = PUSHER_HTTP;
        return 0;
    }
    if (!str_eq(word, STR(PUSHER_KIND_WEB)))
        return err_client(&use->err, 400, "M_INVALID_PARAM", "kind is to be %s or %s",
                          PUSHER_KIND_HTTP, PUSHER_KIND_WEB);
    if (!pushing_vapid(use->server->pushing))
        return err_client(&use->err, 400, "M_INVALID_PARAM", "There is no Web Push on this server");
    *ret_kind = PUSHER_WEB;
    return 0;
}

static int check_receiver(struct use *use, const struct pusher_wish *wish)
{
    struct web_push_receiver to;
    struct str auth = json_find_str(wish->data, STR("auth"));
    if (!auth.p)
        return err_client(&use->err, 400, "M_MISSING_PARAM", "data.auth is missing");
    if (base64_decode_exactly(wish->pushkey, BASE64_URL, to.point, sizeof to.point) < 0 ||
        !p256_point_is_valid(to.point))
        return err_client(&use->err, 400, "M_INVALID_PARAM",
                          "pushkey is no uncompressed point of P-256 in base64url");
    if (base64_decode_exactly(auth, BASE64_URL, to.auth, sizeof to.auth) < 0)
        return err_client(&use->err, 400, "M_INVALID_PARAM",
                          "data.auth is no secret of 16 bytes in base64url");
    return 0;
}

static int check_data(struct use *use, enum pusher_kind kind, const struct pusher_wish *wish)
{
    const struct json *format = json_find(wish->data, STR("format"));
    if (!wish->data)
        return err_client(&use->err, 400, "M_MISSING_PARAM", "data is missing");
    if (wish->data->raw.n > LIMIT_PUSHER_DATA)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "data has at most %zu bytes",
                          (size_t)LIMIT_PUSHER_DATA);
    if (format && format->kind != JSON_NULL && !str_eq(json_as_str(format), STR("event_id_only")))
        return err_client(&use->err, 400, "M_INVALID_PARAM",
                          "data.format is to be event_id_only, or absent");
    if (check_url(use, kind, json_find_str(wish->data, STR("url"))) < 0)
        return -1;
    return kind == PUSHER_WEB ? check_receiver(use, wish) : 0;
}

static int check(struct use *use, const struct pusher_wish *wish, enum pusher_kind *ret_kind)
{
    if (check_text(use, "app_display_name", wish->app_display_name, LIMIT_PUSHER_TEXT) < 0 ||
        check_text(use, "device_display_name", wish->device_display_name, LIMIT_PUSHER_TEXT) < 0 ||
        check_text(use, "lang", wish->lang, LIMIT_PUSHER_TEXT) < 0 ||
        (wish->profile_tag.p &&
         check_text(use, "profile_tag", wish->profile_tag, LIMIT_PUSHER_TEXT) < 0) ||
        parse_kind(use, wish->kind, ret_kind) < 0)
        return -1;
    return check_data(use, *ret_kind, wish);
}

struct setting {
    struct server *server;
    struct pusher pusher;
    bool others;
};

static void after_setting(void *arg, enum job_result result)
{
    const struct setting *setting = arg;
    if (result == JOB_COMMITTED)
        pushing_wake(setting->server->pushing);
}

static int write_set(struct write *w, void *arg, struct err *err)
{
    const struct setting *setting = arg;
    return pusher_put(w, &setting->pusher, setting->others, err);
}

static int write_delete(struct write *w, void *arg, struct err *err)
{
    const struct setting *setting = arg;
    return pusher_delete(w, setting->pusher.user, setting->pusher.app_id, setting->pusher.pushkey,
                         err);
}

int pushers_set(struct use *use, const struct pusher_wish *wish)
{
    struct setting *setting = ARENA_NEW(use->arena, struct setting);
    struct pusher *pusher = &setting->pusher;
    if (check_text(use, "app_id", wish->app_id, LIMIT_PUSHER_APP_ID) < 0 ||
        check_text(use, "pushkey", wish->pushkey, LIMIT_PUSHKEY) < 0)
        return -1;
    setting->server = use->server;
    pusher->user = use->caller.user;
    pusher->app_id = wish->app_id;
    pusher->pushkey = wish->pushkey;
    if (!wish->kind.p)
        return use_commit(use, write_delete, after_setting, setting);
    if (check(use, wish, &pusher->kind) < 0)
        return -1;
    pusher->id = store_new_id(use->server->store);
    pusher->device = use->caller.device;
    pusher->app_name = wish->app_display_name;
    pusher->device_name = wish->device_display_name;
    pusher->profile_tag = wish->profile_tag;
    pusher->lang = wish->lang;
    pusher->data = wish->data->raw;
    setting->others = !wish->append;
    return use_commit(use, write_set, after_setting, setting);
}

/* ---- listing ---- */

/* MSC4174's activation is not asked for: a pusher is active at once. */
static int write_data(struct use *use, const struct pusher *pusher, struct json_writer *out)
{
    const struct json *data;
    if (json_parse(use->arena, pusher->data, &data, &use->err) < 0)
        return -1;
    json_write_key(out, STR("data"));
    json_write_object(out);
    for (size_t i = 0; i < data->object.n; i++)
        if (pusher->kind != PUSHER_WEB || !str_eq(data->object.members[i].key, STR("activated")))
            json_write_member_raw(out, data->object.members[i].key,
                                  data->object.members[i].value.raw);
    if (pusher->kind == PUSHER_WEB)
        json_write_member_bool(out, STR("activated"), true);
    json_write_end(out);
    return 0;
}

static int write_pusher(struct use *use, const struct pusher *pusher, struct json_writer *out)
{
    json_write_object(out);
    json_write_member_str(out, STR("kind"),
                          pusher->kind == PUSHER_WEB ? STR(PUSHER_KIND_WEB)
                                                     : STR(PUSHER_KIND_HTTP));
    json_write_member_str(out, STR("app_id"), pusher->app_id);
    json_write_member_str(out, STR("pushkey"), pusher->pushkey);
    json_write_member_str(out, STR("app_display_name"), pusher->app_name);
    json_write_member_str(out, STR("device_display_name"), pusher->device_name);
    json_write_member_str(out, STR("lang"), pusher->lang);
    if (pusher->profile_tag.p)
        json_write_member_str(out, STR("profile_tag"), pusher->profile_tag);
    if (write_data(use, pusher, out) < 0)
        return -1;
    json_write_end(out);
    return 0;
}

int pushers_write(struct use *use, struct json_writer *out)
{
    struct pusher *pushers;
    size_t n;
    if (pusher_list(&use->read, use->caller.user, use->arena, &pushers, &n, &use->err) < 0)
        return -1;
    json_write_object(out);
    json_write_key(out, STR("pushers"));
    json_write_array(out);
    for (size_t i = 0; i < n; i++)
        if (write_pusher(use, &pushers[i], out) < 0)
            return -1;
    json_write_end(out);
    json_write_end(out);
    return 0;
}

int pusher_url(struct arena *arena, const struct pusher *pusher, struct str *ret_url,
               const struct json **ret_data)
{
    struct err ignored = ERR_INIT;
    if (json_parse(arena, pusher->data, ret_data, &ignored) < 0)
        return -1;
    *ret_url = json_find_str(*ret_data, STR("url"));
    return ret_url->p ? 0 : -1;
}
