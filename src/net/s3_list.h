/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_S3_LIST_H
#define CHAPPE_NET_S3_LIST_H

/* A page of a listing (the answer of ListObjectsV2), which comes from outside: only the members
 * that are asked for are read, and what is not as S3 writes it is refused. Pure. */

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "net/s3.h"

struct s3_page {
    struct s3_object *objects; /* names in full, with their prefix */
    size_t n;
    bool more;
};

/* Names are in the arena. -1: it is no such page, or has more than LIMIT_S3_PAGE objects. */
int s3_page_parse(struct arena *arena, struct str text, struct s3_page *ret_page,
                  struct err *err) MUST_USE;

#endif
