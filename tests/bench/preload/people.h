/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_TESTS_BENCH_PEOPLE_H
#define CHAPPE_TESTS_BENCH_PEOPLE_H

/* The accounts, each with one device and an access token that is known: "bench-token-N". All have
 * the password PEOPLE_PASSWORD. */

#include "service/caller.h"
#include "service/server.h"

#define PEOPLE_PASSWORD "mot de passe du banc"

struct people {
    struct arena *arena;
    struct caller *callers; /* their texts are in the arena */
    struct str *tokens;
    size_t n;
};

/* Writes them. People are freed with people_free, also after -1. */
int people_make(struct server *server, size_t n, struct people *ret_people,
                struct err *err) MUST_USE;
void people_free(struct people *people);

#endif
