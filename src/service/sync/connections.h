/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SYNC_CONNECTIONS_H
#define CHAPPE_SERVICE_SYNC_CONNECTIONS_H

/* The connections of sliding sync: what each client knows, by device and conn_id. In memory alone
 * and bounded in number and bytes; whoever's is gone is answered M_UNKNOWN_POS and starts over.
 *
 * A connection has two generations: the one of the pos its client last came with, and the one of
 * the pos last handed out. The client may come again with either; coming with the newer drops the
 * older. What a generation holds is immutable. Of the requests on a connection the last to begin
 * is its holder: what the others make is not kept, and one that is parked is run again, to end.
 * Threads: any. */

#include "net/http.h"
#include "service/sync/sliding_content.h"
#include "service/sync/token.h"

struct connections;

/* What a request stands on. */
struct connection_hold {
    uint64_t ticket; /* of the request; 0 before its first run */
    int64_t seq;     /* of the generation it goes on from; 0: from the start */
    struct sync_token at;
    struct sliding_content *content; /* referenced; NULL at the start */
};

struct connections *connections_new(void);
void connections_free(struct connections *connections);

enum connection_state {
    CONNECTION_UNKNOWN, /* no such pos: M_UNKNOWN_POS */
    CONNECTION_HELD,
    CONNECTION_SUPERSEDED, /* another request has come since the ticket was given */
};
/* owner: the device, or who has none; seq: of the pos the client came with, 0: none. hold->ticket
 * is 0 at the first run of a request and is given then. When held, hold is filled:
 * sliding_content_unref its content. */
enum connection_state connections_take(struct connections *connections, int64_t owner,
                                       struct str conn_id, int64_t seq,
                                       struct connection_hold *hold);
/* Numbers of generations, never given twice by this process. */
int64_t connections_new_seq(struct connections *connections);
/* Nothing was to be told up to `at`: the generation goes on from there, with this content (NULL:
 * the one it has). */
void connections_advance(struct connections *connections, const struct connection_hold *hold,
                         const struct sync_token *at, struct sliding_content *content);
/* The next generation, whose content is referenced here too. False: superseded, and not kept. */
bool connections_publish(struct connections *connections, const struct connection_hold *hold,
                         int64_t seq, const struct sync_token *at, struct sliding_content *content);
/* The holder waits: whoever supersedes it runs it again. Takes a reference to x until then, or
 * until connections_unpark. */
void connections_park(struct connections *connections, uint64_t ticket, struct http_exchange *x);
void connections_unpark(struct connections *connections, uint64_t ticket);

struct connections_counts {
    size_t connections, bytes;
};
void connections_count(struct connections *connections, struct connections_counts *ret_counts);

#endif
