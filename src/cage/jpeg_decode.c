/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include <jerror.h>

#include "base/limits.h"
#include "base/mem.h"
#include "cage/decoder.h"

#define CHANNELS 4

/* The library leaves a failing call by a jump. What it jumps over lives here, in its caller. */
struct work {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr error;
    struct jpeg_progress_mgr progress;
    jmp_buf back;
    enum decode_status status;
    struct reduce *reduce;
    unsigned char *row;
};

static NORETURN void leave(j_common_ptr jpeg, enum decode_status status)
{
    struct work *work = jpeg->client_data;
    work->status = status;
    longjmp(work->back, 1);
}

static void on_error(j_common_ptr jpeg)
{
    switch (jpeg->err->msg_code) {
    case JERR_OUT_OF_MEMORY:
    case JERR_NO_BACKING_STORE:
    case JERR_IMAGE_TOO_BIG:
    case JERR_WIDTH_OVERFLOW:
        leave(jpeg, DECODE_TOO_LARGE);
    default:
        leave(jpeg, DECODE_BROKEN);
    }
}

/* A warning says that something was made up. What camera makers do is let through. */
static void on_message(j_common_ptr jpeg, int level)
{
    if (level >= 0)
        return;
    switch (jpeg->err->msg_code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
        return;
    default:
        leave(jpeg, DECODE_BROKEN);
    }
}

/* Each scan goes over all pixels, and costs its sender a few bytes. */
static void on_progress(j_common_ptr jpeg)
{
    if (((j_decompress_ptr)jpeg)->input_scan_number > LIMIT_JPEG_SCANS)
        leave(jpeg, DECODE_TOO_LARGE);
}

static void begin(struct work *work, const struct decoding *decoding)
{
    struct jpeg_decompress_struct *jpeg = &work->jpeg;
    jpeg_create_decompress(jpeg);
    jpeg->client_data = work;
    jpeg->progress = &work->progress;
    work->progress.progress_monitor = on_progress;
    /* There is no backing store: what would need more fails before it is taken. */
    jpeg->mem->max_memory_to_use = (long)decoding->memory;
    jpeg_mem_src(jpeg, (const unsigned char *)decoding->bytes.p, decoding->bytes.n);
    (void)jpeg_read_header(jpeg, TRUE);
}

/* The transform gives an eighth, a quarter or half of the picture for less. At least twice the
 * thumbnail is taken of it, so that the rest is averaged by us, in light. */
static unsigned eighths(const struct fit *fit)
{
    double across = fit->width / fit->part_width, down = fit->height / fit->part_height;
    double wanted = 2 * (across > down ? across : down) * 8;
    return wanted <= 1 ? 1 : wanted <= 2 ? 2 : wanted <= 4 ? 4 : 8;
}

/* Inks of 255 are none in files of Adobe's programs, all in others'. */
static void ink_to_light(unsigned char *row, size_t width, bool inverted)
{
    for (size_t i = 0; i < width; i++, row += CHANNELS) {
        unsigned key = inverted ? row[3] : 255U - row[3];
        for (unsigned c = 0; c < 3; c++) {
            unsigned ink = inverted ? row[c] : 255U - row[c];
            row[c] = (unsigned char)(ink * key / 255);
        }
        row[3] = 255;
    }
}

static void read_rows(struct work *work, const struct fit *fit)
{
    struct jpeg_decompress_struct *jpeg = &work->jpeg;
    bool inks = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
    jpeg->scale_num = eighths(fit);
    jpeg->scale_denom = 8;
    jpeg->out_color_space = inks ? JCS_CMYK : JCS_EXT_RGBA;
    (void)jpeg_start_decompress(jpeg);
    struct fit scaled = fit_decoded(fit, jpeg->image_width, jpeg->image_height, jpeg->output_width,
                                    jpeg->output_height);
    work->reduce = reduce_new(jpeg->output_width, true, &scaled);
    work->row = MEM_NEW_N((size_t)jpeg->output_width * CHANNELS, unsigned char);
    while (jpeg->output_scanline < jpeg->output_height && !reduce_is_complete(work->reduce)) {
        (void)jpeg_read_scanlines(jpeg, &work->row, 1);
        if (inks)
            ink_to_light(work->row, jpeg->output_width, jpeg->saw_Adobe_marker);
        reduce_row(work->reduce, work->row);
    }
}

static enum decode_status run(struct work *work, const struct decoding *decoding)
{
    if (setjmp(work->back))
        return work->status;
    begin(work, decoding);
    struct jpeg_decompress_struct *jpeg = &work->jpeg;
    if (!decoding_admits_size(jpeg->image_width, jpeg->image_height))
        return DECODE_TOO_LARGE;
    struct fit fit = fit_image(jpeg->image_width, jpeg->image_height, &decoding->wish);
    read_rows(work, &fit);
    return DECODE_DONE;
}

enum decode_status jpeg_decode(const struct decoding *decoding, struct film *film)
{
    struct work work = {0};
    struct picture picture;
    work.jpeg.err = jpeg_std_error(&work.error);
    work.jpeg.client_data = &work;
    work.error.error_exit = on_error;
    work.error.emit_message = on_message;
    enum decode_status status = run(&work, decoding);
    if (status == DECODE_DONE) {
        reduce_take(work.reduce, &picture);
        status = film_add(film, &picture, 0) < 0 ? DECODE_BROKEN : DECODE_DONE;
    }
    jpeg_destroy_decompress(&work.jpeg);
    reduce_free(work.reduce);
    mem_free(work.row);
    return status;
}
