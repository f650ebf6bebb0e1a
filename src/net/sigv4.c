/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/sigv4.h"

#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "crypto/hash.h"

#define DAY_BYTES 8 /* of a time: "20130524" */
#define ALGORITHM "AWS4-HMAC-SHA256"

void sigv4_time(int64_t wall_ms, char ret_time[SIGV4_TIME_BYTES])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    CHECK(gmtime_r(&seconds, &utc) != NULL);
    CHECK(strftime(ret_time, SIGV4_TIME_BYTES, "%Y%m%dT%H%M%SZ", &utc) == SIGV4_TIME_BYTES - 1);
}

struct str sigv4_encode(struct arena *arena, struct str text)
{
    static const char digits[] = "0123456789ABCDEF";
    char *to = arena_alloc(arena, text.n * 3 + 1, 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (alnum || c == '-' || c == '.' || c == '_' || c == '~') {
            to[n++] = (char)c;
            continue;
        }
        to[n++] = '%';
        to[n++] = digits[c >> 4];
        to[n++] = digits[c & 15];
    }
    return str_make(to, n);
}

static void add_hex(struct buf *out, const unsigned char digest[SHA256_BYTES])
{
    for (size_t i = 0; i < SHA256_BYTES; i++)
        buf_printf(out, "%02x", digest[i]);
}

static void add_names(struct buf *out, const struct sigv4_request *request)
{
    for (size_t i = 0; i < request->n_fields; i++)
        buf_printf(out, "%s%.*s", i ? ";" : "", STR_ARG(request->fields[i].name));
}

/* "Canonical request". */
static void add_canonical(struct buf *out, const struct sigv4_request *request)
{
    buf_printf(out, "%.*s\n%.*s\n%.*s\n", STR_ARG(request->method), STR_ARG(request->path),
               STR_ARG(request->query));
    for (size_t i = 0; i < request->n_fields; i++)
        buf_printf(out, "%.*s:%.*s\n", STR_ARG(request->fields[i].name),
                   STR_ARG(request->fields[i].value));
    buf_add_byte(out, '\n');
    add_names(out, request);
    buf_printf(out, "\n%.*s", STR_ARG(request->payload));
}

/* "DATE/REGION/SERVICE/aws4_request" */
static void add_scope(struct buf *out, const struct sigv4_key *key, const char *time)
{
    buf_printf(out, "%.*s/%.*s/%.*s/aws4_request", DAY_BYTES, time, STR_ARG(key->region),
               STR_ARG(key->service));
}

static void add_string_to_sign(struct buf *out, const struct sigv4_key *key,
                               const struct sigv4_request *request, const char *time)
{
    CLEANUP(buf_done) struct buf canonical;
    unsigned char digest[SHA256_BYTES];
    buf_init(&canonical, LIMIT_S3_REQUEST);
    add_canonical(&canonical, request);
    CHECK(!buf_is_full(&canonical));
    sha256(buf_str(&canonical), digest);
    buf_printf(out, ALGORITHM "\n%s\n", time);
    add_scope(out, key, time);
    buf_add_byte(out, '\n');
    add_hex(out, digest);
}

/* The key of the day, of the region and of the service. */
static void derive(const struct sigv4_key *key, const char *time, unsigned char mac[SHA256_BYTES])
{
    char first[4 + LIMIT_S3_SECRET] = "AWS4";
    CHECK(key->secret.n <= LIMIT_S3_SECRET);
    memcpy(first + 4, key->secret.p, key->secret.n);
    hmac_sha256(str_make(first, 4 + key->secret.n), str_make(time, DAY_BYTES), mac);
    mem_wipe(first, sizeof first);
    hmac_sha256(str_make(mac, SHA256_BYTES), key->region, mac);
    hmac_sha256(str_make(mac, SHA256_BYTES), key->service, mac);
    hmac_sha256(str_make(mac, SHA256_BYTES), STR("aws4_request"), mac);
}

struct str sigv4_authorization(struct arena *arena, const struct sigv4_key *key,
                               const struct sigv4_request *request, const char *time)
{
    CLEANUP(buf_done) struct buf text;
    unsigned char mac[SHA256_BYTES], signature[SHA256_BYTES];
    buf_init(&text, KIB(2));
    add_string_to_sign(&text, key, request, time);
    derive(key, time, mac);
    hmac_sha256(str_make(mac, sizeof mac), buf_str(&text), signature);
    mem_wipe(mac, sizeof mac);
    buf_clear(&text);
    buf_printf(&text, ALGORITHM " Credential=%.*s/", STR_ARG(key->access_key));
    add_scope(&text, key, time);
    buf_add(&text, STR(", SignedHeaders="));
    add_names(&text, request);
    buf_add(&text, STR(", Signature="));
    add_hex(&text, signature);
    CHECK(!buf_is_full(&text));
    return arena_str(arena, buf_str(&text));
}
