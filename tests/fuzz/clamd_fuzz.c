/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include <string.h>

#include "base/check.h"
#include "service/scan/clamd.h"

/* A verdict is one of three, names what it found in printable ASCII, and only the one word that
 * stands for it is clean. */
static void check_answer(struct str line)
{
    struct clamd_answer answer;
    struct err err = ERR_INIT;
    if (clamd_parse_answer(line, &answer, &err) < 0) {
        CHECK(err.kind == ERR_KIND_INTERNAL);
        return;
    }
    CHECK((answer.state == SCAN_CLEAN) == str_eq(line, STR("stream: OK")));
    CHECK(answer.state == SCAN_CLEAN || answer.state == SCAN_INFECTED ||
          answer.state == SCAN_NOT_SCANNABLE);
    CHECK((answer.state == SCAN_NOT_SCANNABLE) == (answer.cause != SCAN_CAUSE_NONE));
    size_t n = strnlen(answer.name, sizeof answer.name);
    CHECK(n < sizeof answer.name);
    for (size_t i = 0; i < n; i++)
        CHECK(answer.name[i] > 0x20 && answer.name[i] <= 0x7e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str line = str_make((const char *)data, size);
    struct clamd_version version;
    check_answer(line);
    if (clamd_parse_version(line, &version) == 0)
        CHECK(version.signature_ms >= 0 && str_starts(line, STR("ClamAV ")));
    return 0;
}
