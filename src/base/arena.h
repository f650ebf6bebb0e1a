/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BASE_ARENA_H
#define CHAPPE_BASE_ARENA_H

/* Memory with the lifetime of a request: allocated piece by piece, given back at once. Nothing
 * taken from an arena is freed alone. An arena belongs to one thread at a time.
 *
 * An arena has a budget. Past it, allocations still succeed but arena_is_over() turns true: loops
 * over outside data look at it and answer "too large", and the request's answer is refused at the
 * end in any case. (A sanitizer build takes one heap block an object, so that each overrun
 * and each use after the end is seen.) */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"

struct arena;

struct arena *arena_new(size_t budget) MUST_USE;
/* The same with a first block of `first` bytes instead of 4 KiB, for what must stay small while it
 * waits. */
struct arena *arena_new_small(size_t budget, size_t first) MUST_USE;
void arena_free(struct arena *arena); /* NULL is allowed */

/* Gives everything back but keeps one block for the next use. */
void arena_reset(struct arena *arena);

/* Zeroed, aligned for any type. Never NULL. */
void *arena_alloc(struct arena *arena, size_t n, size_t size) MUST_USE;

size_t arena_used(const struct arena *arena);
/* What may still be taken within the budget. */
size_t arena_left(const struct arena *arena);
bool arena_is_over(const struct arena *arena);

/* A copy in the arena, with a terminating NUL after its n bytes. */
struct str arena_str(struct arena *arena, struct str s);
struct str arena_printf(struct arena *arena, const char *format, ...) PRINTF(2, 3);

#define ARENA_NEW(arena, type)      ((type *)arena_alloc((arena), 1, sizeof(type)))
#define ARENA_NEW_N(arena, n, type) ((type *)arena_alloc((arena), (n), sizeof(type)))

/* For CLEANUP(arena_cleanup) struct arena *a = arena_new(...); */
void arena_cleanup(struct arena **arena);

#endif
