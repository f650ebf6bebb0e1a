/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/mail/letter.h"

#include <string.h>

#include "base/limits.h"
#include "base/unit.h"
#include "service/mail/message.h"

static struct letter written(struct arena *arena, enum letter_kind kind, struct str args)
{
    struct mail mail = {.id = 7, .kind = kind, .args = args};
    struct letter letter;
    struct err err = ERR_INIT;
    if (letter_write(arena, &mail, STR("interieur.example"), &letter, &err) < 0)
        fail_msg("%s", err.detail);
    return letter;
}

static struct str code_args(struct arena *arena, enum letter_purpose purpose,
                            enum letter_language language)
{
    struct letter_code code = {purpose, language, STR("12345678"),
                               STR("https://x.example/c?sid=a&token=b")};
    return letter_code_args(arena, &code);
}

static void a_code_is_in_text_and_html(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    (void)state;
    for (int purpose = LETTER_TO_SIGN_UP; purpose <= LETTER_TO_BIND; purpose++) {
        struct letter fr = written(arena, LETTER_CODE,
                                   code_args(arena, (enum letter_purpose)purpose, LETTER_FRENCH));
        struct letter en = written(arena, LETTER_CODE,
                                   code_args(arena, (enum letter_purpose)purpose, LETTER_ENGLISH));
        assert_true(str_contains(fr.text, STR("Bonjour,")));
        assert_true(str_contains(en.text, STR("Hello,")));
        assert_true(str_contains(fr.text, STR("    1234 5678\r\n")));
        assert_true(str_contains(fr.html, STR(">1234 5678<")));
        assert_true(str_contains(fr.text, STR("\r\nhttps://x.example/c?sid=a&token=b\r\n")));
        assert_true(str_contains(fr.html, STR("\"https://x.example/c?sid=a&amp;token=b\"")));
        assert_true(str_contains(fr.html, STR("<html lang=\"fr\">")));
        assert_true(str_contains(en.html, STR("<html lang=\"en\">")));
        assert_str(fr.code, STR("12345678"));
        assert_false(str_eq(fr.subject, en.subject));
    }
}

static void a_renewal_is_in_both_languages(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    (void)state;
    struct letter letter = written(arena, LETTER_RENEWAL,
                                   letter_renewal_args(arena, STR("https://x.example/r?token=t")));
    assert_true(str_contains(letter.text, STR("Bonjour,")));
    assert_true(str_contains(letter.text, STR("Hello,")));
    assert_true(str_contains(letter.text, STR("\r\nhttps://x.example/r?token=t\r\n")));
    assert_true(str_contains(letter.html, STR("\"https://x.example/r?token=t\"")));
    assert_str(letter.link, STR("https://x.example/r?token=t"));
    assert_null(letter.code.p);
}

static void a_digest_counts_and_says_no_more(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct letter_digest digest = {.of = {[LETTER_DIRECT] = {3, 2}, [LETTER_FORUM] = {1, 1}},
                                   .link = STR("https://x.example/"),
                                   .stop = STR("https://x.example/s?token=t")};
    (void)state;
    struct letter letter = written(arena, LETTER_DIGEST, letter_digest_args(arena, &digest));
    assert_true(
        str_contains(letter.text, STR(" : 3 messages dans 2 conversations directes, 1 message "
                                      "dans 1 forum.")));
    assert_true(str_contains(letter.text,
                             STR(": 3 messages in 2 direct conversations, 1 message in 1 forum.")));
    assert_false(str_contains(letter.text, STR("salon")));
    assert_true(str_contains(letter.text, STR("courriels :\r\nhttps://x.example/s?token=t\r\n")));
    assert_true(str_contains(letter.html, STR("\"https://x.example/s?token=t\"")));
    assert_str(letter.stop, STR("https://x.example/s?token=t"));
    assert_str(letter.link, STR("https://x.example/"));
}

