/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/unit.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "cage/fit.h"
#include "cage/samples_unit.h"
#include "cage/thumbnail.h"

/* What becomes of images, in this process: the walls are not looked at here. */

#define MEMORY MIB(128)

static struct thumbnail_wish scale_to(unsigned width, unsigned height)
{
    return (struct thumbnail_wish){width, height, THUMBNAIL_SCALE, false};
}

static struct thumbnail_wish crop_to(unsigned width, unsigned height)
{
    return (struct thumbnail_wish){width, height, THUMBNAIL_CROP, false};
}

static struct buf new_buf(void)
{
    struct buf buf;
    buf_init(&buf, MIB(64));
    return buf;
}

static void expect_status(const struct buf *image, struct thumbnail_wish wish, size_t memory,
                          enum decode_status expected)
{
    struct thumbnail thumbnail = {0};
    assert_int_equal(thumbnail_make(buf_str(image), &wish, memory, &thumbnail), expected);
    thumbnail_done(&thumbnail);
}

static struct thumbnail make(const struct buf *image, struct thumbnail_wish wish)
{
    struct thumbnail thumbnail = {0};
    assert_int_equal(thumbnail_make(buf_str(image), &wish, MEMORY, &thumbnail), DECODE_DONE);
    assert_int_equal(image_identify(buf_str(&thumbnail.bytes)), thumbnail.format);
    return thumbnail;
}

/* The pixels of what is made, which must be a PNG; the image is given back. */
static struct picture make_pixels(struct buf *image, struct thumbnail_wish wish)
{
    struct picture picture;
    struct thumbnail thumbnail = make(image, wish);
    assert_int_equal(thumbnail.format, IMAGE_FORMAT_PNG);
    sample_read_png(buf_str(&thumbnail.bytes), &picture);
    assert_int_equal(picture.width, thumbnail.width);
    assert_int_equal(picture.height, thumbnail.height);
    thumbnail_done(&thumbnail);
    buf_done(image);
    return picture;
}

static struct buf png_of(struct picture *picture, unsigned flags)
{
    struct buf png = new_buf();
    sample_png(picture, flags, &png);
    picture_done(picture);
    return png;
}

static struct picture picture_of(unsigned width, unsigned height, const uint32_t *pixels)
{
    struct picture picture = {width, height, mem_new((size_t)width * height, 4)};
    for (size_t i = 0; i < (size_t)width * height; i++)
        for (unsigned c = 0; c < 4; c++)
            picture.rgba[i * 4 + c] = (unsigned char)(pixels[i] >> (24 - 8 * c));
    return picture;
}

static void expect_pixels(struct picture *picture, unsigned width, unsigned height,
                          const uint32_t *pixels)
{
    assert_int_equal(picture->width, width);
    assert_int_equal(picture->height, height);
    for (unsigned y = 0; y < height; y++)
        for (unsigned x = 0; x < width; x++)
            assert_int_equal(sample_pixel(picture, x, y), pixels[y * width + x]);
    picture_done(picture);
}

/* ---- what it is ---- */

static void test_identified_by_content(void **state)
{
    (void)state;
    assert_int_equal(image_identify(STR("\xff\xd8\xff\xe0")), IMAGE_FORMAT_JPEG);
    assert_int_equal(image_identify(STR("\x89PNG\r\n\x1a\n")), IMAGE_FORMAT_PNG);
    assert_int_equal(image_identify(STR("GIF89a=1/*")), IMAGE_FORMAT_GIF);
    assert_int_equal(image_identify(STR("RIFF\0\0\0\0WEBP")), IMAGE_FORMAT_WEBP);
    static const struct str others[] = {
        STR_INIT(""),
        STR_INIT("\xff\xd8"),
        STR_INIT("%!PS-Adobe"),
        STR_INIT("II*\0"),
        STR_INIT("8BPS"),
        STR_INIT("\0\0\0\x18"
                 "ftypheic"),
        STR_INIT("<svg>"),
        STR_INIT("%PDF-1.4"),
        STR_INIT("RIFF\0\0\0\0WAVE"),
        STR_INIT("BM"),
        STR_INIT("\x89PNG\r\n\n"),
        STR_INIT("GIF88a"),
        STR_INIT("\0\0\1\0"),
    };
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        struct buf image = new_buf();
        buf_add(&image, others[i]);
        assert_int_equal(image_identify(others[i]), IMAGE_FORMAT_NONE);
        expect_status(&image, scale_to(32, 32), MEMORY, DECODE_UNKNOWN);
        buf_done(&image);
    }
}

