/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/human.h"

#include "base/attr.h"

#define FIRST_NAMES 500
#define LAST_NAMES  330000
#define MINISTRIES  40

/* splitmix64. */
uint64_t human_draw(uint64_t *state)
{
    uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* Small numbers are drawn far more often. */
static uint64_t draw_common(uint64_t *state, uint64_t below)
{
    uint64_t least = human_draw(state) % below;
    for (int i = 0; i < 2; i++) {
        uint64_t other = human_draw(state) % below;
        least = other < least ? other : least;
    }
    return least;
}

static struct str word(struct arena *arena, uint64_t number, int syllables)
{
    static const char *const parts[] = {"Ma",   "ri",  "du",  "pont", "le",  "fe", "vre", "ber",
                                        "nar",  "din", "cha", "sau",  "vil", "la", "ro",  "gue",
                                        "jean", "sy",  "tho", "mas",  "gi",  "ko", "wal", "ter"};
    struct str text = STR("");
    for (int i = 0; i < syllables; i++, number /= ARRAY_LEN(parts))
        text = arena_printf(arena, "%.*s%s", STR_ARG(text), parts[number % ARRAY_LEN(parts)]);
    return text;
}

struct human human_nth(struct arena *arena, uint64_t nth)
{
    uint64_t state = nth;
    struct human human = {
        .first = word(arena, draw_common(&state, FIRST_NAMES), 2),
        .last = word(arena, draw_common(&state, LAST_NAMES), 4),
    };
    human.ministry =
        arena_printf(arena, "Ministère%u", (unsigned)(human_draw(&state) % MINISTRIES));
    return human;
}

struct str human_term(struct arena *arena, const struct human *human, uint64_t which)
{
    uint64_t few = 2 + which / 6 % 3;
    switch (which % 6) {
    case 0:
        return human->last;
    case 1:
        return str_first(human->last, few);
    case 2:
        return arena_printf(arena, "%.*s %.*s", STR_ARG(human->first), STR_ARG(human->last));
    case 3:
        return str_skip(human->last, few);
    case 4:
        return arena_printf(arena, "%.*s %.1s", STR_ARG(human->first), human->last.p);
    default:
        return arena_printf(arena, "%.*s %.*s", STR_ARG(str_first(human->last, 4)),
                            STR_ARG(human->ministry));
    }
}
