/* SPDX-License-Identifier: EUPL-1.2 */
#include "json/doc.h"

#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "json/member.h"
#include "json/scan.h"

#define STACK_FIRST 32

/* The members and items of the containers that are still open lie on one stack. When a container
 * ends, its size is known and they move to the arena at once: a stack that holds more items than
 * the arena has room for is given up, so that it never grows far above the arena's budget. */
struct parser {
    struct json_scan scan;
    struct json_member *stack;
    size_t n, capacity;
    struct json_member first[STACK_FIRST];
};

static int read_value(struct parser *parser, unsigned depth, struct json *ret_value);

static void skip_blanks(struct json_scan *scan)
{
    while (scan->p < scan->end &&
           (*scan->p == ' ' || *scan->p == '\n' || *scan->p == '\r' || *scan->p == '\t'))
        scan->p++;
}

/* The next byte after blanks, or NUL at the end: a NUL is no token either. */
static char peek(struct json_scan *scan)
{
    skip_blanks(scan);
    return scan->p < scan->end ? *scan->p : '\0';
}

static int push(struct parser *parser, const struct json_member *member)
{
    if (parser->n == parser->capacity) {
        size_t capacity = parser->capacity * 2;
        if (parser->n > arena_left(parser->scan.arena) / sizeof(struct json))
            return json_scan_fail(&parser->scan, parser->scan.p, NULL);
        if (parser->stack == parser->first) {
            parser->stack = mem_new(capacity, sizeof *parser->stack);
            memcpy(parser->stack, parser->first, sizeof parser->first);
        } else {
            parser->stack = mem_resize(parser->stack, capacity, sizeof *parser->stack);
        }
        parser->capacity = capacity;
    }
    parser->stack[parser->n++] = *member;
    return 0;
}

static int end_array(struct parser *parser, size_t base, struct json *ret_value)
{
    size_t n = parser->n - base;
    ret_value->kind = JSON_ARRAY;
    ret_value->array.n = n;
    ret_value->array.items = n ? ARENA_NEW_N(parser->scan.arena, n, struct json) : NULL;
    for (size_t i = 0; i < n; i++)
        ret_value->array.items[i] = parser->stack[base + i].value;
    parser->n = base;
    return 0;
}

static int end_object(struct parser *parser, size_t base, struct json *ret_value)
{
    size_t n = parser->n - base;
    ret_value->kind = JSON_OBJECT;
    ret_value->object.n = n;
    ret_value->object.members = NULL;
    parser->n = base;
    if (n == 0)
        return 0;
    struct json_member *members = ARENA_NEW_N(parser->scan.arena, n, struct json_member);
    memcpy(members, parser->stack + base, n * sizeof *members);
    const struct json_member *twin = json_members_sort(members, parser->stack + base, n);
    if (twin)
        return json_scan_fail(&parser->scan, twin->value.raw.p, "second member of the same name");
    ret_value->object.members = members;
    return 0;
}

/* After an item: passes over a comma and is 1, or over the closing bracket and is 0. */
static int read_separator(struct json_scan *scan, char closer)
{
    char c = peek(scan);
    if (c != ',' && c != closer)
        return json_scan_fail(scan, scan->p,
                              closer == '}' ? "expected ',' or '}'" : "expected ',' or ']'");
    scan->p++;
    return c == ',';
}

static int read_array(struct parser *parser, unsigned depth, struct json *ret_value)
{
    size_t base = parser->n;
    struct json_member item = {0};
    int more = peek(&parser->scan) != ']';
    if (!more)
        parser->scan.p++;
    while (more) {
        if (read_value(parser, depth, &item.value) < 0 || push(parser, &item) < 0)
            return -1;
        if ((more = read_separator(&parser->scan, ']')) < 0)
            return -1;
    }
    return end_array(parser, base, ret_value);
}

static int read_member(struct parser *parser, unsigned depth, struct json_member *ret_member)
{
    struct json_scan *scan = &parser->scan;
    if (peek(scan) != '"')
        return json_scan_fail(scan, scan->p, "expected the name of a member");
    if (json_scan_string(scan, &ret_member->key) < 0)
        return -1;
    if (peek(scan) != ':')
        return json_scan_fail(scan, scan->p, "expected ':'");
    scan->p++;
    return read_value(parser, depth, &ret_member->value);
}

