/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SYNC_REQUIRED_STATE_H
#define CHAPPE_SERVICE_SYNC_REQUIRED_STATE_H

/* Which state of a room a sliding client asks for (MSC4186, "required_state"). Both shapes: an
 * array of pairs, with "*", "$ME" and "$LAZY", where pairs beside ["*","*"] narrow their type; or
 * an object with include, exclude and lazy_members.
 *
 * What applies to one room are several of them: what any asks for is wanted. */

#include "service/use.h"
#include "json/doc.h"

#define REQUIRED_ANY   0    /* any type, any key */
#define REQUIRED_OTHER (-1) /* one that no event has */

struct required_key {
    int64_t type, key; /* names */
};

struct required_set {
    bool all;  /* everything but what `include` narrows */
    bool lazy; /* members as the timeline needs them */
    struct required_key *include, *exclude;
    size_t n_include, n_exclude;
};

struct required_state {
    struct required_set *sets;
    size_t n;
    bool lazy; /* and no set asks for all members */
};

/* Looks only whether it is well formed: -1: 400 M_BAD_JSON or M_INVALID_PARAM. */
int required_state_check(const struct json *value, struct err *err) MUST_USE;
/* The text of one config: a JSON array of them, which have been checked. Names are looked up. In
 * the use's arena. */
int required_state_load(struct use *use, struct str text, struct required_state *ret) MUST_USE;
bool required_state_wants(const struct required_state *required, int64_t type, int64_t key);

#endif
