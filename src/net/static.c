/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/static.h"

void static_serve(struct http_exchange *x)
{
    answer_refuse(x, 404, "No such file");
}