/* MED-03: the first bytes decide, and what the other reading would need is not in what is made. */
static void test_polyglots_lose_their_other_half(void **state)
{
    static const struct str tails[] = {STR_INIT("<script>alert(1)</script>"),
                                       STR_INIT("%PDF-1.4 /JS (app.alert(1))"),
                                       STR_INIT("PK\3\4 and an archive")};
    struct picture quarters;
    (void)state;
    sample_quarters(16, 16, true, &quarters);
    struct buf png = png_of(&quarters, 0);
    for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
        struct buf image = new_buf();
        sample_png_with_chunk(buf_str(&png), "tEXt", tails[i], &image);
        buf_add(&image, tails[i]);
        struct thumbnail thumbnail = make(&image, scale_to(32, 32));
        assert_false(str_contains(buf_str(&thumbnail.bytes), tails[i]));
        thumbnail_done(&thumbnail);
        buf_done(&image);
    }
    buf_done(&png);
}

/* ---- which way up ---- */

/* What stands in the corners, row by row, when the quarters are shown in orientation i + 1: written
 * down from the standard's drawings, not computed. */
#define R SAMPLE_RED
#define G SAMPLE_GREEN
#define B SAMPLE_BLUE
#define Y SAMPLE_YELLOW
static const uint32_t corners[8][4] = {
    {R, G, B, Y}, {G, R, Y, B}, {Y, B, G, R}, {B, Y, R, G},
    {R, B, G, Y}, {B, R, Y, G}, {Y, G, B, R}, {G, Y, R, B},
};

static void test_png_is_turned_exactly(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 8; i++) {
        struct picture quarters;
        struct buf exif = new_buf(), image = new_buf();
        sample_quarters(4, 2, true, &quarters);
        struct buf png = png_of(&quarters, 0);
        sample_exif(i + 1, i & 1, &exif);
        sample_png_with_chunk(buf_str(&png), "eXIf", buf_str(&exif), &image);
        struct picture picture = make_pixels(&image, scale_to(32, 32));
        unsigned width = i < 4 ? 4 : 2, height = i < 4 ? 2 : 4;
        assert_int_equal(picture.width, width);
        assert_int_equal(picture.height, height);
        for (unsigned y = 0; y < height; y++)
            for (unsigned x = 0; x < width; x++) {
                uint32_t corner = corners[i][2 * (y >= height / 2) + (x >= width / 2)];
                assert_int_equal(sample_pixel(&picture, x, y), corner == Y ? 0 : corner);
            }
        picture_done(&picture);
        buf_done(&png);
        buf_done(&exif);
    }
}

static bool is_near(uint32_t a, uint32_t b)
{
    for (unsigned shift = 0; shift < 32; shift += 8) {
        int difference = (int)((a >> shift) & 255) - (int)((b >> shift) & 255);
        if (difference < -24 || difference > 24)
            return false;
    }
    return true;
}

/* A JPEG's quarters, looked at in their middles: the thumbnail is a JPEG, read by way of a crop. */
static void expect_corners(const struct thumbnail *thumbnail, const uint32_t *expected)
{
    struct picture picture;
    sample_read_jpeg(buf_str(&thumbnail->bytes), &picture);
    for (unsigned i = 0; i < 4; i++) {
        unsigned x = picture.width * (1 + 2 * (i & 1)) / 4;
        unsigned y = picture.height * (1 + 2 * (i >> 1)) / 4;
        if (!is_near(sample_pixel(&picture, x, y), expected[i]))
            print_error("corner %u: %08x\n", i, sample_pixel(&picture, x, y));
        assert_true(is_near(sample_pixel(&picture, x, y), expected[i]));
    }
    picture_done(&picture);
}

