/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "base/mem.h"
#include "cage/reduce.h"

#define CHANNELS 4

void picture_done(struct picture *picture)
{
    mem_free(picture->rgba);
    picture->rgba = NULL;
}

bool picture_is_opaque(const struct picture *picture)
{
    size_t n = (size_t)picture->width * picture->height;
    for (size_t i = 0; i < n; i++)
        if (picture->rgba[i * CHANNELS + 3] != 255)
            return false;
    return true;
}

/* Where the eight orientations take a pixel from: the axes change places in 5 to 8, and either is
 * read backwards. */
void picture_turn(struct picture *picture, unsigned orientation)
{
    bool swap = orientation >= 5;
    bool back_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool back_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    unsigned w = picture->width, h = picture->height;
    if (orientation == 1)
        return;
    struct picture turned = {swap ? h : w, swap ? w : h, NULL};
    unsigned char *to = turned.rgba = mem_new((size_t)w * h, CHANNELS);
    for (unsigned y = 0; y < turned.height; y++)
        for (unsigned x = 0; x < turned.width; x++, to += CHANNELS) {
            unsigned a = swap ? y : x, b = swap ? x : y;
            size_t from_x = back_x ? w - 1 - a : a, from_y = back_y ? h - 1 - b : b;
            memcpy(to, picture->rgba + (from_y * w + from_x) * CHANNELS, CHANNELS);
        }
    picture_done(picture);
    *picture = turned;
}
