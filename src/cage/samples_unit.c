/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/unit.h"

#include <stdio.h>
#include <string.h>

#include <gif_lib.h>
#include <jpeglib.h>
#include <png.h>
#include <webp/encode.h>

#include "base/limits.h"
#include "base/mem.h"
#include "cage/film.h"
#include "cage/samples_unit.h"

#define CHANNELS 4

uint64_t sample_next(uint64_t *seed)
{
    uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15)); /* splitmix64 */
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static void put_pixel(unsigned char *to, uint32_t rgba)
{
    for (unsigned c = 0; c < CHANNELS; c++)
        to[c] = (unsigned char)(rgba >> (24 - 8 * c));
}

static void blank(unsigned width, unsigned height, struct picture *ret)
{
    *ret = (struct picture){width, height, mem_new((size_t)width * height, CHANNELS)};
}

void sample_quarters(unsigned width, unsigned height, bool transparent, struct picture *ret)
{
    const uint32_t colours[] = {SAMPLE_RED, SAMPLE_GREEN, SAMPLE_BLUE,
                                transparent ? 0 : SAMPLE_YELLOW};
    blank(width, height, ret);
    for (unsigned y = 0; y < height; y++)
        for (unsigned x = 0; x < width; x++)
            put_pixel(ret->rgba + ((size_t)y * width + x) * CHANNELS,
                      colours[2 * (y >= height / 2) + (x >= width / 2)]);
}

void sample_photograph(unsigned width, unsigned height, uint64_t seed, struct picture *ret)
{
    blank(width, height, ret);
    unsigned char *to = ret->rgba;
    for (unsigned y = 0; y < height; y++)
        for (unsigned x = 0; x < width; x++, to += CHANNELS) {
            uint64_t noise = sample_next(&seed);
            for (unsigned c = 0; c < 3; c++)
                to[c] =
                    (unsigned char)((x * (c + 1) / 16 + y / 8 + ((noise >> (8 * c)) & 15)) & 255);
            to[3] = 255;
        }
}

uint32_t sample_pixel(const struct picture *picture, unsigned x, unsigned y)
{
    const unsigned char *p = picture->rgba + ((size_t)y * picture->width + x) * CHANNELS;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* ---- JPEG ---- */

/* As Adobe's programs write inks: 255 is none. */
static void to_inks(const struct picture *picture, struct picture *ret)
{
    size_t n = (size_t)picture->width * picture->height;
    blank(picture->width, picture->height, ret);
    memcpy(ret->rgba, picture->rgba, n * CHANNELS);
    for (size_t i = 0; i < n; i++)
        ret->rgba[i * CHANNELS + 3] = 255; /* no black */
}

static const jpeg_scan_info scans_apart[] = {
    {1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};

static void configure_jpeg(struct jpeg_compress_struct *jpeg, unsigned flags)
{
    bool inks = flags & SAMPLE_INKS;
    jpeg->input_components = CHANNELS;
    jpeg->in_color_space = inks ? JCS_CMYK : JCS_EXT_RGBX;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, 90, TRUE);
    if (flags & SAMPLE_GREY)
        jpeg_set_colorspace(jpeg, JCS_GRAYSCALE);
    if (inks)
        jpeg->write_Adobe_marker = TRUE;
    if (flags & SAMPLE_PROGRESSIVE)
        jpeg_simple_progression(jpeg);
    if (flags & SAMPLE_APART) {
        jpeg->scan_info = scans_apart;
        jpeg->num_scans = ARRAY_LEN(scans_apart);
    }
}

void sample_jpeg(const struct picture *picture, unsigned flags, struct buf *out)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr error;
    struct picture inks = {0};
    unsigned char *bytes = NULL;
    unsigned long n = 0;
    if (flags & SAMPLE_INKS)
        to_inks(picture, &inks);
    const unsigned char *rgba = inks.rgba ? inks.rgba : picture->rgba;
    jpeg.err = jpeg_std_error(&error);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &n);
    jpeg.image_width = picture->width;
    jpeg.image_height = picture->height;
    configure_jpeg(&jpeg, flags);
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < picture->height) {
        size_t at = (size_t)jpeg.next_scanline * picture->width * CHANNELS;
        JSAMPROW row = (JSAMPROW)(uintptr_t)(rgba + at);
        (void)jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    buf_add(out, str_make(bytes, n));
    mem_free(bytes);
    picture_done(&inks);
}

