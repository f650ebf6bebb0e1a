/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_DIRECTORY_PEOPLE_INDEX_H
#define CHAPPE_SERVICE_DIRECTORY_PEOPLE_INDEX_H

/* The people of this server in memory, found by any part of the words of their names
 * (docs/design/directory.md). It knows words and who bears them; what it finds is looked at again
 * in the store before it is shown to anybody.
 *
 * No locking: its owner lets many search, or one change. A change costs the words of one person,
 * never a walk. Who changes a name leaves an old entry behind; an index with many of them is made
 * anew (people_index_is_worn). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct people_index;

struct person {
    int64_t user;            /* name */
    struct str name;         /* "Prénom Nom [Organisation]"; what is in brackets is left out */
    struct str organisation; /* STR_NONE: none */
    bool hidden;             /* not found: red list, closed account */
    int64_t expires_ms;      /* not found from then on; 0: never */
};

struct people_index *people_index_new(void);
void people_index_free(struct people_index *index); /* NULL is allowed */

/* Adds a person, or replaces what is known of them. */
void people_index_put(struct people_index *index, const struct person *person);

/* At most LIMIT_DIRECTORY_TERMS words; each is a part of a word of the person, a single letter only
 * the beginning of one. A search of single letters alone finds nobody. */
struct people_query {
    struct str term;
    int64_t caller; /* whose organisation comes first */
    int64_t now_ms;
};

struct people_found {
    int64_t user;
    uint32_t points; /* by the words: prefix of last name > prefix of first name > inside */
    bool same_organisation;
};

/* The best first, at most LIMIT_DIRECTORY_FOUND, in the arena. *ret_more: there are others, or so
 * many match that not all were looked at. */
void people_index_search(const struct people_index *index, const struct people_query *query,
                         struct arena *arena, struct people_found **ret_found, size_t *ret_n,
                         bool *ret_more);

size_t people_index_count(const struct people_index *index); /* people, hidden ones included */
size_t people_index_bytes(const struct people_index *index); /* of memory */
/* A third and more of it is of names that people no longer have. */
bool people_index_is_worn(const struct people_index *index);

#endif
