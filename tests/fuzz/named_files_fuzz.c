/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include <string.h>

#include "base/check.h"
#include "matrix/named_files.h"

/* The server's name, a line feed, the text. What is found stands in the text as it should, one
 * after the other. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str server_name, text, id;
    str_cut(str_make(data, size), '\n', &server_name, &text);
    const char *end = text.p ? text.p + text.n : NULL;
    while ((id = named_files_next(&text, server_name)).n) {
        struct str before = {id.p - server_name.n - 1, server_name.n};
        CHECK((const uint8_t *)before.p - data >= 6);
        CHECK(memcmp(before.p - 6, "mxc://", 6) == 0);
        CHECK(str_eq(before, server_name) && id.p[-1] == '/');
        CHECK(text.p == id.p && text.p + text.n == end);
        for (size_t i = 0; i < id.n; i++)
            CHECK(id.p[i] &&
                  strchr("-_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
                         id.p[i]));
    }
    CHECK(text.n == 0);
    return 0;
}
