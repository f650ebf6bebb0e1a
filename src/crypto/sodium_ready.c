/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/sodium_ready.h"

#include <pthread.h>
#include <sodium.h>

#include "base/check.h"

/* It fails only where the kernel gives no random bytes: there is nothing to go on with then. */
static void init(void)
{
    CHECK(sodium_init() >= 0);
}

void sodium_ready(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    CHECK(pthread_once(&once, init) == 0);
}
