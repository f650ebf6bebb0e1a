/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/scan/message.h"

#include <string.h>

#include "base/limits.h"

#define ASK_HEAD     (2 + SHA256_BYTES)
#define REPLY_HEAD   (3 + 2 * SHA256_BYTES + 4)
#define DETAIL_BYTES 300

void scan_ask_write(struct buf *out, const struct scan_ask *ask)
{
    buf_add_byte(out, (char)ask->op);
    buf_add_byte(out, ask->plain_too ? 1 : 0);
    buf_add(out, str_make(ask->content, SHA256_BYTES));
    buf_add(out, ask->body);
}

int scan_ask_read(struct str message, struct scan_ask *ret_ask)
{
    if (message.n < ASK_HEAD || message.n > SCAN_ASK_MAX || message.p[0] < SCAN_OP_KEY ||
        message.p[0] > SCAN_OP_SCAN || (message.p[1] != 0 && message.p[1] != 1))
        return -1;
    ret_ask->op = (enum scan_op)message.p[0];
    ret_ask->plain_too = message.p[1] == 1;
    memcpy(ret_ask->content, message.p + 2, SHA256_BYTES);
    ret_ask->body = str_skip(message, ASK_HEAD);
    return 0;
}

static void add_length(struct buf *out, size_t n)
{
    buf_add_byte(out, (char)(n >> 8));
    buf_add_byte(out, (char)(n & 0xff));
}

void scan_reply_write(struct buf *out, const struct scan_reply *reply)
{
    struct str url = str_first(reply->url, LIMIT_SCAN_URL);
    struct str detail = str_first(reply->detail, DETAIL_BYTES);
    buf_add_byte(out, (char)reply->said);
    buf_add_byte(out, (char)reply->state);
    buf_add_byte(out, (char)reply->cause);
    buf_add(out, str_make(reply->key, SHA256_BYTES));
    buf_add(out, str_make(reply->hash, SHA256_BYTES));
    add_length(out, url.n);
    add_length(out, detail.n);
    buf_add(out, url);
    buf_add(out, detail);
}

static size_t read_length(const char *p)
{
    return (size_t)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

static bool is_printable(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 0x20 || s.p[i] > 0x7e)
            return false;
    return true;
}

int scan_reply_read(struct str message, struct scan_reply *ret_reply)
{
    if (message.n < REPLY_HEAD || (unsigned char)message.p[0] > SCAN_SAID_NO_CONTENT ||
        (unsigned char)message.p[1] > SCAN_NOT_VERIFIED ||
        (unsigned char)message.p[2] > SCAN_CAUSE_SIGNATURES)
        return -1;
    const char *lengths = message.p + 3 + 2 * SHA256_BYTES;
    size_t url_n = read_length(lengths), detail_n = read_length(lengths + 2);
    if (url_n > LIMIT_SCAN_URL || detail_n > DETAIL_BYTES ||
        message.n != REPLY_HEAD + url_n + detail_n)
        return -1;
    struct scan_reply reply = {
        .said = (enum scan_said)message.p[0],
        .state = (enum scan_state)message.p[1],
        .cause = (enum scan_cause)message.p[2],
        .url = str_first(str_skip(message, REPLY_HEAD), url_n),
        .detail = str_skip(message, REPLY_HEAD + url_n),
    };
    if (!is_printable(reply.detail))
        return -1;
    memcpy(reply.key, message.p + 3, SHA256_BYTES);
    memcpy(reply.hash, message.p + 3 + SHA256_BYTES, SHA256_BYTES);
    *ret_reply = reply;
    return 0;
}
