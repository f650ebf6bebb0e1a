/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

void check_failed(const char *expr, const char *file, int line)
{
    fprintf(stderr, "bug: %s is false at %s:%d\n", expr, file, line);
    abort();
}
