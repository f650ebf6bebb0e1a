/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

#define BLOCK_MIN ((size_t)4096)
#define ALIGNMENT (alignof(max_align_t))

#if defined(__SANITIZE_ADDRESS__)
#define ONE_BLOCK_AN_OBJECT 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ONE_BLOCK_AN_OBJECT 1
#endif
#endif
#ifndef ONE_BLOCK_AN_OBJECT
#define ONE_BLOCK_AN_OBJECT 0
#endif

struct block {
    struct block *next;
    size_t size, used;
    alignas(max_align_t) char bytes[];
};

struct arena {
    struct block *blocks; /* the one in use first */
    size_t budget, used;
    size_t first; /* size of the first block */
};

struct arena *arena_new(size_t budget)
{
    return arena_new_small(budget, BLOCK_MIN);
}

struct arena *arena_new_small(size_t budget, size_t first)
{
    struct arena *arena = MEM_NEW(struct arena);
    arena->budget = budget;
    arena->first = first;
    return arena;
}

static void blocks_free(struct block *block)
{
    while (block) {
        struct block *next = block->next;
        mem_free(block);
        block = next;
    }
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    blocks_free(arena->blocks);
    mem_free(arena);
}

void arena_cleanup(struct arena **arena)
{
    arena_free(*arena);
}

void arena_reset(struct arena *arena)
{
    struct block *keep = arena->blocks;
    arena->used = 0;
    if (!keep)
        return;
    blocks_free(keep->next);
    keep->next = NULL;
    if (ONE_BLOCK_AN_OBJECT || keep->size > 16 * BLOCK_MIN) {
        mem_free(keep);
        arena->blocks = NULL;
        return;
    }
    keep->used = 0;
}

/* Blocks double from the first one's size up to 64 KiB; a larger object gets a block of its own.
 * Their bytes are zeroed when they are given out: most of a request's last block never is. */
static struct block *block_add(struct arena *arena, size_t bytes)
{
    size_t size = arena->blocks ? arena->blocks->size * 2 : arena->first;
    if (size > 16 * BLOCK_MIN)
        size = 16 * BLOCK_MIN;
    if (size < bytes || ONE_BLOCK_AN_OBJECT)
        size = bytes;
    struct block *block = mem_resize(NULL, sizeof *block + size, 1);
    block->used = 0;
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

static void *take(struct arena *arena, size_t bytes)
{
    size_t padded;
    CHECK(!__builtin_add_overflow(bytes, ALIGNMENT - 1, &padded));
    padded &= ~(ALIGNMENT - 1);
    struct block *block = arena->blocks;
    if (ONE_BLOCK_AN_OBJECT)
        block = block_add(arena, bytes ? bytes : 1);
    else if (!block || block->size - block->used < padded)
        block = block_add(arena, padded);
    void *p = block->bytes + block->used;
    block->used += ONE_BLOCK_AN_OBJECT ? bytes : padded;
    arena->used += padded;
    return p;
}

void *arena_alloc(struct arena *arena, size_t n, size_t size)
{
    size_t bytes;
    CHECK(!__builtin_mul_overflow(n, size, &bytes));
    return memset(take(arena, bytes), 0, bytes);
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}

size_t arena_left(const struct arena *arena)
{
    return arena_is_over(arena) ? 0 : arena->budget - arena->used;
}

bool arena_is_over(const struct arena *arena)
{
    return arena->used > arena->budget;
}

struct str arena_str(struct arena *arena, struct str s)
{
    char *p = take(arena, s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return (struct str){p, s.n};
}

struct str arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    CHECK(n >= 0);
    char *p = take(arena, (size_t)n + 1);
    va_start(args, format);
    vsnprintf(p, (size_t)n + 1, format, args);
    va_end(args);
    return (struct str){p, (size_t)n};
}
