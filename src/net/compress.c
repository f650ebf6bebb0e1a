/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/compress.h"

#include <pthread.h>

#include <libdeflate.h>

#include "base/mem.h"
#include "net/exchange.h"
#include "net/server.h"

#define COMPRESS_LEVEL   4
#define COMPRESS_LEAST   1024
#define COMPRESSORS_KEPT 8

struct compressors {
    pthread_mutex_t lock;
    struct libdeflate_compressor *idle[COMPRESSORS_KEPT];
    size_t n;
};

struct compressors *compressors_new(void)
{
    struct compressors *compressors = MEM_NEW(struct compressors);
    pthread_mutex_init(&compressors->lock, NULL);
    return compressors;
}

void compressors_free(struct compressors *compressors)
{
    if (!compressors)
        return;
    for (size_t i = 0; i < compressors->n; i++)
        libdeflate_free_compressor(compressors->idle[i]);
    pthread_mutex_destroy(&compressors->lock);
    mem_free(compressors);
}

static struct libdeflate_compressor *compressor_take(struct compressors *compressors)
{
    struct libdeflate_compressor *taken = NULL;
    pthread_mutex_lock(&compressors->lock);
    if (compressors->n)
        taken = compressors->idle[--compressors->n];
    pthread_mutex_unlock(&compressors->lock);
    return taken ? taken : libdeflate_alloc_compressor(COMPRESS_LEVEL);
}

static void compressor_give(struct compressors *compressors, struct libdeflate_compressor *given)
{
    pthread_mutex_lock(&compressors->lock);
    if (compressors->n < COMPRESSORS_KEPT) {
        compressors->idle[compressors->n++] = given;
        given = NULL;
    }
    pthread_mutex_unlock(&compressors->lock);
    libdeflate_free_compressor(given);
}

/* "q=0", "q=0.0", "q=0.000": refused. */
static bool quality_is_zero(struct str parameter)
{
    struct str name, value;
    if (!str_cut(parameter, '=', &name, &value) || !str_eq_nocase(str_trim(name), STR("q")))
        return false;
    value = str_trim(value);
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] != '0' && value.p[i] != '.')
            return false;
    return value.n > 0;
}

bool compress_accepts(struct str list, struct str coding)
{
    struct str one, name, parameter;
    while (list.n) {
        str_cut(list, ',', &one, &list);
        str_cut(one, ';', &name, &parameter);
        if (str_eq_nocase(str_trim(name), coding))
            return !quality_is_zero(parameter);
    }
    return false;
}

static bool is_worth_it(const struct http_exchange *x)
{
    return x->status == 200 && !x->stream.next && x->answer.n >= COMPRESS_LEAST &&
           !answer_header(x, STR("content-encoding")).p &&
           compress_accepts(http_header(x, STR("accept-encoding")), STR("gzip"));
}

static size_t compress_into(struct compressors *compressors, struct str plain, struct buf *out)
{
    struct libdeflate_compressor *compressor = compressor_take(compressors);
    size_t n = 0;
    /* Room for less than the original: what does not shrink is sent as it is. */
    char *at = compressor ? buf_reserve(out, plain.n) : NULL;
    if (at)
        n = libdeflate_gzip_compress(compressor, plain.p, plain.n, at, plain.n - 1);
    buf_advance(out, n);
    if (compressor)
        compressor_give(compressors, compressor);
    return n;
}

void compress_answer(struct http_exchange *x)
{
    struct buf out;
    http_set_header(x, STR("Vary"), STR("Accept-Encoding"));
    if (!is_worth_it(x))
        return;
    buf_init(&out, LIMIT_ANSWER_BYTES);
    if (compress_into(x->server->compressors, buf_str(&x->answer), &out) == 0) {
        buf_done(&out);
        return;
    }
    buf_done(&x->answer);
    x->answer = out;
    http_set_header(x, STR("Content-Encoding"), STR("gzip"));
}
