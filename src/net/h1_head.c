/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/h1_head.h"

#include <string.h>

#include <http_parser.h>

/* What the callbacks of http_parser fill. */
struct reading {
    struct str head;
    struct h1_head *out;
    unsigned n_host, n_length, n_encoding;
    struct str host;
    struct str encoding;
    bool too_many, complete;
};

bool head_is_looked_at(struct str name)
{
    static const struct str names[] = {
        STR_INIT("accept-encoding"), STR_INIT("accept-language"),
        STR_INIT("authorization"),   STR_INIT("content-encoding"),
        STR_INIT("content-length"),  STR_INIT("content-type"),
        STR_INIT("expect"),          STR_INIT("host"),
        STR_INIT("if-none-match"),   STR_INIT("if-range"),
        STR_INIT("range"),           STR_INIT("x-forwarded-for"),
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_nocase(names[i], name))
            return true;
    return false;
}

struct str head_name(struct str head, const struct head_field *field)
{
    return str_make(head.p + field->name, field->n_name);
}

struct str head_value(struct str head, const struct head_field *field)
{
    return str_make(head.p + field->value, field->n_value);
}

/* One line, ended by the LF at `lf`: it needs its CR, and a header line may not start with a blank
 * (a folded field, which readers disagree about). */
static bool line_is_sound(struct str in, size_t start, size_t lf)
{
    if (lf == start || in.p[lf - 1] != '\r')
        return false;
    return start == 0 || (in.p[start] != ' ' && in.p[start] != '\t');
}

static size_t line_start(struct str in, size_t seen)
{
    const char *lf = seen ? memrchr(in.p, '\n', seen) : NULL;
    return lf ? (size_t)(lf - in.p) + 1 : 0;
}

static int scan_refuse(int status, int *ret_status)
{
    *ret_status = status;
    return -1;
}

int h1_head_scan(struct str in, size_t *seen, size_t *ret_n, int *ret_status)
{
    size_t start = line_start(in, *seen);
    const char *lf;
    while ((lf = memchr(in.p + *seen, '\n', in.n - *seen))) {
        size_t at = (size_t)(lf - in.p);
        if (!line_is_sound(in, start, at))
            return scan_refuse(400, ret_status);
        if (start == 0 && at > LIMIT_HTTP_REQUEST_LINE)
            return scan_refuse(414, ret_status);
        if (at + 1 > LIMIT_HTTP_HEADERS)
            return scan_refuse(431, ret_status);
        if (start > 0 && at == start + 1) {
            *ret_n = at + 1;
            return 1;
        }
        start = *seen = at + 1;
    }
    *seen = in.n;
    if (start == 0 && in.n > LIMIT_HTTP_REQUEST_LINE)
        return scan_refuse(414, ret_status);
    return in.n > LIMIT_HTTP_HEADERS ? scan_refuse(431, ret_status) : 0;
}

static int on_url(http_parser *parser, const char *at, size_t n)
{
    struct reading *reading = parser->data;
    reading->out->target = str_make(at, n);
    return 0;
}

static int on_field(http_parser *parser, const char *at, size_t n)
{
    struct reading *reading = parser->data;
    struct h1_head *out = reading->out;
    if (out->n_fields == LIMIT_HTTP_HEADER_COUNT) {
        reading->too_many = true;
        return -1;
    }
    if (n == 0)
        return -1;
    struct head_field *field = &out->fields[out->n_fields++];
    field->name = (uint16_t)(at - reading->head.p);
    field->n_name = (uint16_t)n;
    field->value = field->name;
    field->n_value = 0;
    return 0;
}

static int on_value(http_parser *parser, const char *at, size_t n)
{
    struct reading *reading = parser->data;
    if (n == 0 || reading->out->n_fields == 0)
        return 0;
    struct head_field *field = &reading->out->fields[reading->out->n_fields - 1];
    if (field->n_value)
        return -1;
    field->value = (uint16_t)(at - reading->head.p);
    field->n_value = (uint16_t)str_trim_end(str_make(at, n)).n;
    return 0;
}

static int on_complete(http_parser *parser)
{
    struct reading *reading = parser->data;
    reading->complete = true;
    return 0;
}

static const http_parser_settings settings = {
    .on_url = on_url,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_headers_complete = on_complete,
};

/* A field name is a token (RFC 9110, 5.6.2). http_parser in its lenient builds takes blanks. */
static bool is_token(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= ' ' || c >= 0x7f || strchr("\"(),/:;<=>?@[\\]{}", c))
            return false;
    }
    return s.n > 0;
}

static bool value_is_sound(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 0x7f)
            return false;
    return true;
}

