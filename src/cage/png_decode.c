/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <string.h>

#include <png.h>

#include "base/limits.h"
#include "base/mem.h"
#include "cage/decoder.h"

#define CHANNELS 4

/* The library leaves a failing call by a jump. What it jumps over lives here, in its caller. */
struct work {
    png_structp png;
    png_infop info;
    struct str rest;
    jmp_buf back;
    struct reduce *reduce;
    unsigned char *rows; /* one, or all of an interlaced image */
};

static NORETURN void on_error(png_structp png, png_const_charp message)
{
    struct work *work = png_get_error_ptr(png);
    (void)message;
    longjmp(work->back, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void on_read(png_structp png, png_bytep to, size_t n)
{
    struct work *work = png_get_io_ptr(png);
    if (n > work->rest.n)
        png_error(png, "cut short");
    memcpy(to, work->rest.p, n);
    work->rest = str_skip(work->rest, n);
}

/* Texts, profiles and the rest of what is no picture is passed over: nothing of it is inflated. */
static void read_head(struct work *work)
{
    png_structp png = work->png;
    png_set_read_fn(png, work, on_read);
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* we say what is too large */
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_chunk_cache_max(png, 1);
    png_set_chunk_malloc_max(png, LIMIT_PNG_CHUNK_BYTES);
    png_read_info(png, work->info);
}

/* Whatever it is becomes RGBA of 8 bits. Returns how often each row is read. */
static int prepare(struct work *work)
{
    png_structp png = work->png;
    png_set_expand(png);
    png_set_gray_to_rgb(png);
    png_set_scale_16(png);
    png_set_add_alpha(png, 255, PNG_FILLER_AFTER);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, work->info);
    return passes;
}

static void read_rows(struct work *work, size_t stride, unsigned height)
{
    work->rows = mem_new(stride, 1);
    for (unsigned y = 0; y < height && !reduce_is_complete(work->reduce); y++) {
        png_read_row(work->png, work->rows, NULL);
        reduce_row(work->reduce, work->rows);
    }
}

static void read_interlaced(struct work *work, size_t stride, unsigned height, int passes)
{
    work->rows = mem_new(stride, height);
    for (int pass = 0; pass < passes; pass++)
        for (unsigned y = 0; y < height; y++)
            png_read_row(work->png, work->rows + y * stride, NULL);
    for (unsigned y = 0; y < height; y++)
        reduce_row(work->reduce, work->rows + y * stride);
}

static bool has_alpha(const struct work *work)
{
    return (png_get_color_type(work->png, work->info) & PNG_COLOR_MASK_ALPHA) ||
           png_get_valid(work->png, work->info, PNG_INFO_tRNS);
}

static enum decode_status run(struct work *work, const struct decoding *decoding)
{
    if (setjmp(work->back))
        return DECODE_BROKEN;
    read_head(work);
    unsigned width = png_get_image_width(work->png, work->info);
    unsigned height = png_get_image_height(work->png, work->info);
    bool interlaced = png_get_interlace_type(work->png, work->info) != PNG_INTERLACE_NONE;
    if (!decoding_admits_size(width, height) ||
        (interlaced && !decoding_admits_bytes(decoding, width, height, CHANNELS)))
        return DECODE_TOO_LARGE;
    bool opaque = !has_alpha(work);
    int passes = prepare(work);
    size_t stride = (size_t)width * CHANNELS;
    if (png_get_rowbytes(work->png, work->info) != stride)
        return DECODE_BROKEN;
    struct fit fit = fit_image(width, height, &decoding->wish);
    work->reduce = reduce_new(width, opaque, &fit);
    if (interlaced)
        read_interlaced(work, stride, height, passes);
    else
        read_rows(work, stride, height);
    return DECODE_DONE;
}

enum decode_status png_decode(const struct decoding *decoding, struct film *film)
{
    struct work work = {.rest = decoding->bytes};
    struct picture picture;
    enum decode_status status = DECODE_TOO_LARGE;
    work.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &work, on_error, on_warning);
    work.info = work.png ? png_create_info_struct(work.png) : NULL;
    if (work.info)
        status = run(&work, decoding);
    if (status == DECODE_DONE) {
        reduce_take(work.reduce, &picture);
        status = film_add(film, &picture, 0) < 0 ? DECODE_BROKEN : DECODE_DONE;
    }
    png_destroy_read_struct(&work.png, &work.info, NULL);
    reduce_free(work.reduce);
    mem_free(work.rows);
    return status;
}