static void test_jpeg_is_turned(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 8; i++) {
        struct picture quarters;
        struct buf exif = new_buf(), jpeg = new_buf(), image = new_buf();
        sample_quarters(128, 64, false, &quarters);
        sample_jpeg(&quarters, 0, &jpeg);
        sample_exif(i + 1, !(i & 1), &exif);
        sample_jpeg_with_exif(buf_str(&jpeg), buf_str(&exif), &image);
        struct thumbnail thumbnail = make(&image, scale_to(64, 64));
        assert_int_equal(thumbnail.format, IMAGE_FORMAT_JPEG);
        assert_int_equal(thumbnail.width, i < 4 ? 64 : 32);
        assert_int_equal(thumbnail.height, i < 4 ? 32 : 64);
        expect_corners(&thumbnail, corners[i]);
        thumbnail_done(&thumbnail);
        picture_done(&quarters);
        buf_done(&exif);
        buf_done(&jpeg);
        buf_done(&image);
    }
}

static void test_wrong_orientations_are_none(void **state)
{
    static const unsigned wrong[] = {0, 9, 255, 65535};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct buf exif = new_buf(), image = new_buf();
        sample_exif(wrong[i], true, &exif);
        sample_jpeg_with_exif(STR("\xff\xd8\xff\xda"), buf_str(&exif), &image);
        assert_int_equal(image_orientation(IMAGE_FORMAT_JPEG, buf_str(&image)), 1);
        buf_done(&exif);
        buf_done(&image);
    }
    /* Cut anywhere, it says nothing or what it said. */
    struct buf exif = new_buf(), image = new_buf();
    sample_exif(6, false, &exif);
    sample_jpeg_with_exif(STR("\xff\xd8\xff\xda"), buf_str(&exif), &image);
    for (size_t n = 0; n <= image.n; n++) {
        unsigned said = image_orientation(IMAGE_FORMAT_JPEG, str_first(buf_str(&image), n));
        assert_true(said == 1 || said == 6);
    }
    buf_done(&exif);
    buf_done(&image);
}

/* ---- how large, and of which part ---- */

static void expect_fit(unsigned width, unsigned height, struct thumbnail_wish wish,
                       unsigned expected_width, unsigned expected_height)
{
    struct fit fit = fit_image(width, height, &wish);
    assert_int_equal(fit.width, expected_width);
    assert_int_equal(fit.height, expected_height);
    assert_true(fit.part_x >= 0 && fit.part_x + fit.part_width <= width);
    assert_true(fit.part_y >= 0 && fit.part_y + fit.part_height <= height);
    assert_true(fit.part_width >= fit.width && fit.part_height >= fit.height);
}

static void test_fit(void **state)
{
    (void)state;
    expect_fit(4000, 3000, scale_to(320, 240), 320, 240);
    expect_fit(3000, 4000, scale_to(320, 240), 180, 240);
    expect_fit(100, 50, scale_to(320, 240), 100, 50); /* never larger */
    expect_fit(65535, 1, scale_to(800, 600), 800, 1); /* at least a pixel */
    expect_fit(1, 65535, scale_to(800, 600), 1, 600);
    expect_fit(4000, 3000, crop_to(96, 96), 96, 96);
    expect_fit(3000, 4001, crop_to(320, 240), 320, 240);
    expect_fit(50, 4000, crop_to(96, 96), 50, 96); /* as wide as it is */
    expect_fit(50, 40, crop_to(96, 96), 50, 40);
    expect_fit(97, 96, crop_to(96, 96), 96, 96);
}

static void test_fit_holds_for_all_small_sizes(void **state)
{
    (void)state;
    for (unsigned width = 1; width < 48; width++)
        for (unsigned height = 1; height < 48; height++)
            for (unsigned side = 1; side < 48; side += 3) {
                struct thumbnail_wish wishes[] = {scale_to(side, 17), crop_to(side, 17)};
                for (size_t i = 0; i < ARRAY_LEN(wishes); i++) {
                    struct fit fit = fit_image(width, height, &wishes[i]);
                    assert_in_range(fit.width, 1, side < width ? side : width);
                    assert_in_range(fit.height, 1, 17 < height ? 17 : height);
                    assert_true(fit.part_x + fit.part_width <= width);
                    assert_true(fit.part_y + fit.part_height <= height);
                }
            }
}