void sample_read_jpeg(struct str bytes, struct picture *ret)
{
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr error;
    jpeg.err = jpeg_std_error(&error);
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, (const unsigned char *)bytes.p, bytes.n);
    (void)jpeg_read_header(&jpeg, TRUE);
    jpeg.out_color_space = JCS_EXT_RGBA;
    (void)jpeg_start_decompress(&jpeg);
    blank(jpeg.output_width, jpeg.output_height, ret);
    while (jpeg.output_scanline < jpeg.output_height) {
        JSAMPROW row = ret->rgba + (size_t)jpeg.output_scanline * ret->width * CHANNELS;
        (void)jpeg_read_scanlines(&jpeg, &row, 1);
    }
    (void)jpeg_finish_decompress(&jpeg);
    jpeg_destroy_decompress(&jpeg);
}

static void add_number(uint32_t value, unsigned n, bool big, struct buf *out)
{
    for (unsigned i = 0; i < n; i++)
        buf_add_byte(out, (char)(value >> (8 * (big ? n - 1 - i : i))));
}

void sample_exif(unsigned orientation, bool big, struct buf *out)
{
    buf_add(out, big ? STR("MM\0*") : STR("II*\0"));
    add_number(8, 4, big, out); /* where the directory is */
    add_number(1, 2, big, out);
    add_number(0x0112, 2, big, out);
    add_number(3, 2, big, out);
    add_number(1, 4, big, out);
    add_number(orientation, 2, big, out);
    add_number(0, 2, big, out);
    add_number(0, 4, big, out); /* no other */
}

void sample_jpeg_with_exif(struct str jpeg, struct str tiff, struct buf *out)
{
    buf_add(out, str_first(jpeg, 2));
    buf_add(out, STR("\xff\xe1"));
    add_number((uint32_t)tiff.n + 8, 2, true, out);
    buf_add(out, STR("Exif\0\0"));
    buf_add(out, tiff);
    buf_add(out, str_skip(jpeg, 2));
}

/* ---- PNG ---- */

static void on_write(png_structp png, png_bytep bytes, size_t n)
{
    buf_add(png_get_io_ptr(png), str_make(bytes, n));
}

static void on_flush(png_structp png)
{
    (void)png;
}

static void write_png_rows(png_structp png, const struct picture *picture, int passes, bool wide)
{
    size_t stride = (size_t)picture->width * CHANNELS;
    unsigned char *row = mem_new(stride, 2);
    for (int pass = 0; pass < passes; pass++)
        for (size_t y = 0; y < picture->height; y++) {
            const unsigned char *from = picture->rgba + y * stride;
            for (size_t i = 0; i < stride; i++)
                if (wide)
                    row[2 * i] = row[2 * i + 1] = from[i];
                else
                    row[i] = from[i];
            png_write_row(png, row);
        }
    mem_free(row);
}

void sample_png(const struct picture *picture, unsigned flags, struct buf *out)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    bool opaque = flags & SAMPLE_OPAQUE;
    png_set_write_fn(png, out, on_write, on_flush);
    png_set_IHDR(png, info, picture->width, picture->height, flags & SAMPLE_16 ? 16 : 8,
                 opaque ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_RGB_ALPHA,
                 flags & SAMPLE_INTERLACED ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    if (opaque)
        png_set_filler(png, 0, PNG_FILLER_AFTER);
    int passes = png_set_interlace_handling(png);
    write_png_rows(png, picture, passes, flags & SAMPLE_16);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
}

/* ISO 3309, as in PNG's annex D, bit by bit. */
static uint32_t crc(struct str s)
{
    uint32_t c = UINT32_MAX;
    for (size_t i = 0; i < s.n; i++) {
        c ^= (unsigned char)s.p[i];
        for (int k = 0; k < 8; k++)
            c = (c >> 1) ^ (c & 1 ? 0xedb88320u : 0);
    }
    return ~c;
}

void sample_png_chunk(const char *name, struct str body, struct buf *out)
{
    add_number((uint32_t)body.n, 4, true, out);
    size_t from = out->n;
    buf_add(out, str_from(name));
    buf_add(out, body);
    add_number(crc(str_skip(buf_str(out), from)), 4, true, out);
}

void sample_png_with_chunk(struct str png, const char *name, struct str body, struct buf *out)
{
    size_t head = 8 + 25;
    buf_add(out, str_first(png, head));
    sample_png_chunk(name, body, out);
    buf_add(out, str_skip(png, head));
}

