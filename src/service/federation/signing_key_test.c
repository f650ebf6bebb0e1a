/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/federation/signing_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/unit.h"

/* The specification's test key (appendices, "Cryptographic Test Vectors"), whose last character
 * carries a bit that belongs to no byte. */
#define SPEC_SEED   "YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1"
#define SPEC_PUBLIC "XGX0JRS2Af3be3knz2fBiRbApjm2Dh61gXDJA8kcJNI"

struct place {
    char directory[64];
    char path[96], old[104], next[104];
    struct arena *arena;
    struct err err;
};

static int setup(void **state)
{
    struct place *p = MEM_NEW(struct place);
    snprintf(p->directory, sizeof p->directory, "/tmp/chappe-key-XXXXXX");
    assert_non_null(mkdtemp(p->directory));
    snprintf(p->path, sizeof p->path, "%s/signing.key", p->directory);
    snprintf(p->old, sizeof p->old, "%s.old", p->path);
    snprintf(p->next, sizeof p->next, "%s.next", p->path);
    p->arena = arena_new(1 << 20);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    unlink(p->path);
    unlink(p->old);
    unlink(p->next);
    rmdir(p->directory);
    arena_free(p->arena);
    mem_free(p);
    return 0;
}

static void put(struct place *p, const char *path, mode_t mode, const char *text)
{
    assert_int_equal(file_replace(path, mode, str_from(text), &p->err), 0);
}

static void synapse_files_are_read(void **state)
{
    struct place *p = *state;
    struct signing_key key;
    put(p, p->path, 0600, "ed25519 a_Test " SPEC_SEED "\n");
    assert_int_equal(signing_key_load(p->arena, p->path, &key, &p->err), 0);
    assert_str(key.id, STR("ed25519:a_Test"));
    assert_int_equal(key.n_old, 0);
    assert_memory_equal(key.key.public_key, "\x5c\x65\xf4\x25\x14\xb6\x01\xfd", 8);
    signing_key_done(&key);
}

static void the_first_start_makes_a_key(void **state)
{
    struct place *p = *state;
    struct signing_key key, again;
    struct stat st;
    assert_int_equal(signing_key_load(p->arena, p->path, &key, &p->err), -1);
    assert_int_equal(signing_key_load_or_make(p->arena, p->path, &key, &p->err), 0);
    assert_int_equal(stat(p->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(signing_key_load_or_make(p->arena, p->path, &again, &p->err), 0);
    assert_str(again.id, key.id);
    assert_memory_equal(again.key.secret, key.key.secret, 64);
    assert_true(str_starts(key.id, STR("ed25519:a_")));
    signing_key_done(&key);
    signing_key_done(&again);
}

static void a_key_that_others_can_read_is_refused(void **state)
{
    static const mode_t modes[] = {0640, 0604, 0660, 0644, 0610};
    struct place *p = *state;
    struct signing_key key;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        put(p, p->path, modes[i], "ed25519 a_Test " SPEC_SEED "\n");
        assert_int_equal(signing_key_load_or_make(p->arena, p->path, &key, &p->err), -1);
        assert_non_null(strstr(p->err.detail, "others may reach it"));
    }
}

static void broken_files_are_refused_and_not_shown(void **state)
{
    static const char *const texts[] = {
        "",
        "\n",
        "ed25519 a_Test\n",
        "ed25519  a_Test " SPEC_SEED "\n",
        "rsa a_Test " SPEC_SEED "\n",
        "ed25519 a-Test " SPEC_SEED "\n",
        "ed25519 a_Test " SPEC_SEED " 12\n",
        "ed25519 a_Test " SPEC_SEED " \n",
        "ed25519 a_Test " SPEC_SEED "AA\n",
        "ed25519 a_Test YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA\n",
        "ed25519 a_Test " SPEC_SEED "\r\n",
        "ed25519 a_Test " SPEC_SEED "\ngarbage\n",
    };
    struct place *p = *state;
    struct signing_key key;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        put(p, p->path, 0600, texts[i]);
        if (signing_key_load_or_make(p->arena, p->path, &key, &p->err) != -1)
            fail_msg("accepted: %s", texts[i]);
        assert_null(strstr(p->err.detail, "YJDBA9"));
    }
}

/* Both steps, and what is there then. */
static int rotate(struct place *p, int64_t now_ms, struct signing_key *ret_key)
{
    struct signing_key next;
    if (signing_key_stage(p->arena, p->path, &next, &p->err) < 0)
        return -1;
    signing_key_done(&next);
    if (signing_key_install(p->arena, p->path, now_ms, &p->err) < 0)
        return -1;
    return signing_key_load(p->arena, p->path, ret_key, &p->err);
}

