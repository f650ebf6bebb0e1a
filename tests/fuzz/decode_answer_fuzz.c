/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/check.h"
#include "base/limits.h"
#include "cage/message.h"
#include "fuzz/harness.h"

/* What is believed keeps to the wish, and its body is the rest of the bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct thumbnail_wish wishes[] = {{32, 32, THUMBNAIL_SCALE, false},
                                                   {96, 20, THUMBNAIL_CROP, true}};
    struct str bytes = str_make(data, size), body;
    struct decode_answer answer;
    for (size_t i = 0; i < ARRAY_LEN(wishes); i++) {
        if (decode_answer_parse(bytes, &wishes[i], &answer, &body) < 0)
            continue;
        CHECK(answer.status < DECODE_STATUS_COUNT);
        CHECK(body.n == size - sizeof answer);
        if (answer.status != DECODE_DONE)
            continue;
        CHECK(body.p + body.n == bytes.p + bytes.n);
        CHECK(answer.width >= 1 && answer.width <= wishes[i].width);
        CHECK(answer.height >= 1 && answer.height <= wishes[i].height);
        CHECK(answer.frames >= 1 && (answer.frames == 1 || wishes[i].animated));
        CHECK(image_identify(body) == answer.format && answer.format != IMAGE_FORMAT_GIF);
    }
    return 0;
}
