/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/pattern.h"

#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/vec.h"

/* One step of the automaton. Jumps are relative, so that code can be moved. */
struct step {
    enum { STEP_SET, STEP_SPLIT, STEP_JUMP, STEP_BEGIN, STEP_END, STEP_MATCH } kind;
    int x, y;              /* SPLIT: both ways; JUMP: x */
    unsigned char set[32]; /* SET: a bit a byte */
};

struct pattern {
    size_t n;
    struct step steps[LIMIT_PATTERN_STEPS];
};

/* ---- reading ---- */

struct reading {
    struct str text;
    size_t at;
    unsigned depth;
    struct pattern *pattern;
    struct err *err;
};

static int refuse(struct reading *r, const char *why)
{
    return err_internal(r->err, "%s, at byte %zu", why, r->at + 1);
}

static bool is_at(const struct reading *r, char c)
{
    return r->at < r->text.n && r->text.p[r->at] == c;
}

static bool take(struct reading *r, char c)
{
    if (!is_at(r, c))
        return false;
    r->at++;
    return true;
}

static int emit(struct reading *r, const struct step *step)
{
    if (r->pattern->n == LIMIT_PATTERN_STEPS)
        return refuse(r, "the pattern is too long");
    r->pattern->steps[r->pattern->n++] = *step;
    return 0;
}

/* One step in front of those from `at` on, which keep their ways among themselves. */
static int insert(struct reading *r, size_t at, const struct step *step)
{
    struct pattern *pattern = r->pattern;
    if (emit(r, step) < 0)
        return -1;
    memmove(&pattern->steps[at + 1], &pattern->steps[at],
            (pattern->n - 1 - at) * sizeof *pattern->steps);
    pattern->steps[at] = *step;
    return 0;
}

/* ---- sets of bytes ---- */

static void add_byte(unsigned char set[32], unsigned char c)
{
    set[c / 8] = (unsigned char)(set[c / 8] | 1u << c % 8);
}

static void add_range(unsigned char set[32], unsigned char first, unsigned char last)
{
    for (unsigned c = first; c <= last; c++)
        add_byte(set, (unsigned char)c);
}

static void invert(unsigned char set[32])
{
    for (size_t i = 0; i < 32; i++)
        set[i] = (unsigned char)~set[i];
}