/* Its middle, to the bit. */
static void test_crop_is_exact(void **state)
{
    static const uint32_t pixels[] = {
        0x010203ff, 0x11121380, 0x21222301, 0x313233ff, 0x414243fe, 0x515253ff, //
        0x616263ff, 0x71727380, 0x81828302, 0x919293ff, 0xa1a2a3fe, 0xb1b2b3ff,
    };
    static const uint32_t middle[] = {0x21222301, 0x313233ff, 0x81828302, 0x919293ff};
    (void)state;
    struct picture picture = picture_of(6, 2, pixels);
    struct buf image = png_of(&picture, 0);
    picture = make_pixels(&image, crop_to(2, 2));
    expect_pixels(&picture, 2, 2, middle);
}

/* ---- colours ---- */

static void test_what_is_not_resized_keeps_its_pixels(void **state)
{
    uint32_t pixels[256 * 4];
    (void)state;
    for (uint32_t i = 0; i < ARRAY_LEN(pixels); i++) {
        uint32_t value = i & 255, alpha = i < 256 ? 255 : i < 512 ? 128 : i < 768 ? 1 : 254;
        pixels[i] = value << 24 | (255 - value) << 16 | (value ^ 0x55) << 8 | alpha;
    }
    struct picture picture = picture_of(256, 4, pixels);
    struct buf image = png_of(&picture, 0);
    picture = make_pixels(&image, scale_to(256, 256));
    expect_pixels(&picture, 256, 4, pixels);
}

/* A transparent neighbour adds nothing of its colour. */
static void test_alpha_weighs_colours(void **state)
{
    static const uint32_t pixels[] = {0xff0000ff, 0x00ff0000};
    static const uint32_t mean[] = {0xff000080};
    (void)state;
    struct picture picture = picture_of(2, 1, pixels);
    struct buf image = png_of(&picture, 0);
    picture = make_pixels(&image, scale_to(1, 1));
    expect_pixels(&picture, 1, 1, mean);
}

/* Half the light of white is 188, not 128. */
static void test_light_is_averaged(void **state)
{
    static const uint32_t pixels[] = {0x000000fe, 0xfffffffe, 0xfffffffe, 0x000000fe};
    static const uint32_t mean[] = {0xbcbcbcfe};
    (void)state;
    struct picture picture = picture_of(2, 2, pixels);
    struct buf image = png_of(&picture, 0);
    picture = make_pixels(&image, scale_to(1, 1));
    expect_pixels(&picture, 1, 1, mean);
}

static void test_areas_are_weighed(void **state)
{
    /* Three into two: the middle one is shared. Light of 0 and 1: 2/3 of it, and 1/3. */
    static const uint32_t pixels[] = {0xfffffffe, 0xfffffffe, 0x000000fe, //
                                      0xfffffffe, 0xfffffffe, 0x000000fe,
                                      0xfffffffe, 0xfffffffe, 0x000000fe};
    static const uint32_t mean[] = {0xfffffffe, 0x9c9c9cfe, 0xfffffffe, 0x9c9c9cfe};
    (void)state;
    struct picture picture = picture_of(3, 3, pixels);
    struct buf image = png_of(&picture, 0);
    picture = make_pixels(&image, scale_to(2, 2));
    expect_pixels(&picture, 2, 2, mean);
}

static void test_every_kind_of_png(void **state)
{
    static const unsigned flags[] = {0, SAMPLE_INTERLACED, SAMPLE_16,
                                     SAMPLE_16 | SAMPLE_INTERLACED};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
        static const uint32_t pixels[] = {R, G, B, 0};
        struct picture quarters;
        sample_quarters(64, 64, true, &quarters);
        struct buf image = png_of(&quarters, flags[i]);
        struct picture picture = make_pixels(&image, scale_to(2, 2));
        expect_pixels(&picture, 2, 2, pixels);
    }
}

