/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/directory/people_index.h"

#include <string.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "crypto/fold.h"

/* What a word is to who bears it. */
enum role { ROLE_LAST, ROLE_OTHER, ROLES };

/* A list of numbers that only grows, and holds one without memory of its own: most last names are
 * borne once. */
struct list {
    uint32_t n, capacity; /* capacity 0: `one` is the list */
    union {
        uint32_t one;
        uint32_t *many;
    };
};

struct word {
    uint32_t text; /* in texts */
    uint8_t length;
    struct list bearers[ROLES]; /* entries, ascending */
};

struct entry {
    int64_t user;
    uint32_t words; /* in entry_words: first names, last names, organisation */
    uint8_t n_first, n_last, n_organisation;
    bool hidden, gone;  /* gone: the person has another entry now */
    uint32_t expires_s; /* 0: never */
};

/* Open addressing; 0 is free, else a place + 1. */
struct table {
    uint32_t *slots;
    uint32_t capacity, n;
};

struct people_index {
    VEC(struct entry) entries;
    VEC(uint32_t) entry_words;
    VEC(struct word) words;
    VEC(char) texts;
    struct table by_user, by_text;
    /* Words by each pair of bytes in them; the first byte stands behind a 0. */
    struct list *pairs;
    size_t gone, list_bytes;
};

#define PAIRS        65536
#define TABLE_FIRST  1024
#define NOWHERE      UINT32_MAX
#define NAME_WORDS   12 /* of one person, and of one organisation; more are not found */
#define WORD_BYTES   40 /* longer words are found by their beginning */
#define LEVEL_INSIDE 1
#define LEVEL_START  2
#define LEVEL_WHOLE  3

/* ---- lists ---- */

static const uint32_t *list_items(const struct list *list)
{
    return list->capacity ? list->many : &list->one;
}

static void list_add(struct people_index *index, struct list *list, uint32_t value)
{
    if (list->n == 0 && list->capacity == 0) {
        list->one = value;
        list->n = 1;
        return;
    }
    if (list->capacity == 0) {
        uint32_t one = list->one;
        list->many = MEM_NEW_N(2, uint32_t);
        list->many[0] = one;
        list->capacity = 2;
        index->list_bytes += 2 * sizeof one;
    } else if (list->n == list->capacity) {
        uint32_t grown = list->capacity < 64 ? list->capacity * 2 : list->capacity / 2 * 3;
        index->list_bytes += (grown - list->capacity) * sizeof *list->many;
        list->many = mem_resize(list->many, grown, sizeof *list->many);
        list->capacity = grown;
    }
    list->many[list->n++] = value;
}

static void list_done(struct list *list)
{
    if (list->capacity)
        mem_free(list->many);
}

/* ---- words ---- */

static struct str word_text(const struct people_index *index, uint32_t word)
{
    return str_make(index->texts.p + index->words.p[word].text, index->words.p[word].length);
}

static uint64_t hash_user(int64_t user)
{
    return (uint64_t)user * UINT64_C(0x9e3779b97f4a7c15) >> 16;
}

static uint64_t hash_place(const struct people_index *index, const struct table *table,
                           uint32_t place)
{
    return table == &index->by_user ? hash_user(index->entries.p[place].user)
                                    : map_hash(word_text(index, place));
}

static void table_set(struct table *table, uint64_t hash, uint32_t place)
{
    uint64_t at = hash & (table->capacity - 1);
    while (table->slots[at])
        at = (at + 1) & (table->capacity - 1);
    table->slots[at] = place + 1;
    table->n++;
}

/* Half of it at most is in use. */
static void table_add(struct people_index *index, struct table *table, uint64_t hash,
                      uint32_t place)
{
    struct table old = *table;
    if (2 * old.n >= old.capacity) {
        *table = (struct table){.capacity = old.capacity ? 2 * old.capacity : TABLE_FIRST};
        table->slots = MEM_NEW_N(table->capacity, uint32_t);
        for (uint32_t i = 0; i < old.capacity; i++)
            if (old.slots[i])
                table_set(table, hash_place(index, table, old.slots[i] - 1), old.slots[i] - 1);
        mem_free(old.slots);
    }
    table_set(table, hash, place);
}

static uint32_t find_word(const struct people_index *index, struct str text, uint64_t hash)
{
    const struct table *table = &index->by_text;
    for (uint64_t at = hash; table->capacity; at++) {
        uint32_t slot = table->slots[at & (table->capacity - 1)];
        if (!slot)
            break;
        if (str_eq(word_text(index, slot - 1), text))
            return slot - 1;
    }
    return NOWHERE;
}

static struct list *pair_list(const struct people_index *index, char first, char second)
{
    return &index->pairs[(unsigned)(unsigned char)first << 8 | (unsigned char)second];
}

