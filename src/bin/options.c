/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/options.h"

#include "base/vec.h"
#include "bin/config.h"

/* Options that are another way to write --set KEY=VALUE. */
static const struct {
    const char *name, *key;
} short_forms[] = {
    {"--data", "data"},
    {"--listen", "listen"},
    {"--server-name", "server_name"},
};

struct parsing {
    struct options *options;
    const struct option_row *own;
    char **argv;
    int argc, at;
    struct err *err;
};

/* The value of the option at hand: after its "=", or the next word. */
static int take_value(struct parsing *p, struct str name, struct str inline_value,
                      struct str *ret_value)
{
    if (inline_value.p) {
        *ret_value = inline_value;
        return 0;
    }
    if (p->at >= p->argc)
        return err_internal(p->err, "%.*s wants a value", STR_ARG(name));
    *ret_value = str_from(p->argv[p->at++]);
    return 0;
}

/* 1 it was one of these, 0, -1. */
static int parse_setting(struct parsing *p, struct str name, struct str inline_value)
{
    struct options *o = p->options;
    struct str value;
    bool is_config = str_eq(name, STR("--config")), is_set = str_eq(name, STR("--set"));
    const char *key = NULL;
    for (size_t i = 0; i < ARRAY_LEN(short_forms); i++)
        if (str_eq(name, str_from(short_forms[i].name)))
            key = short_forms[i].key;
    if (!is_config && !is_set && !key)
        return 0;
    if (take_value(p, name, inline_value, &value) < 0)
        return -1;
    if (is_config)
        o->config_file = value.p;
    else if (key)
        settings_add(&o->given, str_from(key), value, name);
    else if (settings_add_pair(&o->given, value, p->err) < 0)
        return -1;
    return 1;
}

static int parse_own(struct parsing *p, struct str name, struct str inline_value)
{
    const struct option_row *row = p->own;
    struct str value;
    while (row && row->name && !str_eq(name, str_from(row->name)))
        row++;
    if (!row || !row->name)
        return err_internal(p->err, "unknown option %.*s", STR_ARG(name));
    if (row->flag && inline_value.p)
        return err_internal(p->err, "%s takes no value", row->name);
    if (row->flag) {
        *row->flag = true;
        return 0;
    }
    if (take_value(p, name, inline_value, &value) < 0)
        return -1;
    *row->value = value.p;
    return 0;
}

static int parse_option(struct parsing *p, struct str word)
{
    struct str name, rest, inline_value = STR_NONE;
    if (str_cut(word, '=', &name, &rest))
        inline_value = str_make(word.p + name.n + 1, rest.n);
    int result = parse_setting(p, name, inline_value);
    return result == 0 ? parse_own(p, name, inline_value) : result;
}

int options_parse(struct arena *arena, int argc, char **argv, const struct option_row *own,
                  struct options *ret_options, struct err *err)
{
    struct parsing p = {.options = ret_options, .own = own, .argv = argv, .argc = argc, .err = err};
    bool ended = false;
    *ret_options = (struct options){.arena = arena};
    settings_init(&ret_options->given, arena);
    while (p.at < argc) {
        struct str word = str_from(argv[p.at++]);
        if (!ended && str_eq(word, STR("--"))) {
            ended = true;
        } else if (!ended && str_starts(word, STR("--"))) {
            if (parse_option(&p, word) < 0)
                return -1;
        } else if (ret_options->n_words == OPTIONS_WORDS_MAX) {
            return err_internal(err, "too many words: %s", word.p);
        } else {
            ret_options->words[ret_options->n_words++] = word.p;
        }
    }
    return 0;
}

int options_load(struct options *options, struct err *err)
{
    settings_init(&options->settings, options->arena);
    if (options->config_file &&
        settings_add_file(&options->settings, options->config_file, err) < 0)
        return -1;
    for (size_t i = 0; i < options->given.n; i++)
        ARENA_VEC_ADD(options->arena, &options->settings, options->given.p[i]);
    return config_load(options->arena, &options->settings, &options->config, err);
}