static void test_every_kind_of_jpeg(void **state)
{
    static const unsigned flags[] = {0, SAMPLE_PROGRESSIVE, SAMPLE_INKS, SAMPLE_APART};
    struct picture quarters;
    (void)state;
    sample_quarters(512, 512, false, &quarters);
    for (size_t i = 0; i < ARRAY_LEN(flags); i++)
        for (unsigned side = 16; side <= 512; side *= 2) {
            struct buf image = new_buf();
            sample_jpeg(&quarters, flags[i], &image);
            struct thumbnail thumbnail = make(&image, scale_to(side, side));
            assert_int_equal(thumbnail.width, side);
            expect_corners(&thumbnail, corners[0]);
            thumbnail_done(&thumbnail);
            buf_done(&image);
        }
    struct buf image = new_buf();
    sample_jpeg(&quarters, SAMPLE_GREY, &image);
    struct thumbnail thumbnail = make(&image, scale_to(64, 64));
    /* The luminances of ITU-R BT.601. */
    static const uint32_t greys[] = {0x4c4c4cff, 0x969696ff, 0x1d1d1dff, 0xe2e2e2ff};
    expect_corners(&thumbnail, greys);
    thumbnail_done(&thumbnail);
    buf_done(&image);
    picture_done(&quarters);
}

static void test_every_kind_of_webp(void **state)
{
    static const uint32_t pixels[] = {R, G, B, 0};
    struct picture quarters, opaque;
    struct buf lossless = new_buf(), lossy = new_buf(), alpha = new_buf();
    (void)state;
    sample_quarters(64, 64, true, &quarters);
    sample_quarters(512, 512, false, &opaque);
    sample_webp(&quarters, true, &lossless);
    sample_webp(&quarters, false, &alpha);
    sample_webp(&opaque, false, &lossy);
    struct picture picture = make_pixels(&lossless, scale_to(2, 2));
    expect_pixels(&picture, 2, 2, pixels);
    struct thumbnail thumbnail = make(&lossy, scale_to(64, 64));
    assert_int_equal(thumbnail.format, IMAGE_FORMAT_JPEG);
    expect_corners(&thumbnail, corners[0]);
    thumbnail_done(&thumbnail);
    picture = make_pixels(&alpha, scale_to(2, 2));
    assert_true(is_near(sample_pixel(&picture, 0, 0), R));
    assert_int_equal(sample_pixel(&picture, 1, 1) & 255, 0);
    picture_done(&picture);
    picture_done(&quarters);
    picture_done(&opaque);
    buf_done(&lossy);
}

/* A frame that leaves some of the screen free: nothing is there. Written by hand: a screen of 3 ×
 * 2, two colours; a frame of 1 × 1 at (1, 1), its pixel of the second colour. */
static void test_gif_frame_on_its_screen(void **state)
{
    static const uint32_t pixels[] = {0, 0, 0, 0, 0xff8040ff, 0};
    struct buf image = new_buf();
    (void)state;
    buf_add(&image, STR("GIF89a\3\0\2\0\x80\0\0\0\0\0\xff\x80\x40"));
    buf_add(&image, STR(",\1\0\1\0\1\0\1\0\0\2\2\x4c\1\0;"));
    struct picture picture = make_pixels(&image, scale_to(3, 2));
    expect_pixels(&picture, 3, 2, pixels);
}

