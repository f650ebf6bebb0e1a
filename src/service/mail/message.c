/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/mail/message.h"

#include <time.h>

#include "crypto/base64.h"

/* Bytes that give a line of 76 characters. */
#define LINE_BYTES 57
/* Bytes of one encoded word: the first stands behind "Subject: " in a line of 78. */
#define WORD_BYTES 42

/* The alphabet's own form has no padding. */
static void add_base64(struct buf *out, struct str bytes)
{
    base64_encode(out, bytes, BASE64_STANDARD);
    for (size_t n = bytes.n; n % 3; n++)
        buf_add_byte(out, '=');
}

static void add_body(struct buf *out, struct str text)
{
    for (size_t at = 0; at < text.n; at += LINE_BYTES) {
        add_base64(out, str_first(str_skip(text, at), LINE_BYTES));
        buf_add(out, STR("\r\n"));
    }
}

/* As much of the text as goes into one word, whole characters alone. */
static size_t word_length(struct str text)
{
    size_t n = text.n < WORD_BYTES ? text.n : WORD_BYTES;
    while (n < text.n && n && ((unsigned char)text.p[n] & 0xc0) == 0x80)
        n--;
    return n;
}

/* RFC 2047; always encoded, so that there is one form. */
static void add_subject(struct buf *out, struct str subject)
{
    buf_add(out, STR("Subject:"));
    while (subject.n) {
        size_t n = word_length(subject);
        buf_add(out, STR(" =?utf-8?B?"));
        add_base64(out, str_first(subject, n));
        buf_add(out, STR("?=\r\n"));
        subject = str_skip(subject, n);
    }
}

static void add_date(struct buf *out, int64_t ms)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    buf_printf(out, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday], tm.tm_mday,
               months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void add_part(struct buf *out, long long id, const char *type, struct str text)
{
    buf_printf(out,
               "--=_%lld\r\nContent-Type: %s; charset=utf-8\r\n"
               "Content-Transfer-Encoding: base64\r\n\r\n",
               id, type);
    add_body(out, text);
}

/* "=_" does not come in base64, so that no part holds the border. */
void message_write(const struct message *message, struct buf *out)
{
    long long id = message->id;
    add_date(out, message->date_ms);
    buf_printf(out, "From: Chappe <%.*s>\r\nTo: <%.*s>\r\n", STR_ARG(message->from),
               STR_ARG(message->to->full));
    add_subject(out, message->letter->subject);
    if (message->letter->stop.p) /* RFC 8058: a press in the mail client, or a post by it */
        buf_printf(out,
                   "List-Unsubscribe: <%.*s>\r\n"
                   "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
                   STR_ARG(message->letter->stop));
    buf_printf(out,
               "Message-ID: <%lld.%lld@%.*s>\r\nAuto-Submitted: auto-generated\r\n"
               "MIME-Version: 1.0\r\n"
               "Content-Type: multipart/alternative; boundary=\"=_%lld\"\r\n\r\n",
               id, (long long)message->date_ms, STR_ARG(message->host), id);
    add_part(out, id, "text/plain", message->letter->text);
    add_part(out, id, "text/html", message->letter->html);
    buf_printf(out, "--=_%lld--\r\n", id);
}
