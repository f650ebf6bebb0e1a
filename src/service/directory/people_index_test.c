/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/directory/people_index.h"

#include <stdio.h>

#include "base/attr.h"
#include "base/limits.h"
#include "base/unit.h"

struct fixture {
    struct people_index *index;
    struct arena *arena;
    struct people_found *found;
    size_t n;
    bool more;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.index = people_index_new(), .arena = arena_new(MIB(64))};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    people_index_free(f->index);
    arena_free(f->arena);
    return 0;
}

static void put(struct fixture *f, int64_t user, const char *name, const char *organisation)
{
    struct person person = {
        .user = user, .name = str_from(name), .organisation = str_from(organisation)};
    people_index_put(f->index, &person);
}

static void search_as(struct fixture *f, int64_t caller, const char *term)
{
    struct people_query query = {.term = str_from(term), .caller = caller, .now_ms = 10000};
    people_index_search(f->index, &query, f->arena, &f->found, &f->n, &f->more);
}

static void finds(struct fixture *f, const char *term, const int64_t *users, size_t n)
{
    search_as(f, 0, term);
    bool same = f->n == n;
    for (size_t i = 0; same && i < n; i++)
        same = f->found[i].user == users[i];
    if (same)
        return;
    for (size_t i = 0; i < f->n; i++)
        print_error("%s: %lld (%u)\n", term, (long long)f->found[i].user, f->found[i].points);
    fail_msg("%s: %zu found", term, f->n);
}

#define FINDS(f, term, ...)                                                                        \
    finds((f), (term), (const int64_t[]){__VA_ARGS__},                                             \
          sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))
#define FINDS_NOBODY(f, term) finds((f), (term), NULL, 0)

static void any_part_any_order_any_spelling(void **state)
{
    struct fixture *f = *state;
    put(f, 1, "Élodie Lefèvre [Culture]", "Culture");
    put(f, 2, "Jean-Pierre Dupont [Interieur]", "Intérieur");
    FINDS(f, "elodie", 1);
    FINDS(f, "LEFÈVRE", 1);
    FINDS(f, "lefevre élodie", 1);
    FINDS(f, "fèv", 1);
    FINDS(f, "pierre", 2);
    FINDS(f, "jean-pierre dupont", 2);
    FINDS(f, "dupont interieur", 2);
    FINDS(f, "j dupont", 2);
    FINDS(f, "intér", 2);
    FINDS_NOBODY(f, "dupont culture");
    FINDS_NOBODY(f, "p lefevre");
    FINDS_NOBODY(f, "dupontx");
}

/* ACL-07 */
static void letters_and_wildcards(void **state)
{
    struct fixture *f = *state;
    put(f, 1, "Anne A_b% [Culture]", "Culture");
    put(f, 2, "Anne Azb [Culture]", "Culture");
    FINDS_NOBODY(f, "");
    FINDS_NOBODY(f, "a");
    FINDS_NOBODY(f, "a a");
    FINDS_NOBODY(f, "é");
    FINDS_NOBODY(f, "%");
    FINDS_NOBODY(f, "*");
    FINDS_NOBODY(f, "%%");
    FINDS_NOBODY(f, "a*");
    FINDS(f, "a_b", 1);
    FINDS(f, "b%", 1);
    search_as(f, 0, "a\xff");
    assert_int_equal(f->n, 0);
}

static void best_first(void **state)
{
    struct fixture *f = *state;
    put(f, 1, "Paul Lamartin", "Culture");  /* inside */
    put(f, 2, "Martine Petit", "Culture");  /* begins the first name */
    put(f, 3, "Paul Martinez", "Culture");  /* begins the last name */
    put(f, 4, "Martin Petit", "Culture");   /* is the first name */
    put(f, 5, "Paul Martin", "Culture");    /* is the last name */
    put(f, 6, "Paul Petit", "Martinique");  /* begins the organisation */
    put(f, 7, "Zoe Martinez", "Interieur"); /* as 3, elsewhere */
    FINDS(f, "martin", 5, 3, 7, 4, 2, 6, 1);
    search_as(f, 7, "martin");
    assert_int_equal(f->found[0].user, 5);
    /* Of equals, who shares the caller's organisation is first. */
    assert_int_equal(f->found[1].user, 7);
    assert_true(f->found[1].same_organisation);
}

