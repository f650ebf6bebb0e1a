/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include "base/mem.h"
#include "cage/film.h"

#define CHANNELS 4
#define QUALITY  85

struct work {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr error;
    struct jpeg_destination_mgr to;
    jmp_buf back;
    struct buf *out;
    unsigned char piece[4096];
};

static NORETURN void on_error(j_common_ptr jpeg)
{
    struct work *work = jpeg->client_data;
    longjmp(work->back, 1);
}

static void on_message(j_common_ptr jpeg, int level)
{
    (void)jpeg;
    (void)level;
}

static void begin_piece(j_compress_ptr jpeg)
{
    struct work *work = jpeg->client_data;
    work->to.next_output_byte = work->piece;
    work->to.free_in_buffer = sizeof work->piece;
}

static boolean end_piece(j_compress_ptr jpeg)
{
    struct work *work = jpeg->client_data;
    buf_add(work->out, str_make(work->piece, sizeof work->piece));
    begin_piece(jpeg);
    return TRUE;
}

static void end_all(j_compress_ptr jpeg)
{
    struct work *work = jpeg->client_data;
    buf_add(work->out, str_make(work->piece, sizeof work->piece - work->to.free_in_buffer));
}

static int run(struct work *work, const struct picture *picture)
{
    struct jpeg_compress_struct *jpeg = &work->jpeg;
    if (setjmp(work->back))
        return -1;
    jpeg_create_compress(jpeg);
    jpeg->client_data = work;
    jpeg->dest = &work->to;
    jpeg->image_width = picture->width;
    jpeg->image_height = picture->height;
    jpeg->input_components = CHANNELS;
    jpeg->in_color_space = JCS_EXT_RGBX;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, QUALITY, TRUE);
    jpeg->optimize_coding = TRUE;
    jpeg_start_compress(jpeg, TRUE);
    while (jpeg->next_scanline < picture->height) {
        JSAMPROW row = picture->rgba + (size_t)jpeg->next_scanline * picture->width * CHANNELS;
        (void)jpeg_write_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_compress(jpeg);
    return 0;
}

int jpeg_encode(const struct picture *picture, struct buf *out)
{
    struct work work = {.out = out};
    work.jpeg.err = jpeg_std_error(&work.error);
    work.jpeg.client_data = &work;
    work.error.error_exit = on_error;
    work.error.emit_message = on_message;
    work.to.init_destination = begin_piece;
    work.to.empty_output_buffer = end_piece;
    work.to.term_destination = end_all;
    int result = run(&work, picture);
    jpeg_destroy_compress(&work.jpeg);
    return result;
}
