/* SPDX-License-Identifier: EUPL-1.2 */
#include "cage/film.h"

#include <webp/encode.h>
#include <webp/mux.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"

#define CHANNELS       4
#define MOVING_QUALITY 70
#define MOVING_EFFORT  1 /* of 6: a second more for a tenth less is not worth it here */

struct film {
    unsigned orientation;
    struct picture first;
    unsigned first_ms;
    unsigned n;
    WebPAnimEncoder *moving; /* from the second picture on */
    int until_ms;
};

struct film *film_new(unsigned orientation)
{
    struct film *film = MEM_NEW(struct film);
    film->orientation = orientation;
    return film;
}

void film_free(struct film *film)
{
    if (!film)
        return;
    WebPAnimEncoderDelete(film->moving);
    picture_done(&film->first);
    mem_free(film);
}

static int encode_moving(struct film *film, const struct picture *picture, unsigned milliseconds)
{
    WebPConfig config;
    WebPPicture webp;
    if (!WebPConfigInit(&config) || !WebPPictureInit(&webp))
        return -1;
    config.quality = MOVING_QUALITY;
    config.method = MOVING_EFFORT;
    webp.use_argb = 1;
    webp.width = (int)picture->width;
    webp.height = (int)picture->height;
    bool done = WebPPictureImportRGBA(&webp, picture->rgba, webp.width * CHANNELS) &&
                WebPAnimEncoderAdd(film->moving, &webp, film->until_ms, &config);
    film->until_ms += (int)milliseconds;
    WebPPictureFree(&webp);
    return done ? 0 : -1;
}

static int begin_moving(struct film *film)
{
    WebPAnimEncoderOptions options;
    if (!WebPAnimEncoderOptionsInit(&options))
        return -1;
    film->moving = WebPAnimEncoderNew((int)film->first.width, (int)film->first.height, &options);
    return film->moving ? encode_moving(film, &film->first, film->first_ms) : -1;
}

int film_add(struct film *film, struct picture *picture, unsigned milliseconds)
{
    unsigned ms = milliseconds < LIMIT_ANIMATION_FRAME_MS ? milliseconds : LIMIT_ANIMATION_FRAME_MS;
    picture_turn(picture, film->orientation);
    if (film->n++ == 0) {
        film->first = *picture;
        film->first_ms = ms;
        return 0;
    }
    CHECK(picture->width == film->first.width && picture->height == film->first.height);
    int failed = film->moving ? 0 : begin_moving(film);
    if (!failed)
        failed = encode_moving(film, picture, ms);
    picture_done(picture);
    return failed;
}

/* ---- printing ---- */

static void describe(const struct film *film, enum image_format format, unsigned frames,
                     struct thumbnail *ret)
{
    ret->format = format;
    ret->width = film->first.width;
    ret->height = film->first.height;
    ret->frames = frames;
}

int film_print_still(struct film *film, struct thumbnail *ret_thumbnail)
{
    struct buf bytes;
    bool opaque = picture_is_opaque(&film->first);
    buf_init(&bytes, LIMIT_THUMBNAIL_BYTES);
    int failed = opaque ? jpeg_encode(&film->first, &bytes) : png_encode(&film->first, &bytes);
    if (failed || buf_is_full(&bytes)) {
        buf_done(&bytes);
        return -1;
    }
    describe(film, opaque ? IMAGE_FORMAT_JPEG : IMAGE_FORMAT_PNG, 1, ret_thumbnail);
    ret_thumbnail->bytes = bytes;
    return 0;
}

static int print_moving(struct film *film, struct thumbnail *ret_thumbnail)
{
    WebPData data;
    WebPDataInit(&data);
    if (!WebPAnimEncoderAdd(film->moving, NULL, film->until_ms, NULL) ||
        !WebPAnimEncoderAssemble(film->moving, &data))
        return -1;
    bool fits = data.size <= LIMIT_THUMBNAIL_BYTES;
    if (fits) {
        buf_init(&ret_thumbnail->bytes, LIMIT_THUMBNAIL_BYTES);
        buf_add(&ret_thumbnail->bytes, str_make(data.bytes, data.size));
        describe(film, IMAGE_FORMAT_WEBP, film->n, ret_thumbnail);
    }
    WebPDataClear(&data);
    return fits ? 0 : -1;
}

int film_print(struct film *film, struct thumbnail *ret_thumbnail)
{
    return film->moving ? print_moving(film, ret_thumbnail) : film_print_still(film, ret_thumbnail);
}
