/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/check.h"
#include "base/limits.h"
#include "crypto/base64.h"

static struct str without_padding(struct str text)
{
    while (text.n && text.p[text.n - 1] == '=')
        text.n--;
    return text;
}

/* What is decoded is encoded the same way; what is encoded is decoded again. */
static void check_alphabet(struct str text, enum base64_alphabet alphabet)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(512));
    struct str bytes;
    if (base64_decode(arena, text, alphabet, &bytes) == 0)
        CHECK(str_eq(base64_encode_arena(arena, bytes, alphabet), without_padding(text)));
    struct str encoded = base64_encode_arena(arena, text, alphabet);
    CHECK(base64_decode(arena, encoded, alphabet, &bytes) == 0);
    CHECK(str_eq(bytes, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_alphabet(str_make(data, size), BASE64_STANDARD);
    check_alphabet(str_make(data, size), BASE64_URL);
    return 0;
}
