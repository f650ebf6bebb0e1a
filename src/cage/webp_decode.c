/* SPDX-License-Identifier: EUPL-1.2 */
#include <webp/decode.h>
#include <webp/demux.h>

#include "base/limits.h"
#include "cage/decoder.h"

#define CHANNELS 4

enum { WEBP_MIXED, WEBP_LOSSY, WEBP_LOSSLESS }; /* WebPBitstreamFeatures.format */

static const uint8_t *bytes_of(const struct decoding *decoding)
{
    return (const uint8_t *)decoding->bytes.p;
}

static int film_rows(struct film *film, struct reduce *reduce, const uint8_t *rows, size_t stride,
                     int height, unsigned milliseconds)
{
    struct picture picture;
    for (int y = 0; y < height; y++)
        reduce_row(reduce, rows + (size_t)y * stride);
    reduce_take(reduce, &picture);
    return film_add(film, &picture, milliseconds);
}

/* ---- one picture ---- */

/* The library averages what it decodes, of numbers and not of light: half of the way is left to us.
 * Not where something shows through, nor without loss, where it would save nothing. */
static void ask_for_less(WebPDecoderConfig *config, const struct fit *fit)
{
    double across = fit->width / fit->part_width, down = fit->height / fit->part_height;
    double wanted = 2 * (across > down ? across : down);
    if (wanted >= 1 || config->input.has_alpha || config->input.format != WEBP_LOSSY)
        return;
    config->options.use_scaling = 1;
    config->options.scaled_width = 1 + (int)(config->input.width * wanted);
    config->options.scaled_height = 1 + (int)(config->input.height * wanted);
}

/* What the library takes besides the rows it answers with: the plane of alpha, or all pixels. */
static bool admits(const struct decoding *decoding, const WebPDecoderConfig *config)
{
    uint64_t width = (uint64_t)config->input.width, height = (uint64_t)config->input.height;
    unsigned planes = config->options.use_scaling ? 0 : CHANNELS;
    if (config->input.format != WEBP_LOSSY)
        planes += CHANNELS;
    else if (config->input.has_alpha)
        planes += 2;
    return decoding_admits_bytes(decoding, width, height, planes);
}

static enum decode_status decode_still(const struct decoding *decoding, WebPDecoderConfig *config,
                                       struct film *film)
{
    unsigned width = (unsigned)config->input.width, height = (unsigned)config->input.height;
    struct fit fit = fit_image(width, height, &decoding->wish);
    ask_for_less(config, &fit);
    if (!admits(decoding, config))
        return DECODE_TOO_LARGE;
    config->output.colorspace = MODE_RGBA;
    VP8StatusCode code = WebPDecode(bytes_of(decoding), decoding->bytes.n, config);
    if (code != VP8_STATUS_OK)
        return code == VP8_STATUS_OUT_OF_MEMORY ? DECODE_TOO_LARGE : DECODE_BROKEN;
    const WebPDecBuffer *out = &config->output;
    fit = fit_decoded(&fit, width, height, (unsigned)out->width, (unsigned)out->height);
    struct reduce *reduce = reduce_new((unsigned)out->width, !config->input.has_alpha, &fit);
    int failed =
        film_rows(film, reduce, out->u.RGBA.rgba, (size_t)out->u.RGBA.stride, out->height, 0);
    reduce_free(reduce);
    return failed ? DECODE_BROKEN : DECODE_DONE;
}

/* ---- many ---- */

static enum decode_status film_frames(WebPAnimDecoder *animation, const WebPAnimInfo *info,
                                      const struct decoding *decoding, struct film *film)
{
    struct fit fit = fit_image(info->canvas_width, info->canvas_height, &decoding->wish);
    struct reduce *reduce = reduce_new(info->canvas_width, false, &fit);
    bool all =
        decoding_animates(decoding, info->canvas_width, info->canvas_height, info->frame_count);
    uint32_t wanted = all ? info->frame_count : 1, n = 0;
    int before = 0, until = 0;
    uint8_t *canvas;
    /* A frame's time is when it ends. */
    for (; n < wanted && WebPAnimDecoderGetNext(animation, &canvas, &until); n++, before = until) {
        reduce_restart(reduce);
        if (film_rows(film, reduce, canvas, (size_t)info->canvas_width * CHANNELS,
                      (int)info->canvas_height, (unsigned)(until - before)) < 0)
            break;
    }
    reduce_free(reduce);
    return n == wanted && n > 0 ? DECODE_DONE : DECODE_BROKEN;
}

static enum decode_status decode_animation(const struct decoding *decoding,
                                           const WebPBitstreamFeatures *features, struct film *film)
{
    const WebPData data = {bytes_of(decoding), decoding->bytes.n};
    WebPAnimDecoderOptions options;
    WebPAnimInfo info;
    /* Two canvases, and what a frame without loss takes besides. */
    if (!decoding_admits_bytes(decoding, (uint64_t)features->width, (uint64_t)features->height,
                               4 * CHANNELS))
        return DECODE_TOO_LARGE;
    if (!WebPAnimDecoderOptionsInit(&options))
        return DECODE_BROKEN;
    options.color_mode = MODE_RGBA;
    options.use_threads = 0;
    WebPAnimDecoder *animation = WebPAnimDecoderNew(&data, &options);
    if (!animation)
        return DECODE_BROKEN;
    enum decode_status status = WebPAnimDecoderGetInfo(animation, &info)
                                    ? film_frames(animation, &info, decoding, film)
                                    : DECODE_BROKEN;
    WebPAnimDecoderDelete(animation);
    return status;
}

enum decode_status webp_decode(const struct decoding *decoding, struct film *film)
{
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config) ||
        WebPGetFeatures(bytes_of(decoding), decoding->bytes.n, &config.input) != VP8_STATUS_OK)
        return DECODE_BROKEN;
    const WebPBitstreamFeatures *features = &config.input;
    if (!decoding_admits_size((uint64_t)features->width, (uint64_t)features->height))
        return DECODE_TOO_LARGE;
    if (features->has_animation)
        return decode_animation(decoding, features, film);
    enum decode_status status = decode_still(decoding, &config, film);
    WebPFreeDecBuffer(&config.output);
    return status;
}
