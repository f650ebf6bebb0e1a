/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/reply.h"

#include "base/limits.h"

#define BODY_MAX MIB(512)

void reply_init(struct reply *reply)
{
    *reply = (struct reply){.left = -1};
    buf_init(&reply->head, LIMIT_HTTP_HEADERS);
    buf_init(&reply->body, BODY_MAX);
}

void reply_done(struct reply *reply)
{
    buf_done(&reply->head);
    buf_done(&reply->body);
}

void reply_reset(struct reply *reply)
{
    reply_done(reply);
    reply_init(reply);
}

static struct str take(struct str *bytes, size_t n)
{
    struct str first = str_first(*bytes, n);
    *bytes = str_skip(*bytes, first.n);
    return first;
}

/* Takes a line into head, its LF included. 1: it is whole. */
static int take_line(struct reply *reply, struct str *bytes)
{
    ptrdiff_t end = str_find(*bytes, '\n');
    buf_add(&reply->head, take(bytes, end < 0 ? bytes->n : (size_t)end + 1));
    if (buf_is_full(&reply->head))
        return -1;
    return end >= 0;
}

static void read_field(struct reply *reply, struct str line)
{
    struct str name, value;
    if (!str_cut(line, ':', &name, &value))
        return;
    while (value.n && value.p[0] == ' ')
        value = str_skip(value, 1);
    int64_t length = 0;
    if (str_eq_nocase(name, STR("content-length")) && str_parse_uint(value, &length) == 0)
        reply->left = length;
    else if (str_eq_nocase(name, STR("transfer-encoding")))
        reply->chunked = str_eq_nocase(value, STR("chunked"));
    else if (str_eq_nocase(name, STR("connection")))
        reply->closes = str_eq_nocase(value, STR("close"));
}

static int read_head(struct reply *reply)
{
    struct str rest = buf_str(&reply->head), line;
    int64_t status = 0;
    if (!str_starts(rest, STR("HTTP/1.")) || rest.n < 12 ||
        str_parse_uint(str_make(rest.p + 9, 3), &status) < 0)
        return -1;
    reply->status = (int)status;
    reply->left = 0;
    while (str_cut(rest, '\n', &line, &rest)) {
        if (line.n && line.p[line.n - 1] == '\r')
            line.n--;
        read_field(reply, line);
    }
    if (reply->chunked) {
        reply->in_size = true;
        reply->left = 0;
    }
    buf_clear(&reply->head);
    return 0;
}

/* Line after line until the empty one. */
static int feed_head(struct reply *reply, struct str *bytes)
{
    while (bytes->n) {
        int whole = take_line(reply, bytes);
        if (whole < 0)
            return -1;
        if (whole && str_ends(buf_str(&reply->head), STR("\r\n\r\n")))
            return read_head(reply);
    }
    return 0;
}

/* The hexadecimal number at the beginning; -1 when there is none. */
static int64_t parse_hex(struct str s)
{
    int64_t value = 0;
    size_t i = 0;
    for (; i < s.n && i < 8 && str_hex_digit(s.p[i]) >= 0; i++)
        value = value * 16 + str_hex_digit(s.p[i]);
    return i ? value : -1;
}

/* A size line: one chunk is about to come, or the trailer. The empty line after a chunk is passed
 * over. 1: the empty line that ends all. */
static int feed_size(struct reply *reply, struct str *bytes)
{
    int whole = take_line(reply, bytes);
    if (whole <= 0)
        return whole;
    struct str line = buf_str(&reply->head);
    bool empty = line.n <= 2;
    int64_t size = empty || reply->last_chunk ? 0 : parse_hex(line);
    buf_clear(&reply->head);
    if (size < 0)
        return -1;
    if (empty)
        return reply->last_chunk;
    reply->last_chunk = size == 0;
    reply->left = size;
    reply->in_size = size == 0;
    return 0;
}

static void feed_body(struct reply *reply, struct str *bytes)
{
    struct str part = take(bytes, (size_t)reply->left);
    buf_add(&reply->body, part);
    reply->left -= (int64_t)part.n;
    reply->in_size = reply->chunked && reply->left == 0;
}

int reply_feed(struct reply *reply, struct str *bytes)
{
    for (;;) {
        int outcome = 0;
        if (reply->left < 0)
            outcome = feed_head(reply, bytes);
        else if (reply->in_size)
            outcome = feed_size(reply, bytes);
        else if (reply->left > 0)
            feed_body(reply, bytes);
        if (outcome || buf_is_full(&reply->body))
            return outcome > 0 ? 1 : -1;
        if (reply->left == 0 && !reply->chunked)
            return 1;
        if (!bytes->n)
            return 0;
    }
}
