/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/config.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/limits.h"
#include "bin/appservice_file.h"
#include "bin/config_keys.h"

struct loading {
    struct arena *arena;
    struct config *config;
    struct err *err;
};

static int refuse(struct loading *l, const struct setting *setting, const char *why)
{
    return err_internal(l->err, "%.*s: %.*s: %s", STR_ARG(setting->where), STR_ARG(setting->key),
                        why);
}

/* Values end up in C interfaces and in lines of text. */
static bool has_control(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7f)
            return true;
    return !str_is_utf8(text);
}

static int put(struct loading *l, const struct config_key *key, const struct setting *setting,
               void *base)
{
    const char *why = "is wrong";
    if (has_control(setting->value))
        return refuse(l, setting, "holds a control character or is not UTF-8");
    if (key->type->parse(l->arena, key, setting->value, (char *)base + key->offset, &why) < 0)
        return refuse(l, setting, why);
    return 0;
}

/* ---- listeners ---- */

static int put_item(struct loading *l, const struct config_key *key, const struct setting *setting,
                    int64_t item)
{
    struct config *config = l->config;
    if (item < 0 || item > (int64_t)config->n_listen || item >= LIMIT_LISTEN)
        return refuse(l, setting, "items are numbered from 0, without a gap, up to 15");
    if (item == (int64_t)config->n_listen)
        config->listen[config->n_listen++] = (struct config_listen){.port = -1};
    return put(l, key, setting, &config->listen[item]);
}

/* "A:P,A:P" in one text, as --set and --listen give it. */
static int put_listeners(struct loading *l, const struct setting *setting)
{
    const struct config_key *key;
    struct str rest = setting->value, one;
    int64_t item;
    key = config_key_find(STR("listen.0"), &item);
    l->config->n_listen = 0;
    if (setting->is_list)
        return 0;
    do {
        struct setting part = *setting;
        str_cut(rest, ',', &one, &rest);
        part.value = one;
        if (put_item(l, key, &part, (int64_t)l->config->n_listen) < 0)
            return -1;
    } while (rest.n);
    return 0;
}

static int check_listeners(struct loading *l)
{
    for (size_t i = 0; i < l->config->n_listen; i++) {
        const struct config_listen *listen = &l->config->listen[i];
        if (!listen->address.p)
            return err_internal(l->err, "listen.%zu.address is missing", i);
        if (!listen->tls_certificate.p != !listen->tls_key.p)
            return err_internal(l->err, "listen.%zu.tls: certificate and key go together", i);
    }
    if (l->config->n_listen == 0)
        return err_internal(l->err, "listen: at least one ADDR:PORT is wanted");
    return 0;
}

static int check_mail(struct loading *l)
{
    const struct config *config = l->config;
    if (str_starts(config->mail_transport, STR("smtp")) && !config->mail_from.p)
        return err_internal(l->err, "mail.from is missing: a mail server wants a sender");
    return 0;
}

