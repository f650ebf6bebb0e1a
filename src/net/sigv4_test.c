/* SPDX-License-Identifier: EUPL-1.2 */

/* Against the examples that AWS publishes: "Signature Calculations for the Authorization Header"
 * (Amazon S3 API Reference) and get-vanilla of its Signature Version 4 test suite. */

#include "net/sigv4.h"

#include <string.h>

#include "base/unit.h"

#define EMPTY STR("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
#define TIME  "20130524T000000Z"

static const struct sigv4_key example = {
    STR_INIT("AKIAIOSFODNN7EXAMPLE"),
    STR_INIT("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    STR_INIT("us-east-1"),
    STR_INIT("s3"),
};

static void signs(const struct sigv4_key *key, const struct sigv4_request *request,
                  const char *time, const char *wanted)
{
    struct arena *arena = arena_new(16384);
    struct str value = sigv4_authorization(arena, key, request, time);
    assert_string_equal(value.p, wanted);
    arena_free(arena);
}

#define CREDENTIAL                                                                                 \
    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "

static void an_object_is_got(void **state)
{
    static const struct sigv4_field fields[] = {
        {STR_INIT("host"), STR_INIT("examplebucket.s3.amazonaws.com")},
        {STR_INIT("range"), STR_INIT("bytes=0-9")},
        {STR_INIT("x-amz-content-sha256"),
         STR_INIT("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")},
        {STR_INIT("x-amz-date"), STR_INIT(TIME)},
    };
    struct sigv4_request request = {STR("GET"), STR("/test.txt"), STR(""), EMPTY, fields, 4};
    (void)state;
    signs(&example, &request, TIME,
          CREDENTIAL "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature="
                     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

static void an_object_is_put(void **state)
{
    static const struct str payload =
        STR_INIT("44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072");
    struct sigv4_field fields[] = {
        {STR("date"), STR("Fri, 24 May 2013 00:00:00 GMT")},
        {STR("host"), STR("examplebucket.s3.amazonaws.com")},
        {STR("x-amz-content-sha256"), payload},
        {STR("x-amz-date"), STR(TIME)},
        {STR("x-amz-storage-class"), STR("REDUCED_REDUNDANCY")},
    };
    struct sigv4_request request = {STR("PUT"), STR("/test%24file.text"), STR(""), payload, fields,
                                    5};
    (void)state;
    signs(&example, &request, TIME,
          CREDENTIAL
          "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, Signature="
          "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

static void objects_are_listed(void **state)
{
    static const struct sigv4_field fields[] = {
        {STR_INIT("host"), STR_INIT("examplebucket.s3.amazonaws.com")},
        {STR_INIT("x-amz-content-sha256"),
         STR_INIT("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")},
        {STR_INIT("x-amz-date"), STR_INIT(TIME)},
    };
    struct sigv4_request request = {STR("GET"), STR("/"), STR("max-keys=2&prefix=J"),
                                    EMPTY,      fields,   3};
    (void)state;
    signs(&example, &request, TIME,
          CREDENTIAL "SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature="
                     "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
    request.query = STR("lifecycle=");
    signs(&example, &request, TIME,
          CREDENTIAL "SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature="
                     "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

static void the_suite_s_first_case(void **state)
{
    static const struct sigv4_key key = {
        STR_INIT("AKIDEXAMPLE"),
        STR_INIT("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        STR_INIT("us-east-1"),
        STR_INIT("service"),
    };
    static const struct sigv4_field fields[] = {
        {STR_INIT("host"), STR_INIT("example.amazonaws.com")},
        {STR_INIT("x-amz-date"), STR_INIT("20150830T123600Z")},
    };
    struct sigv4_request request = {STR("GET"), STR("/"), STR(""), EMPTY, fields, 2};
    (void)state;
    signs(&key, &request, "20150830T123600Z",
          "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
          "SignedHeaders=host;x-amz-date, Signature="
          "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

static void a_time_is_written_in_utc(void **state)
{
    char time[SIGV4_TIME_BYTES];
    (void)state;
    sigv4_time(INT64_C(1369353600000), time);
    assert_string_equal(time, TIME);
    sigv4_time(INT64_C(1440938160999), time);
    assert_string_equal(time, "20150830T123600Z");
}

static void what_stands_in_a_query_is_encoded(void **state)
{
    struct arena *arena = arena_new(4096);
    (void)state;
    struct str text = sigv4_encode(arena, STR("a/b-._~ é+&="));
    assert_true(str_eq(text, STR("a%2Fb-._~%20%C3%A9%2B%26%3D")));
    arena_free(arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_is_got),
        cmocka_unit_test(an_object_is_put),
        cmocka_unit_test(objects_are_listed),
        cmocka_unit_test(the_suite_s_first_case),
        cmocka_unit_test(a_time_is_written_in_utc),
        cmocka_unit_test(what_stands_in_a_query_is_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