static void changes(void **state)
{
    struct fixture *f = *state;
    put(f, 1, "Paul Martin", "Culture");
    put(f, 2, "Anne Martin", "Culture");
    put(f, 1, "Paul Durand", "Interieur");
    FINDS(f, "martin", 2);
    FINDS(f, "paul", 1);
    FINDS(f, "durand interieur", 1);
    assert_int_equal(people_index_count(f->index), 2);
    struct person person = {.user = 2, .name = STR("Anne Martin"), .hidden = true};
    people_index_put(f->index, &person);
    FINDS_NOBODY(f, "martin");
    person.hidden = false;
    person.expires_ms = 10000;
    people_index_put(f->index, &person);
    FINDS_NOBODY(f, "martin");
    person.expires_ms = 10001;
    people_index_put(f->index, &person);
    FINDS(f, "martin", 2);
    assert_false(people_index_is_worn(f->index));
    for (int i = 0; i < 1500; i++)
        put(f, 1, i % 2 ? "Paul Durand" : "Paul Dubois", "Interieur");
    assert_true(people_index_is_worn(f->index));
    FINDS(f, "paul", 1);
}

static void strange_names(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct fixture *f = *state;
    struct str word = arena_printf(arena, "%0250d", 7);
    put(f, 1, "", "");
    put(f, 2, "[Culture]", "Culture");
    put(f, 3, "Madonna", "");
    put(f, 4, "a b c d e f g h i j k l m n o p q r s t u v w x y zz", "");
    put(f, 5, word.p, "");
    put(f, 6, "\xff\xfe", "\xff");
    put(f, 7, "山田 太郎", "");
    FINDS(f, "madonna", 3);
    FINDS(f, "culture", 2);
    FINDS_NOBODY(f, "zz");
    FINDS(f, "000", 5);
    FINDS(f, word.p, 5);
    FINDS(f, "山田", 7);
    FINDS_NOBODY(f, "山");
}

/* ---- 600,000 ---- */

#define PEOPLE 600000

static uint32_t draw(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Of one to five syllables: short ones are borne by many, long ones by few. */
static void draw_name(uint32_t *seed, unsigned least, unsigned most, char *out, size_t size)
{
    static const char *const syllables[] = {
        "ma",  "ri", "du", "pont", "le",   "fe", "vre", "ber", "nar", "din", "cha", "sau",
        "vil", "la", "ro", "que",  "jean", "sy", "tho", "mas", "gi",  "ko",  "wal", "ter"};
    unsigned n = least + draw(seed) % (most - least + 1);
    size_t used = 0;
    out[0] = 0;
    for (unsigned i = 0; i < n; i++)
        used += (size_t)snprintf(out + used, size - used, "%s",
                                 syllables[draw(seed) % ARRAY_LEN(syllables)]);
}

/* What is said of memory and of the work of a search, counted, at the size that is wanted. */
static void six_hundred_thousand(void **state)
{
    static const char *const terms[] = {"ma",        "dupont",   "mar ri",        "fevre le",
                                        "m dupont",  "ministry", "ri la du ma",   "interieur",
                                        "thomas ro", "an",       "jean fevre 12", "xyz"};
    struct fixture *f = *state;
    uint32_t seed = 7;
    for (int64_t user = 1; user <= PEOPLE; user++) {
        char first[64], last[64], name[160], organisation[40];
        draw_name(&seed, 1, 2, first, sizeof first);
        draw_name(&seed, 2, 5, last, sizeof last);
        snprintf(name, sizeof name, "%s %s", first, last);
        snprintf(organisation, sizeof organisation, "Ministry %u", draw(&seed) % 40);
        put(f, user, name, organisation);
    }
    assert_int_equal(people_index_count(f->index), PEOPLE);
    print_message("%zu MiB for %d people\n", people_index_bytes(f->index) >> 20, PEOPLE);
    assert_true(people_index_bytes(f->index) < MIB(150));
    for (size_t i = 0; i < ARRAY_LEN(terms); i++) {
        arena_reset(f->arena);
        search_as(f, 1, terms[i]);
        assert_true(f->n <= LIMIT_DIRECTORY_FOUND);
        assert_true(arena_used(f->arena) < MIB(16));
        for (size_t j = 1; j < f->n; j++)
            assert_true(f->found[j - 1].points >= f->found[j].points);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    TEST(any_part_any_order_any_spelling),
    TEST(letters_and_wildcards),
    TEST(best_first),
    TEST(changes),
    TEST(strange_names),
    TEST(six_hundred_thousand),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
