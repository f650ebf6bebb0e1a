/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/check.h"
#include "cage/image.h"
#include "fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = str_make(data, size);
    for (unsigned format = 0; format < IMAGE_FORMAT_COUNT; format++) {
        unsigned orientation = image_orientation((enum image_format)format, bytes);
        CHECK(orientation >= 1 && orientation <= 8);
        CHECK(orientation == 1 || format == IMAGE_FORMAT_JPEG || format == IMAGE_FORMAT_PNG ||
              format == IMAGE_FORMAT_WEBP);
    }
    return 0;
}
