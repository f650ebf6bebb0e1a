/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/photo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "base/check.h"
#include "base/mem.h"

#define QUALITY 85
#define NOISE   16 /* of 256 */

static void draw_row(struct bench *bench, unsigned y, unsigned width, unsigned char *row)
{
    uint64_t drawn = 0;
    for (unsigned x = 0; x < width; x++) {
        if (x % 8 == 0)
            drawn = bench_random(bench);
        unsigned noise = (unsigned)(drawn >> (x % 8 * 8)) % NOISE;
        row[3 * x] = (unsigned char)((x / 16 + y / 32) % 200 + noise);
        row[3 * x + 1] = (unsigned char)((x * y / 65536) % 200 + noise);
        row[3 * x + 2] = (unsigned char)((y / 16) % 200 + noise);
    }
}

/* A comment, whose 16 bytes are anybody's, stands right after the first marker. */
struct str photo_make(struct bench *bench, unsigned width, unsigned height, size_t *ret_own)
{
    static const unsigned char comment[16] = {0};
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL, *row = mem_new(width, 3);
    unsigned long n = 0;
    jpeg.err = jpeg_std_error(&errors); /* ends the generator: it has no memory */
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &n);
    jpeg.image_width = width;
    jpeg.image_height = height;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, QUALITY, TRUE);
    jpeg_start_compress(&jpeg, TRUE);
    jpeg_write_marker(&jpeg, JPEG_COM, comment, sizeof comment);
    while (jpeg.next_scanline < height) {
        draw_row(bench, jpeg.next_scanline, width, row);
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    struct str photo = arena_str(bench->memory, str_make(bytes, n));
    const char *at = memmem(photo.p, photo.n, comment, sizeof comment);
    CHECK(at != NULL);
    *ret_own = (size_t)(at - photo.p);
    free(bytes); /* libjpeg's */
    mem_free(row);
    return photo;
}