/* Without the line end that editors leave. */
static int read_secret(struct loading *l)
{
    struct config *config = l->config;
    const char *path = config->media_s3_secret_file.p;
    struct stat st;
    struct str text;
    if (file_read(l->arena, path, LIMIT_S3_SECRET + 2, &text, l->err) < 0) {
        err_prefix(l->err, "media.s3.secret_file");
        return -1;
    }
    if (stat(path, &st) < 0 || (st.st_mode & S_IRWXO))
        return err_internal(l->err, "media.s3.secret_file: everybody may read it");
    while (text.n && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r'))
        text.n--;
    if (!text.n || text.n > LIMIT_S3_SECRET)
        return err_internal(l->err, "media.s3.secret_file: it holds no secret");
    config->media_s3_secret = text;
    return 0;
}

static int check_media(struct loading *l)
{
    const struct config *config = l->config;
    if (!str_starts(config->media_store, STR("s3:")))
        return 0;
    if (!config->media_s3_access_key.n || !config->media_s3_secret_file.p)
        return err_internal(l->err, "media.s3.access_key and media.s3.secret_file are wanted with "
                                    "media.store: s3:…");
    if (config->media_s3_access_key.n > LIMIT_S3_ACCESS_KEY ||
        config->media_s3_region.n > LIMIT_S3_NAME)
        return err_internal(l->err, "media.s3.access_key or media.s3.region is too long");
    if (config->media_cache_size / 4 < config->media_max_size)
        return err_internal(l->err, "media.cache_size is less than four times media.max_size");
    if (config->media_max_size > LIMIT_S3_OBJECT)
        return err_internal(l->err, "media.max_size is more than S3 takes at once: 5 GiB");
    return read_secret(l);
}

static int check_turn(struct loading *l)
{
    if (!l->config->turn_uris.p != !l->config->turn_shared_secret.p)
        return err_internal(l->err, "voip.turn: uris and shared_secret go together");
    return 0;
}

static bool names_every_host(struct str hosts)
{
    struct str host;
    while (hosts.n) {
        str_cut(hosts, ',', &host, &hosts);
        if (str_eq(str_trim(host), STR("*")))
            return true;
    }
    return false;
}

static int check_previews(struct loading *l)
{
    const struct config *config = l->config;
    if (config->previews && !config->previews_hosts.p)
        return err_internal(l->err, "previews.hosts is missing: which hosts may be looked at");
    if (config->previews && config->previews_private && names_every_host(config->previews_hosts))
        return err_internal(l->err, "previews.private_addresses with every host in previews.hosts"
                                    " would let users reach all that this machine can");
    return 0;
}

/* ---- all keys ---- */

static int apply(struct loading *l, const struct setting *setting)
{
    int64_t item;
    if (has_control(setting->key))
        return err_internal(l->err, "%.*s: a key holds a control character or is not UTF-8",
                            STR_ARG(setting->where));
    if (str_eq(setting->key, STR("listen")))
        return put_listeners(l, setting);
    const struct config_key *key = config_key_find(setting->key, &item);
    const char *later = config_key_later(setting->key);
    if (!key && setting->is_list)
        return refuse(l, setting, "is not a list");
    if (!key)
        return refuse(l, setting, later ? later : "no such key (chappe config schema lists them)");
    if (setting->is_list)
        return refuse(l, setting, "is one value, not a list");
    return key->is_item ? put_item(l, key, setting, item) : put(l, key, setting, l->config);
}

static struct str default_text(struct arena *arena, const struct config_key *key,
                               struct str data_dir)
{
    struct str text = str_from(key->otherwise), before, after;
    if (str_eq(text, STR("{terminal}")))
        return isatty(STDERR_FILENO) ? STR("text") : STR("json");
    if (str_eq(text, STR(CONFIG_EMAIL_MODE)))
        return STR("off"); /* until the mode is known: apply_email_mode */
    if (str_eq(text, STR(CONFIG_EMAIL_GATE)))
        return STR("advisory");
    if (!str_contains(text, STR("{data}")))
        return text;
    str_cut(text, '{', &before, &after);
    return arena_printf(arena, "%.*s%.*s%.*s", STR_ARG(before), STR_ARG(data_dir),
                        STR_ARG(str_skip(after, 5)));
}

static void apply_default(struct loading *l, const struct config_key *key)
{
    struct setting setting = {
        .key = str_from(key->is_item ? "listen.0" : key->name),
        .value = default_text(l->arena, key, l->config->data_dir),
        .where = STR("default"),
    };
    CHECK(apply(l, &setting) == 0);
}

/* The data directory first: other defaults are inside it. A data path comes from outside, so that
 * its own form is checked before it becomes part of a default. */
static int apply_defaults(struct loading *l, const struct settings *settings)
{
    int64_t item;
    const struct config_key *data = config_key_find(STR("data"), &item);
    apply_default(l, data);
    for (size_t i = 0; i < settings->n; i++)
        if (str_eq(settings->p[i].key, STR("data")) && apply(l, &settings->p[i]) < 0)
            return -1;
    for (size_t i = 0; i < config_keys_n; i++)
        if (config_keys[i].otherwise && &config_keys[i] != data)
            apply_default(l, &config_keys[i]);
    return 0;
}

static bool is_given(const struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->n; i++)
        if (str_eq(settings->p[i].key, str_from(name)))
            return true;
    return false;
}

/* Defaults that follow from the way people sign up. */
static void apply_email_mode(struct loading *l, const struct settings *settings)
{
    if (l->config->registration_mode != CONFIG_REGISTRATION_EMAIL)
        return;
    for (size_t i = 0; i < config_keys_n; i++) {
        const struct config_key *key = &config_keys[i];
        struct str otherwise = str_from(key->otherwise);
        bool is_gate = str_eq(otherwise, STR(CONFIG_EMAIL_GATE));
        if ((!is_gate && !str_eq(otherwise, STR(CONFIG_EMAIL_MODE))) ||
            is_given(settings, key->name))
            continue;
        struct setting setting = {.key = str_from(key->name),
                                  .value = is_gate ? STR("enforce") : STR("on"),
                                  .where = STR("default")};
        CHECK(apply(l, &setting) == 0);
    }
}

/* YAML leaves it open what a repeated key means; here it means a mistake. --set may repeat. */
static bool is_given_twice(const struct settings *settings, size_t at)
{
    const struct setting *late = &settings->p[at];
    for (size_t i = 0; i < at && late->is_from_file; i++)
        if (settings->p[i].is_from_file && str_eq(settings->p[i].key, late->key))
            return true;
    return false;
}

int config_load(struct arena *arena, const struct settings *settings, struct config *ret_config,
                struct err *err)
{
    struct config config = {0};
    struct loading l = {.arena = arena, .config = &config, .err = err};
    if (apply_defaults(&l, settings) < 0)
        return -1;
    for (size_t i = 0; i < settings->n; i++) {
        if (is_given_twice(settings, i))
            return refuse(&l, &settings->p[i], "is given twice");
        if (apply(&l, &settings->p[i]) < 0)
            return -1;
    }
    apply_email_mode(&l, settings);
    if (check_listeners(&l) < 0 || check_mail(&l) < 0 || check_media(&l) < 0 ||
        check_turn(&l) < 0 || check_previews(&l) < 0 ||
        appservice_files_read(arena, config.appservice_files, &config, err) < 0)
        return -1;
    *ret_config = config;
    return 0;
}
