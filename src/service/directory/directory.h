/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_DIRECTORY_DIRECTORY_H
#define CHAPPE_SERVICE_DIRECTORY_DIRECTORY_H

/* The index of people of this node, and what keeps it true (docs/design/directory.md). A thread
 * builds it from the store at start; from then on the store's listener says who has changed, on
 * whatever node, and the next search, or the thread, takes that in. So a search sees all that was
 * answered before it began; while the index is being built it finds what is in it, and says that
 * there is more.
 *
 * Threads: any. Many search at once; a change waits for the searches under way, each a few
 * milliseconds. */

#include "service/directory/people_index.h"
#include "service/use.h"
#include "store/store.h"

struct directory;

/* Before the store has a listener. */
struct directory *directory_new(struct server *server);
/* After the listener is set: begins to build. */
int directory_start(struct directory *directory, struct err *err) MUST_USE;
void directory_stop(struct directory *directory); /* NULL is allowed; before the store is closed */
void directory_free(struct directory *directory); /* after; NULL is allowed */

void directory_listen(struct directory *directory, const struct log_entry *entries, size_t n);

/* people_index_search, as the caller. */
void directory_find_people(struct use *use, struct str term, struct people_found **ret_found,
                           size_t *ret_n, bool *ret_more);

#endif
