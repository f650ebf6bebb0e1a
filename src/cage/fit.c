/* SPDX-License-Identifier: EUPL-1.2 */
#include "cage/fit.h"

static double least(double a, double b)
{
    return a < b ? a : b;
}

/* At least 1 and at most `most`. */
static unsigned rounded(double x, unsigned most)
{
    unsigned n = (unsigned)(x + 0.5);
    return n < 1 ? 1 : n > most ? most : n;
}

static struct fit scale(unsigned width, unsigned height, const struct thumbnail_wish *wish)
{
    double ratio = least(1, least((double)wish->width / width, (double)wish->height / height));
    return (struct fit){
        .width = rounded(width * ratio, width),
        .height = rounded(height * ratio, height),
        .part_width = width,
        .part_height = height,
    };
}

static struct fit crop(unsigned width, unsigned height, const struct thumbnail_wish *wish)
{
    double across = (double)width / wish->width, down = (double)height / wish->height;
    double shrink = least(across, down);
    if (shrink < 1)
        shrink = 1;
    struct fit fit = {
        .width = wish->width < width ? wish->width : width,
        .height = wish->height < height ? wish->height : height,
    };
    fit.part_width = least(fit.width * shrink, width);
    fit.part_height = least(fit.height * shrink, height);
    /* On a whole pixel, so that what is only cut keeps its pixels. */
    fit.part_x = (unsigned)((width - fit.part_width) / 2);
    fit.part_y = (unsigned)((height - fit.part_height) / 2);
    return fit;
}

struct fit fit_image(unsigned width, unsigned height, const struct thumbnail_wish *wish)
{
    return wish->method == THUMBNAIL_CROP ? crop(width, height, wish) : scale(width, height, wish);
}

struct fit fit_decoded(const struct fit *fit, unsigned width, unsigned height,
                       unsigned decoded_width, unsigned decoded_height)
{
    double across = (double)decoded_width / width, down = (double)decoded_height / height;
    struct fit result = *fit;
    result.part_x *= across;
    result.part_y *= down;
    result.part_width = least(fit->part_width * across, decoded_width - result.part_x);
    result.part_height = least(fit->part_height * down, decoded_height - result.part_y);
    return result;
}
