/* SPDX-License-Identifier: EUPL-1.2 */

/* What is read of an operator's address and of the storage's lists. The requests themselves are
 * tested against a real one and a hostile one: tests/api/storage.test.ts. */

#include "net/s3.h"

#include "base/limits.h"
#include "base/unit.h"
#include "net/s3_list.h"

static bool is(struct str found, const char *wanted)
{
    return str_eq(found, str_from(wanted));
}

static void an_address_is_cut_into_its_parts(void **state)
{
    struct s3_place place;
    (void)state;
    assert_int_equal(s3_place_parse(STR("https://s3.example:9000/files/a/b-C_d.e"), &place), 0);
    assert_true(is(place.url, "https://s3.example:9000"));
    assert_true(is(place.host, "s3.example:9000"));
    assert_true(is(place.bucket, "files"));
    assert_true(is(place.prefix, "a/b-C_d.e"));
    assert_int_equal(s3_place_parse(STR("http://[::1]:80/my.bucket-1"), &place), 0);
    assert_true(is(place.host, "[::1]:80"));
    assert_true(is(place.bucket, "my.bucket-1"));
    assert_int_equal(place.prefix.n, 0);
}

static void what_is_no_address_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "s3.example/files",
        "ftp://s3.example/files",
        "https://s3.example",
        "https://s3.example/",
        "https:///files",
        "https://s3.example/ab",
        "https://s3.example/Files",
        "https://s3.example/-files",
        "https://s3.example/files/",
        "https://s3.example/files//a",
        "https://s3.example/files/../a",
        "https://s3.example/files/a?b",
        "https://s3.example/files/a%2f",
        "https://user:secret@s3.example/files",
        "https://s3.example/files/a b",
    };
    struct s3_place place;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        if (s3_place_parse(str_from(wrong[i]), &place) == 0)
            fail_msg("\"%s\" is taken", wrong[i]);
}

/* ---- lists ---- */

#define PAGE(more, objects)                                                                        \
    STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3/\">"      \
        "<Name>files</Name><Prefix/><KeyCount>1</KeyCount><IsTruncated>" more                      \
        "</IsTruncated>" objects "</ListBucketResult>")
#define OBJECT(name, time, size)                                                                   \
    "<Contents><Key>" name "</Key><LastModified>" time "</LastModified><ETag>&quot;x&quot;</ETag>" \
    "<Size>" size "</Size><StorageClass>STANDARD</StorageClass></Contents>"

static void a_page_is_read(void **state)
{
    struct arena *arena = arena_new(MIB(1));
    struct err err = ERR_INIT;
    struct s3_page page;
    (void)state;
    assert_int_equal(s3_page_parse(arena, PAGE("false", ""), &page, &err), 0);
    assert_int_equal(page.n, 0);
    assert_false(page.more);
    struct str text =
        PAGE("true", OBJECT("a/b", "2013-05-24T00:00:01.000Z", "0") OBJECT(
                         "a&amp;&lt;&gt;&quot;&apos;", "2013-05-24T00:00:00Z", "123456789012"));
    assert_int_equal(s3_page_parse(arena, text, &page, &err), 0);
    assert_int_equal(page.n, 2);
    assert_true(page.more);
    assert_true(is(page.objects[0].name, "a/b"));
    assert_true(page.objects[0].changed_ms == INT64_C(1369353601000));
    assert_int_equal(page.objects[0].size, 0);
    assert_true(is(page.objects[1].name, "a&<>\"'"));
    assert_true(page.objects[1].size == INT64_C(123456789012));
    arena_free(arena);
}

static void what_is_no_page_is_refused(void **state)
{
    static const struct str wrong[] = {
        STR_INIT(""),
        STR_INIT("<Error><Code>NoSuchBucket</Code></Error>"),
        STR_INIT("<ListBucketResult><IsTruncated>false</IsTruncated>"),
        STR_INIT("<ListBucketResult></ListBucketResult>"),
    };
    static const char *const objects[] = {
        "<Contents><Key>a</Key></Contents>",
        OBJECT("", "2013-05-24T00:00:00.000Z", "1"),
        OBJECT("a", "2013-05-24 00:00:00", "1"),
        OBJECT("a", "2013-13-24T00:00:00.000Z", "1"),
        OBJECT("a", "20130524T000000Z", "1"),
        OBJECT("a", "2013-05-24T00:00:00.000Z", "-1"),
        OBJECT("a", "2013-05-24T00:00:00.000Z", "99999999999999999999"),
        OBJECT("a&#10;", "2013-05-24T00:00:00.000Z", "1"),
        OBJECT("a\nb", "2013-05-24T00:00:00.000Z", "1"),
        OBJECT("a&", "2013-05-24T00:00:00.000Z", "1"),
    };
    struct arena *arena = arena_new(MIB(1));
    struct err err = ERR_INIT;
    struct s3_page page;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_int_equal(s3_page_parse(arena, wrong[i], &page, &err), -1);
    assert_int_equal(s3_page_parse(arena, PAGE("maybe", ""), &page, &err), -1);
    for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
        struct str text = arena_printf(arena,
                                       "<ListBucketResult><IsTruncated>false</IsTruncated>%s"
                                       "</ListBucketResult>",
                                       objects[i]);
        if (s3_page_parse(arena, text, &page, &err) == 0)
            fail_msg("%s is taken", objects[i]);
    }
    arena_free(arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_cut_into_its_parts),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(a_page_is_read),
        cmocka_unit_test(what_is_no_page_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