/* Written by hand too: no screen, a frame beside it, a pixel without a colour. */
static void test_gif_that_cannot_be(void **state)
{
    static const struct str images[] = {
        STR_INIT("GIF89a\0\0\2\0\x80\0\0\0\0\0\xff\x80\x40,\0\0\0\0\1\0\1\0\0\2\2\x4c\1\0;"),
        STR_INIT("GIF89a\3\0\2\0\x80\0\0\0\0\0\xff\x80\x40,\3\0\0\0\1\0\1\0\0\2\2\x4c\1\0;"),
        STR_INIT("GIF89a\3\0\2\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2\x4c\1\0;"),
        STR_INIT("GIF89a\3\0\2\0\x80\0\0\0\0\0\xff\x80\x40,\0\0\0\0\1\0\1\0\0\2\2\x54\1\0;"),
        STR_INIT("GIF89a\3\0\2\0\x80\0\0\0\0\0\xff\x80\x40;"),
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(images); i++) {
        struct buf image = new_buf();
        buf_add(&image, images[i]);
        expect_status(&image, scale_to(32, 32), MEMORY, DECODE_BROKEN);
        buf_done(&image);
    }
}

/* ---- moving ---- */

static struct thumbnail_wish moving(unsigned side)
{
    return (struct thumbnail_wish){side, side, THUMBNAIL_SCALE, true};
}

static void expect_frames(const struct buf *image, struct thumbnail_wish wish, unsigned frames)
{
    struct thumbnail thumbnail = make(image, wish);
    assert_int_equal(thumbnail.frames, frames);
    assert_int_equal(thumbnail.format == IMAGE_FORMAT_WEBP, frames > 1);
    if (frames > 1) {
        /* And it can be read again, with all its frames. */
        struct thumbnail again = make(&thumbnail.bytes, wish);
        assert_int_equal(again.frames, frames);
        thumbnail_done(&again);
    }
    thumbnail_done(&thumbnail);
}

static void test_moving_images_move_where_asked(void **state)
{
    struct buf gif = new_buf(), webp = new_buf(), still = new_buf();
    (void)state;
    sample_gif(40, 30, 5, &gif);
    sample_moving_webp(40, 30, 5, &webp);
    sample_gif(40, 30, 1, &still);
    expect_frames(&gif, moving(20), 5);
    expect_frames(&gif, scale_to(20, 20), 1);
    expect_frames(&webp, moving(20), 5);
    expect_frames(&webp, scale_to(20, 20), 1);
    expect_frames(&still, moving(20), 1);
    buf_done(&gif);
    buf_done(&webp);
    buf_done(&still);
}

/* n frames: the first image's only frame, again and again. */
static void gif_of_frames(unsigned width, unsigned height, unsigned frames, struct buf *out)
{
    struct buf one = new_buf(), two = new_buf();
    sample_gif(width, height, 1, &one);
    sample_gif(width, height, 2, &two);
    struct str frame = str_skip(str_first(buf_str(&two), two.n - 1), one.n - 1);
    buf_add(out, str_first(buf_str(&one), one.n - 1));
    for (unsigned i = 1; i < frames; i++)
        buf_add(out, frame);
    buf_add_byte(out, ';');
    buf_done(&one);
    buf_done(&two);
}

static void test_what_moves_too_long_stands_still(void **state)
{
    struct buf most = new_buf(), more = new_buf(), bomb = new_buf(), large = new_buf();
    (void)state;
    gif_of_frames(8, 8, LIMIT_ANIMATION_FRAMES, &most);
    gif_of_frames(8, 8, LIMIT_ANIMATION_FRAMES + 1, &more);
    gif_of_frames(8, 8, 100000, &bomb); /* MED-04 */
    gif_of_frames(2000, 2000, 20, &large);
    expect_frames(&more, moving(8), 1);
    expect_frames(&bomb, moving(8), 1);
    expect_frames(&large, moving(8), 1);
    struct thumbnail thumbnail = make(&most, moving(8));
    assert_int_equal(thumbnail.format, IMAGE_FORMAT_WEBP);
    thumbnail_done(&thumbnail);
    buf_done(&most);
    buf_done(&more);
    buf_done(&bomb);
    buf_done(&large);
}

/* ---- bombs (MED-04) ---- */

static void png_head(unsigned width, unsigned height, bool interlaced, struct buf *out)
{
    struct buf head = new_buf();
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_add_byte(&head, (char)(width >> shift));
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_add_byte(&head, (char)(height >> shift));
    buf_add(&head, interlaced ? STR("\10\6\0\0\1") : STR("\10\6\0\0\0"));
    buf_add(out, STR("\x89PNG\r\n\x1a\n"));
    sample_png_chunk("IHDR", buf_str(&head), out);
    buf_done(&head);
}

