/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_AUTH_CHAIN_H
#define CHAPPE_STORE_AUTH_CHAIN_H

/* An index over auth events, so that what one event's auth chain holds and another's does not is
 * found without walking the chains.
 *
 * Every state event has a place (chain, seq). An event reaches all of its own chain with a lower
 * seq. Links say what else a place reaches: (chain, seq) reaches (to_chain, to_seq) and, through
 * it, what that reaches. Links that follow from others are left out. So the work of a question
 * grows with the number of chains met, not of events: a member's events are about one chain.
 *
 * An event is put in once, after its auth events; auth events that are not in the index (they never
 * arrived) are as if absent. */

#include "store/store.h"

/* With every state event that is stored, those that are outliers included. */
int auth_chain_insert(struct write *w, int64_t event, const int64_t *auth, size_t n,
                      struct err *err) MUST_USE;

struct event_set {
    const int64_t *events;
    size_t n;
};

/* Every event that is in the full auth chain of some sets, but not of all (rooms/v12, "Auth
 * difference"). The chain of a set does not hold the set's own events, unless others of it reach
 * them. `common` is what every set holds besides: what it reaches is in no difference. In ascending
 * order. */
int event_auth_difference(struct read *r, const struct event_set *sets, size_t n_sets,
                          struct event_set common, struct arena *arena, int64_t **ret_events,
                          size_t *ret_n, struct err *err) MUST_USE;

#endif
