/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/conn_inside.h"

/* HTTP/1.1 of a client: a request leaves when the one before it is answered. */

void h1_ask(struct conn *conn, struct call *call, const struct request *request)
{
    struct buf *out = &call->bytes;
    buf_add(out, str_from(request->method));
    buf_add_byte(out, ' ');
    buf_add(out, request->path);
    buf_add(out, STR(" HTTP/1.1\r\nHost: "));
    buf_add(out, str_from(conn->endpoint->host));
    buf_add(out, STR("\r\nUser-Agent: " CONN_AGENT
                     "\r\nAccept: */*\r\nAccept-Language: " CONN_LANGUAGES));
    if (request->token.n) {
        buf_add(out, STR("\r\nAuthorization: Bearer "));
        buf_add(out, request->token);
    }
    if (request->body.p) {
        buf_add(out, STR("\r\nContent-Type: application/json\r\nContent-Length: "));
        buf_add_int(out, (int64_t)request->body.n);
    }
    buf_add(out, STR("\r\n\r\n"));
    buf_add(out, request->body);
}

void h1_pump(struct conn *conn)
{
    if (conn->in_flight || !conn->first)
        return;
    conn->in_flight = true;
    buf_add(&conn->out, buf_str(&conn->first->bytes));
    buf_done(&conn->first->bytes);
}

int h1_take(struct conn *conn, struct str bytes)
{
    while (bytes.n) {
        int whole = conn->in_flight ? reply_feed(&conn->reply, &bytes) : -1;
        if (whole <= 0)
            return whole;
        struct reply reply = conn->reply;
        reply_init(&conn->reply);
        conn->in_flight = false;
        conn_answer(conn, conn->first, reply.status, buf_str(&reply.body));
        bool closes = reply.closes;
        reply_done(&reply);
        if (closes)
            return -1;
    }
    return 0;
}