/* Words come in ascending order: one that has a pair twice is at the end of its list. */
static void add_pair(struct people_index *index, char first, char second, uint32_t word)
{
    struct list *list = pair_list(index, first, second);
    if (list->n == 0 || list_items(list)[list->n - 1] != word)
        list_add(index, list, word);
}

static uint32_t intern_word(struct people_index *index, struct str text)
{
    uint64_t hash = map_hash(text);
    uint32_t word = find_word(index, text, hash);
    if (word != NOWHERE)
        return word;
    word = (uint32_t)index->words.n;
    VEC_ADD(&index->words,
            (struct word){.text = (uint32_t)index->texts.n, .length = (uint8_t)text.n});
    for (size_t i = 0; i < text.n; i++) {
        VEC_ADD(&index->texts, text.p[i]);
        add_pair(index, i ? text.p[i - 1] : 0, text.p[i], word);
    }
    table_add(index, &index->by_text, hash, word);
    return word;
}

/* A word in at most WORD_BYTES, cut between two characters. */
static struct str cut_word(struct str word)
{
    size_t n = word.n < WORD_BYTES ? word.n : WORD_BYTES;
    while (n < word.n && n && ((unsigned char)word.p[n] & 0xc0) == 0x80)
        n--;
    return str_first(word, n);
}

/* ---- people ---- */

struct people_index *people_index_new(void)
{
    struct people_index *index = MEM_NEW(struct people_index);
    index->pairs = MEM_NEW_N(PAIRS, struct list);
    return index;
}

void people_index_free(struct people_index *index)
{
    if (!index)
        return;
    for (size_t i = 0; i < index->words.n; i++)
        for (size_t role = 0; role < ROLES; role++)
            list_done(&index->words.p[i].bearers[role]);
    for (size_t i = 0; i < PAIRS; i++)
        list_done(&index->pairs[i]);
    mem_free(index->pairs);
    mem_free(index->by_user.slots);
    mem_free(index->by_text.slots);
    VEC_DONE(&index->entries);
    VEC_DONE(&index->entry_words);
    VEC_DONE(&index->words);
    VEC_DONE(&index->texts);
    mem_free(index);
}

/* The slot of a user; NULL: not there. */
static uint32_t *find_user(const struct people_index *index, int64_t user)
{
    const struct table *table = &index->by_user;
    for (uint64_t at = hash_user(user); table->capacity; at++) {
        uint32_t *slot = &table->slots[at & (table->capacity - 1)];
        if (!*slot)
            break;
        if (index->entries.p[*slot - 1].user == user)
            return slot;
    }
    return NULL;
}

/* What somebody is found by: words, each once a part. */
struct naming {
    uint32_t words[2 * NAME_WORDS];
    uint8_t n, n_first, n_last, n_organisation;
};

static void add_words(struct people_index *index, struct naming *naming, struct str folded,
                      size_t most)
{
    struct str word;
    size_t at = 0;
    while (naming->n < most && (word = fold_next_word(folded, &at)).p)
        naming->words[naming->n++] = intern_word(index, cut_word(word));
}

/* The organisation that a derived name ends with is known from elsewhere. */
static struct str without_brackets(struct str name)
{
    ptrdiff_t bracket = str_find(name, '[');
    return bracket > 0 && str_ends(name, STR("]")) ? str_first(name, (size_t)bracket) : name;
}

static void name_person(struct people_index *index, const struct person *person,
                        struct naming *naming)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(64));
    struct str name, organisation, first, last;
    *naming = (struct naming){0};
    if (fold(arena, str_trim(without_brackets(person->name)), &name) < 0)
        name = STR("");
    if (fold(arena, person->organisation, &organisation) < 0)
        organisation = STR("");
    /* A name of one word is a last name. */
    if (!str_cut(name, ' ', &first, &last)) {
        last = first;
        first = STR("");
    }
    add_words(index, naming, first, NAME_WORDS / 2);
    naming->n_first = naming->n;
    add_words(index, naming, last, NAME_WORDS);
    naming->n_last = (uint8_t)(naming->n - naming->n_first);
    add_words(index, naming, organisation, 2 * NAME_WORDS);
    naming->n_organisation = (uint8_t)(naming->n - naming->n_first - naming->n_last);
}

static bool is_named(const struct people_index *index, const struct entry *entry,
                     const struct naming *naming)
{
    return entry->n_first == naming->n_first && entry->n_last == naming->n_last &&
           entry->n_organisation == naming->n_organisation &&
           (naming->n == 0 || memcmp(index->entry_words.p + entry->words, naming->words,
                                     naming->n * sizeof *naming->words) == 0);
}

