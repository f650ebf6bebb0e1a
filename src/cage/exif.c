/* SPDX-License-Identifier: EUPL-1.2 */
#include "cage/image.h"

/* Three containers and a TIFF directory, read in place. A read past the end gives 0, which is no
 * orientation, no length that goes on, and no tag. */

#define TAG_ORIENTATION 0x0112
#define TYPE_SHORT      3
#define AS_IT_IS        1

/* n bytes, at most 4, from `at` on, in one order or the other. */
static uint32_t number(struct str s, size_t at, unsigned n, bool big)
{
    uint32_t value = 0;
    if (at > s.n || s.n - at < n)
        return 0;
    for (unsigned i = 0; i < n; i++) {
        uint32_t byte = (unsigned char)s.p[at + i];
        value |= byte << (8 * (big ? n - 1 - i : i));
    }
    return value;
}

/* The first directory of a TIFF file (Exif 2.3, 4.6.2). */
static unsigned tiff_orientation(struct str tiff)
{
    bool big = str_starts(tiff, STR("MM\0*"));
    if (!big && !str_starts(tiff, STR("II*\0")))
        return AS_IT_IS;
    struct str directory = str_skip(tiff, number(tiff, 4, 4, big));
    uint32_t n = number(directory, 0, 2, big);
    for (uint32_t i = 0; i < n; i++) {
        struct str entry = str_skip(directory, 2 + (size_t)i * 12);
        if (number(entry, 0, 2, big) != TAG_ORIENTATION)
            continue;
        uint32_t value = number(entry, 8, 2, big);
        bool known = number(entry, 2, 2, big) == TYPE_SHORT && value >= 1 && value <= 8;
        return known ? value : AS_IT_IS;
    }
    return AS_IT_IS;
}

/* Segments up to the start of the scan; the first that holds Exif. */
static struct str jpeg_tiff(struct str bytes)
{
    struct str rest = str_skip(bytes, 2);
    while (rest.n >= 4 && (unsigned char)rest.p[0] == 0xff) {
        unsigned marker = (unsigned char)rest.p[1];
        size_t n = number(rest, 2, 2, true); /* its own two bytes included */
        if (marker == 0xda || n < 2)
            break;
        struct str body = str_first(str_skip(rest, 4), n - 2);
        if (marker == 0xe1 && str_starts(body, STR("Exif\0\0")))
            return str_skip(body, 6);
        rest = str_skip(rest, 2 + n);
    }
    return STR_NONE;
}

/* Chunks of PNG up to the pixels: length, name, body, check sum. */
static struct str png_tiff(struct str bytes)
{
    struct str rest = str_skip(bytes, 8);
    while (rest.n >= 12) {
        size_t n = number(rest, 0, 4, true);
        struct str from_name = str_skip(rest, 4);
        if (str_starts(from_name, STR("IDAT")))
            break;
        if (str_starts(from_name, STR("eXIf")))
            return str_first(str_skip(rest, 8), n);
        rest = str_skip(rest, 12 + n);
    }
    return STR_NONE;
}

/* Chunks of RIFF: name, length, body, a byte that makes it even. */
static struct str webp_tiff(struct str bytes)
{
    struct str rest = str_skip(bytes, 12);
    while (rest.n >= 8) {
        size_t n = number(rest, 4, 4, false);
        if (str_starts(rest, STR("EXIF")))
            return str_first(str_skip(rest, 8), n);
        rest = str_skip(rest, 8 + n + (n & 1));
    }
    return STR_NONE;
}

unsigned image_orientation(enum image_format format, struct str bytes)
{
    struct str tiff = STR_NONE;
    if (format == IMAGE_FORMAT_JPEG)
        tiff = jpeg_tiff(bytes);
    else if (format == IMAGE_FORMAT_PNG)
        tiff = png_tiff(bytes);
    else if (format == IMAGE_FORMAT_WEBP)
        tiff = webp_tiff(bytes);
    /* Some writers keep JPEG's prefix in the other two. */
    if (str_starts(tiff, STR("Exif\0\0")))
        tiff = str_skip(tiff, 6);
    return tiff_orientation(tiff);
}
