/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/signing.h"

#include "base/limits.h"
#include "base/unit.h"
#include "crypto/base64.h"

/* Appendices, "Cryptographic test vectors". The last character has bits that belong to no byte. */
#define SEED "YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1"

struct fixture {
    struct arena *arena;
    struct ed25519_key key;
    struct err err;
};

static int setup(void **state)
{
    static struct fixture f;
    struct str seed;
    f = (struct fixture){.arena = arena_new(MIB(1))};
    assert_int_equal(base64_decode_secret(f.arena, STR(SEED), BASE64_STANDARD, &seed), 0);
    assert_int_equal(seed.n, ED25519_SEED_BYTES);
    ed25519_key_from_seed(&f.key, (const unsigned char *)seed.p);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    arena_free(((struct fixture *)*state)->arena);
    return 0;
}

static const struct json *doc(struct fixture *f, const char *text)
{
    const struct json *ret;
    assert_int_equal(json_parse(f->arena, str_from(text), &ret, &f->err), 0);
    return ret;
}

static struct str public_key(struct fixture *f)
{
    return str_make(f->key.public_key, sizeof f->key.public_key);
}

static struct str sign(struct fixture *f, const char *text)
{
    struct str ret;
    assert_int_equal(signing_sign(f->arena, doc(f, text), &f->key, STR("ed25519:1"), STR("domain"),
                                  &ret, &f->err),
                     0);
    return ret;
}

static void signs_as_the_vectors(void **state)
{
    struct fixture *f = *state;
    assert_str(
        sign(f, "{}"),
        STR("{\"signatures\":{\"domain\":{\"ed25519:1\":\"K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+"
            "UZaADMtTdGYI7Geitb76LTrr5QV/7Xg4ahLwYGYZzuHGZKM5ZAQ\"}}}"));
    assert_str(sign(f, "{\"two\":\"Two\",\"one\":1}"),
               STR("{\"one\":1,\"signatures\":{\"domain\":{\"ed25519:1\":\"KqmLSbO39/"
                   "Bzb0QIYE82zqLwsA+PDzYIpIRA2sRQ4sL53+sN6/"
                   "fpNSoqE7BP7vBZhG6kYdD13EIMJpvhJI+6Bw\"}},\"two\":\"Two\"}"));
}

static void keeps_other_signatures_and_unsigned(void **state)
{
    struct fixture *f = *state;
    struct str text =
        sign(f, "{\"unsigned\":{\"age\":1},\"signatures\":{\"a\":{\"ed25519:x\":\"y\"},"
                "\"domain\":{\"ed25519:0\":\"z\",\"ed25519:1\":\"old\"}}}");
    /* Neither is covered: the signature is that of {}. */
    assert_str(text,
               STR("{\"signatures\":{\"a\":{\"ed25519:x\":\"y\"},\"domain\":{\"ed25519:0\":\"z\","
                   "\"ed25519:1\":\"K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+"
                   "UZaADMtTdGYI7Geitb76LTrr5QV/7Xg4ahLwYGYZzuHGZKM5ZAQ\"}},"
                   "\"unsigned\":{\"age\":1}}"));
}

static void verifies_what_it_signs(void **state)
{
    struct fixture *f = *state;
    const struct json *object;
    struct str text = sign(f, "{\"one\":1}");
    assert_int_equal(json_parse(f->arena, text, &object, &f->err), 0);
    assert_true(signing_verify(object, STR("domain"), STR("ed25519:1"), public_key(f)));
    assert_false(signing_verify(object, STR("other"), STR("ed25519:1"), public_key(f)));
    assert_false(signing_verify(object, STR("domain"), STR("ed25519:2"), public_key(f)));
    assert_false(signing_verify(object, STR("domain"), STR("ed25519:1"), STR("short")));
    unsigned char other[ED25519_PUBLIC_BYTES] = {1};
    assert_false(
        signing_verify(object, STR("domain"), STR("ed25519:1"), str_make(other, sizeof other)));
}

#define GOOD                                                                                       \
    "K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+UZaADMtTdGYI7Geitb76LTrr5QV/7Xg4ahLwYGYZzuHGZKM5ZAQ"

/* Hostile input SIG-02, for any signed object. */
static void sig_02_malformed_signatures(void **state)
{
    struct fixture *f = *state;
    assert_true(signing_verify(doc(f, "{\"signatures\":{\"domain\":{\"ed25519:1\":\"" GOOD "\"}}}"),
                               STR("domain"), STR("ed25519:1"), public_key(f)));
    static const char *const bad[] = {
        "{}",
        "[]",
        "{\"signatures\":null}",
        "{\"signatures\":[]}",
        "{\"signatures\":{}}",
        "{\"signatures\":{\"domain\":\"x\"}}",
        "{\"signatures\":{\"domain\":{}}}",
        "{\"signatures\":{\"domain\":{\"ed25519:1\":1}}}",
        "{\"signatures\":{\"domain\":{\"ed25519:1\":\"\"}}}",
        "{\"signatures\":{\"domain\":{\"ed25519:1\":\"" GOOD "=\"}}}",
        /* The same 64 bytes, with bits left over: a signature has one spelling. */
        "{\"signatures\":{\"domain\":{\"ed25519:1\":\"K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+"
        "UZaADMtTdGYI7Geitb76LTrr5QV/7Xg4ahLwYGYZzuHGZKM5ZAR\"}}}",
        "{\"signatures\":{\"domain\":{\"ed25519:1\":\"" GOOD "AA\"}}}",
        "{\"signatures\":{\"domain\":{\"ed25519:1\":\" " GOOD "\"}}}",
        "{\"signatures\":{\"domain\":{\"ed25519:1\":\"AAAA\"}}}",
        "{\"signatures\":{\"domain\":{\"ed25519:1\":\"%%%%\"}}}",
        "{\"signatures\":{\"domain\":{\"ed25519:2\":\"" GOOD "\"}}}",
        "{\"signatures\":{\"domain\":{\"ed25519:1\":\"" GOOD "\"}},\"x\":1}",
        "{\"signatures\":{\"domain\":{\"ed25519:1\":\"" GOOD "\"}},\"x\":1.5}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(
            signing_verify(doc(f, bad[i]), STR("domain"), STR("ed25519:1"), public_key(f)));
    /* A right signature under an algorithm that is not known. */
    const struct json *other = doc(f, "{\"signatures\":{\"domain\":{\"rsa:1\":\"" GOOD "\"}}}");
    assert_false(signing_verify(other, STR("domain"), STR("rsa:1"), public_key(f)));
}

static void refuses_to_sign_what_has_no_canonical_form(void **state)
{
    struct fixture *f = *state;
    struct str text = STR("untouched");
    static const char *const bad[] = {"{\"a\":1.0}", "[]", "{\"signatures\":[]}",
                                      "{\"signatures\":{\"domain\":1}}", "{\"unsigned\":1e3}"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(signing_sign(f->arena, doc(f, bad[i]), &f->key, STR("ed25519:1"),
                                      STR("domain"), &text, &f->err),
                         -1);
        assert_string_equal(f->err.errcode, "M_BAD_JSON");
    }
    assert_str(text, STR("untouched"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(signs_as_the_vectors, setup, teardown),
        cmocka_unit_test_setup_teardown(keeps_other_signatures_and_unsigned, setup, teardown),
        cmocka_unit_test_setup_teardown(verifies_what_it_signs, setup, teardown),
        cmocka_unit_test_setup_teardown(sig_02_malformed_signatures, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_to_sign_what_has_no_canonical_form, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