struct bits {
    struct buf *out;
    uint32_t held;
    unsigned n;
};

static void add_bits(struct bits *bits, uint32_t value, unsigned n)
{
    bits->held |= value << bits->n;
    for (bits->n += n; bits->n >= 8; bits->n -= 8, bits->held >>= 8)
        buf_add_byte(bits->out, (char)bits->held);
}

/* RFC 1951, fixed codes: a zero, then "258 bytes as the one before" again and again. Huffman codes
 * stand with their highest bit first: 0 is 00110000, 285 is 11000101, distance 1 is 00000. */
void sample_deflated_zeros(size_t n, struct buf *out)
{
    struct bits bits = {.out = out};
    buf_add(out, STR("\x78\x9c"));
    add_bits(&bits, 1 | 1 << 1, 3);
    add_bits(&bits, 0x0c, 8);
    for (size_t done = 1; done + 258 <= n; done += 258) {
        add_bits(&bits, 0xa3, 8);
        add_bits(&bits, 0, 5);
    }
    add_bits(&bits, 0, 7); /* the end */
    add_bits(&bits, 0, 7); /* to a whole byte */
    add_number(0, 4, true, out);
}

void sample_read_png(struct str png, struct picture *ret)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    assert_true(png_image_begin_read_from_memory(&image, png.p, png.n));
    image.format = PNG_FORMAT_RGBA;
    blank(image.width, image.height, ret);
    assert_true(png_image_finish_read(&image, NULL, ret->rgba, 0, NULL));
}

/* ---- WebP and GIF ---- */

void sample_webp(const struct picture *picture, bool lossless, struct buf *out)
{
    uint8_t *bytes = NULL;
    int w = (int)picture->width, h = (int)picture->height;
    size_t n = lossless ? WebPEncodeLosslessRGBA(picture->rgba, w, h, w * CHANNELS, &bytes)
                        : WebPEncodeRGBA(picture->rgba, w, h, w * CHANNELS, 80, &bytes);
    assert_true(n > 0);
    buf_add(out, str_make(bytes, n));
    WebPFree(bytes);
}

void sample_moving_webp(unsigned width, unsigned height, unsigned frames, struct buf *out)
{
    struct film *film = film_new(1);
    struct thumbnail thumbnail = {0};
    for (unsigned i = 0; i < frames; i++) {
        struct picture picture;
        sample_quarters(width, height, false, &picture);
        put_pixel(picture.rgba, i * 0x10204000u | 255);
        assert_int_equal(film_add(film, &picture, 100), 0);
    }
    assert_int_equal(film_print(film, &thumbnail), 0);
    assert_int_equal(thumbnail.format, IMAGE_FORMAT_WEBP);
    buf_add(out, buf_str(&thumbnail.bytes));
    thumbnail_done(&thumbnail);
    film_free(film);
}

static int on_gif(GifFileType *gif, const GifByteType *bytes, int n)
{
    buf_add(gif->UserData, str_make(bytes, (size_t)n));
    return n;
}

static ColorMapObject *eight_colours(void)
{
    ColorMapObject *map = GifMakeMapObject(8, NULL);
    for (int i = 0; i < 8; i++)
        map->Colors[i] =
            (GifColorType){(GifByteType)(i & 1 ? 255 : 0), (GifByteType)(i & 2 ? 255 : 0),
                           (GifByteType)(i & 4 ? 255 : 0)};
    return map;
}

void sample_gif(unsigned width, unsigned height, unsigned frames, struct buf *out)
{
    int error = 0, w = (int)width, h = (int)height;
    ColorMapObject *map = eight_colours();
    GifPixelType *line = mem_new(width, 1);
    GifFileType *gif = EGifOpen(out, on_gif, &error);
    assert_non_null(gif);
    EGifSetGifVersion(gif, true);
    assert_int_equal(EGifPutScreenDesc(gif, w, h, 8, 0, map), GIF_OK);
    for (unsigned i = 0; i < frames; i++) {
        assert_int_equal(EGifPutImageDesc(gif, 0, 0, w, h, false, NULL), GIF_OK);
        memset(line, (int)(i % 7) + 1, width);
        for (int y = 0; y < h; y++)
            assert_int_equal(EGifPutLine(gif, line, w), GIF_OK);
    }
    assert_int_equal(EGifCloseFile(gif, &error), GIF_OK);
    GifFreeMapObject(map);
    mem_free(line);
}
