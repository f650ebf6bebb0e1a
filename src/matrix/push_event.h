/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_PUSH_EVENT_H
#define CHAPPE_MATRIX_PUSH_EVENT_H

/* The inside of push.h's struct push_event: an event whose values are found and decoded once for
 * all the users whose rules look at them. Private to the push_*.c files. */

#include "matrix/glob.h"
#include "matrix/push.h"
#include "matrix/push_path.h"

/* A value at a path. */
struct push_value {
    const struct json *json; /* NULL: absent */
    bool is_text;            /* a string, and text is it, decoded and folded */
    struct glob_text text;
};

#define PUSH_EVENT_CACHE 24

struct push_event {
    struct arena *arena;
    struct push_facts facts;
    struct str sender;
    struct {
        struct str path;
        struct push_value value;
    } cache[PUSH_EVENT_CACHE];
    size_t n_cached;
};

struct push_value push_event_value(struct push_event *event, const struct push_path *path);

#endif