static int field_take(struct reading *reading, struct str name, struct str value)
{
    struct h1_head *out = reading->out;
    if (!is_token(name) || !value_is_sound(value))
        return -1;
    if (str_eq_nocase(name, STR("host"))) {
        reading->n_host++;
        reading->host = value;
    } else if (str_eq_nocase(name, STR("content-length"))) {
        reading->n_length++;
        return str_parse_uint(value, &out->content_length);
    } else if (str_eq_nocase(name, STR("transfer-encoding"))) {
        reading->n_encoding++;
        reading->encoding = value;
    } else if (str_eq_nocase(name, STR("expect"))) {
        out->expect_continue = str_eq_nocase(value, STR("100-continue"));
        return out->expect_continue ? 0 : -1;
    }
    return 0;
}

/* host [":" port] without userinfo, path or blanks. */
bool head_host_is_sound(struct str host)
{
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!alnum && (!c || !strchr("-._~:[]%!$&'()*+;=", c)))
            return false;
    }
    return host.n > 0 && host.n <= 255;
}

static int framing_check(struct reading *reading)
{
    struct h1_head *out = reading->out;
    if (reading->n_length > 1 || reading->n_encoding > 1)
        return -1;
    if (reading->n_encoding) {
        if (reading->n_length || out->is_1_0 || !str_eq_nocase(reading->encoding, STR("chunked")))
            return -1;
        out->chunked = true;
    }
    return 0;
}

static int host_check(const struct reading *reading)
{
    if (reading->n_host == 0)
        return reading->out->is_1_0 ? 0 : -1;
    return reading->n_host == 1 && head_host_is_sound(reading->host) ? 0 : -1;
}

/* Origin form only ("/path?query"), or "*" for OPTIONS: an absolute URI is what a proxy is asked.
 * A fragment is no part of a request. */
bool head_target_is_sound(struct str target, struct str method)
{
    if (str_eq(target, STR("*")))
        return str_eq(method, STR("OPTIONS"));
    if (target.n == 0 || target.p[0] != '/')
        return false;
    for (size_t i = 0; i < target.n; i++)
        if ((unsigned char)target.p[i] <= ' ' || (unsigned char)target.p[i] >= 0x7f ||
            target.p[i] == '#')
            return false;
    return true;
}

static int head_check(struct reading *reading)
{
    struct h1_head *out = reading->out;
    for (size_t i = 0; i < out->n_fields; i++)
        if (field_take(reading, head_name(reading->head, &out->fields[i]),
                       head_value(reading->head, &out->fields[i])) < 0)
            return -1;
    return framing_check(reading) < 0 || host_check(reading) < 0 ||
                   !head_target_is_sound(out->target, out->method)
               ? -1
               : 0;
}

/* The request line as it stands, so that "GET  /" and tabs, which http_parser may skip, show. */
static bool line_has_two_blanks(struct str head)
{
    size_t n = 0;
    struct str line = str_first(head, (size_t)str_find(head, '\r'));
    for (size_t i = 0; i < line.n; i++)
        n += line.p[i] == ' ';
    return n == 2;
}

/* http_parser knows only a list of methods; any other token is answered 405 and the connection
 * closed. */
static int status_of_error(const http_parser *parser, const struct reading *reading)
{
    if (reading->too_many)
        return 431;
    struct str method, rest;
    bool is_method = str_cut(reading->head, ' ', &method, &rest) && is_token(method);
    return is_method && HTTP_PARSER_ERRNO(parser) == HPE_INVALID_METHOD ? 405 : 400;
}

static void head_fill(const http_parser *parser, struct h1_head *out)
{
    out->method = str_from(http_method_str((enum http_method)parser->method));
    out->is_1_0 = parser->http_minor == 0;
    out->keep_alive = http_should_keep_alive(parser) != 0;
}

int h1_head_parse(struct str head, struct h1_head *ret_head, int *ret_status)
{
    struct reading reading = {.head = head, .out = ret_head};
    http_parser parser;
    ret_head->n_fields = 0;
    ret_head->target = STR_NONE;
    ret_head->content_length = -1;
    ret_head->chunked = ret_head->expect_continue = false;
    http_parser_init(&parser, HTTP_REQUEST);
    parser.data = &reading;
    size_t n = http_parser_execute(&parser, &settings, head.p, head.n);
    *ret_status = 400;
    if (HTTP_PARSER_ERRNO(&parser) != HPE_OK) {
        *ret_status = status_of_error(&parser, &reading);
        return -1;
    }
    if (n != head.n || !reading.complete || parser.http_major != 1 || parser.http_minor > 1 ||
        !line_has_two_blanks(head))
        return -1;
    head_fill(&parser, ret_head);
    if (parser.method == HTTP_CONNECT || parser.method == HTTP_TRACE) {
        *ret_status = 405;
        return -1;
    }
    return head_check(&reading);
}