static void add_all(unsigned char set[32], const unsigned char more[32])
{
    for (size_t i = 0; i < 32; i++)
        set[i] |= more[i];
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* \d and its like; false: it is none. */
static bool add_class(unsigned char set[32], char c)
{
    unsigned char one[32] = {0};
    switch (c | 0x20) {
    case 'd':
        add_range(one, '0', '9');
        break;
    case 'w':
        add_range(one, 'a', 'z');
        add_range(one, 'A', 'Z');
        add_range(one, '0', '9');
        add_byte(one, '_');
        break;
    case 's':
        add_range(one, '\t', '\r');
        add_byte(one, ' ');
        break;
    default:
        return false;
    }
    if (!(c & 0x20))
        invert(one);
    add_all(set, one);
    return true;
}

/* What follows a backslash. *ret_byte: the one byte it is; -1: a class. */
static int read_escape(struct reading *r, unsigned char set[32], int *ret_byte)
{
    if (r->at == r->text.n)
        return refuse(r, "a backslash stands at the end");
    char c = r->text.p[r->at];
    *ret_byte = -1;
    if (add_class(set, c)) {
        r->at++;
        return 0;
    }
    if (is_word(c) || (unsigned char)c >= 0x80)
        return refuse(r, "this escape is not known (no back-references, no \\b)");
    r->at++;
    *ret_byte = (unsigned char)c;
    add_byte(set, (unsigned char)c);
    return 0;
}

/* A byte of a bracket, or a class (-1). */
static int read_member(struct reading *r, unsigned char set[32], int *ret_byte)
{
    if (r->at == r->text.n)
        return refuse(r, "a [ is not closed");
    if (take(r, '\\'))
        return read_escape(r, set, ret_byte);
    unsigned char c = (unsigned char)r->text.p[r->at];
    if (c >= 0x80)
        return refuse(r, "brackets hold ASCII characters only");
    if (c == '[' && r->at + 1 < r->text.n && r->text.p[r->at + 1] == ':')
        return refuse(r, "classes such as [:alpha:] are not known: write a-zA-Z");
    r->at++;
    *ret_byte = c;
    add_byte(set, c);
    return 0;
}

static int read_range(struct reading *r, unsigned char set[32])
{
    int first, last;
    if (read_member(r, set, &first) < 0)
        return -1;
    if (!is_at(r, '-') || r->at + 1 >= r->text.n || r->text.p[r->at + 1] == ']')
        return 0;
    r->at++;
    if (read_member(r, set, &last) < 0)
        return -1;
    if (first < 0 || last < first)
        return refuse(r, "a range in brackets is the wrong way round");
    add_range(set, (unsigned char)first, (unsigned char)last);
    return 0;
}

static int read_brackets(struct reading *r)
{
    struct step step = {.kind = STEP_SET};
    bool inverted = take(r, '^'), first = true;
    while (first || !is_at(r, ']')) {
        if (read_range(r, step.set) < 0)
            return -1;
        first = false;
    }
    r->at++;
    if (inverted)
        invert(step.set);
    return emit(r, &step);
}

/* ---- atoms, repetitions, alternatives ---- */

static int read_alternatives(struct reading *r);

static int read_group(struct reading *r)
{
    if (take(r, '?') && !take(r, ':'))
        return refuse(r, "only groups as (…) and (?:…) are known");
    if (++r->depth > LIMIT_PATTERN_DEPTH)
        return refuse(r, "groups are too deep");
    if (read_alternatives(r) < 0)
        return -1;
    r->depth--;
    return take(r, ')') ? 0 : refuse(r, "a ( is not closed");
}

static int read_atom(struct reading *r)
{
    struct step step = {.kind = STEP_SET};
    int byte;
    char c = r->text.p[r->at++];
    switch (c) {
    case '(':
        return read_group(r);
    case '[':
        return read_brackets(r);
    case '\\':
        return read_escape(r, step.set, &byte) < 0 ? -1 : emit(r, &step);
    case '.':
        invert(step.set);
        break;
    case '^':
        step.kind = STEP_BEGIN;
        break;
    case '$':
        step.kind = STEP_END;
        break;
    case '*':
    case '+':
    case '?':
    case '{':
    case ')':
        r->at--;
        return refuse(r, "nothing stands before this");
    default:
        add_byte(step.set, (unsigned char)c);
        break;
    }
    return emit(r, &step);
}

struct times {
    int least, most; /* most -1: no end */
};

static int read_count(struct reading *r, int *ret_count)
{
    int count = 0;
    size_t start = r->at;
    while (r->at < r->text.n && r->text.p[r->at] >= '0' && r->text.p[r->at] <= '9') {
        count = count * 10 + (r->text.p[r->at++] - '0');
        if (count > LIMIT_PATTERN_STEPS)
            return refuse(r, "a count is too large");
    }
    *ret_count = count;
    return r->at > start ? 0 : refuse(r, "a count is missing");
}

static int read_braces(struct reading *r, struct times *times)
{
    if (read_count(r, &times->least) < 0)
        return -1;
    times->most = times->least;
    if (take(r, ',')) {
        times->most = -1;
        if (!is_at(r, '}') && read_count(r, &times->most) < 0)
            return -1;
    }
    if (!take(r, '}'))
        return refuse(r, "a { is not closed");
    if (times->most == 0)
        return refuse(r, "zero times is never");
    return times->most >= 0 && times->most < times->least
               ? refuse(r, "a count is the wrong way round")
               : 0;
}

/* 1 there is a repetition, 0, -1. */
static int read_times(struct reading *r, struct times *times)
{
    bool found = true;
    if (take(r, '*'))
        *times = (struct times){0, -1};
    else if (take(r, '+'))
        *times = (struct times){1, -1};
    else if (take(r, '?'))
        *times = (struct times){0, 1};
    else if (take(r, '{'))
        found = read_braces(r, times) == 0;
    else
        return 0;
    if (!found)
        return -1;
    (void)take(r, '?'); /* lazy */
    if (is_at(r, '*') || is_at(r, '+') || is_at(r, '?') || is_at(r, '{'))
        return refuse(r, "a repetition is repeated");
    return 1;
}

/* The steps from `at` on may be left out. */
static int make_optional(struct reading *r, size_t at)
{
    struct step split = {.kind = STEP_SPLIT, .x = 1, .y = (int)(r->pattern->n - at + 1)};
    return insert(r, at, &split);
}

/* The steps from `at` on, any number of times. */
static int make_loop(struct reading *r, size_t at)
{
    struct step back = {.kind = STEP_JUMP, .x = -(int)(r->pattern->n - at + 1)};
    struct step split = {.kind = STEP_SPLIT, .x = 1, .y = (int)(r->pattern->n - at + 2)};
    return insert(r, at, &split) < 0 ? -1 : emit(r, &back);
}

/* The atom again: its text is read once more. */
static int read_atom_at(struct reading *r, size_t start)
{
    struct reading again = *r;
    again.at = start;
    return read_atom(&again);
}

/* The first time, which are the steps from `at` on. */
static int repeat_first(struct reading *r, size_t at, const struct times *times)
{
    if (times->least > 0)
        return 0;
    return times->most < 0 ? make_loop(r, at) : make_optional(r, at);
}

static int read_piece(struct reading *r)
{
    size_t start = r->at, at = r->pattern->n;
    struct times times = {1, 1};
    if (read_atom(r) < 0 || read_times(r, &times) < 0)
        return -1;
    if (r->pattern->n == at)
        return 0; /* nothing, however often: each copy below takes of the steps there are */
    if (repeat_first(r, at, &times) < 0)
        return -1;
    for (int i = 1; i < times.least; i++)
        if (read_atom_at(r, start) < 0)
            return -1;
    int read = times.least > 1 ? times.least : 1;
    for (int i = read; i < times.most; i++) {
        size_t one = r->pattern->n;
        if (read_atom_at(r, start) < 0 || make_optional(r, one) < 0)
            return -1;
    }
    size_t last = r->pattern->n;
    if (times.most >= 0 || times.least == 0)
        return 0;
    return read_atom_at(r, start) < 0 ? -1 : make_loop(r, last);
}

static int read_sequence(struct reading *r)
{
    while (r->at < r->text.n && !is_at(r, '|') && !(is_at(r, ')') && r->depth))
        if (read_piece(r) < 0)
            return -1;
    return 0;
}

/* a|b|c: a split in front of each but the last, a jump behind it. */
static int read_alternatives(struct reading *r)
{
    size_t at = r->pattern->n;
    if (read_sequence(r) < 0)
        return -1;
    if (!take(r, '|'))
        return 0;
    struct step split = {.kind = STEP_SPLIT, .x = 1, .y = (int)(r->pattern->n - at + 2)};
    struct step jump = {.kind = STEP_JUMP};
    if (insert(r, at, &split) < 0)
        return -1;
    size_t behind = r->pattern->n;
    if (emit(r, &jump) < 0 || read_alternatives(r) < 0)
        return -1;
    r->pattern->steps[behind].x = (int)(r->pattern->n - behind);
    return 0;
}

int pattern_parse(struct arena *arena, struct str text, const struct pattern **ret_pattern,
                  struct err *err)
{
    struct pattern *pattern = ARENA_NEW(arena, struct pattern);
    struct reading r = {.text = text, .pattern = pattern, .err = err};
    const struct step match = {.kind = STEP_MATCH};
    if (text.n > LIMIT_PATTERN_BYTES)
        return refuse(&r, "the pattern is too long");
    if (read_alternatives(&r) < 0)
        return -1;
    if (r.at < text.n)
        return refuse(&r, "nothing is open that this closes");
    *ret_pattern = pattern;
    return emit(&r, &match);
}

/* ---- matching ---- */

/* The steps that the automaton is in, each once. */
struct places {
    size_t n;
    unsigned short steps[LIMIT_PATTERN_STEPS];
    bool has[LIMIT_PATTERN_STEPS];
};

struct run {
    const struct pattern *pattern;
    struct str text;
    size_t at;
    bool matched;
    unsigned short waiting[2 * LIMIT_PATTERN_STEPS];
    size_t n_waiting;
};

static void wait_for(struct run *run, struct places *places, size_t step)
{
    CHECK(step < run->pattern->n);
    if (places->has[step])
        return;
    places->has[step] = true;
    run->waiting[run->n_waiting++] = (unsigned short)step;
}

/* What a step leads to without a byte; a set waits for one. */
static void follow(struct run *run, struct places *places, size_t at)
{
    const struct step *step = &run->pattern->steps[at];
    switch (step->kind) {
    case STEP_SET:
        places->steps[places->n++] = (unsigned short)at;
        break;
    case STEP_SPLIT:
        wait_for(run, places, at + (size_t)step->x);
        wait_for(run, places, at + (size_t)step->y);
        break;
    case STEP_JUMP:
        wait_for(run, places, (size_t)((long)at + step->x));
        break;
    case STEP_BEGIN:
        if (run->at == 0)
            wait_for(run, places, at + 1);
        break;
    case STEP_END:
        if (run->at == run->text.n)
            wait_for(run, places, at + 1);
        break;
    case STEP_MATCH:
        run->matched = true;
        break;
    }
}

static void enter(struct run *run, struct places *places, size_t step)
{
    wait_for(run, places, step);
    while (run->n_waiting)
        follow(run, places, run->waiting[--run->n_waiting]);
}

static bool has_byte(const struct step *step, unsigned char c)
{
    return step->set[c / 8] >> c % 8 & 1u;
}

bool pattern_matches(const struct pattern *pattern, struct str text)
{
    struct places places[2] = {{0}, {0}}, *now = &places[0], *next = &places[1];
    struct run run = {.pattern = pattern, .text = text};
    enter(&run, now, 0);
    while (!run.matched && run.at < text.n && now->n) {
        unsigned char c = (unsigned char)text.p[run.at++];
        memset(next, 0, sizeof *next);
        for (size_t i = 0; i < now->n; i++)
            if (has_byte(&pattern->steps[now->steps[i]], c))
                enter(&run, next, now->steps[i] + 1u);
        struct places *before = now;
        now = next;
        next = before;
    }
    return run.matched;
}
