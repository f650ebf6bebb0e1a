/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/config.h"
#include "bin/config_keys.h"
#include "json/write.h"

/* The last text given for a key; STR_NONE: its default is in force. */
static struct str given_text(const struct settings *settings, struct str name)
{
    struct str text = STR_NONE;
    for (size_t i = 0; i < settings->n; i++)
        if (str_eq(settings->p[i].key, name))
            text = settings->p[i].value;
    return text;
}

static bool is_plain(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '.' && c != '-' && c != '_' && c != '/')
            return false;
    }
    return text.n > 0;
}

static void add_line(struct buf *out, struct str name, struct str value)
{
    buf_add(out, name);
    buf_add(out, STR(": "));
    if (is_plain(value))
        buf_add(out, value);
    else
        json_escape(out, value); /* a JSON string is a YAML scalar */
    buf_add_byte(out, '\n');
}

/* A database URI may hold a password; a path does not. */
static struct str masked(struct str value)
{
    bool path = str_starts(value, STR("sqlite:")) || str_starts(value, STR("file:"));
    return path ? value : STR("***");
}

/* What was not given is shown from the configuration, where the data directory is filled in. */
static struct str value_of(const struct config_key *key, const struct settings *settings,
                           const struct config *config)
{
    const struct config_type *type = key->type;
    const void *at = (const char *)config + key->offset;
    const struct str *text = at;
    struct str given = given_text(settings, str_from(key->name));
    if (type == &config_type_path || type == &config_type_media_store ||
        type == &config_type_database || type == &config_type_mail_transport)
        return *text;
    if (!given.p && key->otherwise && str_eq(str_from(key->otherwise), STR(CONFIG_EMAIL_GATE)))
        return *(const enum config_scanner_gate *)at == CONFIG_SCANNER_ENFORCE ? STR("enforce")
                                                                               : STR("advisory");
    if (type == &config_type_word && key->otherwise[0] == '{' && !given.p)
        return config->log_format == LOG_FORMAT_JSON ? STR("json") : STR("text");
    if (!given.p && key->otherwise && str_eq(str_from(key->otherwise), STR(CONFIG_EMAIL_MODE)))
        return *(const bool *)at ? STR("on") : STR("off");
    return given.p ? given : str_from(key->otherwise);
}

static void show_listeners(const struct config *config, struct buf *out)
{
    for (size_t i = 0; i < config->n_listen; i++) {
        const struct config_listen *listen = &config->listen[i];
        bool v6 = str_find(listen->address, ':') >= 0;
        buf_printf(out, "listen.%zu.address: \"%s%.*s%s:%d\"\n", i, v6 ? "[" : "",
                   STR_ARG(listen->address), v6 ? "]" : "", listen->port);
        if (!listen->tls_certificate.p)
            continue;
        buf_printf(out, "listen.%zu.tls.", i);
        add_line(out, STR("certificate"), listen->tls_certificate);
        buf_printf(out, "listen.%zu.tls.", i);
        add_line(out, STR("key"), listen->tls_key);
    }
}

void config_show(const struct settings *settings, const struct config *config, struct buf *out)
{
    show_listeners(config, out);
    for (size_t i = 0; i < config_keys_n; i++) {
        const struct config_key *key = &config_keys[i];
        if (key->is_item)
            continue;
        struct str value = value_of(key, settings, config);
        if (value.p)
            add_line(out, str_from(key->name), key->is_secret ? masked(value) : value);
        else
            buf_printf(out, "# %s: not set\n", key->name);
    }
}

void config_schema(struct buf *out)
{
    buf_add(out, STR("| key | type | default | meaning |\n|---|---|---|---|\n"));
    for (size_t i = 0; i < config_keys_n; i++) {
        const struct config_key *key = &config_keys[i];
        struct str rest = str_from(key->words ? key->words : key->type->name), word;
        buf_printf(out, "| `%s` | ", key->name);
        for (const char *between = ""; rest.n; between = ", ") {
            str_cut(rest, '|', &word, &rest);
            buf_printf(out, "%s%.*s", between, STR_ARG(word));
        }
        buf_printf(out, " | %s | %s%s |\n", key->otherwise ? key->otherwise : "not set",
                   key->meaning, key->is_reloaded ? " (SIGHUP)" : "");
    }
}
