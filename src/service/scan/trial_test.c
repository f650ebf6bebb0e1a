/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/scan/trial.h"

#include <string.h>

#include "base/limits.h"
#include "base/unit.h"
#include "crypto/hash.h"

static size_t count(struct str bytes, const char *mark)
{
    size_t n = 0;
    const char *at = bytes.p;
    while ((at = memmem(at, bytes.n - (size_t)(at - bytes.p), mark, 4))) {
        n++;
        at++;
    }
    return n;
}

/* The real clamd is tried with them in tests/api/antivirus.test.ts. */
static void test_the_four_files(void **state)
{
    /* Of the EICAR test file. */
    static const unsigned char known[SHA256_BYTES] = {
        0x27, 0x5a, 0x02, 0x1b, 0xbf, 0xb6, 0x48, 0x9e, 0x54, 0xd4, 0x71,
        0x89, 0x9f, 0x7d, 0xb9, 0xd1, 0x66, 0x3f, 0xc6, 0x95, 0xec, 0x2f,
        0xe2, 0xa2, 0xc4, 0x53, 0x8a, 0xab, 0xf6, 0x51, 0xfd, 0x0f};
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(64));
    struct trial trials[TRIALS];
    unsigned char digest[SHA256_BYTES];
    (void)state;
    trial_make(arena, trials);
    assert_int_equal(trials[0].wanted, SCAN_CLEAN);
    sha256(trials[1].bytes, digest);
    assert_memory_equal(digest, known, sizeof known);
    assert_int_equal(trials[1].wanted, SCAN_INFECTED);
    assert_int_equal(trials[2].bytes.p[6] & 1, 1);
    assert_int_equal(count(trials[3].bytes, "PK\x03\x04"), 101);
    assert_int_equal(count(trials[3].bytes, "PK\x05\x06"), 101);
    assert_false(arena_is_over(arena));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_four_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
