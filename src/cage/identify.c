/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/limits.h"
#include "cage/image.h"

enum image_format image_identify(struct str bytes)
{
    if (str_starts(bytes, STR("\xff\xd8\xff")))
        return IMAGE_FORMAT_JPEG;
    if (str_starts(bytes, STR("\x89PNG\r\n\x1a\n")))
        return IMAGE_FORMAT_PNG;
    if (str_starts(bytes, STR("GIF87a")) || str_starts(bytes, STR("GIF89a")))
        return IMAGE_FORMAT_GIF;
    if (str_starts(bytes, STR("RIFF")) && str_starts(str_skip(bytes, 8), STR("WEBP")))
        return IMAGE_FORMAT_WEBP;
    return IMAGE_FORMAT_NONE;
}

struct str image_type(enum image_format format)
{
    static const struct str types[IMAGE_FORMAT_COUNT] = {
        [IMAGE_FORMAT_JPEG] = STR_INIT("image/jpeg"),
        [IMAGE_FORMAT_PNG] = STR_INIT("image/png"),
        [IMAGE_FORMAT_GIF] = STR_INIT("image/gif"),
        [IMAGE_FORMAT_WEBP] = STR_INIT("image/webp"),
    };
    return format < IMAGE_FORMAT_COUNT ? types[format] : STR_NONE;
}

static bool is_side(unsigned n)
{
    return n >= 1 && n <= LIMIT_THUMBNAIL_SIDE;
}

bool thumbnail_wish_is_valid(const struct thumbnail_wish *wish)
{
    return is_side(wish->width) && is_side(wish->height) &&
           (wish->method == THUMBNAIL_SCALE || wish->method == THUMBNAIL_CROP);
}