static void a_staged_key_waits(void **state)
{
    struct place *p = *state;
    struct signing_key next, again, key;
    put(p, p->path, 0600, "ed25519 a_Test " SPEC_SEED "\n");
    assert_false(signing_key_is_staged(p->path));
    assert_int_equal(signing_key_stage(p->arena, p->path, &next, &p->err), 0);
    assert_true(signing_key_is_staged(p->path));
    assert_int_equal(signing_key_stage(p->arena, p->path, &again, &p->err), 0);
    assert_str(again.id, next.id);
    assert_int_equal(signing_key_load(p->arena, p->path, &key, &p->err), 0);
    assert_str(key.id, STR("ed25519:a_Test"));
    signing_key_done(&key);
    assert_int_equal(rotate(p, 1000, &key), 0);
    assert_str(key.id, next.id);
    assert_false(signing_key_is_staged(p->path));
    signing_key_done(&key);
    signing_key_done(&next);
    signing_key_done(&again);
}

static void rotation_keeps_the_old_public_key(void **state)
{
    struct place *p = *state;
    struct signing_key first, second;
    struct str text;
    put(p, p->path, 0600, "ed25519 a_Test " SPEC_SEED "\n");
    assert_int_equal(rotate(p, 1000, &first), 0);
    assert_false(str_eq(first.id, STR("ed25519:a_Test")));
    assert_int_equal(first.n_old, 1);
    assert_str(first.old[0].version, STR("a_Test"));
    assert_int_equal(first.old[0].expired_ms, 1000);
    assert_int_equal(file_read(p->arena, p->old, 4096, &text, &p->err), 0);
    assert_str(text, STR("ed25519 a_Test " SPEC_PUBLIC " 1000\n"));

    assert_int_equal(rotate(p, 2000, &second), 0);
    assert_int_equal(second.n_old, 2);
    assert_str(second.old[0].version, STR("a_Test"));
    assert_int_equal(second.old[0].expired_ms, 1000);
    assert_int_equal(second.old[1].expired_ms, 2000);
    assert_memory_equal(second.old[1].public_key.p, first.key.public_key, 32);

    assert_int_equal(file_read(p->arena, p->path, 4096, &text, &p->err), 0);
    assert_false(str_contains(text, STR(SPEC_SEED)));
    signing_key_done(&first);
    signing_key_done(&second);
}

/* The old file is written first: a kill before the second leaves a key that is in both. */
static void a_rotation_cut_short_changes_nothing(void **state)
{
    struct place *p = *state;
    struct signing_key key;
    put(p, p->path, 0600, "ed25519 a_Test " SPEC_SEED "\n");
    put(p, p->old, 0600, "ed25519 a_Test " SPEC_PUBLIC " 1000\n");
    assert_int_equal(signing_key_load(p->arena, p->path, &key, &p->err), 0);
    assert_str(key.id, STR("ed25519:a_Test"));
    assert_int_equal(key.n_old, 0);
    signing_key_done(&key);
    assert_int_equal(rotate(p, 3000, &key), 0);
    assert_int_equal(key.n_old, 1);
    assert_int_equal(key.old[0].expired_ms, 3000);
    signing_key_done(&key);
}

static void broken_old_keys_are_refused(void **state)
{
    static const char *const texts[] = {
        "ed25519 a_Old " SPEC_PUBLIC "\n",
        "ed25519 a_Old " SPEC_PUBLIC " -1\n",
        "ed25519 a_Old AAAA 1\n",
        "ed25519 a_Old XGX0JRS2Af3be3knz2fBiRbApjm2Dh61gXDJA8kcJNJ 1\n", /* bits left over */
        "x\n",
    };
    struct place *p = *state;
    struct signing_key key;
    put(p, p->path, 0600, "ed25519 a_Test " SPEC_SEED "\n");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        put(p, p->old, 0600, texts[i]);
        assert_int_equal(signing_key_load(p->arena, p->path, &key, &p->err), -1);
        assert_int_equal(rotate(p, 1, &key), -1);
    }
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(synapse_files_are_read),
        TEST(the_first_start_makes_a_key),
        TEST(a_key_that_others_can_read_is_refused),
        TEST(broken_files_are_refused_and_not_shown),
        TEST(a_staged_key_waits),
        TEST(rotation_keeps_the_old_public_key),
        TEST(a_rotation_cut_short_changes_nothing),
        TEST(broken_old_keys_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
