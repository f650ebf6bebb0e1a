/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include <gif_lib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "cage/decoder.h"

#define CHANNELS 4

/* Browsers take less than this for a mistake, and show so long instead (milliseconds). */
#define DELAY_LEAST     20
#define DELAY_OTHERWISE 100

struct work {
    GifFileType *gif;
    struct str rest;
    struct reduce *reduce;
    unsigned char *canvas;        /* RGBA, of the whole screen */
    unsigned char *before;        /* the canvas as a frame found it that wants it back; or NULL */
    unsigned char *line;          /* of the frame that is read */
    GraphicsControlBlock control; /* what stood before the frame */
};

static int on_read(GifFileType *gif, GifByteType *to, int n)
{
    struct work *work = gif->UserData;
    struct str piece = str_first(work->rest, n > 0 ? (size_t)n : 0);
    memcpy(to, piece.p, piece.n);
    work->rest = str_skip(work->rest, piece.n);
    return (int)piece.n;
}

static GifFileType *open_gif(struct work *work, struct str bytes)
{
    int error;
    work->rest = bytes;
    return DGifOpen(work, on_read, &error);
}

/* Reads an extension to its end and keeps what it says of the next frame. 0 or -1. */
static int read_extension(GifFileType *gif, GraphicsControlBlock *control)
{
    int code;
    GifByteType *block;
    if (DGifGetExtension(gif, &code, &block) == GIF_ERROR)
        return -1;
    if (code == GRAPHICS_EXT_FUNC_CODE && block)
        (void)DGifExtensionToGCB(block[0], block + 1, control);
    while (block)
        if (DGifGetExtensionNext(gif, &block) == GIF_ERROR)
            return -1;
    return 0;
}

/* Up to the next frame, whose place and colours are then known: 1; 0 the end; -1. */
static int next_frame(GifFileType *gif, GraphicsControlBlock *control)
{
    GifRecordType type;
    *control = (GraphicsControlBlock){.TransparentColor = NO_TRANSPARENT_COLOR};
    while (DGifGetRecordType(gif, &type) == GIF_OK) {
        if (type == IMAGE_DESC_RECORD_TYPE)
            return DGifGetImageDesc(gif) == GIF_OK ? 1 : -1;
        if (type == TERMINATE_RECORD_TYPE)
            return 0;
        if (type == EXTENSION_RECORD_TYPE && read_extension(gif, control) < 0)
            return -1;
    }
    return -1;
}

static int skip_frame(GifFileType *gif)
{
    int size;
    GifByteType *block;
    int result = DGifGetCode(gif, &size, &block);
    while (result == GIF_OK && block)
        result = DGifGetCodeNext(gif, &block);
    return result == GIF_OK ? 0 : -1;
}

/* Without unpacking any; no further than one more than is shown. -1: broken. */
static int count_frames(struct str bytes)
{
    struct work work = {0};
    GraphicsControlBlock control;
    int more = 1, n = 0, error;
    GifFileType *gif = open_gif(&work, bytes);
    if (!gif)
        return -1;
    while (n <= LIMIT_ANIMATION_FRAMES && (more = next_frame(gif, &control)) > 0) {
        if ((more = skip_frame(gif)) < 0)
            break;
        n++;
    }
    (void)DGifCloseFile(gif, &error);
    return more < 0 ? -1 : n;
}

/* ---- a frame onto the canvas ---- */

/* A pixel that is not in the table of colours belongs to no picture: -1. */
static int paint_line(struct work *work, const ColorMapObject *colours, int y)
{
    const GifImageDesc *frame = &work->gif->Image;
    size_t at = (size_t)(frame->Top + y) * (size_t)work->gif->SWidth + (size_t)frame->Left;
    unsigned char *to = work->canvas + at * CHANNELS;
    for (int x = 0; x < frame->Width; x++, to += CHANNELS) {
        int index = work->line[x];
        if (index == work->control.TransparentColor)
            continue;
        if (index >= colours->ColorCount)
            return -1;
        const GifColorType *colour = &colours->Colors[index];
        to[0] = colour->Red;
        to[1] = colour->Green;
        to[2] = colour->Blue;
        to[3] = 255;
    }
    return 0;
}

static int paint_lines(struct work *work, const ColorMapObject *colours, int first, int step)
{
    for (int y = first; y < work->gif->Image.Height; y += step)
        if (DGifGetLine(work->gif, work->line, work->gif->Image.Width) == GIF_ERROR ||
            paint_line(work, colours, y) < 0)
            return -1;
    return 0;
}

