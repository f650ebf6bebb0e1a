/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BASE_CHECK_H
#define CHAPPE_BASE_CHECK_H

/* CHECK states what our own code guarantees. When it is false the program has a bug, and goes
 * on no further: the supervisor restarts it and nothing acknowledged is lost. It stays on in
 * production. Bytes from outside never reach a CHECK. */

#include "base/attr.h"

#define CHECK(expr)                                                                                \
    do {                                                                                           \
        if (__builtin_expect(!(expr), 0))                                                          \
            check_failed(#expr, __FILE__, __LINE__);                                               \
    } while (0)

void check_failed(const char *expr, const char *file, int line) NORETURN;

#endif