static void a_digest_counts_invitations(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct letter_digest digest = {.of = {[LETTER_PRIVATE] = {1, 1}},
                                   .invitations = 2,
                                   .link = STR("https://x.example/"),
                                   .stop = STR("https://x.example/s?token=t")};
    (void)state;
    struct letter letter = written(arena, LETTER_DIGEST, letter_digest_args(arena, &digest));
    assert_true(str_contains(letter.text,
                             STR("1 message dans 1 salon privé. Invitations en attente de votre "
                                 "réponse : 2.")));
    assert_true(str_contains(letter.text, STR("1 message in 1 private room. Invitations waiting "
                                              "for your answer: 2.")));
    assert_str(letter.subject, STR("Des messages vous attendent – Messages wait for you"));
    /* Alone. */
    digest.of[LETTER_PRIVATE].messages = 0;
    digest.invitations = 1;
    letter = written(arena, LETTER_DIGEST, letter_digest_args(arena, &digest));
    assert_true(str_contains(letter.text, STR("Invitation en attente de votre réponse : 1.")));
    assert_true(str_contains(letter.text, STR("Invitation waiting for your answer: 1.")));
    assert_false(str_contains(letter.text, STR("non lus")));
    assert_true(str_contains(letter.text, STR("ne dit ni qui vous invite")));
    assert_str(letter.subject, STR("Une invitation vous attend – An invitation waits for you"));
}

/* ACC-09: nothing of a name becomes markup, a link or a header, and it is cut. */
static void a_name_is_cleaned(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    static char hostile[10000];
    (void)state;
    memset(hostile, 'x', sizeof hostile);
    static const char start[] =
        "Jean-Éric <b>O'Neil</b> [Culture]\r\nBcc: a@b.c https://evil.example/&\"";
    memcpy(hostile, start, sizeof start - 1);
    struct letter letter = written(arena, LETTER_INVITATION,
                                   letter_invitation_args(arena, str_make(hostile, sizeof hostile),
                                                          STR("https://x.example/")));
    assert_true(
        str_contains(letter.text, STR("Jean-Éric bO'Neilb [Culture]Bcc abc httpsevilexample")));
    assert_false(str_contains(letter.text, STR("evil.example")));
    assert_false(str_contains(letter.html, STR("<b>")));
    assert_true(letter.text.n < 3000 && letter.html.n < 5000);
    assert_true(str_is_utf8(letter.text));
    assert_true(str_find(letter.subject, '\n') < 0);
    /* French first. */
    assert_true(strstr(letter.html.p, "lang=\"fr\"") < strstr(letter.html.p, "lang=\"en\""));
}

static void arguments_that_cannot_be_read_are_refused(void **state)
{
    static const char *const args[] = {
        "", "{", "[]", "{}", "{\"purpose\":9}", "{\"purpose\":1,\"code\":\"1\"}"};
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct letter letter;
    struct err err = ERR_INIT;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(args); i++) {
        struct mail mail = {.id = 7, .kind = LETTER_CODE, .args = str_from(args[i])};
        assert_int_equal(letter_write(arena, &mail, STR("x"), &letter, &err), -1);
    }
    struct mail unknown = {.id = 7, .kind = 99, .args = STR("{}")};
    assert_int_equal(letter_write(arena, &unknown, STR("x"), &letter, &err), -1);
}

static void a_message_is_ascii_lines(void **state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    CLEANUP(buf_done) struct buf out;
    struct email to;
    struct err err = ERR_INIT;
    (void)state;
    assert_int_equal(email_parse(arena, STR("A.B@interieur.example"), &to, &err), 0);
    struct letter letter = written(arena, LETTER_ADDRESS, letter_address_args(arena));
    struct message message = {.id = 7,
                              .date_ms = INT64_C(1795840688000),
                              .host = STR("x.example"),
                              .from = STR("chappe@x.example"),
                              .to = &to,
                              .letter = &letter};
    buf_init(&out, MIB(1));
    message_write(&message, &out);
    assert_true(str_contains(buf_str(&out), STR("\r\nTo: <a.b@interieur.example>\r\n")));
    assert_true(str_starts(buf_str(&out), STR("Date: Sat, 28 Nov 2026 ")));
    struct str rest = buf_str(&out), line;
    while (str_cut(rest, '\n', &line, &rest)) {
        assert_true(line.n && line.p[line.n - 1] == '\r' && line.n <= 79);
        for (size_t i = 0; i + 1 < line.n; i++)
            assert_true(line.p[i] >= 0x20 && line.p[i] < 0x7f);
    }
    assert_int_equal(rest.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_code_is_in_text_and_html),
        cmocka_unit_test(a_renewal_is_in_both_languages),
        cmocka_unit_test(a_digest_counts_and_says_no_more),
        cmocka_unit_test(a_digest_counts_invitations),
        cmocka_unit_test(a_name_is_cleaned),
        cmocka_unit_test(arguments_that_cannot_be_read_are_refused),
        cmocka_unit_test(a_message_is_ascii_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
