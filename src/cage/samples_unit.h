/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CAGE_SAMPLES_UNIT_H
#define CHAPPE_CAGE_SAMPLES_UNIT_H

/* Images that tests make for themselves. Every maker appends to out, or fails the test. */

#include "base/buf.h"
#include "cage/reduce.h"

/* Four quarters: red, green, blue (from the upper left, row by row), and the last one yellow;
 * transparent there instead when wanted. */
#define SAMPLE_RED    0xff0000ffu
#define SAMPLE_GREEN  0x00ff00ffu
#define SAMPLE_BLUE   0x0000ffffu
#define SAMPLE_YELLOW 0xffff00ffu
void sample_quarters(unsigned width, unsigned height, bool transparent, struct picture *ret);
/* Noise over a slope, from a seed: what a photograph costs. */
void sample_photograph(unsigned width, unsigned height, uint64_t seed, struct picture *ret);

uint32_t sample_pixel(const struct picture *picture, unsigned x, unsigned y); /* 0xrrggbbaa */

enum { SAMPLE_PROGRESSIVE = 1, SAMPLE_GREY = 2, SAMPLE_INKS = 4, SAMPLE_APART = 8 };
/* APART: each component in a scan of its own. */
void sample_jpeg(const struct picture *picture, unsigned flags, struct buf *out);
enum { SAMPLE_INTERLACED = 1, SAMPLE_OPAQUE = 2, SAMPLE_16 = 4 };
void sample_png(const struct picture *picture, unsigned flags, struct buf *out);
void sample_webp(const struct picture *picture, bool lossless, struct buf *out);
/* Pictures of one size, each shown for 100 ms. */
void sample_moving_webp(unsigned width, unsigned height, unsigned frames, struct buf *out);
/* Each frame one colour of a table of eight, all of the screen. */
void sample_gif(unsigned width, unsigned height, unsigned frames, struct buf *out);

/* A TIFF directory with the orientation alone. */
void sample_exif(unsigned orientation, bool big_endian, struct buf *out);
/* The JPEG with it in front. */
void sample_jpeg_with_exif(struct str jpeg, struct str tiff, struct buf *out);
/* A chunk with its check sum; and the PNG with a chunk after its head. */
void sample_png_chunk(const char *name, struct str body, struct buf *out);
void sample_png_with_chunk(struct str png, const char *name, struct str body, struct buf *out);
/* A zlib stream of so many zeros, about 160 times shorter. */
void sample_deflated_zeros(size_t n, struct buf *out);

/* Read whole, by other functions than ours. */
void sample_read_png(struct str png, struct picture *ret);
void sample_read_jpeg(struct str jpeg, struct picture *ret);

/* The next number of a seeded sequence. */
uint64_t sample_next(uint64_t *seed);

#endif
