/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_PUSH_NOTICE_H
#define CHAPPE_SERVICE_PUSH_NOTICE_H

/* What one push says, as the request that carries it: to a push gateway (push gateway API, POST
 * /_matrix/push/v1/notify), or to a browser's push service (RFC 8030, encrypted for that browser).
 * Names, texts and senders go to gateways alone, and not when the room is encrypted, the pusher
 * asks for ids or the operator does (push.event_id_only). */

#include "net/courier.h"
#include "service/push/verdict.h"
#include "store/pusher.h"

struct notice {
    /* An event, or NULL: counts alone. */
    struct view *view;
    const struct event *event;
    const struct pdu *pdu;
    const struct push_verdict *verdict;
    int64_t unread;
    struct str test; /* a test that says so; STR_NONE: none */
};

/* Fills url, headers and body of ret_post, in the use's arena. The use's caller is the pusher's
 * user. -1: the pusher's row is damaged, or the store failed. */
int notice_write(struct use *use, const struct pusher *pusher, const struct notice *notice,
                 struct courier_post *ret_post) MUST_USE;

/* What an answer means for the pusher. */
enum notice_result {
    NOTICE_TAKEN,
    NOTICE_GONE,    /* the receiver does not exist any more */
    NOTICE_REFUSED, /* this push, whenever it is sent */
    NOTICE_FAILED,  /* not now */
};
enum notice_result notice_judge(struct arena *arena, const struct pusher *pusher,
                                const struct courier_answer *answer);

#endif
