/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/private.h"

int store_check(struct store *store, void (*report)(void *arg, const char *line), void *arg,
                struct err *err)
{
    (void)store;
    (void)report;
    (void)arg;
    return err_internal(err, "store_check is not there yet");
}
