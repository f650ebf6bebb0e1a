/* SPDX-License-Identifier: EUPL-1.2 */
#include "cage/reduce.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

#define CHANNELS  4
#define MOST      65535.0 /* light: 16 bits */
#define GUESSES   4096    /* in each, at most two of the 256 steps begin */
#define ALPHA_MAX 255
#define EDGE      1e-6 /* of a pixel: sums of fractions end at a whole number, about */

/* What one pixel of the small picture covers of a row: its first and last pixel in part. */
struct span {
    unsigned first, last;
    float first_weight, last_weight;
};

struct reduce {
    bool opaque;
    struct fit fit;
    uint16_t light[256];          /* of a value of sRGB */
    uint16_t middle[256];         /* below it, a light is nearer to this value than to the next */
    unsigned char guess[GUESSES]; /* a value at or below the one looked for */
    struct span *columns;         /* one a pixel of the small row */
    double *line;                 /* the row, made narrow: sums of light by alpha, and of alpha */
    double *sums, weight;         /* of the small row that is being made, and of rows in it */
    unsigned in_row, out_row;
    struct picture picture;
};

static double light_of(double value)
{
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

static void make_tables(struct reduce *reduce)
{
    unsigned value = 0;
    for (unsigned i = 0; i < 256; i++)
        reduce->light[i] = (uint16_t)lround(light_of(i / 255.0) * MOST);
    for (unsigned i = 0; i < 255; i++)
        reduce->middle[i] = (uint16_t)((reduce->light[i] + reduce->light[i + 1] + 1) / 2);
    for (unsigned i = 0; i < GUESSES; i++) {
        while (value < 255 && i * (65536 / GUESSES) >= reduce->middle[value])
            value++;
        reduce->guess[i] = (unsigned char)value;
    }
}

static unsigned char value_of(const struct reduce *reduce, double light)
{
    unsigned n = light <= 0 ? 0 : light >= MOST ? (unsigned)MOST : (unsigned)(light + 0.5);
    unsigned value = reduce->guess[n / (65536 / GUESSES)];
    while (value < 255 && n >= reduce->middle[value])
        value++;
    return (unsigned char)value;
}

/* The stretch [from, to) over pixels of size one, inside [0, n). */
static struct span span_of(double from, double to, unsigned n)
{
    struct span span = {.first = (unsigned)from, .last = (unsigned)ceil(to) - 1};
    if (span.first >= n)
        span.first = n - 1;
    if (span.last >= n)
        span.last = n - 1;
    if (span.last <= span.first) {
        span.last = span.first;
        span.first_weight = (float)(to - from);
        return span;
    }
    span.first_weight = (float)(span.first + 1 - from);
    span.last_weight = (float)(to - span.last);
    return span;
}

struct reduce *reduce_new(unsigned width, bool opaque, const struct fit *fit)
{
    struct reduce *reduce = MEM_NEW(struct reduce);
    double step = fit->part_width / fit->width;
    reduce->opaque = opaque;
    reduce->fit = *fit;
    make_tables(reduce);
    reduce->columns = MEM_NEW_N(fit->width, struct span);
    reduce->line = MEM_NEW_N((size_t)fit->width * CHANNELS, double);
    reduce->sums = MEM_NEW_N((size_t)fit->width * CHANNELS, double);
    for (unsigned i = 0; i < fit->width; i++) {
        double from = fit->part_x + i * step;
        reduce->columns[i] = span_of(from, from + step, width);
    }
    reduce_restart(reduce);
    return reduce;
}

void reduce_free(struct reduce *reduce)
{
    if (!reduce)
        return;
    picture_done(&reduce->picture);
    mem_free(reduce->columns);
    mem_free(reduce->line);
    mem_free(reduce->sums);
    mem_free(reduce);
}

void reduce_restart(struct reduce *reduce)
{
    const struct fit *fit = &reduce->fit;
    picture_done(&reduce->picture);
    reduce->picture = (struct picture){fit->width, fit->height, NULL};
    reduce->picture.rgba = mem_new((size_t)fit->width * fit->height, CHANNELS);
    memset(reduce->sums, 0, (size_t)fit->width * CHANNELS * sizeof *reduce->sums);
    reduce->weight = 0;
    reduce->in_row = reduce->out_row = 0;
}

/* ---- a row made narrow ---- */

/* Light of a stretch in full, summed; 65535 pixels of it fit. */
static void add_opaque(const struct reduce *reduce, const unsigned char *from,
                       const unsigned char *to, double *mean)
{
    uint32_t r = 0, g = 0, b = 0;
    for (; from < to; from += CHANNELS) {
        r += reduce->light[from[0]];
        g += reduce->light[from[1]];
        b += reduce->light[from[2]];
    }
    mean[0] += (double)r * ALPHA_MAX;
    mean[1] += (double)g * ALPHA_MAX;
    mean[2] += (double)b * ALPHA_MAX;
}

static void add_alpha(const struct reduce *reduce, const unsigned char *from,
                      const unsigned char *to, double *mean)
{
    uint64_t r = 0, g = 0, b = 0, a = 0;
    for (; from < to; from += CHANNELS) {
        uint32_t alpha = from[3];
        r += reduce->light[from[0]] * alpha;
        g += reduce->light[from[1]] * alpha;
        b += reduce->light[from[2]] * alpha;
        a += alpha;
    }
    mean[0] += (double)r;
    mean[1] += (double)g;
    mean[2] += (double)b;
    mean[3] += (double)a;
}

static void add_part(const struct reduce *reduce, const unsigned char *pixel, double weight,
                     double *mean)
{
    double alpha = weight * (reduce->opaque ? ALPHA_MAX : pixel[3]);
    for (unsigned c = 0; c < 3; c++)
        mean[c] += reduce->light[pixel[c]] * alpha;
    mean[3] += alpha;
}

static void narrow(struct reduce *reduce, const unsigned char *rgba)
{
    for (unsigned i = 0; i < reduce->fit.width; i++) {
        const struct span *span = &reduce->columns[i];
        const unsigned char *first = rgba + (size_t)span->first * CHANNELS;
        const unsigned char *last = rgba + (size_t)span->last * CHANNELS;
        double *mean = &reduce->line[(size_t)i * CHANNELS];
        memset(mean, 0, CHANNELS * sizeof *mean);
        add_part(reduce, first, span->first_weight, mean);
        if (last == first)
            continue;
        add_part(reduce, last, span->last_weight, mean);
        if (reduce->opaque) {
            add_opaque(reduce, first + CHANNELS, last, mean);
            mean[3] += (double)(span->last - span->first - 1) * ALPHA_MAX;
        } else {
            add_alpha(reduce, first + CHANNELS, last, mean);
        }
    }
}

/* ---- rows made few ---- */

static void add_line(struct reduce *reduce, double weight)
{
    size_t n = (size_t)reduce->fit.width * CHANNELS;
    for (size_t i = 0; i < n; i++)
        reduce->sums[i] += weight * reduce->line[i];
    reduce->weight += weight;
}

static void end_row(struct reduce *reduce)
{
    size_t stride = (size_t)reduce->fit.width * CHANNELS;
    unsigned char *out = reduce->picture.rgba + reduce->out_row * stride;
    double area = reduce->weight * reduce->fit.part_width / reduce->fit.width;
    for (size_t i = 0; i < stride; i += CHANNELS) {
        double alpha = reduce->sums[i + 3];
        out[i + 3] = (unsigned char)fmin(alpha / area + 0.5, ALPHA_MAX);
        for (unsigned c = 0; c < 3 && alpha > 0; c++)
            out[i + c] = value_of(reduce, reduce->sums[i + c] / alpha);
    }
    memset(reduce->sums, 0, stride * sizeof *reduce->sums);
    reduce->weight = 0;
    reduce->out_row++;
}

void reduce_row(struct reduce *reduce, const unsigned char *rgba)
{
    double step = reduce->fit.part_height / reduce->fit.height;
    double top = reduce->in_row++, bottom = top + 1;
    bool narrowed = false;
    while (reduce->out_row < reduce->fit.height) {
        double from = reduce->fit.part_y + reduce->out_row * step, to = from + step;
        double weight = fmin(to, bottom) - fmax(from, top);
        if (weight <= 0)
            return;
        if (!narrowed)
            narrow(reduce, rgba);
        narrowed = true;
        add_line(reduce, weight);
        if (to > bottom + EDGE)
            return;
        end_row(reduce);
    }
}

bool reduce_is_complete(const struct reduce *reduce)
{
    return reduce->out_row == reduce->fit.height;
}

void reduce_take(struct reduce *reduce, struct picture *ret_picture)
{
    *ret_picture = reduce->picture;
    reduce->picture.rgba = NULL;
}
