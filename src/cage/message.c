/* SPDX-License-Identifier: EUPL-1.2 */
#include "cage/message.h"

#include <string.h>

#include "base/limits.h"

static bool is_bare(const struct decode_answer *answer)
{
    return !answer->format && !answer->width && !answer->height && !answer->frames && !answer->size;
}

static bool frames_are_possible(const struct decode_answer *answer, bool animated)
{
    if (answer->format == IMAGE_FORMAT_WEBP)
        return animated && answer->frames >= 2 && answer->frames <= LIMIT_ANIMATION_FRAMES;
    return answer->frames == 1 &&
           (answer->format == IMAGE_FORMAT_JPEG || answer->format == IMAGE_FORMAT_PNG);
}

static bool is_picture(const struct decode_answer *answer, struct str body,
                       const struct thumbnail_wish *wish)
{
    return answer->width >= 1 && answer->width <= wish->width && answer->height >= 1 &&
           answer->height <= wish->height && frames_are_possible(answer, wish->animated) &&
           body.n <= LIMIT_THUMBNAIL_BYTES && image_identify(body) == answer->format;
}

int decode_answer_parse(struct str bytes, const struct thumbnail_wish *wish,
                        struct decode_answer *ret_answer, struct str *ret_body)
{
    struct decode_answer answer;
    if (bytes.n < sizeof answer)
        return -1;
    memcpy(&answer, bytes.p, sizeof answer);
    struct str body = str_skip(bytes, sizeof answer);
    if (answer.magic != DECODE_ANSWER_MAGIC || answer.status >= DECODE_STATUS_COUNT ||
        answer.size != body.n)
        return -1;
    if (answer.status == DECODE_DONE ? !is_picture(&answer, body, wish) : !is_bare(&answer))
        return -1;
    *ret_answer = answer;
    *ret_body = body;
    return 0;
}
