/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/limits.h"
#include "matrix/email.h"
#include "service/identity/domain_map.h"

/* ACC-04: an address that is accepted means one thing. The domain that the map decides on is what
 * stands after the one "@" of the recipient and of what is stored; and reading either again gives
 * the same value. Each input is one address, and the seed of a thousand others, put together from
 * what confuses parsers: ten thousand runs are ten million addresses. */

#define GENERATED 1000

/* ---- what must hold ---- */

static struct domain_map *map_of_test(void)
{
    struct domain_map *map = domain_map_new();
    struct err err = ERR_INIT;
    struct domain_rule gouv = {STR("gouv.server"), STR_NONE, false};
    struct domain_rule below = {STR("below.server"), STR_NONE, false};
    struct domain_rule other = {STR("other.server"), STR_NONE, true};
    CHECK(domain_map_add_domain(map, STR("gouv.example"), &gouv, &err) == 0);
    CHECK(domain_map_add_domain(map, STR("*.ac.example"), &below, &err) == 0);
    CHECK(domain_map_set_default(map, &other, &err) == 0);
    return map;
}

/* Another reading of the map, from the text that the mail server is given. */
static struct str server_of_recipient(struct str recipient)
{
    const char *at = memrchr(recipient.p, '@', recipient.n);
    CHECK(at != NULL && memchr(recipient.p, '@', recipient.n) == at);
    struct str domain = str_skip(recipient, (size_t)(at + 1 - recipient.p));
    if (str_eq_nocase(domain, STR("gouv.example")))
        return STR("gouv.server");
    return str_ends(domain, STR(".ac.example")) ? STR("below.server") : STR("other.server");
}

static void check_bytes(struct str text, struct str full)
{
    CHECK(text.n == full.n && full.n <= EMAIL_MAX);
    for (size_t i = 0; i < full.n; i++) {
        char c = full.p[i];
        CHECK(c > 0x20 && c < 0x7f && !strchr("<>()[]\\,;:\"%!/?#&=`{}|^~$*A", c));
        CHECK(c == text.p[i] || (c >= 'a' && c <= 'z' && c - 0x20 == text.p[i]));
    }
}

static void check_names(struct arena *arena, const struct email *email)
{
    struct str localpart = email_localpart(arena, email, 0),
               next = email_localpart(arena, email, 1);
    CHECK(localpart.n > 0 && !str_contains(localpart, STR("@")) && !str_eq(localpart, next));
    CHECK(str_is_utf8(email_display_name(arena, email)));
    CHECK(email_organisation(arena, email).n > 0);
}

/* True: it was accepted, and holds. */
static bool check(struct arena *arena, const struct domain_map *map, struct str text)
{
    struct email email, again;
    struct err err = ERR_INIT;
    if (email_parse(arena, text, &email, &err) < 0) {
        CHECK(err.kind == ERR_KIND_CLIENT);
        return false;
    }
    check_bytes(text, email.full);
    CHECK(email.local.p == email.full.p && email.domain.p == email.local.p + email.local.n + 1);
    CHECK(email.local.n + 1 + email.domain.n == email.full.n);
    const struct domain_rule *decided = domain_map_find(map, &email);
    CHECK(decided && str_eq(decided->server, server_of_recipient(email.full)));
    CHECK(email_parse(arena, email.full, &again, &err) == 0 && str_eq(again.full, email.full));
    check_names(arena, &email);
    return true;
}

/* ---- making addresses ---- */

static uint64_t draw(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Half of them have the shape of an address, so that many are accepted. */
static void add_pieces(uint64_t *state, const struct str *pieces, size_t n_pieces, struct buf *out)
{
    size_t n = 1 + draw(state) % 4;
    while (n--)
        buf_add(out, pieces[draw(state) % n_pieces]);
}

static void generate(uint64_t *state, struct buf *out)
{
    static const struct str locals[] = {STR_INIT("a"),  STR_INIT("Jean.Dupont"), STR_INIT("_1"),
                                        STR_INIT("+x"), STR_INIT("'"),           STR_INIT("-b"),
                                        STR_INIT(".c")};
    static const struct str domains[] = {STR_INIT("gouv.example"),
                                         STR_INIT("x."),
                                         STR_INIT("lyon.ac.example"),
                                         STR_INIT("GOUV.Example"),
                                         STR_INIT("ac."),
                                         STR_INIT("-"),
                                         STR_INIT(".evil.org"),
                                         STR_INIT("xn--80ak6aa92e.")};
    static const struct str others[] = {STR_INIT("@"),
                                        STR_INIT("a"),
                                        STR_INIT("gouv.example"),
                                        STR_INIT("evil.org"),
                                        STR_INIT("."),
                                        STR_INIT("<"),
                                        STR_INIT(">"),
                                        STR_INIT("\""),
                                        STR_INIT(","),
                                        STR_INIT(" "),
                                        STR_INIT("\r\n"),
                                        STR_INIT("\0"),
                                        STR_INIT("%"),
                                        STR_INIT("!"),
                                        STR_INIT("(c)"),
                                        STR_INIT("[1.2.3.4]"),
                                        STR_INIT("\xef\xbc\xa0"),
                                        STR_INIT("127.0.0.1"),
                                        STR_INIT("b@gouv.example"),
                                        STR_INIT("x@lyon.ac.example")};
    buf_clear(out);
    if (draw(state) % 2) {
        add_pieces(state, locals, ARRAY_LEN(locals), out);
        buf_add_byte(out, '@');
        add_pieces(state, domains, ARRAY_LEN(domains), out);
    } else {
        add_pieces(state, others, ARRAY_LEN(others), out);
        add_pieces(state, others, ARRAY_LEN(others), out);
    }
    /* One byte of it becomes any other, now and then. */
    if (draw(state) % 8 == 0)
        out->p[draw(state) % out->n] = (char)draw(state);
}

static uint64_t seed_of(const uint8_t *data, size_t size)
{
    uint64_t seed = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++)
        seed = (seed ^ data[i]) * 0x100000001b3u;
    return seed ? seed : 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    CLEANUP(buf_done) struct buf text;
    struct domain_map *map = map_of_test();
    uint64_t state = seed_of(data, size);
    size_t accepted = 0;
    buf_init(&text, KIB(4));
    (void)check(arena, map, str_make(data, size));
    for (int i = 0; i < GENERATED; i++) {
        generate(&state, &text);
        arena_reset(arena);
        accepted += check(arena, map, buf_str(&text));
    }
    CHECK(accepted > GENERATED / 20);
    domain_map_unref(map);
    return 0;
}
