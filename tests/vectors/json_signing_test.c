/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/limits.h"
#include "base/unit.h"
#include "crypto/base64.h"
#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "json/write.h"

/* The specification's key: appendices, "Cryptographic Test Vectors". Its last character leaves a
 * bit over, which only base64_decode_secret takes. */
static const struct str seed_base64 = STR_INIT("YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1");

/* What is signed is the canonical form without signatures and unsigned; the two events are given
 * with their content hash and redacted, as the event signing algorithm does before. */
static const struct {
    struct str object, signature;
} examples[] = {
    {STR_INIT("{}"), STR_INIT("K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+UZaADMtTdGYI7Geitb76LTrr5QV/"
                              "7Xg4ahLwYGYZzuHGZKM5ZAQ")},
    {STR_INIT("{\"one\": 1, \"two\": \"Two\"}"),
     STR_INIT("KqmLSbO39/Bzb0QIYE82zqLwsA+PDzYIpIRA2sRQ4sL53+sN6/"
              "fpNSoqE7BP7vBZhG6kYdD13EIMJpvhJI+6Bw")},
    {STR_INIT("{\"two\": \"Two\", \"unsigned\": {\"x\": 1.5}, \"signatures\": {\"domain\": {}}, "
              "\"one\": 1}"),
     STR_INIT("KqmLSbO39/Bzb0QIYE82zqLwsA+PDzYIpIRA2sRQ4sL53+sN6/"
              "fpNSoqE7BP7vBZhG6kYdD13EIMJpvhJI+6Bw")},
    {STR_INIT("{\"room_id\": \"!x:domain\", \"sender\": \"@a:domain\", \"origin\": \"domain\", "
              "\"origin_server_ts\": 1000000, \"signatures\": {}, \"hashes\": {\"sha256\": "
              "\"5jM4wQpv6lnBo7CLIghJuHdW+s2CMBJPUOGOC89ncos\"}, \"type\": \"X\", \"content\": {}, "
              "\"prev_events\": [], \"auth_events\": [], \"depth\": 3, \"unsigned\": {\"age_ts\": "
              "1000000}}"),
     STR_INIT("KxwGjPSDEtvnFgU00fwFz+l6d2pJM6XBIaMEn81SXPTRl16AqLAYqfIReFGZlHi5KLjAWbOoMszkwsQma+"
              "lYAg")},
    {STR_INIT("{\"content\": {}, \"event_id\": \"$0:domain\", \"hashes\": {\"sha256\": "
              "\"onLKD1bGljeBWQhWZ1kaP9SorVmRQNdN5aM2JYU2n/g\"}, \"origin\": \"domain\", "
              "\"origin_server_ts\": 1000000, \"type\": \"m.room.message\", \"room_id\": "
              "\"!r:domain\", \"sender\": \"@u:domain\", \"signatures\": {}, \"unsigned\": "
              "{\"age_ts\": 1000000}}"),
     STR_INIT("Wm+VzmOUOz08Ds+0NTWb1d4CZrVsJSikkeRxh6aCcUwu6pNC78FunoD7KNWzqFn241eYHYMGCA5McEiVPdh"
              "zBA")},
};

/* Content hashes of the same two events, over what the specification says is hashed. */
static const struct {
    struct str object, hash;
} hashes[] = {
    {STR_INIT("{\"room_id\": \"!x:domain\", \"sender\": \"@a:domain\", \"origin\": \"domain\", "
              "\"origin_server_ts\": 1000000, \"signatures\": {}, \"hashes\": {}, \"type\": \"X\", "
              "\"content\": {}, \"prev_events\": [], \"auth_events\": [], \"depth\": 3, "
              "\"unsigned\": {\"age_ts\": 1000000}}"),
     STR_INIT("5jM4wQpv6lnBo7CLIghJuHdW+s2CMBJPUOGOC89ncos")},
    {STR_INIT("{\"content\": {\"body\": \"Here is the message content\"}, \"event_id\": "
              "\"$0:domain\", \"origin\": \"domain\", \"origin_server_ts\": 1000000, \"type\": "
              "\"m.room.message\", \"room_id\": \"!r:domain\", \"sender\": \"@u:domain\", "
              "\"signatures\": {}, \"unsigned\": {\"age_ts\": 1000000}}"),
     STR_INIT("onLKD1bGljeBWQhWZ1kaP9SorVmRQNdN5aM2JYU2n/g")},
};

static const struct str dropped[] = {STR_INIT("signatures"), STR_INIT("unsigned"),
                                     STR_INIT("hashes")};

static void canonical(struct arena *arena, struct str text, size_t n_dropped, struct buf *out)
{
    const struct json *doc;
    struct err err = ERR_INIT;
    assert_int_equal(json_parse(arena, text, &doc, &err), 0);
    assert_int_equal(json_canonical_without(doc, dropped, n_dropped, out, &err), 0);
}

static void test_signing(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
        CLEANUP(buf_done) struct buf out;
        struct ed25519_key key;
        struct str seed;
        unsigned char signature[ED25519_SIGNATURE_BYTES];
        buf_init(&out, 10000);
        assert_int_equal(base64_decode_secret(arena, seed_base64, BASE64_STANDARD, &seed), 0);
        assert_int_equal(seed.n, ED25519_SEED_BYTES);
        ed25519_key_from_seed(&key, (const unsigned char *)seed.p);
        canonical(arena, examples[i].object, 2, &out);
        ed25519_sign(&key, buf_str(&out), signature);
        assert_str(
            base64_encode_arena(arena, str_make(signature, sizeof signature), BASE64_STANDARD),
            examples[i].signature);
    }
}

static void test_content_hash(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(hashes); i++) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
        CLEANUP(buf_done) struct buf out;
        unsigned char digest[SHA256_BYTES];
        buf_init(&out, 10000);
        canonical(arena, hashes[i].object, 3, &out);
        sha256(buf_str(&out), digest);
        assert_str(base64_encode_arena(arena, str_make(digest, sizeof digest), BASE64_STANDARD),
                   hashes[i].hash);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signing),
        cmocka_unit_test(test_content_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
