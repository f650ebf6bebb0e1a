/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>

#include <png.h>

#include "cage/film.h"

#define CHANNELS 4

struct work {
    png_structp png;
    png_infop info;
    jmp_buf back;
    struct buf *out;
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

static void on_write(png_structp png, png_bytep bytes, size_t n)
{
    struct work *work = png_get_io_ptr(png);
    buf_add(work->out, str_make(bytes, n));
}

static void on_flush(png_structp png)
{
    (void)png;
}

static int run(struct work *work, const struct picture *picture)
{
    if (setjmp(work->back))
        return -1;
    png_set_write_fn(work->png, work, on_write, on_flush);
    png_set_IHDR(work->png, work->info, picture->width, picture->height, 8,
                 PNG_COLOR_TYPE_RGB_ALPHA, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_write_info(work->png, work->info);
    for (size_t y = 0; y < picture->height; y++)
        png_write_row(work->png, picture->rgba + y * picture->width * CHANNELS);
    png_write_end(work->png, work->info);
    return 0;
}

int png_encode(const struct picture *picture, struct buf *out)
{
    struct work work = {.out = out};
    work.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &work, on_error, on_warning);
    work.info = work.png ? png_create_info_struct(work.png) : NULL;
    int result = work.info ? run(&work, picture) : -1;
    png_destroy_write_struct(&work.png, &work.info);
    return result;
}
