/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_TESTS_FAULT_LOAD_H
#define CHAPPE_TESTS_FAULT_LOAD_H

/* Concurrent writers on a store, as clients and the rooms service are: decided one after the other
 * in a room on its pending head, with a transaction id each, messages and state events mixed. What
 * is acknowledged is entered in the ledger.
 *
 * A message that got no answer is asked for again, first of all, the next time that the load runs:
 * with the transaction id it had. */

#include "fault/ledger.h"
#include "store/store.h"

struct load_options {
    struct ledger *ledger;
    uint64_t seed;
    int64_t messages; /* each writer stops after so many new ones, or at the first failure */
    /* The mutation that this rig is there to find: the answer leaves from within the transaction,
     * before its commit. */
    bool answers_before_commit;
    /* A store that has failed once refuses, and may take it the next time: a writer asks so often
     * before it gives up. 0: once. */
    int64_t patience;
};

struct load_result {
    int64_t acknowledged, unanswered, retried;
    int64_t refused; /* with a status and retry_after_ms, as a client can understand it */
    int64_t unclear; /* failed without */
};

/* Runs to the end of all writers. */
struct load_result load_run(struct store *store, const struct load_options *options);

/* Asks again for what was acknowledged, as a client does that lost the answer: each must be told
 * the event that it has. Returns how many were not. */
int64_t load_ask_again(struct store *store, const struct ledger *ledger);

#endif
