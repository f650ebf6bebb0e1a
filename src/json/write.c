/* SPDX-License-Identifier: EUPL-1.2 */
#include "json/write.h"

#include <string.h>

#include "base/attr.h"
#include "base/check.h"
#include "json/scan.h"

void json_writer_init(struct json_writer *w, struct buf *out)
{
    w->out = out;
    w->depth = 0;
    w->comma = false;
}

static void separate(struct json_writer *w)
{
    if (w->comma)
        buf_add_byte(w->out, ',');
    w->comma = true;
}

static void open_container(struct json_writer *w, char opener, unsigned char closer)
{
    CHECK(w->depth < ARRAY_LEN(w->closers));
    separate(w);
    buf_add_byte(w->out, opener);
    w->closers[w->depth++] = closer;
    w->comma = false;
}

void json_write_object(struct json_writer *w)
{
    open_container(w, '{', '}');
}

void json_write_array(struct json_writer *w)
{
    open_container(w, '[', ']');
}

void json_write_end(struct json_writer *w)
{
    CHECK(w->depth > 0);
    buf_add_byte(w->out, (char)w->closers[--w->depth]);
    w->comma = true;
}

void json_write_key(struct json_writer *w, struct str key)
{
    separate(w);
    json_escape(w->out, key);
    buf_add_byte(w->out, ':');
    w->comma = false;
}

void json_write_str(struct json_writer *w, struct str s)
{
    separate(w);
    json_escape(w->out, s);
}

void json_write_int(struct json_writer *w, int64_t value)
{
    separate(w);
    buf_add_int(w->out, value);
}

void json_write_bool(struct json_writer *w, bool value)
{
    separate(w);
    buf_add(w->out, value ? STR("true") : STR("false"));
}

void json_write_null(struct json_writer *w)
{
    separate(w);
    buf_add(w->out, STR("null"));
}

void json_write_raw(struct json_writer *w, struct str json)
{
    separate(w);
    buf_add(w->out, json);
}

void json_write_member_str(struct json_writer *w, struct str key, struct str value)
{
    json_write_key(w, key);
    json_write_str(w, value);
}

void json_write_member_int(struct json_writer *w, struct str key, int64_t value)
{
    json_write_key(w, key);
    json_write_int(w, value);
}

void json_write_member_bool(struct json_writer *w, struct str key, bool value)
{
    json_write_key(w, key);
    json_write_bool(w, value);
}

void json_write_member_raw(struct json_writer *w, struct str key, struct str json)
{
    json_write_key(w, key);
    json_write_raw(w, json);
}

void json_write_members_raw(struct json_writer *w, struct str object)
{
    if (object.n > 2)
        json_write_raw(w, str_make(object.p + 1, object.n - 2));
}

static bool needs_escape(char c)
{
    return (unsigned char)c < 0x20 || c == '"' || c == '\\';
}

/* How many bytes from the start stand for themselves. */
static size_t plain_length(struct str s)
{
    size_t i = 0;
    for (; s.n - i >= 8; i += 8) {
        uint64_t marks = json_scan_special(json_scan_load(s.p + i));
        if (marks)
            return i + json_scan_lowest(marks);
    }
    while (i < s.n && !needs_escape(s.p[i]))
        i++;
    return i;
}

static void escape_byte(struct buf *out, char c)
{
    static const char letters[0x20] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    static const char hex[] = "0123456789abcdef";
    unsigned char byte = (unsigned char)c;
    char short_form[2] = {'\\', byte < 0x20 ? letters[byte] : c};
    char long_form[6] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
    if (short_form[1])
        buf_add(out, str_make(short_form, sizeof short_form));
    else
        buf_add(out, str_make(long_form, sizeof long_form));
}

/* Most strings stand for themselves: one reservation, one copy. */
static void add_quoted(struct buf *out, struct str s)
{
    char *at = buf_reserve(out, s.n + 2);
    if (!at)
        return;
    at[0] = '"';
    if (s.n)
        memcpy(at + 1, s.p, s.n);
    at[s.n + 1] = '"';
    buf_advance(out, s.n + 2);
}

void json_escape(struct buf *out, struct str s)
{
    size_t n = plain_length(s);
    if (n == s.n) {
        add_quoted(out, s);
        return;
    }
    buf_add_byte(out, '"');
    for (; n < s.n; n = plain_length(s)) {
        buf_add(out, str_first(s, n));
        escape_byte(out, s.p[n]);
        s = str_skip(s, n + 1);
    }
    buf_add(out, s);
    buf_add_byte(out, '"');
}
