/* SPDX-License-Identifier: EUPL-1.2 */

/* The address of a bucket, as an operator writes it. */

#include "base/limits.h"
#include "net/s3.h"

static bool is_lower(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* "HOST[:PORT]", with an IPv6 address in brackets. */
static bool host_is_valid(struct str host)
{
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        if (!is_lower(c) && c != '-' && c != '.' && c != ':' && c != '[' && c != ']')
            return false;
    }
    return host.n > 0 && host.n <= 255;
}

/* What S3 allows, and needs no encoding. */
static bool bucket_is_valid(struct str bucket)
{
    for (size_t i = 0; i < bucket.n; i++)
        if (!is_lower(bucket.p[i]) && (i == 0 || (bucket.p[i] != '-' && bucket.p[i] != '.')))
            return false;
    return bucket.n >= 3 && bucket.n <= LIMIT_S3_NAME - 1;
}

/* Parts that are neither empty nor begin with a dot. */
static bool prefix_is_valid(struct str prefix)
{
    bool begins = true;
    for (size_t i = 0; i < prefix.n; i++) {
        char c = prefix.p[i];
        bool letter = is_lower(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
        if (!letter && (begins || (c != '.' && c != '/')))
            return false;
        begins = c == '/';
    }
    return prefix.n == 0 || (!begins && prefix.n <= LIMIT_S3_PREFIX);
}

int s3_place_parse(struct str address, struct s3_place *ret_place)
{
    struct s3_place place;
    struct str rest;
    size_t scheme = str_starts(address, STR("https://"))  ? 8
                    : str_starts(address, STR("http://")) ? 7
                                                          : 0;
    if (!scheme || !str_cut(str_skip(address, scheme), '/', &place.host, &rest))
        return -1;
    bool has_prefix = str_cut(rest, '/', &place.bucket, &place.prefix);
    if (!has_prefix)
        place.prefix = STR("");
    if (!host_is_valid(place.host) || !bucket_is_valid(place.bucket) ||
        (has_prefix && !place.prefix.n) || !prefix_is_valid(place.prefix))
        return -1;
    place.url = str_first(address, scheme + place.host.n);
    *ret_place = place;
    return 0;
}