static void test_png_bombs_are_refused(void **state)
{
    static const struct {
        unsigned width, height;
        bool interlaced;
    } bombs[] = {{50000, 50000, false}, {65535, 65535, false},          {0x7fffffff, 1, false},
                 {1, 0x7fffffff, true}, {0x7fffffff, 0x7fffffff, true}, {9000, 9000, true}};
    struct buf zeros = new_buf();
    (void)state;
    sample_deflated_zeros(MIB(6), &zeros); /* 40 KB */
    for (size_t i = 0; i < ARRAY_LEN(bombs); i++) {
        struct buf image = new_buf();
        png_head(bombs[i].width, bombs[i].height, bombs[i].interlaced, &image);
        sample_png_chunk("IDAT", buf_str(&zeros), &image);
        sample_png_chunk("IEND", STR(""), &image);
        expect_status(&image, scale_to(32, 32), MEMORY, DECODE_TOO_LARGE);
        buf_done(&image);
    }
    buf_done(&zeros);
}

/* Texts and profiles of 64 MiB in 400 KB cost nothing: nobody reads them. */
static void test_compressed_chunks_are_not_opened(void **state)
{
    static const char *const names[] = {"zTXt", "iCCP", "iTXt"};
    struct picture quarters;
    struct buf body = new_buf();
    (void)state;
    sample_quarters(8, 8, true, &quarters);
    struct buf png = png_of(&quarters, 0);
    buf_add(&body, STR("name\0\0"));
    sample_deflated_zeros(MIB(64), &body);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        static const uint32_t pixels[] = {R, G, B, 0};
        struct buf image = new_buf();
        sample_png_with_chunk(buf_str(&png), names[i], buf_str(&body), &image);
        struct picture picture = make_pixels(&image, scale_to(2, 2));
        expect_pixels(&picture, 2, 2, pixels);
    }
    buf_done(&png);
    buf_done(&body);
}

/* The scan of the first component, some thousand times. */
static void test_jpeg_of_many_scans_is_refused(void **state)
{
    struct picture quarters;
    struct buf jpeg = new_buf(), image = new_buf();
    (void)state;
    sample_quarters(64, 64, false, &quarters);
    sample_jpeg(&quarters, SAMPLE_APART, &jpeg);
    struct str all = buf_str(&jpeg), head = all;
    while (!str_starts(head, STR("\xff\xda")))
        head = str_skip(head, 1);
    struct str scan = str_skip(head, 2);
    while (!str_starts(scan, STR("\xff\xda")) && !str_starts(scan, STR("\xff\xc4")))
        scan = str_skip(scan, 1);
    struct str first = str_first(head, head.n - scan.n);
    buf_add(&image, str_first(all, all.n - head.n));
    for (unsigned i = 0; i < 5000; i++)
        buf_add(&image, first);
    buf_add(&image, scan);
    expect_status(&image, scale_to(32, 32), MEMORY, DECODE_TOO_LARGE);
    picture_done(&quarters);
    buf_done(&jpeg);
    buf_done(&image);
}

static void test_memory_is_asked_for_before_it_is_taken(void **state)
{
    struct picture quarters;
    struct buf progressive = new_buf(), webp = new_buf(), gif = new_buf(), moving_webp = new_buf();
    (void)state;
    sample_quarters(1000, 1000, true, &quarters);
    sample_jpeg(&quarters, SAMPLE_PROGRESSIVE, &progressive);
    sample_webp(&quarters, true, &webp);
    sample_gif(1000, 1000, 1, &gif);
    sample_moving_webp(1000, 1000, 2, &moving_webp);
    struct buf png = png_of(&quarters, SAMPLE_INTERLACED);
    const struct buf *images[] = {&progressive, &webp, &gif, &moving_webp, &png};
    for (size_t i = 0; i < ARRAY_LEN(images); i++) {
        expect_status(images[i], scale_to(32, 32), MIB(1), DECODE_TOO_LARGE);
        expect_status(images[i], scale_to(32, 32), MEMORY, DECODE_DONE);
    }
    buf_done(&progressive);
    buf_done(&webp);
    buf_done(&gif);
    buf_done(&moving_webp);
    buf_done(&png);
}

