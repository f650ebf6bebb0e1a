/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/h1_answer.h"

#include "net/loop.h"
#include "net/server.h"

static const struct {
    int status;
    const char *text;
} reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
};

static const char *reason_of(int status)
{
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].text;
    return "";
}

static void field_add(struct buf *head, struct str name, struct str value)
{
    buf_add(head, name);
    buf_add(head, STR(": "));
    buf_add(head, value);
    buf_add(head, STR("\r\n"));
}

static void framing_add(const struct http_exchange *x, bool is_1_0, struct buf *head)
{
    int64_t length = x->stream.next ? x->stream.length : (int64_t)x->answer.n;
    if (!answer_has_body(x))
        return;
    if (length >= 0) {
        buf_add(head, STR("Content-Length: "));
        buf_add_int(head, length);
        buf_add(head, STR("\r\n"));
    } else if (!is_1_0) {
        buf_add(head, STR("Transfer-Encoding: chunked\r\n"));
    }
}

void h1_answer_head(struct http_exchange *x, bool is_1_0, bool closes, struct buf *ret_head)
{
    if (x->server->config.common_headers)
        x->server->config.common_headers(x);
    buf_init(ret_head, LIMIT_ANSWER_BYTES);
    buf_add(ret_head, STR("HTTP/1.1 "));
    buf_add_int(ret_head, x->status);
    buf_add_byte(ret_head, ' ');
    buf_add(ret_head, str_from(reason_of(x->status)));
    buf_add(ret_head, STR("\r\n"));
    for (size_t i = 0; i < x->headers.n; i++)
        field_add(ret_head, x->headers.p[i].name, x->headers.p[i].value);
    framing_add(x, is_1_0, ret_head);
    field_add(ret_head, STR("Date"), loop_date(x->loop));
    if (closes)
        field_add(ret_head, STR("Connection"), STR("close"));
    else if (is_1_0)
        field_add(ret_head, STR("Connection"), STR("keep-alive"));
    buf_add(ret_head, STR("\r\n"));
}

void h1_answer_piece(const struct http_exchange *x, bool is_1_0, struct buf *piece, bool last,
                     struct buf *ret_before)
{
    buf_init(ret_before, 32);
    if (x->stream.length >= 0 || is_1_0)
        return;
    piece->max += 16;
    if (piece->n) {
        buf_printf(ret_before, "%zx\r\n", piece->n);
        buf_add(piece, STR("\r\n"));
    }
    if (last)
        buf_add(piece, STR("0\r\n\r\n"));
}
