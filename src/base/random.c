/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/random.h"

#include <errno.h>
#include <sys/random.h>

#include "base/check.h"

void random_bytes(void *p, size_t n)
{
    char *at = p;
    while (n) {
        ssize_t got = getrandom(at, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        CHECK(got > 0);
        at += got;
        n -= (size_t)got;
    }
}

uint64_t random_below(uint64_t below)
{
    CHECK(below > 0);
    uint64_t limit = UINT64_MAX - UINT64_MAX % below, x;
    do
        random_bytes(&x, sizeof x);
    while (x >= limit);
    return x % below;
}