static int paint_frame(struct work *work)
{
    const GifFileType *gif = work->gif;
    const GifImageDesc *frame = &gif->Image;
    const ColorMapObject *colours = frame->ColorMap ? frame->ColorMap : gif->SColorMap;
    if (!colours || frame->Width < 1 || frame->Height < 1 || frame->Left < 0 || frame->Top < 0 ||
        frame->Left + frame->Width > gif->SWidth || frame->Top + frame->Height > gif->SHeight)
        return -1;
    if (!frame->Interlace)
        return paint_lines(work, colours, 0, 1);
    /* GIF89a, appendix E */
    if (paint_lines(work, colours, 0, 8) < 0 || paint_lines(work, colours, 4, 8) < 0 ||
        paint_lines(work, colours, 2, 4) < 0)
        return -1;
    return paint_lines(work, colours, 1, 2);
}

static void keep_canvas(struct work *work)
{
    size_t n = (size_t)work->gif->SWidth * (size_t)work->gif->SHeight * CHANNELS;
    mem_free(work->before);
    work->before =
        work->control.DisposalMode == DISPOSE_PREVIOUS ? mem_copy(work->canvas, n) : NULL;
}

/* After it was shown, and before the next. */
static void dispose(struct work *work)
{
    const GifImageDesc *frame = &work->gif->Image;
    if (work->before) {
        mem_free(work->canvas);
        work->canvas = work->before;
        work->before = NULL;
    } else if (work->control.DisposalMode == DISPOSE_BACKGROUND) {
        for (int y = 0; y < frame->Height; y++) {
            size_t at = (size_t)(frame->Top + y) * (size_t)work->gif->SWidth + (size_t)frame->Left;
            memset(work->canvas + at * CHANNELS, 0, (size_t)frame->Width * CHANNELS);
        }
    }
}

static unsigned delay_of(const GraphicsControlBlock *control)
{
    int ms = control->DelayTime * 10;
    return ms < DELAY_LEAST ? DELAY_OTHERWISE : (unsigned)ms;
}

static int film_canvas(struct work *work, struct film *film)
{
    struct picture picture;
    size_t stride = (size_t)work->gif->SWidth * CHANNELS;
    reduce_restart(work->reduce);
    for (int y = 0; y < work->gif->SHeight; y++)
        reduce_row(work->reduce, work->canvas + (size_t)y * stride);
    reduce_take(work->reduce, &picture);
    return film_add(film, &picture, delay_of(&work->control));
}

static enum decode_status run(struct work *work, const struct decoding *decoding, int frames,
                              struct film *film)
{
    unsigned width = (unsigned)work->gif->SWidth, height = (unsigned)work->gif->SHeight;
    if (!width || !height)
        return DECODE_BROKEN;
    if (!decoding_admits_size(width, height) ||
        !decoding_admits_bytes(decoding, width, height, 2 * CHANNELS))
        return DECODE_TOO_LARGE;
    if (!decoding_animates(decoding, width, height, (uint64_t)frames))
        frames = 1;
    struct fit fit = fit_image(width, height, &decoding->wish);
    work->reduce = reduce_new(width, false, &fit);
    work->canvas = mem_new((size_t)width * height, CHANNELS);
    work->line = mem_new(width, 1);
    for (int i = 0; i < frames; i++) {
        if (next_frame(work->gif, &work->control) <= 0)
            return DECODE_BROKEN;
        keep_canvas(work);
        if (paint_frame(work) < 0 || film_canvas(work, film) < 0)
            return DECODE_BROKEN;
        dispose(work);
    }
    return DECODE_DONE;
}

enum decode_status gif_decode(const struct decoding *decoding, struct film *film)
{
    struct work work = {0};
    int error;
    enum decode_status status = DECODE_BROKEN;
    int frames = decoding->wish.animated ? count_frames(decoding->bytes) : 1;
    work.gif = frames > 0 ? open_gif(&work, decoding->bytes) : NULL;
    if (work.gif)
        status = run(&work, decoding, frames, film);
    (void)(work.gif && DGifCloseFile(work.gif, &error));
    reduce_free(work.reduce);
    mem_free(work.canvas);
    mem_free(work.before);
    mem_free(work.line);
    return status;
}