static uint32_t add_entry(struct people_index *index, int64_t user, const struct naming *naming)
{
    uint32_t place = (uint32_t)index->entries.n;
    VEC_ADD(&index->entries, (struct entry){.user = user,
                                            .words = (uint32_t)index->entry_words.n,
                                            .n_first = naming->n_first,
                                            .n_last = naming->n_last,
                                            .n_organisation = naming->n_organisation});
    for (size_t i = 0; i < naming->n; i++) {
        bool is_last = i >= naming->n_first && i < naming->n_first + naming->n_last;
        struct word *word = &index->words.p[naming->words[i]];
        struct list *bearers = &word->bearers[is_last ? ROLE_LAST : ROLE_OTHER];
        VEC_ADD(&index->entry_words, naming->words[i]);
        if (bearers->n == 0 || list_items(bearers)[bearers->n - 1] != place)
            list_add(index, bearers, place);
    }
    return place;
}

void people_index_put(struct people_index *index, const struct person *person)
{
    struct naming naming;
    uint32_t *slot = find_user(index, person->user);
    uint32_t place = slot ? *slot - 1 : 0;
    name_person(index, person, &naming);
    if (!slot) {
        place = add_entry(index, person->user, &naming);
        table_add(index, &index->by_user, hash_user(person->user), place);
    } else if (!is_named(index, &index->entries.p[place], &naming)) {
        index->entries.p[place].gone = true;
        index->gone++;
        place = add_entry(index, person->user, &naming);
        *slot = place + 1;
    }
    index->entries.p[place].hidden = person->hidden;
    index->entries.p[place].expires_s =
        person->expires_ms > 0 ? (uint32_t)((person->expires_ms + 999) / 1000) : 0;
}

/* ---- searching ---- */

struct term {
    struct str text;
    uint8_t *levels; /* of each word; 0: the term is no part of it */
    VEC(uint32_t) words;
    uint64_t bearers; /* of these words, in all */
};

struct search {
    const struct people_index *index;
    struct arena *arena;
    struct term terms[LIMIT_DIRECTORY_TERMS];
    size_t n_terms;
    const struct entry *caller; /* NULL: not there */
    uint32_t now_s;
    struct people_found *found; /* the best so far, best first */
    size_t n_found, visited;
    bool more;
};

/* The rarest pair of a term's bytes; of a single letter, that it stands first. */
static const struct list *rarest_pair(const struct people_index *index, struct str text)
{
    const struct list *rarest = text.n == 1 ? pair_list(index, 0, text.p[0]) : NULL;
    for (size_t i = 1; i < text.n; i++) {
        const struct list *list = pair_list(index, text.p[i - 1], text.p[i]);
        if (!rarest || list->n < rarest->n)
            rarest = list;
    }
    return rarest;
}

static uint8_t level_of(struct str word, struct str text)
{
    if (str_starts(word, text))
        return word.n == text.n ? LEVEL_WHOLE : LEVEL_START;
    return str_contains(word, text) ? LEVEL_INSIDE : 0;
}

static void find_words(struct search *search, struct term *term)
{
    const struct people_index *index = search->index;
    const struct list *pair = rarest_pair(index, term->text);
    const uint32_t *words = list_items(pair);
    term->levels = ARENA_NEW_N(search->arena, index->words.n + 1, uint8_t);
    for (uint32_t i = 0; i < pair->n; i++) {
        const struct word *word = &index->words.p[words[i]];
        uint8_t level = level_of(word_text(index, words[i]), term->text);
        if (!level)
            continue;
        term->levels[words[i]] = level;
        term->bearers += word->bearers[ROLE_LAST].n + word->bearers[ROLE_OTHER].n;
        ARENA_VEC_ADD(search->arena, &term->words, words[i]);
    }
}

/* What one term is worth to an entry: the best of its words. 0: none has it. */
static uint32_t points_of(const struct people_index *index, const struct entry *entry,
                          const struct term *term)
{
    static const uint32_t first[] = {0, 1, 5, 6}, last[] = {0, 1, 10, 12}, other[] = {0, 1, 2, 3};
    const uint32_t *words = index->entry_words.p + entry->words;
    uint32_t n_names = (uint32_t)entry->n_first + entry->n_last;
    uint32_t best = 0;
    for (uint32_t i = 0; i < n_names + entry->n_organisation; i++) {
        uint8_t level = term->levels[words[i]];
        uint32_t points = i < entry->n_first ? first[level]
                          : i < n_names      ? last[level]
                                             : other[level];
        best = points > best ? points : best;
    }
    return best;
}

static bool shares_organisation(const struct search *search, const struct entry *entry)
{
    const struct people_index *index = search->index;
    const struct entry *caller = search->caller;
    if (!caller || !caller->n_organisation || caller->n_organisation != entry->n_organisation)
        return false;
    return memcmp(index->entry_words.p + caller->words + caller->n_first + caller->n_last,
                  index->entry_words.p + entry->words + entry->n_first + entry->n_last,
                  caller->n_organisation * sizeof(uint32_t)) == 0;
}