static int read_object(struct parser *parser, unsigned depth, struct json *ret_value)
{
    size_t base = parser->n;
    struct json_member member = {0};
    int more = peek(&parser->scan) != '}';
    if (!more)
        parser->scan.p++;
    while (more) {
        if (read_member(parser, depth, &member) < 0 || push(parser, &member) < 0)
            return -1;
        if ((more = read_separator(&parser->scan, '}')) < 0)
            return -1;
    }
    return end_object(parser, base, ret_value);
}

static int read_container(struct parser *parser, unsigned depth, struct json *ret_value)
{
    struct json_scan *scan = &parser->scan;
    if (depth == LIMIT_JSON_DEPTH)
        return json_scan_fail(scan, scan->p, "nested too deeply");
    int result = *scan->p++ == '{' ? read_object(parser, depth + 1, ret_value)
                                   : read_array(parser, depth + 1, ret_value);
    if (result == 0 && arena_is_over(scan->arena))
        return json_scan_fail(scan, scan->p, NULL);
    return result;
}

static int read_word(struct json_scan *scan, struct str word)
{
    if (!str_starts(str_make(scan->p, (size_t)(scan->end - scan->p)), word))
        return json_scan_fail(scan, scan->p, "expected a value");
    scan->p += word.n;
    return 0;
}

static int read_unmarked(struct parser *parser, unsigned depth, struct json *ret_value)
{
    struct json_scan *scan = &parser->scan;
    switch (peek(scan)) {
    case '{':
    case '[':
        return read_container(parser, depth, ret_value);
    case '"':
        ret_value->kind = JSON_STRING;
        return json_scan_string(scan, &ret_value->string);
    case 't':
    case 'f':
        ret_value->kind = JSON_BOOL;
        ret_value->boolean = *scan->p == 't';
        return read_word(scan, ret_value->boolean ? STR("true") : STR("false"));
    case 'n':
        ret_value->kind = JSON_NULL;
        return read_word(scan, STR("null"));
    default:
        if (scan->p < scan->end && (*scan->p == '-' || (*scan->p >= '0' && *scan->p <= '9')))
            return json_scan_number(scan, ret_value);
        return json_scan_fail(scan, scan->p, "expected a value");
    }
}

/* One value and the bytes it is written with. */
static int read_value(struct parser *parser, unsigned depth, struct json *ret_value)
{
    skip_blanks(&parser->scan);
    const char *first = parser->scan.p;
    if (read_unmarked(parser, depth, ret_value) < 0)
        return -1;
    ret_value->raw = str_make(first, (size_t)(parser->scan.p - first));
    return 0;
}

static int read_document(struct parser *parser, struct json *ret_value)
{
    if (read_value(parser, 0, ret_value) < 0)
        return -1;
    skip_blanks(&parser->scan);
    if (parser->scan.p < parser->scan.end)
        return json_scan_fail(&parser->scan, parser->scan.p, "something after the value");
    return 0;
}

int json_parse(struct arena *arena, struct str text, const struct json **ret_doc, struct err *err)
{
    const char *start = text.p ? text.p : "";
    struct parser parser;
    parser.scan = (struct json_scan){.p = start, .end = start + text.n, .arena = arena};
    parser.stack = parser.first;
    parser.n = 0;
    parser.capacity = STACK_FIRST;
    struct json *doc = ARENA_NEW(arena, struct json);
    int result = read_document(&parser, doc);
    if (parser.stack != parser.first)
        mem_free(parser.stack);
    if (result == 0) {
        *ret_doc = doc;
        return 0;
    }
    if (!parser.scan.fault)
        return err_client(err, 413, "M_TOO_LARGE", "The JSON document takes too much memory");
    return err_client(err, 400, "M_NOT_JSON", "Not valid JSON: %s at byte %zu", parser.scan.fault,
                      (size_t)(parser.scan.fault_at - start));
}
