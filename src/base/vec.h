/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BASE_VEC_H
#define CHAPPE_BASE_VEC_H

/* Growing arrays of one type. VEC(type) declares the struct; the macros work on any of them:
 *
 *     VEC(int64_t) ids = {0};
 *     VEC_ADD(&ids, 7);
 *     for (size_t i = 0; i < ids.n; i++) use(ids.p[i]);
 *     VEC_DONE(&ids);
 *
 * With an arena: ARENA_VEC_ADD(arena, &ids, 7), and no VEC_DONE. */

#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"

#define VEC(type)                                                                                  \
    struct {                                                                                       \
        type *p;                                                                                   \
        size_t n, capacity;                                                                        \
    }

#define VEC_ADD(vec, ...)                                                                          \
    do {                                                                                           \
        if ((vec)->n == (vec)->capacity) {                                                         \
            (vec)->capacity = (vec)->capacity ? (vec)->capacity * 2 : 8;                           \
            (vec)->p = mem_resize((vec)->p, (vec)->capacity, sizeof *(vec)->p);                    \
        }                                                                                          \
        (vec)->p[(vec)->n++] = (__VA_ARGS__);                                                      \
    } while (0)

/* Room for `more` items and, when it has to grow, no more than that: for what there are many of. */
#define VEC_RESERVE(vec, more)                                                                     \
    do {                                                                                           \
        if ((vec)->capacity - (vec)->n < (size_t)(more)) {                                         \
            (vec)->capacity = (vec)->n + (size_t)(more);                                           \
            (vec)->p = mem_resize((vec)->p, (vec)->capacity, sizeof *(vec)->p);                    \
        }                                                                                          \
    } while (0)

#define VEC_CLEAR(vec) ((vec)->n = 0)
#define VEC_DONE(vec)  (mem_free((vec)->p), (vec)->p = NULL, (vec)->n = (vec)->capacity = 0)

#define ARENA_VEC_ADD(arena, vec, ...)                                                             \
    do {                                                                                           \
        if ((vec)->n == (vec)->capacity) {                                                         \
            size_t vec_room_ = (vec)->capacity ? (vec)->capacity * 2 : 8;                          \
            void *vec_new_ = arena_alloc((arena), vec_room_, sizeof *(vec)->p);                    \
            if ((vec)->n)                                                                          \
                memcpy(vec_new_, (vec)->p, (vec)->n * sizeof *(vec)->p);                           \
            (vec)->p = vec_new_;                                                                   \
            (vec)->capacity = vec_room_;                                                           \
        }                                                                                          \
        (vec)->p[(vec)->n++] = (__VA_ARGS__);                                                      \
    } while (0)

#endif
