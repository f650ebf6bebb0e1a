/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_COMPRESS_H
#define CHAPPE_NET_COMPRESS_H

/* Answers of HTTP_ROUTE_COMPRESS routes, over 1 KiB, to clients that take gzip. Only what carries
 * no secret may be compressed, since the size of the result tells about its content. */

#include <stdbool.h>

#include "base/str.h"

struct compressors;
struct http_exchange;

/* Compressors are large; a few are kept and lent to whichever worker needs one. Threads: any. */
struct compressors *compressors_new(void);
void compressors_free(struct compressors *compressors);

void compress_answer(struct http_exchange *x);

/* Whether a list like Accept-Encoding names the coding, and not with q=0. */
bool compress_accepts(struct str list, struct str coding);

#endif