static bool is_better(const struct people_found *a, const struct people_found *b)
{
    if (a->points != b->points)
        return a->points > b->points;
    return a->same_organisation && !b->same_organisation;
}

static void keep(struct search *search, const struct people_found *found)
{
    size_t at = search->n_found;
    for (size_t i = 0; i < search->n_found; i++)
        if (search->found[i].user == found->user)
            return;
    if (at == LIMIT_DIRECTORY_FOUND) {
        search->more = true;
        if (!is_better(found, &search->found[--at]))
            return;
    } else {
        search->n_found++;
    }
    for (; at && is_better(found, &search->found[at - 1]); at--)
        search->found[at] = search->found[at - 1];
    search->found[at] = *found;
}

static void visit(struct search *search, const struct entry *entry)
{
    struct people_found found = {.user = entry->user};
    if (entry->gone || entry->hidden || (entry->expires_s && entry->expires_s <= search->now_s))
        return;
    for (size_t i = 0; i < search->n_terms; i++) {
        uint32_t points = points_of(search->index, entry, &search->terms[i]);
        if (!points)
            return;
        found.points += points;
    }
    found.same_organisation = shares_organisation(search, entry);
    keep(search, &found);
}

/* Who bears a word of that level in that role. */
static void visit_bearers(struct search *search, const struct term *term, uint8_t level,
                          enum role role)
{
    const struct people_index *index = search->index;
    for (size_t i = 0; i < term->words.n; i++) {
        const struct list *bearers = &index->words.p[term->words.p[i]].bearers[role];
        const uint32_t *entries = list_items(bearers);
        if (term->levels[term->words.p[i]] != level)
            continue;
        for (uint32_t j = 0; j < bearers->n; j++) {
            if (search->visited == LIMIT_DIRECTORY_VISITS) {
                search->more = true;
                return;
            }
            search->visited++;
            visit(search, &index->entries.p[entries[j]]);
        }
    }
}

static size_t count_characters(struct str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += ((unsigned char)text.p[i] & 0xc0) != 0x80;
    return n;
}

/* Whether there is something to look for: more than single letters. */
static bool read_terms(struct search *search, struct str text)
{
    struct str folded, word;
    size_t at = 0;
    bool long_enough = false;
    if (fold(search->arena, text, &folded) < 0)
        return false;
    while (search->n_terms < LIMIT_DIRECTORY_TERMS && (word = fold_next_word(folded, &at)).p) {
        search->terms[search->n_terms++].text = cut_word(word);
        long_enough |= count_characters(word) > 1;
    }
    return long_enough;
}

/* The term that the fewest people have decides who is looked at, the best matches first. */
static void run(struct search *search)
{
    static const struct {
        uint8_t level;
        enum role role;
    } order[] = {
        {LEVEL_WHOLE, ROLE_LAST},  {LEVEL_START, ROLE_LAST},  {LEVEL_WHOLE, ROLE_OTHER},
        {LEVEL_START, ROLE_OTHER}, {LEVEL_INSIDE, ROLE_LAST}, {LEVEL_INSIDE, ROLE_OTHER},
    };
    struct term *rarest = &search->terms[0];
    for (size_t i = 0; i < search->n_terms; i++) {
        find_words(search, &search->terms[i]);
        if (search->terms[i].bearers < rarest->bearers)
            rarest = &search->terms[i];
    }
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        visit_bearers(search, rarest, order[i].level, order[i].role);
}

void people_index_search(const struct people_index *index, const struct people_query *query,
                         struct arena *arena, struct people_found **ret_found, size_t *ret_n,
                         bool *ret_more)
{
    struct search search = {.index = index, .arena = arena};
    const uint32_t *slot = find_user(index, query->caller);
    search.caller = slot ? &index->entries.p[*slot - 1] : NULL;
    search.now_s = (uint32_t)(query->now_ms / 1000);
    search.found = ARENA_NEW_N(arena, LIMIT_DIRECTORY_FOUND, struct people_found);
    if (read_terms(&search, query->term))
        run(&search);
    *ret_found = search.found;
    *ret_n = search.n_found;
    *ret_more = search.more;
}

/* ---- what it takes ---- */

size_t people_index_count(const struct people_index *index)
{
    return index->entries.n - index->gone;
}

size_t people_index_bytes(const struct people_index *index)
{
    return index->entries.capacity * sizeof *index->entries.p +
           index->entry_words.capacity * sizeof *index->entry_words.p +
           index->words.capacity * sizeof *index->words.p + index->texts.capacity +
           (index->by_user.capacity + index->by_text.capacity) * sizeof(uint32_t) +
           PAIRS * sizeof *index->pairs + index->list_bytes;
}

bool people_index_is_worn(const struct people_index *index)
{
    return index->gone > 1000 && index->gone > index->entries.n / 3;
}
