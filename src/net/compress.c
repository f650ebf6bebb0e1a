/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/compress.h"

void compress_answer(struct http_exchange *x)
{
    (void)x;
}
