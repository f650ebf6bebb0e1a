/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/web_push.h"

#include "base/unit.h"
#include "crypto/base64.h"

/* RFC 8291, 5 and appendix A. */
#define TEXT   STR("When I grow up, I want to be a watermelon")
#define SENDER STR("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")
#define RECEIVER                                                                                   \
    STR("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")
#define AUTH STR("BTBZMqHH6r4Tts7J_aSIgg")
#define SALT STR("DGv6ra1nlYgDCS1FRnbzlw")
#define BODY                                                                                       \
    STR("DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocIn"   \
        "mYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQ"  \
        "exSgSxsj_Qulcy4a-fN")

struct vector {
    struct web_push_receiver to;
    unsigned char salt[WEB_PUSH_SALT_BYTES];
    struct p256_key *own;
};

static struct vector vector(void)
{
    unsigned char secret[P256_SECRET_BYTES];
    struct vector vector;
    assert_int_equal(base64_decode_exactly(SENDER, BASE64_URL, secret, sizeof secret), 0);
    assert_int_equal(base64_decode_exactly(RECEIVER, BASE64_URL, vector.to.point, 65), 0);
    assert_int_equal(base64_decode_exactly(AUTH, BASE64_URL, vector.to.auth, 16), 0);
    assert_int_equal(base64_decode_exactly(SALT, BASE64_URL, vector.salt, 16), 0);
    vector.own = p256_from_secret(secret);
    assert_non_null(vector.own);
    return vector;
}

static void test_the_example_of_rfc_8291(void **state)
{
    struct vector v = vector();
    struct buf body, text;
    (void)state;
    buf_init(&body, 8192);
    buf_init(&text, 8192);
    assert_int_equal(web_push_seal(&v.to, v.own, v.salt, TEXT, 0, &body), 0);
    base64_encode(&text, buf_str(&body), BASE64_URL);
    assert_str(buf_str(&text), BODY);
    buf_done(&text);
    buf_done(&body);
    p256_free(v.own);
}

static void test_padded_texts_have_one_length(void **state)
{
    struct vector v = vector();
    struct buf a, b;
    (void)state;
    buf_init(&a, 8192);
    buf_init(&b, 8192);
    assert_int_equal(web_push_seal(&v.to, v.own, v.salt, STR("{}"), 512, &a), 0);
    assert_int_equal(web_push_seal(&v.to, v.own, v.salt, TEXT, 512, &b), 0);
    assert_int_equal(a.n, b.n);
    assert_int_equal(a.n, 86 + 512 + 1 + 16);
    buf_done(&a);
    buf_done(&b);
    p256_free(v.own);
}

static void test_the_largest_text(void **state)
{
    static const char text[WEB_PUSH_TEXT_BYTES];
    struct vector v = vector();
    struct buf body;
    (void)state;
    buf_init(&body, 8192);
    assert_int_equal(web_push_seal(&v.to, v.own, v.salt, str_make(text, sizeof text), 0, &body), 0);
    assert_int_equal(body.n, 86 + 4096);
    buf_done(&body);
    p256_free(v.own);
}

static void test_a_receiver_off_the_curve_is_refused(void **state)
{
    struct vector v = vector();
    struct buf body;
    (void)state;
    buf_init(&body, 8192);
    v.to.point[10] ^= 1;
    assert_int_equal(web_push_seal(&v.to, v.own, v.salt, TEXT, 0, &body), -1);
    assert_int_equal(body.n, 0);
    buf_done(&body);
    p256_free(v.own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_example_of_rfc_8291),
        cmocka_unit_test(test_padded_texts_have_one_length),
        cmocka_unit_test(test_the_largest_text),
        cmocka_unit_test(test_a_receiver_off_the_curve_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