/* ---- broken, and secret ---- */

static void expect_broken_in_half(struct buf *image)
{
    buf_truncate(image, image->n / 2);
    expect_status(image, scale_to(32, 32), MEMORY, DECODE_BROKEN);
    buf_done(image);
}

static void test_half_an_image_is_none(void **state)
{
    struct picture photograph;
    struct buf jpeg = new_buf(), progressive = new_buf(), webp = new_buf(), gif = new_buf();
    (void)state;
    sample_photograph(64, 64, 1, &photograph);
    sample_jpeg(&photograph, 0, &jpeg);
    sample_jpeg(&photograph, SAMPLE_PROGRESSIVE, &progressive);
    sample_webp(&photograph, true, &webp);
    sample_gif(64, 64, 1, &gif);
    struct buf png = png_of(&photograph, 0);
    expect_broken_in_half(&jpeg);
    expect_broken_in_half(&progressive);
    expect_broken_in_half(&webp);
    expect_broken_in_half(&gif);
    expect_broken_in_half(&png);
}

/* Where the picture was taken, by whom, and the little picture of before it was cut. */
static void test_metadata_stays_behind(void **state)
{
    static const struct str secret = STR_INIT("48.8566 N 2.3522 E, J. Dupont");
    struct picture quarters;
    struct buf jpeg = new_buf(), exif = new_buf(), image = new_buf();
    (void)state;
    sample_quarters(16, 16, false, &quarters);
    sample_jpeg(&quarters, 0, &jpeg);
    sample_exif(1, true, &exif);
    buf_add(&exif, secret);
    sample_jpeg_with_exif(buf_str(&jpeg), buf_str(&exif), &image);
    assert_true(str_contains(buf_str(&image), secret));
    struct thumbnail thumbnail = make(&image, scale_to(16, 16));
    assert_false(str_contains(buf_str(&thumbnail.bytes), secret));
    assert_false(str_contains(buf_str(&thumbnail.bytes), STR("Exif")));
    thumbnail_done(&thumbnail);
    picture_done(&quarters);
    buf_done(&jpeg);
    buf_done(&exif);
    buf_done(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identified_by_content),
        cmocka_unit_test(test_polyglots_lose_their_other_half),
        cmocka_unit_test(test_png_is_turned_exactly),
        cmocka_unit_test(test_jpeg_is_turned),
        cmocka_unit_test(test_wrong_orientations_are_none),
        cmocka_unit_test(test_fit),
        cmocka_unit_test(test_fit_holds_for_all_small_sizes),
        cmocka_unit_test(test_crop_is_exact),
        cmocka_unit_test(test_what_is_not_resized_keeps_its_pixels),
        cmocka_unit_test(test_alpha_weighs_colours),
        cmocka_unit_test(test_light_is_averaged),
        cmocka_unit_test(test_areas_are_weighed),
        cmocka_unit_test(test_every_kind_of_png),
        cmocka_unit_test(test_every_kind_of_jpeg),
        cmocka_unit_test(test_every_kind_of_webp),
        cmocka_unit_test(test_gif_frame_on_its_screen),
        cmocka_unit_test(test_gif_that_cannot_be),
        cmocka_unit_test(test_moving_images_move_where_asked),
        cmocka_unit_test(test_what_moves_too_long_stands_still),
        cmocka_unit_test(test_png_bombs_are_refused),
        cmocka_unit_test(test_compressed_chunks_are_not_opened),
        cmocka_unit_test(test_jpeg_of_many_scans_is_refused),
        cmocka_unit_test(test_memory_is_asked_for_before_it_is_taken),
        cmocka_unit_test(test_half_an_image_is_none),
        cmocka_unit_test(test_metadata_stays_behind),
    };
    return cmocka_run_group_tests_name("thumbnail", tests, NULL, NULL);
}
