/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/check.h"
#include "vectors/reference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *difference = reference_difference(str_make(data, size));
    CHECK(difference == NULL);
    return 0;
}
