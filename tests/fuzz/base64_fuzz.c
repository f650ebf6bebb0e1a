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

/* What is decoded strictly is encoded the same way; what is encoded is decoded again. */
static void check_alphabet(struct str text, enum base64_alphabet alphabet)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(512));
    struct str bytes;
    struct str plain = without_padding(text), encoded;
    bool strict = base64_decode(arena, text, alphabet, &bytes) == 0;
    if (strict)
        CHECK(str_eq(base64_encode_arena(arena, bytes, alphabet), plain));
    /* Where bits are left over, all but the last character is as an encoder writes it. */
    if (base64_decode_secret(arena, text, alphabet, &bytes) == 0) {
        encoded = base64_encode_arena(arena, bytes, alphabet);
        CHECK(encoded.n == plain.n && strict == str_eq(encoded, plain));
        CHECK(plain.n == 0 ||
              str_eq(str_first(encoded, plain.n - 1), str_first(plain, plain.n - 1)));
    } else {
        CHECK(!strict);
    }
    encoded = base64_encode_arena(arena, text, alphabet);
    CHECK(base64_decode(arena, encoded, alphabet, &bytes) == 0);
    CHECK(str_eq(bytes, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_alphabet(str_make(data, size), BASE64_STANDARD);
    check_alphabet(str_make(data, size), BASE64_URL);
    return 0;
}
