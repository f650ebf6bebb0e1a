/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/image_harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    image_fuzz(IMAGE_FORMAT_WEBP, data, size);
    return 0;
}
