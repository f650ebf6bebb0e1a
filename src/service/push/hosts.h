/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_PUSH_HOSTS_H
#define CHAPPE_SERVICE_PUSH_HOSTS_H

/* The hosts that pushes go to: how many are on their way to each, and which of them do not answer.
 * One that is slow or dead holds up what is for it, and nobody else's.
 *
 * One thread. */

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"

struct lane; /* service/push/pushing_private.h */

struct push_host {
    struct str name; /* that part of the URL, with its port; owned */
    size_t under_way;
    int64_t failures;                          /* in a row: no answer at all */
    int64_t until_ms;                          /* wall; nothing is sent there before */
    struct lane *first_waiting, *last_waiting; /* for one of those under way to end */
    size_t n_waiting;
    int64_t asked_ms; /* wall; when one was let catch up to ask whether it is there again */
};

struct push_hosts {
    struct str_map map;
};

void push_hosts_done(struct push_hosts *hosts);
/* Of an URL; to be let go of when nothing is sent. */
struct push_host *push_hosts_get(struct push_hosts *hosts, struct str url);
/* NULL: nothing is known of it. */
struct push_host *push_hosts_find(const struct push_hosts *hosts, struct str url);
/* Forgets a host of which there is nothing to remember. */
void push_hosts_let_go(struct push_hosts *hosts, struct push_host *host);

enum push_host_state {
    PUSH_HOST_OPEN,
    PUSH_HOST_BUSY, /* as many are under way as may be */
    PUSH_HOST_DOWN, /* it has not answered: not before until_ms */
};
enum push_host_state push_host_look(const struct push_host *host, int64_t now_ms);
/* Whether one more pusher that is behind, at now_ms, is let look for what it missed there: not
 * while the host is down, then one at a time until one was answered, and no more than can be sent
 * soon. A look costs much, and is for nothing when the push cannot leave. */
bool push_host_may_catch_up(struct push_host *host, int64_t now_ms);
/* What was sent there has ended. answered: by an answer, whatever it said. */
void push_host_end(struct push_host *host, bool answered, int64_t now_ms);

#endif
