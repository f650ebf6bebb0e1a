/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/limits.h"
#include "base/unit.h"
#include "vectors/reference.h"
#include "json/write.h"

#define DOCUMENTS 50000

/* xorshift64*: the same documents in each run. */
struct dice {
    uint64_t x;
};

static uint64_t roll(struct dice *dice, uint64_t below)
{
    dice->x ^= dice->x >> 12;
    dice->x ^= dice->x << 25;
    dice->x ^= dice->x >> 27;
    return (dice->x * UINT64_C(2685821657736338717) >> 32) % below;
}

static void write_blank(struct dice *dice, struct buf *out)
{
    static const char blanks[] = " \t\r\n";
    while (roll(dice, 6) == 0)
        buf_add_byte(out, blanks[roll(dice, 4)]);
}

/* One character in one of its spellings. */
static void write_character(struct dice *dice, struct buf *out)
{
    static const struct str raw[] = {
        STR_INIT("\xc3\xa9"),     STR_INIT("\xe2\x82\xac"), STR_INIT("\xf0\x9f\x98\x80"),
        STR_INIT("\xef\xbf\xbd"), STR_INIT("\x7f"),         STR_INIT("/"),
        STR_INIT("\\/"),          STR_INIT("\\\\"),         STR_INIT("\\\""),
        STR_INIT("\\n"),          STR_INIT("\\b"),          STR_INIT("\\ud83d\\uDE00"),
    };
    uint64_t kind = roll(dice, 10);
    if (kind < 6)
        buf_add_byte(out, (char)('a' + roll(dice, 26)));
    else if (kind < 8)
        buf_add(out, raw[roll(dice, ARRAY_LEN(raw))]);
    else
        buf_printf(out, roll(dice, 2) ? "\\u%04x" : "\\u%04X",
                   (unsigned)roll(dice, roll(dice, 2) ? 0x80 : 0xD800));
}

static void write_string(struct dice *dice, struct buf *out, uint64_t longest)
{
    buf_add_byte(out, '"');
    for (uint64_t n = roll(dice, longest); n > 0; n--)
        write_character(dice, out);
    buf_add_byte(out, '"');
}

static void write_integer(struct dice *dice, struct buf *out)
{
    int64_t limit = roll(dice, 2) ? LIMIT_SAFE_INTEGER : 100;
    buf_add_int(out, (int64_t)roll(dice, (uint64_t)limit + 1) * (roll(dice, 2) ? 1 : -1));
}

static void write_value(struct dice *dice, struct buf *out, unsigned depth)
{
    static const struct str words[] = {STR_INIT("true"), STR_INIT("false"), STR_INIT("null")};
    uint64_t kind = roll(dice, depth < 5 ? 7 : 5), n = roll(dice, 20);
    write_blank(dice, out);
    if (kind < 2) {
        write_string(dice, out, 20);
    } else if (kind < 4) {
        write_integer(dice, out);
    } else if (kind < 5) {
        buf_add(out, words[roll(dice, 3)]);
    } else {
        buf_add_byte(out, kind == 5 ? '[' : '{');
        for (uint64_t i = 0; i < n / (depth + 1); i++) {
            buf_add(out, i ? STR(",") : STR(""));
            write_blank(dice, out);
            if (kind == 6) {
                write_string(dice, out, 8);
                write_blank(dice, out);
                buf_add_byte(out, ':');
            }
            write_value(dice, out, depth + 1);
        }
        write_blank(dice, out);
        buf_add_byte(out, kind == 5 ? ']' : '}');
    }
    write_blank(dice, out);
}

/* 1 when the text was read, 0 when it was refused (two keys may have come out equal). */
static int check_fixed_point(struct str text, struct buf *first, struct buf *second)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(16));
    const struct json *doc, *again;
    struct err err = ERR_INIT;
    buf_clear(first);
    buf_clear(second);
    if (json_parse(arena, text, &doc, &err) < 0)
        return 0;
    if (json_canonical(doc, first, &err) < 0)
        return 0; /* -0 */
    assert_int_equal(json_parse(arena, buf_str(first), &again, &err), 0);
    assert_true(json_eq(doc, again));
    assert_int_equal(json_canonical(again, second, &err), 0);
    assert_str(buf_str(second), buf_str(first));
    return 1;
}

static void test_JSON_14_generated(void **state)
{
    struct dice dice = {UINT64_C(0x9E3779B97F4A7C15)};
    CLEANUP(buf_done) struct buf text, first, second;
    size_t accepted = 0;
    (void)state;
    buf_init(&text, MIB(1));
    buf_init(&first, MIB(1));
    buf_init(&second, MIB(1));
    for (size_t i = 0; i < DOCUMENTS; i++) {
        buf_clear(&text);
        write_value(&dice, &text, 0);
        assert_false(buf_is_full(&text));
        const char *difference = reference_difference(buf_str(&text));
        if (difference)
            fail_msg("%s: %.*s", difference, STR_ARG(buf_str(&text)));
        accepted += (size_t)check_fixed_point(buf_str(&text), &first, &second);
    }
    assert_true(accepted > DOCUMENTS * 8 / 10);
}

/* A byte changed, dropped or doubled: both readers must still agree. */
static void test_JSON_14_mutated(void **state)
{
    struct dice dice = {UINT64_C(0xD1B54A32D192ED03)};
    CLEANUP(buf_done) struct buf text;
    (void)state;
    buf_init(&text, MIB(1));
    for (size_t i = 0; i < DOCUMENTS / 2; i++) {
        buf_clear(&text);
        write_value(&dice, &text, 1);
        for (uint64_t n = roll(&dice, 3) + 1; n > 0 && text.n > 1; n--) {
            size_t at = roll(&dice, text.n - 1);
            if (roll(&dice, 2))
                text.p[at] = (char)roll(&dice, 256);
            else
                text.p[at] = text.p[at + 1];
        }
        const char *difference = reference_difference(buf_str(&text));
        if (difference)
            fail_msg("%s: %.*s", difference, STR_ARG(buf_str(&text)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_JSON_14_generated),
        cmocka_unit_test(test_JSON_14_mutated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
