/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/vec.h"
#include "bin/settings.h"

/* A mapping or list that is open, and where its own name ends in the path. */
struct level {
    bool is_list;
    bool wants_value; /* a mapping whose key was read */
    size_t path_n;
    int64_t item; /* of a list: the next one's number */
};

struct reading {
    struct settings *settings;
    const char *name;
    struct buf path;
    struct level levels[LIMIT_CONFIG_DEPTH];
    size_t depth;
    bool seen_document;
    struct err *err;
};

static int refuse(struct reading *r, size_t line, const char *what)
{
    return err_internal(r->err, "%s:%zu: %s", r->name, line + 1, what);
}

static struct level *top(struct reading *r)
{
    return r->depth ? &r->levels[r->depth - 1] : NULL;
}

static int extend_path(struct reading *r, struct str part, size_t line)
{
    buf_truncate(&r->path, top(r)->path_n);
    if (r->path.n)
        buf_add_byte(&r->path, '.');
    buf_add(&r->path, part);
    if (buf_is_full(&r->path))
        return refuse(r, line, "a key is too long");
    return 0;
}

/* Before a value: its path. In a list, that is its number. */
static int begin_value(struct reading *r, size_t line)
{
    struct level *level = top(r);
    char number[24];
    if (!level)
        return 0;
    if (!level->is_list) {
        if (!level->wants_value)
            return refuse(r, line, "a key is a plain word");
        level->wants_value = false;
        return 0;
    }
    snprintf(number, sizeof number, "%lld", (long long)level->item++);
    return extend_path(r, str_from(number), line);
}

static void add_setting(struct reading *r, struct str value, bool is_list, size_t line)
{
    struct str where = arena_printf(r->settings->arena, "%s:%zu", r->name, line + 1);
    settings_add(r->settings, buf_str(&r->path), value, where);
    struct setting *added = &r->settings->p[r->settings->n - 1];
    added->is_list = is_list;
    added->is_from_file = true;
}

static int read_scalar(struct reading *r, const yaml_event_t *event)
{
    struct str text = str_make(event->data.scalar.value, event->data.scalar.length);
    size_t line = event->start_mark.line;
    struct level *level = top(r);
    if (event->data.scalar.anchor || event->data.scalar.tag)
        return refuse(r, line, "anchors and tags are not used here");
    if (level && !level->is_list && !level->wants_value) {
        level->wants_value = true;
        return text.n ? extend_path(r, text, line) : refuse(r, line, "an empty key");
    }
    if (!level && text.n == 0)
        return 0; /* a file with nothing but comments */
    if (!level)
        return refuse(r, line, "KEY: VALUE is wanted");
    if (text.n > LIMIT_CONFIG_VALUE)
        return refuse(r, line, "a value is too long");
    if (begin_value(r, line) < 0)
        return -1;
    add_setting(r, text, false, line);
    return 0;
}

static int open_level(struct reading *r, bool is_list, bool marked, size_t line)
{
    if (marked)
        return refuse(r, line, "anchors and tags are not used here");
    if (is_list && r->depth == 0)
        return refuse(r, line, "KEY: VALUE is wanted, not a list");
    if (r->depth == LIMIT_CONFIG_DEPTH)
        return refuse(r, line, "nested too deeply");
    if (begin_value(r, line) < 0)
        return -1;
    if (is_list)
        add_setting(r, STR(""), true, line);
    r->levels[r->depth++] = (struct level){.is_list = is_list, .path_n = r->path.n};
    return 0;
}

static int close_level(struct reading *r)
{
    r->depth--;
    buf_truncate(&r->path, r->levels[r->depth].path_n);
    return 0;
}

static int read_event(struct reading *r, const yaml_event_t *event)
{
    size_t line = event->start_mark.line;
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (r->seen_document)
            return refuse(r, line, "one document is enough");
        r->seen_document = true;
        return 0;
    case YAML_ALIAS_EVENT:
        return refuse(r, line, "aliases are not used here");
    case YAML_SCALAR_EVENT:
        return read_scalar(r, event);
    case YAML_SEQUENCE_START_EVENT:
        return open_level(
            r, true, event->data.sequence_start.anchor || event->data.sequence_start.tag, line);
    case YAML_MAPPING_START_EVENT:
        return open_level(r, false,
                          event->data.mapping_start.anchor || event->data.mapping_start.tag, line);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_level(r);
    default:
        return 0;
    }
}

static int read_events(struct reading *r, yaml_parser_t *parser)
{
    for (bool end = false; !end;) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event))
            return refuse(r, parser->problem_mark.line,
                          parser->problem ? parser->problem : "not YAML");
        end = event.type == YAML_STREAM_END_EVENT;
        int result = read_event(r, &event);
        yaml_event_delete(&event);
        if (result < 0)
            return -1;
    }
    return 0;
}

int settings_add_yaml(struct settings *settings, struct str text, const char *name, struct err *err)
{
    struct reading r = {.settings = settings, .name = name, .err = err};
    yaml_parser_t parser;
    if (text.n > LIMIT_CONFIG_BYTES)
        return err_internal(err, "%s: too large", name);
    if (!yaml_parser_initialize(&parser))
        return err_internal(err, "%s: libyaml does not start", name);
    buf_init(&r.path, LIMIT_CONFIG_KEY);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.p, text.n);
    int result = read_events(&r, &parser);
    yaml_parser_delete(&parser);
    buf_done(&r.path);
    return result;
}
