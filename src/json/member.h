/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_JSON_MEMBER_H
#define CHAPPE_JSON_MEMBER_H

/* The order of the members of an object. Private to src/json/. */

#include "json/doc.h"

/* Sorts members by key. `spare` is room for n members that is written over. Members already in
 * order cost one comparison each; n log n comparisons at most. Members of equal keys keep their
 * order. Returns the second of two members with the same key, or NULL when all keys differ. */
const struct json_member *json_members_sort(struct json_member *members, struct json_member *spare,
                                            size_t n);

#endif
